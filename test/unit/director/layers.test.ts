import { expect, test } from 'vitest'
import type { Change, DirectorBase } from '../../../config/director.ts'
import { endpointId, poolId, releaseId } from '../../../config/ids.ts'
import type { OnDeploy } from '../../../config/release.ts'
import { ms, share } from '../../../config/units.ts'
import type { DirectorHands, DirectorPart, FileLayer } from '../../../durable-objects/director-part.ts'
import { fullDatabase } from '../health/open-database.ts'
import { BASE, type DirectorNode, releaseOf, told, weightsOf, withDirector } from './director-world.ts'

const [shop, east, west] = [poolId('shop'), endpointId('east'), endpointId('west')]
const checkout = releaseId('checkout')
const weigh = (weight: number): Change => ({ kind: 'set-weights', pool: shop, weights: { [east]: weight } })
const START: Change = { kind: 'release', release: checkout, action: 'start' }
const fileOf = (id: string, weights: Readonly<Record<string, number>>, canary?: number): FileLayer => ({
  id,
  by: 'ann',
  reason: 'a file',
  weights: Object.entries(weights).map(([endpoint, weight]) => ({ pool: shop, endpoint: endpointId(endpoint), weight })),
  shares: canary === undefined ? [] : [{ release: checkout, weight: share(canary) }],
})

function handsOf(director: DirectorNode, part: DirectorPart = {}): DirectorHands {
  let hands: DirectorHands | undefined
  director.core.addPart((given) => {
    hands = given
    return part
  })
  if (hands === undefined) throw new Error('no hands')
  return hands
}

test('operators go before weights.json, which goes before the bundle; who is overruled is shown', async () => {
  const { world, director } = await withDirector()
  const hands = handsOf(director)
  hands.applyFile(fileOf('one', { east: 20, west: 30 }))
  await director.change([weigh(5)])
  await world.run(200)
  expect((await told(world)).map(weightsOf)).toEqual(Array.from({ length: 3 }, () => ({ east: 5, west: 30 })))
  const { entries, drift } = await director.core.view()
  expect(entries.map(({ field, value, owner, replaced, overruledBy }) => ({ field, value, owner, replaced, overruledBy }))).toEqual([
    { field: 'pools.shop.east.weight', value: 20, owner: 'weights.json', replaced: 1, overruledBy: 'operator' },
    { field: 'pools.shop.west.weight', value: 30, owner: 'weights.json', replaced: 1, overruledBy: undefined },
    { field: 'pools.shop.east.weight', value: 5, owner: 'operator', replaced: 20, overruledBy: undefined },
  ])
  expect(drift.map(({ field, before, after, owner }) => [field, before, after, owner])).toEqual([
    ['pools.shop.east.weight', 1, 5, 'operator'],
    ['pools.shop.west.weight', 1, 30, 'weights.json'],
  ])
  await director.change([{ kind: 'clear-weights', pool: shop }])
  await world.run(200)
  expect(weightsOf((await told(world))[0])).toEqual({ east: 20, west: 30 })
})

test('a file is a layer as a whole: what it does not name any more is gone, and drains are not its own', async () => {
  const { director } = await withDirector()
  const hands = handsOf(director)
  await director.change([{ kind: 'drain', target: { kind: 'endpoint', endpoint: east }, over: ms(0) }])
  hands.applyFile(fileOf('one', { east: 20, west: 30 }))
  expect(hands.applyFile(fileOf('two', { west: 30 }))).toMatchObject({
    kind: 'done',
    revision: 3,
    differences: [{ field: 'pools.shop.east.weight', before: 20, after: 1 }],
  })
  expect(hands.applyFile(fileOf('three', { west: 30 }))).toMatchObject({ kind: 'done', revision: 3, differences: [] })
  expect(hands.applyFile(fileOf('one', { east: 20, west: 30 }))).toMatchObject({ kind: 'done', revision: 2 })
  expect(hands.applyFile({ ...fileOf('four', { west: 31 }), ifMatch: 1 })).toMatchObject({ kind: 'conflict', revision: 3 })
  expect((await director.core.view()).entries.map(({ field, value }) => [field, value])).toEqual([
    ['pools.shop.west.weight', 30],
    ['drains.endpoint.east', 'out'],
  ])
})

test('a release that was begun is no file’s any more, also when it was rolled back', async () => {
  const { world, director } = await withDirector()
  const hands = handsOf(director)
  hands.applyFile(fileOf('one', {}, 0.5))
  await world.run(200)
  expect((await told(world))[0]?.releases[checkout]).toMatchObject({ weight: 0.5, killed: false, salt: 'checkout' })
  await director.change([START])
  await director.change([{ kind: 'release', release: checkout, action: 'rollback' }])
  hands.applyFile(fileOf('two', {}, 0.7))
  await world.run(200)
  expect((await told(world))[0]?.releases[checkout]).toMatchObject({ weight: 0 })
})

test('what emergency.json freezes goes no further, and goes back all the same', async () => {
  const { director } = await withDirector()
  handsOf(director, { frozen: () => ['*'] })
  const refused = { kind: 'refused', defects: [{ path: ['changes', 0], expected: 'nothing while emergency.json freezes it' }] }
  expect(await director.change([weigh(5)])).toMatchObject(refused)
  expect(await director.change([START])).toMatchObject(refused)
  expect(await director.change([{ kind: 'release', release: checkout, action: 'kill' }])).toMatchObject({ kind: 'done' })
  expect(await director.change([{ kind: 'drain', target: { kind: 'cloud', cloud: 'aws' }, over: ms(0) }])).toMatchObject({ kind: 'done' })
})

test('no way leads to more of a canary that emergency.json freezes: neither a revert nor taking a kill back', async () => {
  const { director } = await withDirector()
  let frozen: readonly string[] = []
  handsOf(director, { frozen: () => frozen })
  const set = (weight: number): Change => ({ kind: 'set-release', release: checkout, weight: share(weight) })
  const act = (action: 'rollback' | 'kill'): Change => ({ kind: 'release', release: checkout, action })
  const refused = { kind: 'refused', defects: [{ path: ['changes', 0], expected: 'nothing while emergency.json freezes it' }] }
  const revert = (revision: number): Change => ({ kind: 'revert', revision })
  for (const change of [weigh(2), set(0.05), set(0.5), weigh(3)]) await director.change([change])
  frozen = ['checkout']
  // Less of it, and what is none of its business.
  expect(await director.change([revert(2)])).toMatchObject({ kind: 'done', revision: 5 })
  expect(await director.change([revert(3)])).toMatchObject(refused)
  expect(await director.change([revert(1)])).toMatchObject({ kind: 'done', revision: 6 })
  expect(await director.change([revert(2)])).toMatchObject(refused)
  expect(await director.change([act('kill')])).toMatchObject({ kind: 'done', revision: 7 })
  for (const change of [revert(6), set(0), act('rollback')]) expect(await director.change([change])).toMatchObject(refused)
  frozen = ['another']
  expect(await director.change([revert(3)])).toMatchObject({ kind: 'done', revision: 8 })
})

test('a part that throws, rejects or hangs stops nobody', async () => {
  const { world, director } = await withDirector()
  let beats = 0
  handsOf(director, {
    hear: () => {
      throw new Error('cannot hear')
    },
    beat: () => {
      beats += 1
      return beats % 2 === 0 ? new Promise(() => {}) : Promise.reject(new Error('cannot beat'))
    },
  })
  await world.run(5000)
  expect(beats).toBeGreaterThan(3)
  await director.change([weigh(5)])
  await world.run(200)
  expect((await told(world)).map(weightsOf)).toEqual(Array.from({ length: 3 }, () => ({ east: 5 })))
})

const bundle = (hash: string, onDeploy: OnDeploy, changes: Partial<DirectorBase> = {}): DirectorBase => ({
  ...BASE,
  hash,
  releases: [releaseOf('checkout', { onDeploy })],
  ...changes,
})

test.each([
  { onDeploy: 'keep' as const, phase: 'running', flagged: undefined },
  { onDeploy: 'clear' as const, phase: 'idle', flagged: undefined },
  { onDeploy: 'flag' as const, phase: 'running', flagged: 'second' },
])(
  'with onDeploy $onDeploy a release that is in force is $phase after a deploy; weights and drains go on',
  async ({ onDeploy, phase, flagged }) => {
    const { world, director } = await withDirector()
    await director.change([weigh(5), START])
    await director.core.learn(bundle('second', onDeploy))
    const view = await director.core.view()
    expect(view.releases).toMatchObject([{ release: 'checkout', phase }])
    expect(view.releases[0]?.flagged).toBe(flagged)
    expect(view.entries).toContainEqual(expect.objectContaining({ field: 'pools.shop.east.weight', value: 5 }))
    expect(view.problems.some(({ text }) => text.includes('was in force when the bundle second came'))).toBe(flagged !== undefined)
    const [line] = (await director.core.audit({ limit: 1 })).entries
    expect(line?.door).toBe(onDeploy === 'keep' ? 'cli' : 'deploy')
    await world.run(1500)
    expect((await told(world)).map(weightsOf)).toEqual(Array.from({ length: 3 }, () => ({ east: 5 })))
  },
)

test('a deploy that cannot be written is done as soon as it can, also by a director that started anew meanwhile', async () => {
  for (const restarts of [false, true]) {
    const { world, director } = await withDirector()
    await director.change([START])
    const { database } = director
    let held = database
    director.loseStorage({ ...database, all: (query, ...values) => held.all(query, ...values), run: (script) => held.run(script) })
    held = fullDatabase(database)
    await director.core.learn(bundle('second', 'clear'))
    expect((await director.core.view()).releases).toMatchObject([{ phase: 'running' }])
    held = database
    if (restarts) {
      director.evict()
      await director.core.learn(bundle('second', 'clear'))
    }
    await world.run(2500)
    expect((await director.core.view()).releases).toMatchObject([{ phase: 'idle' }])
    expect((await director.core.audit({ limit: 1 })).entries).toMatchObject([{ door: 'deploy', revision: 2 }])
  }
})

test('of a gradual deployment the new bundle counts once, however long both are named; a rollback counts when nobody names the new one', async () => {
  const { world, director } = await withDirector(bundle('first', 'clear'))
  await director.change([START])
  await director.core.learn(bundle('second', 'clear'))
  expect((await director.core.view()).releases).toMatchObject([{ phase: 'idle' }])
  await director.change([START])
  for (let minute = 0; minute < 4; minute += 1) {
    for (const hash of ['first', 'second']) await director.core.learn(bundle(hash, 'clear'))
    await world.run(60_000)
  }
  expect((await director.core.view()).releases).toMatchObject([{ phase: 'running' }])
  for (let minute = 0; minute < 11; minute += 1) {
    await director.core.learn(bundle('first', 'clear'))
    await world.run(60_000)
  }
  await director.core.learn(bundle('first', 'clear'))
  expect(await director.core.view()).toMatchObject({ releases: [{ phase: 'idle' }], bases: [{}, { hash: 'first', current: true }] })
})

test('what names something that is gone is inert, is said to be, and can be removed', async () => {
  const { director } = await withDirector()
  await director.change([
    { kind: 'set-weights', pool: shop, weights: { [west]: 7 } },
    { kind: 'drain', target: { kind: 'endpoint', endpoint: west }, over: ms(0) },
    START,
  ])
  const [pool] = BASE.pools
  const without = { ...BASE, hash: 'second', releases: [], pools: [{ id: shop, endpoints: (pool?.endpoints ?? []).slice(0, 1) }] }
  await director.core.learn(without)
  await director.world.run(700_000)
  await director.core.learn(without)
  const { entries, drift } = await director.core.view()
  expect(entries.map(({ field, inert }) => [field, inert])).toEqual([
    ['pools.shop.west.weight', true],
    ['drains.endpoint.west', true],
    ['releases.checkout.weight', true],
  ])
  expect(drift.every(({ inert }) => inert === true)).toBe(true)
  expect(
    await director.change([
      { kind: 'clear-weights', pool: shop },
      { kind: 'undrain', target: { kind: 'endpoint', endpoint: west }, over: ms(0) },
    ]),
  ).toMatchObject({ kind: 'done' })
  expect(await director.change([{ kind: 'set-weights', pool: shop, weights: { [west]: 7 } }])).toMatchObject({ kind: 'refused' })
})

test('what an operator said of an endpoint in a pool that it has left overrules nobody in the other', async () => {
  const { world, director } = await withDirector()
  await director.change([weigh(5)])
  const [pool] = BASE.pools
  if (pool === undefined) throw new Error('the base has no pool')
  const store = poolId('store')
  const second: DirectorBase = { ...BASE, hash: 'second', pools: [{ ...pool, id: store }] }
  await director.core.learn(second)
  world.files.put('weights.json', { version: 1, reason: 'a drill', by: 'ann', pools: { store: { east: 80, west: 0 } } })
  await world.run(2000)
  expect(world.files.read('weights.result.json')).toMatchObject({ accepted: true })
  expect(world.files.read('weights.result.json')).not.toHaveProperty('overruled')
  expect((await told(world))[0]?.weights).toMatchObject({ [store]: { east: 80, west: 0 } })
  const weights = { [east]: 0, [west]: 0, [endpointId('south')]: 0 }
  expect(await director.change([{ kind: 'set-weights', pool: store, weights }])).toMatchObject({ kind: 'refused' })
})
