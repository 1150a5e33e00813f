/** What isolates that start read while nobody answers: the entries of what is in force in the colo's cache and in KV, and what is believed of them. */

import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { overlayDocument, overlaySecret } from '../../../config/known-overlay.ts'
import type { InForce } from '../../../config/overlay.ts'
import { writeEntry } from '../../../config/signed-entry.ts'
import { instant, ms, seconds } from '../../../config/units.ts'
import { releaseOrder } from '../../../worker/policy/apply-overlay.ts'
import { Held } from '../../../worker/snapshot/held.ts'
import type { HeldHealth } from '../../../worker/snapshot-port.ts'
import { drainOf, emergencyOf, overlayOf, weightsOf } from '../worker/overlays.ts'
import { Colo, FakeIsolate, makeCryptoImmediate, serve } from './fake-isolate.ts'
import { CHECKOUT, DRAINED, goesTo, mayHaveCanary, revision, SECRET } from './overlaid-isolates.ts'

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

describe('the entry in KV', () => {
  const KNOWN: InForce = { overlay: overlayOf({ ...DRAINED, weights: weightsOf({ west: 0 }) }, 7), emergencies: [] }
  const signed = (inForce: InForce, secret = SECRET): string => {
    const document = overlayDocument(inForce)
    return writeEntry(createHmac('sha256', overlaySecret(secret)).update(document).digest('hex'), document)
  }
  const unsigned = (inForce: InForce): string => writeEntry('', overlayDocument(inForce))

  async function readBy(
    secret: string | undefined,
    entry: string | null,
  ): Promise<{ readonly isolate: FakeIsolate; readonly held: HeldHealth }> {
    colo.knownOverlay = entry
    colo.behaveAll('throws')
    const isolate = new FakeIsolate(colo, secret)
    await isolate.request()
    await colo.run(3000)
    return { isolate, held: (await isolate.request()).held }
  }

  test('is read where no vantage answers and the colo has nothing', async () => {
    const { held } = await readBy(SECRET, signed(KNOWN))
    expect([revision(held), goesTo(held, colo), mayHaveCanary(held)]).toEqual([7, 'none', false])
  })

  test.each<[string, string | null]>([
    ['none', null],
    ['unsigned', unsigned(KNOWN)],
    ['signed by another', signed(KNOWN, 'another')],
    ['changed after it was signed', signed(KNOWN).replace('"revision":7', '"revision":8')],
    ['no JSON', signed(KNOWN).slice(0, 90)],
    ['nothing of the kind', `\n${JSON.stringify({ emergencies: 'aws' })}`],
    ['empty', ''],
  ])('is nothing when it is %s', async (_, entry) => {
    const { held } = await readBy(SECRET, entry)
    expect(held.applied).toBeUndefined()
  })

  test('without the secret only takes away, whatever its order, until a vantage speaks', async () => {
    const forged = {
      ...KNOWN,
      overlay: overlayOf({ ...DRAINED, weights: weightsOf({ west: 0 }), order: { epoch: Number.MAX_SAFE_INTEGER, revision: 1 } }),
    }
    const { isolate, held } = await readBy(undefined, unsigned(forged))
    expect([goesTo(held, colo), mayHaveCanary(held), releaseOrder(held.applied, CHECKOUT)?.weight]).toEqual(['west', false, 0])
    publishAll((vantage) => {
      vantage.manner = 'answers'
      vantage.publish({ overlay: overlayOf({}, 3) })
    })
    await colo.run(30_000)
    await serve(isolate, colo, 12_000)
    expect(revision((await isolate.request()).held)).toBe(3)
  })

  test('of unknown age does not begin a drain anew, and lets nobody back slowly', async () => {
    const drains = [
      drainOf('east', { over: seconds(500_000), begun: seconds(1) }),
      drainOf('west', { direction: 'back', over: seconds(600) }),
    ]
    const { held } = await readBy(SECRET, signed({ overlay: overlayOf({ drains }), emergencies: [] }))
    expect(goesTo(held, colo)).toBe('west')
  })

  test('beside health that is in KV as well: the vantage that said that health is asked for its word all the same', async () => {
    colo.all((vantage) => vantage.publish({ overlay: overlayOf({ drains: [drainOf('east')] }, 9) }))
    colo.knownGood = { format: 1, snapshot: colo.vantage('weur').snapshot() }
    const { isolate, held } = await readBy(SECRET, signed(KNOWN))
    expect([held.snapshot?.vantage, revision(held)]).toEqual(['weur', 7])
    colo.vantage('weur').manner = 'answers'
    await colo.run(60_000)
    await serve(isolate, colo, 12_000)
    expect(revision((await isolate.request()).held)).toBe(9)
  })

  test('signed it is older than what a vantage says later, and newer than what another one says that has heard less', async () => {
    const { isolate } = await readBy(SECRET, signed(KNOWN))
    publishAll((vantage) => {
      vantage.manner = 'answers'
      vantage.publish({ overlay: overlayOf({}, 6) })
    })
    await colo.run(30_000)
    await serve(isolate, colo, 12_000)
    expect(revision((await isolate.request()).held)).toBe(7)
    publishAll((vantage) => vantage.publish({ overlay: overlayOf({}, 8) }))
    await serve(isolate, colo, 3000)
    expect(revision((await isolate.request()).held)).toBe(8)
  })
})

test('the colo entry is written at each change and once a minute, and a gateway where nothing is in force writes none', async () => {
  const writes: string[] = []
  const set = colo.entries.set.bind(colo.entries)
  colo.entries.set = (url, value) => {
    if (url.endsWith('/overlay')) writes.push(url)
    return set(url, value)
  }
  const isolate = new FakeIsolate(colo, SECRET)
  await serve(isolate, colo, 10_000)
  expect(writes.length).toBe(0)
  publishAll((vantage) => vantage.publish({ overlay: DRAINED }))
  await serve(isolate, colo, 5000)
  expect(writes.length).toBe(1)
  await serve(isolate, colo, 120_000)
  expect(writes.length).toBe(3)
  publishAll((vantage) => vantage.publish({ overlay: undefined, emergency: emergencyOf({ drain: ['east'] }) }))
  await serve(isolate, colo, 3000)
  expect(writes.length).toBe(4)
})

test('what came by a cache without the secret is asked for anew, and the word of the vantage itself ends it', () => {
  const held = new Held({ pools: [] })
  const vantage = colo.vantage('weur')
  vantage.publish({ overlay: { ...DRAINED, order: { epoch: Number.MAX_SAFE_INTEGER, revision: 1 } } })
  held.take(vantage.snapshot(), instant(colo.now), { age: ms(0), word: 'unsigned' })
  expect([held.whole, held.inForce.told(instant(colo.now))]).toEqual([undefined, undefined])
  vantage.overlay = DRAINED
  held.take(vantage.snapshot(), instant(colo.now + 1000))
  expect(held.whole).toBeDefined()
  expect(held.inForce.told(instant(colo.now + 1000))?.order.revision).toBe(7)
})

test.each<[string, InForce['overlay'], number]>([
  ['an older one', overlayOf({}, 5), 7],
  ['none', undefined, 7],
  ['the same', DRAINED, 7],
  ['a newer one', overlayOf({}, 8), 8],
])(
  'after an unsigned overlay that is newer, a vantage that has %s does not bring back what is older than the last signed one',
  (_, overlay, expected) => {
    const held = new Held({ pools: [] })
    const vantage = colo.vantage('weur')
    const take = (said: InForce['overlay'], word: 'signed' | 'unsigned', at: number): number | undefined => {
      vantage.publish({ overlay: said })
      held.take(vantage.snapshot(), instant(colo.now + at), { age: ms(0), word })
      return held.inForce.applied?.held?.overlay.order.revision
    }
    expect(take(DRAINED, 'signed', 0)).toBe(7)
    const before = held.inForce.told(instant(colo.now))
    expect(take(overlayOf({}, 9), 'unsigned', 1000)).toBe(9)
    expect([held.whole, held.inForce.told(instant(colo.now))]).toEqual([undefined, undefined])
    expect(take(overlay, 'signed', 2000)).toBe(expected)
    if (expected === 7) expect(held.inForce.told(instant(colo.now))).toEqual(before)
    expect(held.whole).toBeDefined()
  },
)
