import { describe, expect, test } from 'vitest'
import type { Change } from '../../../config/director.ts'
import { endpointId, poolId } from '../../../config/ids.ts'
import { ms } from '../../../config/units.ts'
import { fullDatabase } from '../health/open-database.ts'
import { told, weightsOf, withDirector } from './director-world.ts'

const east = { kind: 'endpoint', endpoint: endpointId('east') } as const
const drain = (over: number, lasts?: number): Change => ({
  kind: 'drain',
  target: east,
  over: ms(over),
  ...(lasts === undefined ? {} : { lasts: ms(lasts) }),
})
const undrain = (over: number): Change => ({ kind: 'undrain', target: east, over: ms(over) })
const weigh = (weight: number): Change => ({ kind: 'set-weights', pool: poolId('shop'), weights: { [endpointId('east')]: weight } })

describe('a drain for a time', () => {
  test('ends by itself, as a revision of its own that says why', async () => {
    const { world, director } = await withDirector()
    await director.change([drain(0, 60_000)])
    await world.run(58_000)
    expect((await told(world)).map((overlay) => overlay?.drains.length)).toEqual([1, 1, 1])
    await world.run(4000)
    expect((await told(world)).map((overlay) => overlay?.drains.length)).toEqual([0, 0, 0])
    expect((await director.core.audit({ limit: 1 })).entries).toMatchObject([
      { revision: 2, by: 'director', door: 'expiry', differences: [{ field: 'drains.endpoint.east', before: 'out' }] },
    ])
  })

  test('ends also when the director was evicted meanwhile', async () => {
    const { world, director } = await withDirector()
    await director.change([drain(0, 60_000)])
    await world.run(30_000)
    director.evict()
    await world.run(33_000)
    expect((await told(world)).map((overlay) => overlay?.drains.length)).toEqual([0, 0, 0])
  })

  test('keeps the length that is left when the clock is set back', async () => {
    const { world, director } = await withDirector()
    await director.change([drain(0, 60_000)])
    await world.run(30_000)
    director.clockOff = -3_600_000
    await world.run(28_000)
    expect((await told(world)).map((overlay) => overlay?.drains.length)).toEqual([1, 1, 1])
    await world.run(5000)
    expect((await told(world)).map((overlay) => overlay?.drains.length)).toEqual([0, 0, 0])
  })
})

describe('a weight for a time', () => {
  const forAWhile = { ...weigh(5), lasts: ms(60_000) }
  const east = async (world: Parameters<typeof told>[0]) => weightsOf((await told(world))[0])?.[endpointId('east')]

  test('ends by itself, also over an eviction and a clock that is set back; what was below it counts again', async () => {
    const { world, director } = await withDirector()
    world.files.put('weights.json', { version: 1, reason: 'a drill', by: 'ann', pools: { shop: { east: 80 } } })
    await world.run(3000)
    const reply = await director.change([forAWhile])
    expect(reply).toMatchObject({
      kind: 'done',
      differences: [{ field: 'pools.shop.east.weight', before: 80, after: 5, expiresIn: 60_000 }],
    })
    await world.run(20_000)
    director.evict()
    director.clockOff = -3_600_000
    await world.run(36_000)
    expect((await director.core.view()).entries).toContainEqual(expect.objectContaining({ value: 5, expiresIn: expect.any(Number) }))
    expect(await east(world)).toBe(5)
    await world.run(8000)
    expect(await east(world)).toBe(80)
    expect((await director.core.audit({ limit: 1 })).entries).toMatchObject([
      { door: 'expiry', differences: [{ field: 'pools.shop.east.weight', before: 5, after: 80 }] },
    ])
  })

  test('said again for ever it stays; a revert to it after its time does not bring it back', async () => {
    const { world, director } = await withDirector()
    await director.change([forAWhile])
    expect(await director.change([weigh(5)])).toMatchObject({ kind: 'done', revision: 2 })
    await world.run(70_000)
    expect(await east(world)).toBe(5)
    expect(await director.change([{ kind: 'revert', revision: 1 }])).toMatchObject({ kind: 'done', revision: 3 })
    expect((await director.core.view()).entries).toEqual([])
  })
})

test('a drain that would end before it is out is refused: it would come back at once from half-way', async () => {
  const { director } = await withDirector()
  expect(await director.change([drain(60_000, 30_000)])).toMatchObject({ kind: 'refused', defects: [{ path: ['changes', 0, 'lasts'] }] })
  expect(await director.change([drain(60_000, 60_000)])).toMatchObject({ kind: 'done' })
})

describe('a gradual drain', () => {
  test('is as old at every vantage as it is, also after restarts', async () => {
    const { world, director } = await withDirector()
    await director.change([drain(60_000)])
    await world.run(20_000)
    world.node('weur').restart()
    await world.run(10_000)
    for (const overlay of await told(world)) {
      expect(overlay?.drains).toMatchObject([{ direction: 'out', over: 60_000 }])
      expect(Math.abs((overlay?.drains[0]?.begun ?? 0) - 30_000)).toBeLessThan(1500)
    }
  })

  test('that is turned round goes on from the share that it has reached, and is forgotten when it is back', async () => {
    const { world, director } = await withDirector()
    await director.change([drain(60_000)])
    await world.run(15_000)
    await director.change([undrain(20_000)])
    await world.run(300)
    // A quarter is out: three quarters of the way back are done.
    const [drained] = (await told(world))[0]?.drains ?? []
    expect(drained).toMatchObject({ direction: 'back', over: 20_000 })
    expect(Math.abs((drained?.begun ?? 0) - 15_300)).toBeLessThan(600)
    await world.run(8000)
    expect((await told(world)).map((overlay) => overlay?.drains)).toEqual([[], [], []])
  })

  test('that is asked for again does not begin anew', async () => {
    const { world, director } = await withDirector()
    await director.change([drain(60_000)])
    await world.run(30_000)
    expect(await director.change([drain(60_000)])).toMatchObject({ kind: 'done', revision: 1, differences: [] })
  })

  test('that is asked for at once is out at once', async () => {
    const { world, director } = await withDirector()
    await director.change([drain(3_600_000)])
    await world.run(300_000)
    // People are told so: without a difference they would read that nothing was to be done.
    const differences = [{ field: 'drains.endpoint.east', before: 'out', after: 'out' }]
    expect(await director.change([drain(0)])).toMatchObject({ kind: 'done', revision: 2, differences })
    await world.run(300)
    expect((await told(world)).map((overlay) => overlay?.drains[0]?.over)).toEqual([0, 0, 0])
    // It is out: it goes no slower, and needs no revision.
    expect(await director.change([drain(60_000)])).toMatchObject({ kind: 'done', revision: 2, differences: [] })
  })

  test.each([
    ['drain', drain],
    ['undrain', undrain],
  ] as const)('that is to take another time goes on from the share that it has reached: %s', async (word, again) => {
    const { world, director } = await withDirector()
    await director.change([word === 'drain' ? drain(120_000) : drain(0)])
    if (word === 'undrain') await director.change([undrain(120_000)])
    await world.run(30_000)
    await director.change([again(40_000)])
    await world.run(300)
    const [drained] = (await told(world))[0]?.drains ?? []
    // A quarter of the way was gone.
    expect(drained).toMatchObject({ direction: word === 'drain' ? 'out' : 'back', over: 40_000 })
    expect(Math.abs((drained?.begun ?? 0) - 10_300)).toBeLessThan(600)
  })
})

test('the alarm beats while a gateway is alive, and rests when none was heard of for ten minutes', async () => {
  const { world, director } = await withDirector()
  const before = director.alarms
  await world.run(10_000)
  expect(director.alarms - before).toBeGreaterThan(8)
  await world.run(660_000)
  const rest = director.alarms
  await world.run(60_000)
  expect(director.alarms - rest).toBeLessThan(3)
})

test('what cannot be written is not in force, and is said', async () => {
  const { world, director } = await withDirector()
  await director.change([weigh(5)])
  const { database } = director
  director.loseStorage(fullDatabase(database))
  expect(await director.change([weigh(6)])).toMatchObject({ kind: 'refused' })
  director.loseStorage(database)
  await world.run(1500)
  expect(await director.change([weigh(7)])).toMatchObject({ kind: 'done', revision: 2 })
})
