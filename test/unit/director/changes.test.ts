import { expect, test } from 'vitest'
import type { Change } from '../../../config/director.ts'
import { endpointId, poolId, releaseId } from '../../../config/ids.ts'
import { ms } from '../../../config/units.ts'
import type { DirectorHands } from '../../../durable-objects/director-part.ts'
import { BASE, releaseOf, told, weightsOf, withDirector } from './director-world.ts'

const shop = poolId('shop')
const east = endpointId('east')
const weigh = (weight: number): Change => ({ kind: 'set-weights', pool: shop, weights: { [east]: weight } })
const drainEast: Change = { kind: 'drain', target: { kind: 'endpoint', endpoint: east }, over: ms(0) }

test('a change is in force at every vantage within a fifth of a second, and says what it replaced', async () => {
  const { world, director } = await withDirector()
  const reply = await director.change([weigh(5)])
  expect(reply).toMatchObject({
    kind: 'done',
    revision: 1,
    differences: [{ field: 'pools.shop.east.weight', before: 1, after: 5, owner: 'operator', reason: 'a test' }],
  })
  await world.run(200)
  expect((await told(world)).map(weightsOf)).toEqual([{ east: 5 }, { east: 5 }, { east: 5 }])
})

test('a vantage that the push does not reach asks by itself within a second', async () => {
  const { world, director } = await withDirector()
  world.cut.add('director-weur')
  await director.change([weigh(5)])
  await world.run(1200)
  expect((await told(world)).map(weightsOf)).toEqual([{ east: 5 }, { east: 5 }, { east: 5 }])
})

test('what is lost of memory is lost of nothing else', async () => {
  const { world, director } = await withDirector()
  await director.change([weigh(5), drainEast])
  await world.run(1000)
  director.evict()
  for (const node of world.nodes.values()) node.restart()
  await world.run(1500)
  for (const overlay of await told(world))
    expect(overlay).toMatchObject({ order: { revision: 1 }, weights: { shop: { east: 5 } }, drains: [{ direction: 'out' }] })
  const view = await director.settled(director.core.view())
  expect(view).toMatchObject({ revision: 1, spread: { revision: 1, vantages: [{ holds: 1 }, { holds: 1 }, { holds: 1 }] } })
})

test('of two operators the second is told what the first has changed', async () => {
  const { director } = await withDirector()
  await director.change([weigh(5)], { ifMatch: 0 })
  const reply = await director.change([weigh(7)], { by: 'bob', ifMatch: 0 })
  expect(reply).toMatchObject({ kind: 'conflict', revision: 1, differences: [{ field: 'pools.shop.east.weight', before: 1, after: 5 }] })
  expect(await director.change([weigh(7)], { by: 'bob', ifMatch: 1 })).toMatchObject({ kind: 'done', revision: 2 })
})

test('everything that is wrong is said at once, and nothing is done', async () => {
  const { director } = await withDirector()
  const wrong = [
    weigh(5),
    { kind: 'set-weights', pool: 'shoop', weights: { east: 1 } },
    { kind: 'set-weights', pool: 'shop', weights: { eats: 1 } },
    { kind: 'drain', target: { kind: 'region', region: 'us-east1' }, over: 0 },
    { kind: 'release', release: 'chekout', action: 'start' },
    { kind: 'undrain', target: { kind: 'endpoint', endpoint: 'south' }, over: 0 },
    { kind: 'revert', revision: 12 },
  ] as unknown as Change[]
  const reply = await director.change(wrong)
  expect(reply).toMatchObject({
    kind: 'refused',
    defects: [
      { path: ['changes', 1, 'pool'], found: '"shoop"', suggestion: 'did you mean "shop"?' },
      { path: ['changes', 2, 'weights', 'eats'], suggestion: 'did you mean "east"?' },
      { path: ['changes', 3, 'target', 'region'], suggestion: 'did you mean "us-east-1"?' },
      { path: ['changes', 4, 'release'], suggestion: 'did you mean "checkout"?' },
      { path: ['changes', 5, 'target'], found: '"south", which gateway.yaml drains: only a deploy ends that' },
      { path: ['changes', 6, 'revision'], found: '12' },
    ],
  })
  expect(await director.core.view()).toMatchObject({ revision: 0, entries: [], drift: [] })
})

test('weights of a pool cannot add up to nothing', async () => {
  const { director } = await withDirector()
  const weights = { [east]: 0, [endpointId('west')]: 0, [endpointId('south')]: 0 }
  expect(await director.change([{ kind: 'set-weights', pool: shop, weights }])).toMatchObject({
    kind: 'refused',
    defects: [{ path: ['changes', 0], found: 'a sum of 0' }],
  })
})

test('two releases that begin in one request have salts of their own', async () => {
  const { world, director } = await withDirector({ ...BASE, releases: [releaseOf('one'), releaseOf('two')] })
  const start = (release: string): Change => ({ kind: 'release', release: releaseId(release), action: 'start' })
  expect(await director.change([start('one'), start('two')])).toMatchObject({ kind: 'done', revision: 1 })
  await world.run(200)
  const salts = Object.values((await told(world))[0]?.releases ?? {}).map(({ salt }) => salt)
  expect([salts.length, new Set(salts).size]).toEqual([2, 2])
})

test('a request that arrives twice is done once', async () => {
  const { director } = await withDirector()
  const first = await director.change([weigh(5)], { id: 'abc' })
  await director.change([weigh(6)])
  expect(await director.change([weigh(5)], { id: 'abc' })).toEqual(first)
  expect(await director.core.view()).toMatchObject({ revision: 2, entries: [{ value: 6 }] })
})

test('another change under the id of one that was made is refused and not done', async () => {
  const { director } = await withDirector()
  await director.change([{ kind: 'set-weights', pool: shop, weights: { [east]: 5, [endpointId('west')]: 2 } }], { id: 'abc' })
  const defects = [{ path: ['Idempotency-Key'], found: 'the key of another change, which was made as revision 1' }]
  expect(await director.change([weigh(0)], { id: 'abc' })).toMatchObject({ kind: 'refused', defects })
  const again: Change = { kind: 'set-weights', pool: shop, weights: { [endpointId('west')]: 2, [east]: 5 } }
  expect(await director.change([again], { id: 'abc' })).toMatchObject({ kind: 'done', revision: 1 })
  expect(await director.change([again], { id: 'abc', door: 'api' })).toMatchObject({ kind: 'refused', defects })
  expect(await director.core.view()).toMatchObject({ revision: 1 })
})

test('an id that was written before it was tied to what was asked counts as it did', async () => {
  const { director } = await withDirector()
  await director.change([weigh(5)], { id: 'abc' })
  director.database.run("UPDATE revision SET change_id = 'abc', change_asked = NULL")
  expect(await director.change([weigh(0)], { id: 'abc' })).toMatchObject({ kind: 'done', revision: 1, differences: [{ after: 5 }] })
})

test('an operator who sends the id of a file keeps no file out', async () => {
  const { world, director } = await withDirector()
  await director.change([drainEast], { id: 'weights.json 1' })
  const hands: DirectorHands[] = []
  director.core.addPart((given) => {
    hands.push(given)
    return {}
  })
  const file = { by: 'ann', reason: 'a file', id: 'weights.json 1', weights: [{ pool: shop, endpoint: east, weight: 9 }], shares: [] }
  expect(hands[0]?.applyFile(file)).toMatchObject({ kind: 'done', revision: 2 })
  await world.run(1500)
  expect((await told(world)).map(weightsOf)).toEqual([{ east: 9 }, { east: 9 }, { east: 9 }])
})

test('a dry run under the id of a change that was made says what would be', async () => {
  const { director } = await withDirector()
  await director.change([weigh(5)], { id: 'abc' })
  expect(await director.change([weigh(7)], { id: 'abc', dryRun: true })).toMatchObject({
    kind: 'done',
    differences: [{ before: 5, after: 7 }],
  })
})

test('a dry run says what would be and does nothing', async () => {
  const { director } = await withDirector()
  expect(await director.change([weigh(5)], { dryRun: true })).toMatchObject({ kind: 'done', revision: 0, differences: [{ after: 5 }] })
  expect(await director.core.view()).toMatchObject({ revision: 0, entries: [] })
})

test('what was in force at a revision is in force again', async () => {
  const { director } = await withDirector()
  await director.change([weigh(5)])
  await director.change([weigh(7), drainEast])
  expect(await director.change([{ kind: 'revert', revision: 1 }])).toMatchObject({
    kind: 'done',
    revision: 3,
    differences: [
      { field: 'drains.endpoint.east', before: 'out', after: undefined },
      { field: 'pools.shop.east.weight', before: 7, after: 5 },
    ],
  })
  const { entries } = await director.core.audit({})
  expect(entries.map(({ revision, by, door }) => [revision, by, door])).toEqual([
    [3, 'ann', 'cli'],
    [2, 'ann', 'cli'],
    [1, 'ann', 'cli'],
  ])
})

test('pages of the trail hang together', async () => {
  const { director } = await withDirector()
  for (let weight = 10; weight < 17; weight += 1) await director.change([weigh(weight)])
  const first = await director.core.audit({ limit: 3 })
  const second = await director.core.audit({ limit: 3, before: first.next ?? 0 })
  const last = await director.core.audit({ limit: 3, before: second.next ?? 0 })
  expect([first, second, last].map(({ entries }) => entries.map(({ revision }) => revision))).toEqual([[7, 6, 5], [4, 3, 2], [1]])
  expect(last.next).toBeUndefined()
  expect((await director.core.revisions({ limit: 2 })).entries.map(({ revision, current }) => [revision, current])).toEqual([
    [7, true],
    [6, false],
  ])
})
