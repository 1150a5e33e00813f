import { describe, expect, test } from 'vitest'
import { isolateId, routeId, vantageId } from '../../../config/ids.ts'
import type { ReportRow } from '../../../config/report.ts'
import { ms } from '../../../config/units.ts'
import { HOLD, REGIONS, started, THREE, targetOf, timeUntil, type Weather, type World, watch } from './world.ts'

const from =
  (moment: number, state: ReturnType<Weather>): Weather =>
  (at) =>
    at >= moment ? state : 'well'

describe('traffic', () => {
  const row = (endpoint: string, changes: Partial<ReportRow>): ReportRow => ({
    route: routeId('checkout'),
    endpoint: targetOf(endpoint).key,
    succeeded: 0,
    failedConnect: 0,
    failedOther: 0,
    failedInRow: 0,
    networks: 0,
    ejected: false,
    probationSucceeded: 0,
    probationFailed: 0,
    ...changes,
  })
  let seq = 0
  const report = async (world: World, vantage: string, isolate: string, rows: readonly ReportRow[]) => {
    seq += 1
    return world.node(vantage).core.report(vantageId(vantage), {
      isolate: isolateId(isolate),
      seq,
      base: 'base',
      covers: ms(5000),
      requests: 100,
      attempts: 103,
      rows,
    })
  }
  const broken = row('east', { failedOther: 3, failedInRow: 3, networks: 2, ejected: true, lastPhase: 'status', lastStatus: 503 })
  const well = row('west', { succeeded: 97 })

  test('F13: a service that fails in one region is ejected for its route only, once two vantages see it', async () => {
    const world = await started(THREE)
    await report(world, 'weur', 'a', [broken, well])
    await watch(world, 300, () => {})
    expect(world.node('weur').snapshot?.endpoints).toMatchObject({ east: { verdict: 'up', routesDown: [], localRoutesDown: ['checkout'] } })
    await report(world, 'apac', 'b', [broken, well])
    await watch(world, 300, () => {})
    for (const node of world.nodes.values())
      expect(node.snapshot?.endpoints).toMatchObject({ east: { verdict: 'up', routesDown: ['checkout'] } })
  })

  test('a route that fails everywhere ejects nothing', async () => {
    const world = await started(THREE)
    const everywhere = REGIONS.map((name) => row(name, { failedOther: 3, failedInRow: 3, networks: 2, ejected: true }))
    for (const vantage of THREE) await report(world, vantage, `of-${vantage}`, everywhere)
    await watch(world, 2000, () => {})
    for (const node of world.nodes.values()) {
      for (const name of REGIONS)
        expect(node.snapshot?.endpoints).toMatchObject({ [name]: { verdict: 'up', routesDown: [], localRoutesDown: [] } })
    }
  })

  test('traffic that failed is restored by five probation requests after the hold, and not by probes', async () => {
    const world = await started(THREE)
    const refused = row('east', { failedConnect: 2, failedInRow: 2, networks: 1, ejected: true, lastPhase: 'connect' })
    for (const vantage of ['weur', 'apac']) await report(world, vantage, `of-${vantage}`, [refused, well])
    await watch(world, 300, () => {})
    expect(world.verdicts('east')).toEqual(['down', 'down', 'down'])
    const ask = () =>
      world.node('weur').core.sync(vantageId('weur'), { base: 'base', active: true, wantsProbation: [targetOf('east').key] })
    expect(await ask()).toMatchObject({ probation: [] })
    await watch(world, 31_000, () => expect(world.verdicts('east')).toContain('down'), 500)
    expect(await ask()).toMatchObject({ probation: ['east'] })
    expect(await ask()).toMatchObject({ probation: [] })
    for (let passed = 1; passed <= 5; passed += 1) {
      await world.run(1000)
      expect(await ask()).toMatchObject({ probation: ['east'] })
      for (const vantage of ['weur', 'apac']) await report(world, vantage, `of-${vantage}`, [row('east', { probationSucceeded: 1 })])
      await watch(world, 100, () => {})
      expect(world.verdicts('east')[0]).toBe(passed < 5 ? 'down' : 'up')
    }
  })

  test('one failed probation ejects again, four times as long', async () => {
    const world = await started(THREE)
    const refused = row('east', { failedConnect: 2, failedInRow: 2, networks: 1, ejected: true, lastPhase: 'connect' })
    await report(world, 'weur', 'a', [refused, well])
    await world.run(31_000)
    await report(world, 'weur', 'a', [row('east', { probationFailed: 1, lastPhase: 'connect' })])
    const vote = (await world.node('weur').core.status(vantageId('weur'))).endpoints[0]?.votes[0]
    expect(vote).toMatchObject({ traffic: 'down', holdFor: 120_000 })
  })

  test.each([5000, 15_000])('one fall is one fall with a hold of %i ms, however late some isolate tells of it', async (base) => {
    const world = await started(THREE, 1, REGIONS, { ...HOLD, base: ms(base) })
    const refused = row('east', { failedConnect: 2, failedInRow: 2, networks: 1, ejected: true, lastPhase: 'connect', failedAgo: ms(0) })
    const fell = world.now
    for (const vantage of THREE) await report(world, vantage, `of-${vantage}`, [refused, well])
    const ownVote = async () => (await world.node('weur').core.status(vantageId('weur'))).endpoints[0]?.votes[0]
    const tellLate = () => report(world, 'weur', `late-${world.now}`, [{ ...refused, failedAgo: ms(world.now - fell) }, well])
    // Once a second somebody tells of failures that were over when it fell, also while the hold ends and after it.
    for (let second = 1; second <= base / 1000 + 3; second += 1) {
      await world.run(1000)
      await tellLate()
      expect((await ownVote())?.holdFor).toBeLessThanOrEqual(Math.max(0, base - second * 1000))
    }
    for (let passed = 1; passed <= 5; passed += 1) {
      await world.run(200)
      await report(world, 'weur', 'of-weur', [row('east', { probationSucceeded: 1 })])
    }
    expect((await ownVote())?.traffic).not.toBe('down')
    await tellLate()
    await watch(world, 3000, () => {})
    expect(await ownVote()).toMatchObject({ holdFor: 0 })
    expect((await ownVote())?.traffic).not.toBe('down')
    // What fails after it came back is another fall.
    await report(world, 'weur', 'of-weur', [{ ...refused, failedAgo: ms(100) }, well])
    expect(await ownVote()).toMatchObject({ traffic: 'down', holdFor: 4 * base })
  })

  test('traffic that failed comes back without any traffic, and is held four times as long when that was wrong', async () => {
    const world = await started(THREE)
    const refused = row('east', { failedConnect: 2, failedInRow: 2, networks: 1, ejected: true, lastPhase: 'connect' })
    const fails = async () => {
      for (const vantage of ['weur', 'apac']) await report(world, vantage, `of-${vantage}`, [refused, well])
      await watch(world, 300, () => {})
      expect(world.verdicts('east')).toEqual(['down', 'down', 'down'])
    }
    await fails()
    expect(await timeUntil(world, () => !world.verdicts('east').includes('down'), 120_000)).toBeLessThan(95_000)
    await fails()
    await watch(world, 235_000, () => expect(world.verdicts('east')).toContain('down'), 1000)
  })

  test('F20: probes that fail while traffic succeeds make an endpoint suspect, not down, for as long as there is proof', async () => {
    const world = await started(THREE)
    const proof = async () => {
      for (const vantage of THREE) await report(world, vantage, `of-${vantage}`, [row('east', { succeeded: 10 }), well])
    }
    await proof()
    world.weather.set('east', from(world.now, 'unavailable'))
    for (let second = 0; second < 10; second += 1) {
      await proof()
      await watch(world, 1000, () => expect(world.verdicts('east')).not.toContain('down'))
    }
    expect(world.verdicts('east')).toEqual(['suspect', 'suspect', 'suspect'])
    expect(await timeUntil(world, () => world.verdicts('east').every((verdict) => verdict === 'down'))).toBeLessThanOrEqual(4000)
  })

  test('O6: 5,000 syncs in 0.3 s get 400 answers a second at most, and the rest is told to come back', async () => {
    const world = await started(THREE)
    let answered = 0
    let busy = 0
    for (let call = 0; call < 5000; call += 1) {
      if (call % 500 === 0) await world.run(30)
      const reply = await world.node('weur').core.sync(vantageId('weur'), { base: 'base', active: true, wantsProbation: [] })
      if (reply.kind === 'busy') {
        busy += 1
        expect(reply.retryAfter).toBeGreaterThanOrEqual(1000)
        expect(reply.retryAfter).toBeLessThan(4000)
      } else answered += 1
    }
    expect(answered).toBeLessThanOrEqual(400)
    expect(answered + busy).toBe(5000)
  })
})
