/** What the director knows of `emergency.json`: it heeds it also while no vantage can speak, and shows it beside everything that it goes before. */
import { expect, test, vi } from 'vitest'
import { releaseId, vantageId } from '../../../config/ids.ts'
import { instant } from '../../../config/units.ts'
import { HeardEmergency } from '../../../durable-objects/heed-emergency.ts'
import { driftDocument, readings } from '../../../worker/operator/director-documents.ts'
import { load } from '../config/load-example.ts'
import { BASE, releaseOf, withDirector } from './director-world.ts'

vi.setConfig({ testTimeout: 60_000 })

const frozen = (...names: string[]) => ({ emergency: { etag: 'x', drain: [], weightZero: [], freeze: names, killCanary: [] } })
const [WEUR, APAC] = [vantageId('weur'), vantageId('apac')]

test('a vantage that falls silent alone freezes nothing any more; all of them do until one speaks', () => {
  const heard = new HeardEmergency(instant(0))
  heard.hear(frozen('checkout'), WEUR, instant(1000))
  heard.hear(frozen('cart'), APAC, instant(2000))
  expect(heard.frozen()).toEqual(['checkout', 'cart'])
  expect([heard.isDeaf(instant(6999)), heard.isDeaf(instant(7000)), heard.isDeaf(instant(3_600_000))]).toEqual([false, true, true])
  expect(heard.frozen()).toEqual(['checkout', 'cart'])
  heard.hear({}, APAC, instant(3_600_000))
  expect(heard.frozen()).toEqual([])
  expect(heard.isDeaf(instant(3_600_000))).toBe(false)
})

test('while no vantage can speak a frozen release begins no step, and nobody gives weights', async () => {
  // The world begins at 11:06 UTC.
  const schedule = { days: [1, 2, 3, 4, 5, 6, 7], from: 12, to: 13 }
  const { world, director } = await withDirector({ ...BASE, releases: [releaseOf('checkout', { schedule })] })
  await world.run(3000)
  await director.change([{ kind: 'release', release: releaseId('checkout'), action: 'start' }])
  world.files.put('emergency.json', { version: 1, reason: 'fire', by: 'ben', freeze: ['*'] })
  await world.run(12_000)
  const ask = world.director
  world.director = () => Promise.reject(new Error('cut off'))
  director.clockOff = 3_600_000
  await world.run(20_000)
  const stands = async () => (await director.core.view()).releases.map(({ order }) => order.weight)
  expect(await stands()).toEqual([0])
  const weights = [{ kind: 'set-weights', pool: 'shop' as never, weights: { east: 5 } as never }] as const
  expect(await director.change(weights)).toMatchObject({ kind: 'refused' })
  world.director = ask
  world.files.remove('emergency.json')
  await world.run(12_000)
  expect(await stands()).toEqual([0.01])
})

test('what it takes away stands first in the drift, and in what each command reads', async () => {
  const { world, director } = await withDirector()
  world.files.put('emergency.json', {
    ...{ version: 1, reason: 'fire', by: 'ben' },
    ...{ drain: ['us-east-1', 'nowhere'], weightZero: ['west'], freeze: ['*'], killCanary: ['checkout'] },
  })
  await world.run(12_000)
  const fire = { before: undefined, owner: 'emergency.json', reason: 'fire (ben)' }
  const all = [
    { ...fire, field: 'emergency.drain.nowhere', after: 'out', inert: true },
    { ...fire, field: 'emergency.drain.us-east-1', after: 'out' },
    { ...fire, field: 'emergency.freeze.*', after: 'frozen' },
    { ...fire, field: 'emergency.killCanary.checkout', after: 'killed' },
    { ...fire, field: 'emergency.weightZero.west', after: 'nothing new' },
  ]
  const base = load('config/local.yaml', true)
  const view = await director.core.view()
  expect(driftDocument(view, base).drift).toEqual(all)
  for (const noun of ['weights', 'drains', 'releases'] as const) expect(readings[noun](view, base).emergency).toEqual(all)
  world.files.remove('emergency.json')
  await world.run(12_000)
  const after = await director.core.view()
  expect([driftDocument(after, base).drift, readings.drains(after, base).emergency]).toEqual([[], undefined])
})

test('an endpoint that the configuration drains is out, whoever brings its region back', async () => {
  const { director } = await withDirector()
  const base = load('config/local.yaml', true)
  const drained = {
    ...base,
    pools: base.pools.map((pool) => ({ ...pool, endpoints: pool.endpoints.map((each) => ({ ...each, drain: true })) })),
  }
  const view = await director.core.view()
  const back = { field: 'drains.cloud.azure', value: 'back', owner: 'operator', by: 'ann', door: 'cli', reason: 'a test', at: '' } as const
  const [pool] = readings.drains({ ...view, entries: [back] }, drained).pools
  expect(pool?.endpoints.every((each) => each.drained)).toBe(true)
})
