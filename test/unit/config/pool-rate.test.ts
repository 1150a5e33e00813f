/** What a pool says of its rate, what that must not contradict, and which counters it needs. */
import { expect, test } from 'vitest'
import { compareCounters, counterTables } from '../../../cli/compare-counters.ts'
import { loadText } from '../../../cli/load-gateway.ts'
import { classLimits, limitsOfClass, type PoolLimits, type PriorityClass } from '../../../config/limits.ts'
import { rateLimitsOf } from '../../../config/rate-limit.ts'
import { seconds } from '../../../config/units.ts'
import { baseOf, defectsOf, told } from './documents.ts'
import { load } from './load-example.ts'

const gateway = (limits: string, priority = 'normal'): string => `
pools: { shop: { limits: ${limits}, endpoints: { a: { url: https://a.example.com, cloud: aws, region: us-east-1 } } } }
routes:
  - { name: reports, hosts: [shop.example.com], paths: [/reports], pool: shop, priority: low }
  - { name: rest, hosts: [shop.example.com], pool: shop, priority: ${priority} }
`

test('it counts in the colo, as many at once as it says; the classes below the highest have a share', () => {
  const { pools } = baseOf(gateway('{ rate: 100/10s }'))
  const [pool] = pools
  const limits = pool?.limits
  if (limits === undefined) throw new Error('a pool without limits')
  expect(limits).toEqual({ adaptive: false, classes: ['normal', 'low'], rate: { limit: 100, window: 10_000, burst: 100, scope: 'colo' } })
  expect(classLimits('shop', limits).map(({ id, limit, burst }) => [id, limit, burst])).toEqual([
    ['pool:shop:low', 80, 80],
    ['pool:shop', 100, 100],
  ])
  expect(limitsOfClass('shop', limits, 'normal').map(({ id }) => id)).toEqual(['pool:shop'])
  expect(limitsOfClass('shop', limits, 'low').map(({ id }) => id)).toEqual(['pool:shop:low', 'pool:shop'])
})

test('of three classes the lower two have their share together', () => {
  const limits: PoolLimits = {
    adaptive: false,
    classes: ['high', 'normal', 'low'],
    rate: { limit: 2, window: seconds(1), burst: 10, scope: 'global' },
  }
  const of = (name: PriorityClass) => limitsOfClass('p', limits, name).map(({ limit, burst }) => [limit, burst])
  expect(of('low')).toEqual([
    [1, 6],
    [1, 8],
    [2, 10],
  ])
  expect(of('normal')).toEqual([
    [1, 8],
    [2, 10],
  ])
  expect(of('high')).toEqual([[2, 10]])
})

test('the example: all colos together, with a burst of its own', () => {
  const base = load('config/examples/pool-rate.yaml')
  expect(base.pools[0]?.limits?.rate).toEqual({ limit: 5000, window: 10_000, burst: 1000, scope: 'global' })
  expect(rateLimitsOf(base).map(({ id, limit }) => [id, limit])).toEqual([
    ['pool:shop:low', 4000],
    ['pool:shop', 5000],
  ])
})

test.each([
  ['{ rate: 100/30s }', 'limits.rate', 'a rate in 10s or 1m'],
  ['{ rate: 100/10s, burst: 20 }', 'limits.burst', 'no burst: the counter of a colo has none'],
  ['{ rate: 100/s }', 'limits.rate', 'write "100/1s"'],
  ['{ rate: 2000000/10s }', 'limits.rate', '1 to 1000000'],
  ['{ concurrency: 5, burst: 20 }', 'limits.burst', 'no burst without a "rate"'],
  ['{ concurrency: 5, scope: global }', 'limits.scope', 'no scope without a "rate"'],
  ['{ rate: 100/10s, scope: here }', 'limits.scope', 'colo'],
  ['{}', 'limits', 'a limit, or "adaptive: true"'],
])('%s cannot be', (limits, place, expected) => {
  const defects = defectsOf(gateway(limits))
  expect(defects).toHaveLength(1)
  expect(defects[0]).toContain(place)
  expect(defects[0]).toContain(expected)
})

test('a rate that cannot be read accuses nothing beside it', () => {
  expect(defectsOf(gateway('{ rate: many, burst: 20, scope: global }'))).toHaveLength(1)
})

test('wrangler.toml binds a counter for each class', () => {
  const { limits } = loadText(gateway('{ rate: 100/10s }'), 'g', { local: false })
  const defects = compareCounters('g', limits, { file: 'w', text: 'name = "x"' }).map(told)
  expect(defects).toHaveLength(2)
  expect(defects[0]).toContain('pools.shop.limits.rate  expected a limit whose counter w binds, found pool:shop:low')
  expect(defects[1]).toContain('name = "RATE_100_PER_10S"')
  expect(counterTables(rateLimitsOf(baseOf(gateway('{ rate: 100/10s }')))).match(/^name = .*$/gm)).toEqual([
    'name = "RATE_80_PER_10S"',
    'name = "RATE_100_PER_10S"',
  ])
})
