import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isolateId, routeId, vantageId } from '../../../config/ids.ts'
import { LAST_KNOWN_GOOD_KEY, parseLastKnownGood, VANTAGES_KEY } from '../../../config/parse-snapshot.ts'
import type { AttemptReport, SyncReply } from '../../../config/report.ts'
import { ms } from '../../../config/units.ts'
import { baseOf, type ControlPlane, endpointOf, ReadyEndpoint, startControlPlane, targetFor, until, VANTAGES } from './control-plane.ts'

const [wnam, weur, apac] = VANTAGES as [(typeof VANTAGES)[number], (typeof VANTAGES)[number], (typeof VANTAGES)[number]]
const refused = new ReadyEndpoint()
const hanging = new ReadyEndpoint()
const steady = new ReadyEndpoint()
let plane: ControlPlane

beforeAll(async () => {
  await Promise.all([refused.listen(), hanging.listen(), steady.listen()])
  plane = await startControlPlane()
  const targets = [targetFor('refused', refused.port), targetFor('hanging', hanging.port), targetFor('steady', steady.port)]
  await (await plane.stub(wnam)).learn(wnam, baseOf('first', targets))
})

afterAll(async () => {
  await plane?.close()
  await Promise.allSettled([refused.stop(), hanging.stop(), steady.stop()])
})

describe('three vantages on the real runtime', () => {
  test('one that learned a base teaches it to its peers, and all agree that what answers is up', async () => {
    for (const vantage of VANTAGES) {
      await until(
        plane,
        vantage,
        (status) => status.endpoints.length === 3 && status.endpoints.every(({ verdict, votes }) => verdict === 'up' && votes.length === 3),
      )
    }
  })

  test('sync serves the snapshot once and says `same` afterwards', async () => {
    const stub = await plane.stub(weur)
    const first = await stub.sync(weur, { base: 'first', active: true, wantsProbation: [] })
    expect(first).toMatchObject({ kind: 'snapshot', next: 1000, probation: [], snapshot: { format: 1, vantage: 'weur', retryScale: 1 } })
    const { snapshot } = first as Extract<SyncReply, { kind: 'snapshot' }>
    const held = { vantage: weur, incarnation: snapshot.incarnation, seq: snapshot.seq }
    expect(await stub.sync(weur, { base: 'first', active: false, wantsProbation: [], held })).toMatchObject({ kind: 'same', next: 5000 })
    expect(await stub.sync(weur, { base: 'second', active: true, wantsProbation: [] })).toEqual({ kind: 'need-base' })
  })

  test('an endpoint that refuses connections is down everywhere within 3 s, with reasons', async () => {
    await refused.stop()
    const took = await Promise.all(
      VANTAGES.map((vantage) => until(plane, vantage, (status) => endpointOf(status, 'refused')?.verdict === 'down')),
    )
    console.info(`refused: down after ${took.map(Math.round).join(', ')} ms`)
    expect(Math.max(...took)).toBeLessThan(3000)
    const status = await plane.status(apac)
    expect(endpointOf(status, 'refused')?.reasons).toContainEqual(expect.objectContaining({ facet: 'probe', vantage: 'apac' }))
    expect(status.transitions[0]).toMatchObject({ id: 'refused', from: 'up', to: 'down' })
    expect(endpointOf(status, 'steady')?.verdict).toBe('up')
  })

  test('an endpoint that never answers is down everywhere within 4 s', async () => {
    hanging.hangs = true
    const took = await Promise.all(
      VANTAGES.map((vantage) => until(plane, vantage, (status) => endpointOf(status, 'hanging')?.verdict === 'down')),
    )
    hanging.hangs = false
    console.info(`hanging: down after ${took.map(Math.round).join(', ')} ms`)
    expect(Math.max(...took)).toBeLessThan(4000)
  })

  test('a report is taken once, and its ejection is a traffic vote of the vantage that got it', async () => {
    const stub = await plane.stub(weur)
    const row = {
      route: routeId('shop'),
      failedConnect: 0,
      failedOther: 0,
      failedInRow: 0,
      networks: 0,
      ejected: false,
      probationSucceeded: 0,
      probationFailed: 0,
    }
    const report: AttemptReport = {
      isolate: isolateId('tester'),
      seq: 1,
      base: 'first',
      covers: ms(5000),
      requests: 40,
      attempts: 43,
      rows: [
        {
          ...row,
          endpoint: targetFor('steady', 0).key,
          succeeded: 0,
          failedConnect: 3,
          failedInRow: 3,
          networks: 1,
          ejected: true,
          lastPhase: 'connect',
        },
        { ...row, endpoint: targetFor('refused', 0).key, succeeded: 40 },
      ],
    }
    expect(await stub.report(weur, report)).toEqual({ kind: 'taken' })
    expect(await stub.report(weur, report)).toEqual({ kind: 'taken' })
    const status = await plane.status(weur)
    expect(status.counters.repeated).toBe(1)
    expect(endpointOf(status, 'steady')).toMatchObject({
      verdict: 'up',
      votes: [{ vantage: 'weur', traffic: 'down', probe: 'up' }, {}, {}],
    })
    expect(await stub.report(weur, { ...report, seq: 2, base: 'other' })).toEqual({ kind: 'need-base' })
  })

  test('verdicts, holds and transitions outlive a restart; the incarnation grows', async () => {
    // Forty successes have just been reported there: that proof must have expired.
    await until(plane, apac, (status) => endpointOf(status, 'refused')?.verdict === 'down')
    const before = await plane.status(apac)
    await until(plane, apac, ({ counters }) => counters.alarms > before.counters.alarms + 1)
    await plane.restart()
    const after = await plane.status(apac)
    expect(after.incarnation).toEqual({ createdAt: before.incarnation.createdAt, bootCount: before.incarnation.bootCount + 1 })
    expect(endpointOf(after, 'refused')?.verdict).toBe('down')
    expect(after.transitions.length).toBe(before.transitions.length)
    await until(plane, apac, (status) => status.counters.alarms > 1 && status.endpoints.every(({ votes }) => votes[0]?.vantage === apac))
    expect(endpointOf(await plane.status(apac), 'refused')?.votes[0]?.holdFor).toBeGreaterThan(10_000)
  })

  test('state that cannot be read is thrown away and said so', async () => {
    const storage = await plane.storage(apac)
    await storage.exec("UPDATE fold SET document = 'rubbish'")
    await plane.restart()
    const status = await plane.status(apac)
    expect(status.problems[0]?.text).toMatch(/could not be read/)
    expect(status.incarnation.bootCount).toBe(1)
    await until(plane, apac, ({ endpoints }) => endpoints.length === 3 && endpoints.find(({ id }) => id === 'steady')?.verdict === 'up')
  })

  test('KV holds the last known good and the names of the vantages; the watchdog wakes them', async () => {
    expect(VANTAGES).toContain(parseLastKnownGood(await plane.knownGood(LAST_KNOWN_GOOD_KEY))?.vantage)
    expect(await plane.knownGood(VANTAGES_KEY)).toEqual(['apac', 'weur', 'wnam'])
    const before = await plane.status(wnam)
    await plane.restart()
    await plane.watchdog()
    const after = await plane.status(wnam)
    expect(after.incarnation.bootCount).toBe(before.incarnation.bootCount + 1)
    await until(plane, wnam, ({ counters }) => counters.alarms > 0)
  })

  test('a name that is no location hint is refused, and so is another vantage’s name', async () => {
    const stub = await plane.stub(wnam)
    await expect(stub.status(vantageId('nowhere'))).rejects.toThrow()
    await expect(stub.status(weur)).rejects.toThrow()
  })

  test('rubbish from a peer changes nothing', async () => {
    const stub = await plane.stub(weur)
    for (const rubbish of [null, 'votes', { format: 2 }, { format: 1, from: 'wnam', votes: 'all' }]) await stub.exchange(weur, rubbish)
    expect((await plane.status(weur)).peers.every(({ fresh }) => fresh)).toBe(true)
  })
})
