/**
 * `weights.json` over the production director in virtual time: in force at every vantage in seconds, judged once whatever happens to the director or
 * the bucket, refused whole with all that is wrong, and answered in `weights.result.json` each time.
 */
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { endpointId, vantageId } from '../../../config/ids.ts'
import type { WeightsResult } from '../../../config/operator-files/weights-result.ts'
import { instant, ms } from '../../../config/units.ts'
import { HeardEmergency } from '../../../durable-objects/heed-emergency.ts'
import type { World } from '../health/world.ts'
import { BASE, type DirectorNode, told, weightsOf, withDirector } from './director-world.ts'

const RESULT = 'weights.result.json'
const file = (parts: object = {}): object => ({ version: 1, reason: 'a drill', by: 'ann', pools: { shop: { east: 80 } }, ...parts })

/** Virtual time costs real time, and the machine may be busy with other things. */
const PATIENCE = 60_000

let world: World
let director: DirectorNode
beforeEach(async () => {
  const made = await withDirector()
  world = made.world
  director = made.director
  await world.run(3000)
}, PATIENCE)

const put = (content: unknown): string => world.files.put('weights.json', content)
const result = () => world.files.read<WeightsResult>(RESULT)
const weights = async () => (await told(world)).map(weightsOf)
const revision = async () => (await director.core.view()).revision
const problems = async () => (await director.core.view()).problems.map(({ text }) => text)

test('is in force at every vantage within two seconds, and answered', async () => {
  const etag = put(file({ releases: { checkout: { weight: '5%' } } }))
  await world.run(2000)
  expect(await weights()).toEqual([{ east: 80 }, { east: 80 }, { east: 80 }])
  expect((await told(world))[0]?.releases).toMatchObject({ checkout: { weight: 0.05 } })
  expect(result()).toEqual({
    version: 1,
    etag,
    accepted: true,
    revision: 1,
    changed: true,
    defects: [],
    at: expect.stringMatching(/^\d{4}-.*Z$/),
  })
  const { entries } = await director.core.audit({})
  expect(entries[0]).toMatchObject({ revision: 1, door: 'weights.json', by: 'ann', reason: 'a drill' })
})

test('a later file replaces an earlier one whole; an empty one ends it; one that is gone does not', async () => {
  put(file())
  await world.run(2000)
  put(file({ pools: { shop: { west: 3 } } }))
  await world.run(2000)
  expect((await weights())[0]).toEqual({ west: 3 })
  world.files.remove('weights.json')
  await world.run(5000)
  expect((await weights())[0]).toEqual({ west: 3 })
  expect(await problems()).toEqual([expect.stringContaining('weights.json is gone, and what it said last stays in force')])
  put(file({ pools: {} }))
  await world.run(2000)
  expect((await weights())[0]).toBeUndefined()
  expect(await problems()).toEqual([])
})

describe('is judged once', () => {
  beforeEach(async () => {
    put(file())
    await world.run(2000)
  }, PATIENCE)

  test('though it is read each second', async () => {
    const reads = world.files.reads.get('weights.json') ?? 0
    await world.run(30_000)
    expect(await revision()).toBe(1)
    const read = (world.files.reads.get('weights.json') ?? 0) - reads
    expect(read).toBeGreaterThanOrEqual(28)
    expect(read).toBeLessThanOrEqual(31)
  })

  test('over an eviction', async () => {
    const { at } = result() ?? {}
    director.evict()
    await world.run(10_000)
    expect(await revision()).toBe(1)
    expect(result()?.at).toBe(at)
  })

  test('also when an operator has changed the same since: the file does not come back by itself', async () => {
    await director.change([{ kind: 'revert', revision: 0 }])
    director.evict()
    await world.run(5000)
    expect((await weights())[0]).toBeUndefined()
  })

  test('put again, the same as before, it changes nothing and says so', async () => {
    put(file())
    await world.run(2000)
    expect(await revision()).toBe(1)
    expect(result()).toMatchObject({ accepted: true, changed: false, revision: 1 })
  })

  test('put again after it was taken back, it is what somebody wants anew', async () => {
    await director.change([{ kind: 'revert', revision: 0 }])
    put(file())
    await world.run(2000)
    expect((await weights())[0]).toEqual({ east: 80 })
    expect(result()).toMatchObject({ accepted: true, changed: true, revision: 3 })
  })

  test('with a revision of its own that it made itself, put again it is not late', async () => {
    put(file({ base: 1, pools: { shop: { east: 70 } } }))
    await world.run(2000)
    expect(result()).toMatchObject({ accepted: true, changed: true, revision: 2 })
    put(file({ base: 1, pools: { shop: { east: 70 } } }))
    await world.run(2000)
    expect(result()).toMatchObject({ accepted: true, changed: false, revision: 2 })
  })
})

describe('refused whole', () => {
  beforeEach(async () => {
    put(file())
    await world.run(2000)
  }, PATIENCE)

  test.each([
    ['no JSON', '{', ['.']],
    ['a megabyte', ' '.repeat(1024 * 1024), ['.']],
    ['a typo', file({ pols: {} }), ['pols']],
    [
      'names that are none, each',
      file({ pools: { shpo: {}, shop: { esat: 1, east: 5 } }, releases: { chekout: { weight: '1%' } } }),
      ['pools.shpo', 'pools.shop.esat', 'releases.chekout'],
    ],
    ['a sum of 0', file({ pools: { shop: { east: 0, west: 0, south: 0 } } }), ['pools.shop']],
    ['a negative weight beside an unknown name', file({ pools: { shop: { east: -1 }, x: {} } }), ['pools.shop.east', 'pools.x']],
    ['a revision that has never been', file({ base: 9, pools: {} }), ['base']],
  ])('%s', async (_, content, places) => {
    put(content)
    await world.run(3000)
    expect(await weights()).toEqual([{ east: 80 }, { east: 80 }, { east: 80 }])
    expect(await revision()).toBe(1)
    const { accepted, changed, revision: said, defects } = result() ?? {}
    expect({ accepted, changed, said }).toEqual({ accepted: false, changed: false, said: 1 })
    expect(defects?.map(({ path }) => path)).toEqual(places)
    expect(await problems()).toEqual([expect.stringMatching(/^weights\.json is refused, what was in force stays: /)])
    put(file({ pools: { shop: { east: 9 } } }))
    await world.run(2000)
    expect([(await weights())[0], await problems()]).toEqual([{ east: 9 }, []])
  })

  test('one for an older revision, with what has changed since', async () => {
    await director.change([{ kind: 'set-weights', pool: 'shop' as never, weights: { west: 7 } as never }], { reason: 'night' })
    put(file({ base: 1, pools: { shop: { east: 5 } } }))
    await world.run(2000)
    const { accepted, defects } = result() ?? {}
    expect(accepted).toBe(false)
    expect(defects).toEqual([
      { path: 'base', expected: '2, the revision in force', found: '1, since when others have changed something' },
      { path: 'base', expected: expect.stringContaining('pools.shop.west'), found: expect.stringMatching(/^7, by operator.*night/) },
    ])
    put(file({ base: 2, pools: { shop: { east: 5 } } }))
    await world.run(2000)
    expect(result()).toMatchObject({ accepted: true, revision: 3 })
  })

  test('one that leaves a pool with nothing beside what an operator has set', async () => {
    await director.change([{ kind: 'set-weights', pool: 'shop' as never, weights: { west: 0, south: 0 } as never }])
    put(file({ pools: { shop: { east: 0 } } }))
    await world.run(2000)
    expect(result()?.defects).toEqual([expect.objectContaining({ path: 'pools.shop', found: expect.stringContaining('operators') })])
  })

  test('one that emergency.json freezes, until it is put again', async () => {
    world.files.put('emergency.json', { version: 1, reason: 'fire', by: 'ben', freeze: ['*'] })
    await world.run(12_000)
    put(file({ pools: { shop: { east: 5 } } }))
    await world.run(2000)
    expect(result()?.defects).toEqual([expect.objectContaining({ expected: expect.stringContaining('emergency.json freezes it') })])
    expect((await weights())[0]).toEqual({ east: 80 })
    world.files.remove('emergency.json')
    await world.run(12_000)
    expect((await weights())[0]).toEqual({ east: 80 })
    put(file({ pools: { shop: { east: 5 } } }))
    await world.run(2000)
    expect((await weights())[0]).toEqual({ east: 5 })
  })
})

test('a director that starts anew gives nothing before it has heard what is frozen; people need not wait for that', async () => {
  world.files.put('emergency.json', { version: 1, reason: 'fire', by: 'ben', freeze: ['*'] })
  await director.change([{ kind: 'drain', target: { kind: 'cloud', cloud: 'aws' }, over: ms(0) }])
  await world.run(5000)
  director.evict()
  put(file({ pools: { shop: { east: 5 } } }))
  await director.settled(director.core.alarm())
  expect(await revision()).toBe(1)
  expect(result()).toBeUndefined()
  expect(await director.change([{ kind: 'release', release: 'checkout' as never, action: 'kill' }])).toMatchObject({ kind: 'done' })
  await world.run(3000)
  expect(result()?.defects).toEqual([expect.objectContaining({ expected: expect.stringContaining('emergency.json freezes it') })])
})

test('when no vantage is heard after a start it waits for five seconds', () => {
  const freeze = new HeardEmergency(instant(100_000))
  expect([100_000, 104_999, 105_000].map((now) => freeze.isDeaf(instant(now)))).toEqual([true, true, false])
  freeze.hear({}, vantageId('weur'), instant(101_000))
  expect(freeze.isDeaf(instant(101_000))).toBe(false)
})

test('what an operator has set goes before it, and the answer says which words do nothing', async () => {
  await director.change([{ kind: 'set-weights', pool: 'shop' as never, weights: { west: 7 } as never }])
  put(file({ pools: { shop: { east: 1, west: 1 } } }))
  await world.run(2000)
  expect((await weights())[0]).toEqual({ east: 1, west: 7 })
  expect(result()).toMatchObject({ accepted: true, overruled: ['pools.shop.west'] })
})

test('while two bundles serve, names of both are names; after a rollback what names the other is inert', async () => {
  const [pool] = BASE.pools
  if (pool === undefined) throw new Error('the base has no pool')
  const north = { id: endpointId('north'), cloud: 'gcp', region: 'europe-north1', weight: 1, drain: false }
  const second = { ...BASE, hash: 'second', pools: [{ ...pool, endpoints: [...pool.endpoints, north] }] }
  await director.core.learn(second)
  put(file({ pools: { shop: { east: 80, north: 20 } } }))
  await world.run(2000)
  expect(result()).toMatchObject({ accepted: true, revision: 1 })
  expect(await weights()).toEqual(Array.from({ length: 3 }, () => ({ east: 80, north: 20 })))
  for (let minute = 0; minute < 12; minute += 1) {
    await director.core.learn(BASE)
    await world.run(60_000)
  }
  const { entries, revision } = await director.core.view()
  expect(revision).toBe(1)
  expect(entries.map(({ field, inert }) => [field, inert])).toEqual([
    ['pools.shop.east.weight', undefined],
    ['pools.shop.north.weight', true],
  ])
  put(file({ pools: { shop: { east: 70, north: 20 } } }))
  await world.run(2000)
  expect(result()?.defects.map(({ path }) => path)).toEqual(['pools.shop.north'])
  expect((await weights())[0]).toEqual({ east: 80, north: 20 })
})

test('a bucket that cannot be read leaves in force what was, and status says so', async () => {
  put(file())
  await world.run(2000)
  world.files.unreadableFor.add('director')
  put(file({ pools: {} }))
  await world.run(60_000)
  expect((await weights())[0]).toEqual({ east: 80 })
  expect(await problems()).toEqual([expect.stringContaining('weights.json cannot be read, what it said last stays in force')])
  world.files.unreadableFor.clear()
  await world.run(2000)
  expect((await weights())[0]).toBeUndefined()
})

test('a director that could not write it down tries again with the next beat, and says that it waits', async () => {
  const full = vi.spyOn(director.database, 'transaction').mockImplementation(() => {
    throw new Error('database or disk is full: SQLITE_FULL')
  })
  put(file())
  await world.run(3000)
  expect([(await weights())[0], result()]).toEqual([undefined, undefined])
  expect(await problems()).toContainEqual(expect.stringContaining('weights.json waits, what was in force stays'))
  full.mockRestore()
  await world.run(3000)
  expect([(await weights())[0], result()]).toMatchObject([{ east: 80 }, { accepted: true, revision: 1, changed: true }])
})

test('an answer that could not be written is written when it can be, over an eviction too', async () => {
  world.files.unwritable = true
  put(file())
  await world.run(3000)
  expect([(await weights())[0], result()]).toEqual([{ east: 80 }, undefined])
  director.evict()
  world.files.unwritable = false
  await world.run(3000)
  expect(result()).toMatchObject({ accepted: true, revision: 1, changed: true })
})
