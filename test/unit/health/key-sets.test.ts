import { describe, expect, test } from 'vitest'
import type { SyncReply } from '../../../config/report.ts'
import type { KeySetStatus } from '../../../config/status.ts'
import { parseMessage } from '../../../durable-objects/policy/parse-message.ts'
import { DISCOVERY, FakeIssuer, JWKS, keyNumbered } from './fake-issuer.ts'
import { THREE, World } from './world.ts'

const HOUR = 3_600_000

async function worldWith(sources = [JWKS], seed = 1): Promise<{ readonly world: World; readonly issuer: FakeIssuer }> {
  const world = new World(THREE, ['east'], seed)
  const issuer = new FakeIssuer(world, sources)
  await world.start()
  return { world, issuer }
}

const sync = (world: World, name: string, request: object = {}) =>
  world.node(name).core.sync(world.node(name).name, { base: 'base', active: true, wantsProbation: [], keySets: {}, ...request })
const told = (reply: SyncReply) => (reply.kind === 'same' || reply.kind === 'snapshot' ? reply.keySets : undefined)
const kidsAt = async (world: World, name: string) => told(await sync(world, name))?.[0]?.keys?.map(({ kid }) => kid)
const statusAt = async (world: World, name: string): Promise<KeySetStatus | undefined> =>
  (await world.node(name).core.status(world.node(name).name)).keySets?.[0]

describe('three vantages and an issuer', () => {
  test('fetch its keys each 30 s, whole only when they changed; an isolate is told them once', async () => {
    const { world, issuer } = await worldWith()
    await world.run(120_000)
    for (const name of THREE) {
      expect(issuer.fetches(name).length).toBeGreaterThanOrEqual(4)
      expect(issuer.fetches(name).length).toBeLessThanOrEqual(6)
    }
    expect(issuer.asked.filter(({ whole }) => whole).length).toBeLessThanOrEqual(THREE.length)
    const first = await sync(world, 'weur')
    expect(told(first)).toEqual([{ key: JWKS.key, version: expect.any(String), age: expect.any(Number), keys: [keyNumbered(0)] }])
    const version = told(first)?.[0]?.version ?? ''
    expect(first).toMatchObject({ kind: 'snapshot', snapshot: { keySets: { [JWKS.key]: version } } })
    const second = told(await sync(world, 'weur', { keySets: { [JWKS.key]: version } }))
    expect(second).toEqual([{ key: JWKS.key, version, age: expect.any(Number) }])
    expect(second?.[0]?.age).toBeLessThan(31_000)
    // One version back: asked for nothing, told of nothing.
    expect(told(await sync(world, 'weur', { keySets: undefined }))).toBeUndefined()
  })

  test('have new keys within 31 s everywhere, when nobody misses them', async () => {
    const { world, issuer } = await worldWith()
    await world.run(10_000)
    issuer.keys = [keyNumbered(0), keyNumbered(1)]
    await world.run(31_000)
    for (const name of THREE) expect(await kidsAt(world, name)).toEqual(['k0', 'k1'])
  })

  test('have them within a second everywhere, when one isolate of one of them misses one', async () => {
    const { world, issuer } = await worldWith()
    await world.run(10_000)
    issuer.keys = [keyNumbered(1)]
    expect(await sync(world, 'weur', { wantsKeys: [JWKS.key] })).toMatchObject({ next: 300 })
    await world.run(1000)
    for (const name of THREE) expect(await kidsAt(world, name)).toEqual(['k1'])
  })

  test.each([1, 2, 3, 4])(
    'have them within a second, though another vantage was told of the old ones in the same second (%i)',
    async (number) => {
      const { world, issuer } = await worldWith([JWKS], number)
      await world.run(10_000)
      await sync(world, 'apac', { wantsKeys: [JWKS.key] })
      await world.run(300)
      issuer.keys = [keyNumbered(number)]
      await sync(world, 'weur', { wantsKeys: [JWKS.key] })
      await world.run(1000)
      for (const name of THREE) expect(await kidsAt(world, name)).toEqual([`k${number}`])
    },
  )

  test('10,000 random kids in 10 s, all of them missed: at most one fetch more for each vantage and 30 s', async () => {
    const { world, issuer } = await worldWith()
    await world.run(60_000)
    const from = world.now
    for (let missed = 0; missed < 10_000; missed += 1) {
      await sync(world, THREE[missed % 3] as string, { wantsKeys: [JWKS.key, 'of nobody'] })
      await world.run(1)
    }
    for (const name of THREE) expect(issuer.fetches(name, from).length).toBeLessThanOrEqual(2)
    console.info(
      `10,000 missed kids in 10 s: ${THREE.map((name) => issuer.fetches(name, from).length).join(', ')} fetches by three vantages, the scheduled among them`,
    )
    expect(await kidsAt(world, 'weur')).toEqual(['k0'])
  })

  test('an issuer that is silent for an hour: keys go on, the status says so, and fetches get fewer', async () => {
    const { world, issuer } = await worldWith()
    await world.run(10_000)
    issuer.manner = 'hangs'
    const from = world.now
    await world.run(HOUR)
    expect(issuer.fetches('weur', from).length).toBeLessThan(150)
    expect(await kidsAt(world, 'weur')).toEqual(['k0'])
    const status = await statusAt(world, 'weur')
    expect(status).toMatchObject({ keys: 1, stale: true, problem: { text: 'no answer in 3000 ms' } })
    expect(status?.age).toBeGreaterThan(HOUR - 40_000)
    issuer.manner = 'answers'
    await world.run(90_000)
    const after = await statusAt(world, 'weur')
    expect(after).toMatchObject({ keys: 1, stale: false })
    expect(after?.problem).toBeUndefined()
  }, 120_000)

  test('what an issuer says instead of keys replaces none', async () => {
    const { world, issuer } = await worldWith()
    await world.run(10_000)
    for (const [body, why] of [
      ['{"keys":[]}', 'it has no key'],
      [JSON.stringify({ keys: [{ ...keyNumbered(1), d: 'AAAA' }] }), 'it is private'],
      ['<html>maintenance</html>', 'it is not JSON'],
    ] as const) {
      issuer.body = body
      await world.run(100_000)
      expect(await kidsAt(world, 'weur')).toEqual(['k0'])
      expect((await statusAt(world, 'weur'))?.problem?.text).toContain(why)
    }
  })

  test('one that cannot reach it has the keys of its peers', async () => {
    const world = new World(THREE, ['east'])
    const issuer = new FakeIssuer(world)
    const { documents } = world
    world.documents = (question, from) => (from === 'apac' ? { kind: 'failed', detail: 'unreachable' } : documents(question, from))
    await world.start()
    expect(await kidsAt(world, 'apac')).toEqual(['k0'])
    issuer.keys = [keyNumbered(0), keyNumbered(1)]
    await world.run(40_000)
    expect(await kidsAt(world, 'apac')).toEqual(['k0', 'k1'])
    expect(await statusAt(world, 'apac')).toMatchObject({ stale: false, problem: { text: 'unreachable' } })
  })

  test('a restart forgets no key; storage that was lost gets them from a peer', async () => {
    const { world, issuer } = await worldWith()
    await world.run(10_000)
    issuer.manner = 'fails'
    world.node('weur').restart()
    expect(await kidsAt(world, 'weur')).toEqual(['k0'])
    world.node('wnam').loseStorage()
    await world.run(6000)
    expect(await kidsAt(world, 'wnam')).toEqual(['k0'])
  })

  test('one with its clock off by minutes says no other ages', async () => {
    const { world } = await worldWith()
    world.node('apac').clockOff = -400_000
    await world.run(60_000)
    const ages = await Promise.all(THREE.map(async (name) => told(await sync(world, name))?.[0]?.age ?? -1))
    for (const age of ages) expect(age).toBeLessThan(31_000)
    for (const age of ages) expect(age).toBeGreaterThanOrEqual(0)
  })

  test('keys are kept in KV by one of them, each set by itself, and for less than a day', async () => {
    const { world, issuer } = await worldWith()
    await world.run(60_000)
    expect([...world.knownKeys.values()].map(({ news }) => news.keys?.[0]?.kid)).toEqual(['k0'])
    const { until } = world.knownKeys.get(JWKS.key) ?? { until: 0 }
    expect(until).toBeLessThan(24 * HOUR)
    expect(until).toBeGreaterThan(23 * HOUR)
    issuer.keys = [keyNumbered(1)]
    await world.run(45_000)
    expect(world.knownKeys.get(JWKS.key)?.news.keys?.[0]?.kid).toBe('k1')
  })
})

describe('keys found by a discovery document', () => {
  test('are fetched from where it says; it is read rarely, and again when keys are not there any more', async () => {
    const { world, issuer } = await worldWith([DISCOVERY])
    await world.run(300_000)
    const found = (by: string) => issuer.asked.filter((each) => each.by === by && each.url === DISCOVERY.url).length
    expect(await kidsAt(world, 'weur')).toEqual(['k0'])
    expect(found('weur')).toBe(1)
    issuer.body = 'moved'
    await world.run(65_000)
    expect(found('weur')).toBeGreaterThan(1)
    expect(await kidsAt(world, 'weur')).toEqual(['k0'])
  })

  test('are none when it is of another issuer', async () => {
    const world = new World(THREE, ['east'])
    const issuer = new FakeIssuer(world, [DISCOVERY])
    issuer.discovery = { issuer: 'https://id.example.org', jwks_uri: JWKS.url }
    await world.start(20_000)
    expect(await kidsAt(world, 'weur')).toBeUndefined()
    expect(await statusAt(world, 'weur')).toMatchObject({ keys: 0, problem: { text: 'the discovery document is of another issuer' } })
    expect(issuer.fetches('weur')).toEqual([])
  })
})

test('what a peer says of keys is looked at as if the issuer had said it', () => {
  const message = {
    format: 1,
    from: 'weur',
    incarnation: { createdAt: 1, bootCount: 1 },
    seq: 1,
    abstains: false,
    votes: [],
    load: { requests: 0, attempts: 0 },
    knows: [],
    bases: [],
    needs: [],
    documents: [],
  }
  const news = { key: 'a', version: 'v', age: 5, keys: [keyNumbered(0)] }
  const keySetsOf = (keySets: unknown) => parseMessage({ ...message, keySets })?.keySets
  expect(parseMessage(message)).toEqual(message)
  expect(keySetsOf([news])).toEqual([news])
  expect(keySetsOf('keys')).toBeUndefined()
  for (const odd of [
    null,
    { ...news, age: -1 },
    { ...news, version: 7 },
    { ...news, keys: [] },
    { ...news, keys: [{ kty: 'oct', k: 'AAAA' }] },
  ])
    expect(keySetsOf([odd, { key: 'b', version: 'v', age: 1 }])).toEqual([{ key: 'b', version: 'v', age: 1 }])
})
