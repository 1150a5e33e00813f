import { beforeAll, describe, expect, test } from 'vitest'
import { makeCryptoImmediate } from './fake-isolate.ts'
import { FakeIssuer, keyNumbered } from './fake-issuer.ts'
import { type Answer, KeyedIsolate, Place } from './keyed-isolate.ts'
import { THREE, World } from './world.ts'

beforeAll(makeCryptoImmediate)

const HOUR = 3_600_000
const [K0, K1] = ['k0', 'k1']

async function worldWith(seed = 1): Promise<{ readonly world: World; readonly issuer: FakeIssuer; readonly places: readonly Place[] }> {
  const world = new World(THREE, ['east'], seed)
  const issuer = new FakeIssuer(world)
  await world.start()
  return { world, issuer, places: THREE.map((near) => new Place(world, near)) }
}

interface Pace {
  readonly length: number
  readonly every: number
}
/** 200 requests a second. */
const busy = (length: number): Pace => ({ length, every: 5 })

/** A request each `every` ms, the isolates in turn; `kidAt` names the key of its token. */
async function serve(
  world: World,
  isolates: readonly KeyedIsolate[],
  { length, every }: Pace,
  kidAt: () => string,
): Promise<readonly Answer[]> {
  const from = world.now
  for (let count = 0; world.now - from < length; count += 1) {
    void isolates[count % isolates.length]?.ask(kidAt())
    await world.run(every)
  }
  await world.run(200)
  return isolates.flatMap(({ answers }) => answers.filter(({ at }) => at >= from))
}

const statuses = (answers: readonly Answer[]) => [...new Set(answers.map(({ status }) => status))]
const refusedOf = (answers: readonly Answer[]) => answers.filter(({ status }) => status !== 200)
/** One request of a cold isolate, and the next ones until it has the key; how long that took. */
async function timeUntilServed(world: World, isolate: KeyedIsolate, limit = 10_000): Promise<number> {
  const from = world.now
  while (world.now - from < limit) {
    void isolate.ask(K0)
    await world.run(50)
    const good = isolate.answers.find(({ status }) => status === 200)
    if (good !== undefined) return good.at - from
  }
  return Number.POSITIVE_INFINITY
}

/** Lets hours pass at once: every timer of theirs comes late. No message is on its way meanwhile, since none takes hours. */
async function skip(world: World, length: number): Promise<void> {
  const pairs = THREE.flatMap((one) => THREE.map((other) => `${one}-${other}`))
  for (const pair of pairs) world.cut.add(pair)
  await world.run(2000)
  world.now += length
  await world.run(100)
  for (const pair of pairs) world.cut.delete(pair)
  await world.run(20_000)
}

describe('at 200 requests a second, over six isolates in three places', () => {
  const six = (places: readonly Place[], secret?: string | null) =>
    Array.from({ length: 6 }, (_, index) => new KeyedIsolate(places[index % places.length] as Place, secret))

  test.each([
    ['with the secret', undefined],
    ['without it', null],
  ])(
    'keys that are published a minute before they sign: none refused (%s)',
    async (_how, secret) => {
      const { world, issuer, places } = await worldWith()
      const isolates = six(places, secret)
      await serve(world, isolates, busy(5000), () => K0)
      issuer.keys = [keyNumbered(0), keyNumbered(1)]
      const announced = await serve(world, isolates, busy(60_000), () => K0)
      const signing = await serve(world, isolates, busy(10_000), () => K1)
      // Then the old key goes.
      issuer.keys = [keyNumbered(1)]
      const after = await serve(world, isolates, busy(40_000), () => K1)
      const all = [...announced, ...signing, ...after]
      console.info(`rotation announced 60 s before: ${refusedOf(all).length} of ${all.length} refused`)
      expect(all.length).toBeGreaterThan(20_000)
      expect(refusedOf(all)).toEqual([])
      // And a token of the key that was taken back is of nobody.
      expect(statuses(await serve(world, isolates, busy(500), () => K0))).toEqual([401])
    },
    240_000,
  )

  test.each([1, 2, 3, 4])(
    'keys that sign at once: refused for 3 s at most, then never again (seed %i)',
    async (seed) => {
      const { world, issuer, places } = await worldWith(seed)
      const isolates = six(places)
      await serve(world, isolates, busy(5000 + 3000 * seed), () => K0)
      const from = world.now
      issuer.keys = [keyNumbered(1)]
      const answers = await serve(world, isolates, busy(10_000), () => K1)
      const refused = refusedOf(answers)
      const last = Math.max(0, ...refused.map(({ at }) => at - from))
      console.info(`signing at once (seed ${seed}): ${refused.length} of ${answers.length} refused, the last after ${last} ms`)
      expect(refused.length).toBeGreaterThan(0)
      expect(statuses(refused)).toEqual([401])
      expect(last).toBeLessThanOrEqual(3000)
    },
    120_000,
  )

  test('10,000 random kids in 10 s: one question an isolate, one fetch a vantage, and whoever has a good token comes in', async () => {
    const { world, issuer, places } = await worldWith()
    const isolates = six(places)
    await serve(world, isolates, busy(40_000), () => K0)
    const from = world.now
    let count = 0
    // Six in seven are forged: 10,000 of them, and 1,667 good ones.
    const kidAt = () => (++count % 7 === 0 ? K0 : `random-${count}-${world.draw()}`)
    const answers = await serve(world, isolates, { length: 11_667, every: 1 }, kidAt)
    const forged = answers.filter(({ kid }) => kid !== K0)
    expect(forged.length).toBeGreaterThan(9900)
    expect(statuses(forged)).toEqual([401])
    expect(statuses(answers.filter(({ kid }) => kid === K0))).toEqual([200])
    expect(Math.max(...answers.map(({ waited }) => waited))).toBe(0)
    const asking = isolates.map(({ syncs }) => syncs.filter(({ at, request }) => at >= from && request.wantsKeys !== undefined).length)
    const fetches = THREE.map((name) => issuer.fetches(name, from).length)
    console.info(
      `${forged.length} random kids in 10 s: questions of six isolates ${asking}, fetches of three vantages ${fetches}, scheduled ones among them`,
    )
    expect(asking).toEqual([1, 1, 1, 1, 1, 1])
    for (const fetched of fetches) expect(fetched).toBeLessThanOrEqual(2)
  }, 240_000)
})

describe('a cold isolate', () => {
  test('has keys with its first request, in 100 ms at most; 200 of them cost the issuer nothing', async () => {
    const { world, issuer } = await worldWith()
    await world.run(10_000)
    const before = issuer.asked.length
    const isolates = Array.from({ length: 200 }, (_, index) => new KeyedIsolate(new Place(world, THREE[index % 3]), null))
    for (const isolate of isolates) void isolate.ask(K0)
    await world.run(1000)
    const answers = isolates.flatMap((isolate) => isolate.answers)
    expect(answers).toHaveLength(200)
    expect(statuses(answers)).toEqual([200])
    expect(Math.max(...answers.map(({ waited }) => waited))).toBeLessThanOrEqual(100)
    expect(issuer.asked.length - before).toBeLessThanOrEqual(THREE.length)
  })

  test('has them after the issuer has been down for an hour; after a day nobody comes in: 503, never 200', async () => {
    const { world, issuer, places } = await worldWith()
    await world.run(10_000)
    issuer.manner = 'hangs'
    await skip(world, HOUR)
    const isolate = new KeyedIsolate(places[0] as Place)
    expect(await timeUntilServed(world, isolate)).toBe(0)
    await skip(world, 22.9 * HOUR)
    expect(statuses(await serve(world, [isolate, new KeyedIsolate(places[1] as Place)], busy(1000), () => K0))).toEqual([200])
    await skip(world, 0.2 * HOUR)
    const others = [isolate, ...places.map((place) => new KeyedIsolate(place)), new KeyedIsolate(new Place(world), null)]
    expect(statuses(await serve(world, others, { length: 3000, every: 50 }, () => K0))).toEqual([503])
    // Until the issuer is back.
    issuer.manner = 'answers'
    await world.run(65_000)
    for (const each of others) {
      each.answers.length = 0
      expect(await timeUntilServed(world, each)).toBeLessThan(35_000)
    }
  }, 120_000)

  describe('that no vantage answers', () => {
    const alone = async (change: (place: Place) => void = () => {}) => {
      const { world, issuer } = await worldWith()
      const place = new Place(world)
      await serve(world, [new KeyedIsolate(place)], { length: 60_000, every: 500 }, () => K0)
      issuer.manner = 'fails'
      await skip(world, HOUR)
      place.vantagesReachable = false
      for (const node of world.nodes.values()) node.alive = false
      change(place)
      return { world, place }
    }

    test('has the keys of its colo at once, also after an hour', async () => {
      const { world, place } = await alone((each) => {
        each.storeSecret = 'another'
      })
      expect(await timeUntilServed(world, new KeyedIsolate(place))).toBe(0)
    })

    test('has those of KV, where its colo has none', async () => {
      const { world, place } = await alone((each) => each.entries.clear())
      const isolate = new KeyedIsolate(place)
      expect(await timeUntilServed(world, isolate)).toBe(0)
      // They are read again before they are too old, for as long as KV has them, and that is less than a day.
      expect(statuses(await serve(world, [isolate], { length: 1_200_000, every: 2000 }, () => K0))).toEqual([200])
      world.knownKeys.clear()
      await serve(world, [isolate], { length: 600_000, every: 2000 }, () => K0)
      expect(statuses(await serve(world, [isolate], { length: 10_000, every: 2000 }, () => K0))).toEqual([503])
    })

    test.each([
      ['the colo and KV hold what another secret signed', 'another'],
      ['it has no secret itself', null],
    ])('has none when %s', async (_why, secret) => {
      const { world, place } = await alone()
      expect(statuses(await serve(world, [new KeyedIsolate(place, secret)], { length: 3000, every: 100 }, () => K0))).toEqual([503])
    })

    test('believes no entry that was changed, or written for something else', async () => {
      const { world, place } = await alone((each) => {
        each.storeSecret = 'another'
        for (const [url, entry] of each.entries) each.entries.set(url, { ...entry, body: entry.body.replace('"k0"', '"k9"') })
      })
      expect(statuses(await serve(world, [new KeyedIsolate(place)], { length: 3000, every: 100 }, () => K0))).toEqual([503])
    })
  })
})
