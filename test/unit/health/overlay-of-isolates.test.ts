/** What isolates hold of operators' word: across vantages that do not agree, restarts of the isolate, and hours in which nobody answers. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { endpointId, releaseId, vantageId } from '../../../config/ids.ts'
import type { Overlay } from '../../../config/overlay.ts'
import { instant, seconds } from '../../../config/units.ts'
import { drainShare, releaseOrder } from '../../../worker/policy/apply-overlay.ts'
import { OverlayInForce } from '../../../worker/snapshot/overlay-in-force.ts'
import type { HeldHealth } from '../../../worker/snapshot-port.ts'
import { testBase } from '../../workerd/gateway/base.ts'
import { drainOf, emergencyOf, overlayOf } from '../worker/overlays.ts'
import { Colo, FakeIsolate, makeCryptoImmediate, serve } from './fake-isolate.ts'
import { DRAINED, goesTo, mayHaveCanary, revision, SECRET } from './overlaid-isolates.ts'

let restore = (): void => {}
let colo: Colo
beforeAll(() => {
  restore = makeCryptoImmediate()
})
afterAll(() => restore())
beforeEach(() => {
  colo = new Colo()
})

const publishAll = (said: Parameters<Colo['all']>[0]): void => colo.all(said)
const cut = (held: HeldHealth): readonly string[] => [...(held.applied?.endpoints ?? [])].filter(([, each]) => each.cut).map(([id]) => id)

describe('an overlay', () => {
  test('comes with the snapshot, and the same request goes on with what it began with', async () => {
    const isolate = new FakeIsolate(colo)
    await serve(isolate, colo, 500)
    const before = (await isolate.request()).held
    expect([goesTo(before, colo), before.applied]).toEqual(['east', undefined])
    publishAll((vantage) => vantage.publish({ overlay: DRAINED }))
    await serve(isolate, colo, 2500)
    const after = (await isolate.request()).held
    expect([goesTo(after, colo), revision(after), mayHaveCanary(after)]).toEqual(['west', 7, false])
    expect([goesTo(before, colo), before.applied]).toEqual(['east', undefined])
    expect((await isolate.request()).held).toBe(after)
  })

  test.each<[string, Overlay | undefined]>([
    ['an older one', overlayOf({}, 6)],
    ['none', undefined],
    ['one of an earlier director', { ...overlayOf({}, 900), order: { epoch: 5, revision: 900 } }],
  ])('of another vantage that has %s: its health is taken, the overlay stays', async (_, overlay) => {
    const isolate = new FakeIsolate(colo)
    publishAll((vantage) => vantage.publish({ overlay: DRAINED }))
    await serve(isolate, colo, 2000)
    const first = (await isolate.request()).held.snapshot?.vantage
    publishAll((vantage) => {
      if (vantage.name === first) vantage.manner = 'throws'
      else vantage.publish({ overlay })
    })
    await serve(isolate, colo, 6000)
    const { held } = await isolate.request()
    expect(held.snapshot?.vantage).not.toBe(first)
    expect([held.age, revision(held), goesTo(held, colo)]).toEqual(['fresh', 7, 'west'])
  })

  test('of a later director counts, however small its revision', async () => {
    const isolate = new FakeIsolate(colo)
    publishAll((vantage) => vantage.publish({ overlay: DRAINED }))
    await serve(isolate, colo, 2000)
    publishAll((vantage) => vantage.publish({ overlay: { ...overlayOf({}, 1), order: { epoch: DRAINED.order.epoch + 1, revision: 1 } } }))
    await serve(isolate, colo, 2500)
    expect([revision((await isolate.request()).held), goesTo((await isolate.request()).held, colo)]).toEqual([1, 'east'])
  })

  test('does not age, when health has long been too old', async () => {
    const isolate = new FakeIsolate(colo)
    publishAll((vantage) => vantage.publish({ overlay: DRAINED }))
    await serve(isolate, colo, 2000)
    colo.behaveAll('hangs')
    await colo.run(3_600_000)
    const { held } = await isolate.request()
    expect([held.age, goesTo(held, colo)]).toEqual(['too-old', 'west'])
  })

  test('is compiled once a change, not once a snapshot', async () => {
    const isolate = new FakeIsolate(colo)
    publishAll((vantage) => vantage.publish({ overlay: DRAINED }))
    await serve(isolate, colo, 2000)
    const { applied } = (await isolate.request()).held
    publishAll((vantage) => vantage.turn('suspect'))
    await serve(isolate, colo, 2500)
    const { held } = await isolate.request()
    expect(held.snapshot?.endpoints).toMatchObject({ east: { verdict: 'suspect' } })
    expect(held.applied).toBe(applied)
  })

  test('a drain goes on where it is in an isolate that starts, by the colo alone', async () => {
    const over = seconds(100)
    publishAll((vantage) => vantage.publish({ overlay: overlayOf({ drains: [drainOf('east', { over })] }) }))
    const first = new FakeIsolate(colo, SECRET)
    await serve(first, colo, 30_000)
    colo.behaveAll('hangs')
    const shareOf = ({ applied }: HeldHealth): number =>
      drainShare(applied?.endpoints.get(endpointId('east')) ?? expect.fail('is not held'), instant(colo.now))
    await colo.run(20_000)
    const second = (await new FakeIsolate(colo, SECRET).request()).held
    expect(shareOf(second)).toBeCloseTo(0.5, 1)
    expect(Math.abs(shareOf(second) - shareOf((await first.request()).held))).toBeLessThan(0.03)
  })
})

test('a drain is told on to the isolates of a colo as far as it is, also when its snapshot was made long before', async () => {
  colo.all((vantage) => vantage.publish({ overlay: overlayOf({ drains: [drainOf('east', { over: seconds(100) })] }) }))
  await serve(new FakeIsolate(colo, SECRET), colo, 50_000)
  for (const url of colo.entries.keys()) if (url.endsWith('/overlay')) colo.entries.delete(url)
  colo.behaveAll('hangs')
  const { applied } = (await new FakeIsolate(colo, SECRET).request()).held
  expect(drainShare(applied?.endpoints.get(endpointId('east')) ?? expect.fail('is not held'), instant(colo.now))).toBeCloseTo(0.5, 1)
})

describe('an emergency', () => {
  const TAKEN = emergencyOf({ etag: '"1"', drain: ['east'] })

  test('is lifted by the vantage that said it, with the next snapshot', async () => {
    const isolate = new FakeIsolate(colo)
    publishAll((vantage) => vantage.publish({ emergency: TAKEN }))
    await serve(isolate, colo, 2000)
    expect(cut((await isolate.request()).held)).toEqual(['east'])
    publishAll((vantage) => vantage.publish({ emergency: undefined }))
    await serve(isolate, colo, 1500)
    expect((await isolate.request()).held.applied).toBeUndefined()
  })

  test('of a vantage that does not answer any more goes on until another, which has not read it, has been heard', async () => {
    const isolate = new FakeIsolate(colo)
    publishAll((vantage) => vantage.publish({ emergency: TAKEN }))
    await serve(isolate, colo, 2000)
    const first = (await isolate.request()).held.snapshot?.vantage
    publishAll((vantage) => {
      if (vantage.name === first) vantage.manner = 'throws'
      else vantage.publish({ emergency: undefined })
    })
    const from = colo.now
    const lifted: number[] = []
    await serve(isolate, colo, 12_000, ({ held }) => {
      if (cut(held).length === 0) lifted.push(colo.now - from)
    })
    expect((await isolate.request()).held.snapshot?.vantage).not.toBe(first)
    expect(lifted[0]).toBeGreaterThan(1000)
    expect(lifted[0]).toBeLessThan(6500)
    expect(lifted.length).toBeGreaterThan(20)
  })

  test('two vantages that say different things take what each of them takes, until the one has been silent for 1.5 s', () => {
    const inForce = new OverlayInForce(testBase({ endpoints: ['east', 'west'].map((id) => ({ id, origin: `https://${id}.test` })) }))
    const out = () => [...(inForce.applied?.endpoints ?? [])].filter(([, each]) => each.cut).map(([id]) => id)
    const hear = (vantage: string, drain: string, at: number): void =>
      inForce.hear(
        { vantage: vantageId(vantage), emergency: emergencyOf({ etag: drain, drain: [drain] }) },
        { at: instant(at), signed: true },
      )
    hear('wnam', 'east', 0)
    hear('weur', 'west', 1000)
    expect(out()).toEqual(['east', 'west'])
    inForce.confirm(vantageId('weur'), instant(1499))
    expect(out()).toEqual(['east', 'west'])
    inForce.confirm(vantageId('weur'), instant(1500))
    expect(out()).toEqual(['west'])
  })

  test('stays while nobody answers', async () => {
    const isolate = new FakeIsolate(colo)
    publishAll((vantage) => vantage.publish({ emergency: TAKEN }))
    await serve(isolate, colo, 2000)
    colo.behaveAll('hangs')
    await colo.run(7_200_000)
    expect(cut((await isolate.request()).held)).toEqual(['east'])
  })
})

describe('law: with everything unreachable for 2 h 28 min and isolates that are recycled, no drained endpoint and no killed canary gets a request', () => {
  test.each<[string, string | undefined]>([
    ['with the secret', SECRET],
    ['without it', undefined],
  ])('in a colo that held the entry, %s', async (_, secret) => {
    publishAll((vantage) => vantage.publish({ overlay: DRAINED, emergency: emergencyOf({ killCanary: ['search'] }) }))
    await serve(new FakeIsolate(colo, secret), colo, 5000)
    const end = colo.now + 148 * 60_000
    let isolates = 0
    let requests = 0
    while (colo.now < end) {
      colo.behaveAll((['hangs', 'throws', 'throws at once', 'rubbish'] as const)[isolates % 4] ?? 'hangs')
      colo.knownGoodManner = isolates % 3 === 0 ? 'hangs' : 'throws'
      const isolate = new FakeIsolate(colo, secret)
      isolates += 1
      for (let count = 0; count < 12; count += 1) {
        const { held, waited } = await isolate.request()
        requests += 1
        expect(
          [goesTo(held, colo), mayHaveCanary(held), releaseOrder(held.applied, releaseId('search'))?.killed],
          `isolate ${isolates}`,
        ).toEqual(['west', false, true])
        expect(waited).toBeLessThanOrEqual(100)
        await colo.run(count < 6 ? 50 : 12_000)
      }
    }
    expect(isolates).toBeGreaterThan(100)
    expect(requests).toBeGreaterThan(1000)
  })

  test('and it can fail: a colo without the entry sends to the drained one', async () => {
    colo.behaveAll('hangs')
    expect(goesTo((await new FakeIsolate(colo, SECRET).request()).held, colo)).toBe('east')
  })
})
