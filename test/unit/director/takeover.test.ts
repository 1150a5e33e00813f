import { expect, test } from 'vitest'
import type { Change } from '../../../config/director.ts'
import { endpointId, poolId, vantageId } from '../../../config/ids.ts'
import { ms } from '../../../config/units.ts'
import { openDatabase } from '../health/open-database.ts'
import { THREE, World } from '../health/world.ts'
import { BASE, DirectorNode, told, weightsOf, withDirector } from './director-world.ts'

const weigh = (weight: number): Change => ({ kind: 'set-weights', pool: poolId('shop'), weights: { [endpointId('east')]: weight } })
const drainWest: Change = { kind: 'drain', target: { kind: 'endpoint', endpoint: endpointId('west') }, over: ms(0), lasts: ms(60_000) }
const lost = async () => {
  const { world, director } = await withDirector()
  await director.change([weigh(5), drainWest])
  await director.change([weigh(6)])
  await world.run(500)
  return { world, director }
}

test('a director whose storage was lost puts in force again what vantages hold, as a revision of a later epoch, and says so', async () => {
  const { world, director } = await lost()
  const before = (await told(world))[0]
  director.loseStorage()
  await world.run(2500)
  for (const overlay of await told(world)) {
    expect(overlay).toMatchObject({ weights: { shop: { east: 6 } }, drains: [{ target: { endpoint: 'west' }, direction: 'out' }] })
    expect(overlay?.order.revision).toBe(3)
    expect(overlay?.order.epoch).toBeGreaterThan(before?.order.epoch ?? 0)
  }
  const view = await director.core.view()
  expect(view.problems.map(({ text }) => text)).toContainEqual(expect.stringContaining('storage was lost'))
  expect(view.spread.vantages.map(({ holds }) => holds)).toEqual([3, 3, 3])
  expect((await director.core.audit({})).entries).toMatchObject([{ revision: 3, by: 'director', door: 'takeover' }])
})

test('a change that comes before the director has heard what is in force does not drop it', async () => {
  const { world, director } = await lost()
  director.loseStorage()
  await director.core.learn(BASE)
  expect(await director.change([{ kind: 'set-weights', pool: poolId('shop'), weights: { [endpointId('west')]: 3 } }])).toMatchObject({
    kind: 'done',
    revision: 4,
  })
  await world.run(1500)
  expect((await told(world)).map(weightsOf)).toEqual(Array.from({ length: 3 }, () => ({ east: 6, west: 3 })))
})

test('while a vantage cannot be asked, changes are refused for ten seconds; then it is not waited for', async () => {
  const { world, director } = await lost()
  world.cut.add('director-apac')
  director.loseStorage()
  await director.core.learn(BASE)
  expect(await director.change([weigh(9)])).toMatchObject({
    kind: 'refused',
    defects: [{ path: [], found: expect.stringContaining('has not heard from all of them') }],
  })
  expect((await director.core.view()).revision).toBe(0)
  await world.run(12_000)
  expect(await director.change([weigh(9)])).toMatchObject({ kind: 'done', revision: 4 })
  expect((await director.core.view()).problems.map(({ text }) => text)).toContainEqual(expect.stringContaining('apac could not be asked'))
})

test('storage that was put back to an older state does not take back what came after', async () => {
  const { world, director } = await withDirector()
  await director.change([weigh(5)])
  const old = openDatabase()
  for (const table of ['fact', 'base', 'revision', 'audit', 'migration']) copyTable(director, old, table)
  await director.change([weigh(6)])
  await world.run(500)
  director.loseStorage(old)
  await world.run(3000)
  expect((await told(world)).map(weightsOf)).toEqual(Array.from({ length: 3 }, () => ({ east: 6 })))
  expect(await director.core.view()).toMatchObject({ revision: 3, entries: [{ value: 6, door: 'takeover' }] })
})

test('lost storage with a clock that is behind begins a later epoch all the same', async () => {
  const { world, director } = await lost()
  director.clockOff = -3_600_000
  director.loseStorage()
  await world.run(3000)
  expect((await told(world)).map(weightsOf)).toEqual(Array.from({ length: 3 }, () => ({ east: 6 })))
  await director.change([weigh(7)])
  await world.run(500)
  expect((await told(world)).map(weightsOf)).toEqual(Array.from({ length: 3 }, () => ({ east: 7 })))
})

test('a new installation, of which no vantage knows anything, is changed at once', async () => {
  const world = new World(THREE, ['east', 'west', 'south'])
  const director = new DirectorNode(world)
  await director.core.learn(BASE)
  expect(await director.change([weigh(5)])).toMatchObject({ kind: 'done', revision: 1 })
  await world.run(200)
  expect(world.node('weur').core).toBeDefined()
  expect((await director.core.view()).spread.vantages.map(({ vantage, holds }) => [vantage, holds])).toEqual(
    THREE.map((name) => [vantageId(name), 1]),
  )
})

test('storage that cannot be read changes nothing, and takes nothing away', async () => {
  const { world, director } = await lost()
  director.database.run("UPDATE revision SET state = '{' WHERE revision = 2")
  director.evict()
  await world.run(2000)
  expect(await director.change([weigh(9)])).toMatchObject({ kind: 'refused' })
  expect((await told(world)).map(weightsOf)).toEqual(Array.from({ length: 3 }, () => ({ east: 6 })))
  expect((await director.core.view()).problems.map(({ text }) => text)).toContainEqual(expect.stringContaining('cannot be read'))
})

test('a director that is gone takes nothing away, also from a vantage that starts anew', async () => {
  const { world, director } = await lost()
  director.alive = false
  world.node('weur').restart()
  await world.run(30_000)
  expect((await told(world)).map(weightsOf)).toEqual(Array.from({ length: 3 }, () => ({ east: 6 })))
})

function copyTable(director: DirectorNode, to: ReturnType<typeof openDatabase>, table: string): void {
  const schema = director.database.all("SELECT sql FROM sqlite_master WHERE name = ? AND type = 'table'", table)[0]?.['sql']
  to.run(String(schema))
  for (const row of director.database.all(`SELECT * FROM ${table}`)) {
    const names = Object.keys(row).filter((name) => row[name] !== null)
    const values = names.map((name) => row[name] as string | number)
    to.all(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`, ...values)
  }
}
