/** What `rateLimits` may say, what they must not contradict, and what wrangler.toml must bind for them. */
import { describe, expect, test } from 'vitest'
import { compareCounters, counterTables } from '../../../cli/compare-counters.ts'
import { loadText } from '../../../cli/load-gateway.ts'
import { rateLimitsOf } from '../../../config/rate-limit.ts'
import { baseOf, defectsOf, told } from './documents.ts'
import { load } from './load-example.ts'

const gateway = (limit: string, { tokens = '[idp]', route = '' } = {}): string => `
pools: { shop: { endpoints: { a: { url: https://a.example.com, cloud: aws, region: us-east-1 } } } }
issuers: { idp: { issuer: "https://id.example.com", audiences: [shop], jwks: "https://id.example.com/jwks.json" } }
admission:
  - { hosts: [shop.example.com], tokens: ${tokens}, require: ${tokens === '[]' ? 'none' : 'all'}, rateLimits: [${limit}] }
routes:
  - { hosts: [shop.example.com], pool: shop ${route === '' ? '' : `, admission: { rateLimits: [${route}] }`} }
`

test('a limit counts in the colo, as many at once as its rate says, and tells whom it refuses', () => {
  const { admission, routes } = baseOf(
    gateway('{ name: all, rate: 100/10s, by: client }', { route: '{ name: one, rate: 5/1m, by: route }' }),
  )
  const rest = { scope: 'colo', onUnavailable: 'allow', headers: 'refused' }
  expect(admission?.hosts[0]?.rateLimits).toEqual([{ id: 'all', limit: 100, window: 10_000, burst: 100, by: { kind: 'client' }, ...rest }])
  expect(routes[0]?.admission).toEqual({ rateLimits: [{ id: 'one', limit: 5, window: 60_000, burst: 5, by: { kind: 'route' }, ...rest }] })
})

test('a limit of all colos has any window, and a burst of its own', () => {
  const { admission } = baseOf(gateway('{ name: all, rate: 100/30s, burst: 20, by: client, scope: global }'))
  expect(admission?.hosts[0]?.rateLimits?.[0]).toMatchObject({ limit: 100, window: 30_000, burst: 20, scope: 'global' })
})

test.each([
  ['client', { kind: 'client' }],
  ['identity', { kind: 'identity' }],
  ['{ claim: sub }', { kind: 'claim', claim: ['sub'] }],
  ['{ claim: realm.tenant }', { kind: 'claim', claim: ['realm', 'tenant'] }],
  ['{ claim: ["https://example.com/tenant"] }', { kind: 'claim', claim: ['https://example.com/tenant'] }],
  ['{ header: X-Api-Key }', { kind: 'header', name: 'x-api-key' }],
])('by %s', (by, expected) => {
  expect(baseOf(gateway(`{ name: all, rate: 100/10s, by: ${by} }`)).admission?.hosts[0]?.rateLimits?.[0]?.by).toEqual(expected)
})

describe('a limit that cannot be', () => {
  test.each([
    ['{ name: all, rate: 100, by: client }', 'rateLimits[0].rate', 'a rate such as "100/10s"'],
    ['{ name: all, rate: 100/s, by: client }', 'rateLimits[0].rate', 'write "100/1s"'],
    ['{ name: all, rate: 5 per minute, by: client }', 'rateLimits[0].rate', 'write "5/1m"'],
    ['{ name: all, rate: 100/500ms, by: client }', 'rateLimits[0].rate', 'a rate such as'],
    ['{ name: all, rate: 0/10s, by: client }', 'rateLimits[0].rate', 'a rate such as'],
    ['{ name: all, rate: 2000000/10s, by: client }', 'rateLimits[0].rate', '1 to 1000000'],
    ['{ name: all, rate: 100/30s, by: client }', 'rateLimits[0].rate', 'a rate in 10s or 1m'],
    ['{ name: all, rate: 100/10s, burst: 20, by: client }', 'rateLimits[0].burst', 'no burst'],
    ['{ name: all, rate: 100/10s, by: everybody }', 'rateLimits[0].by', 'client, identity, route'],
    ['{ name: all, rate: 100/10s, by: { claim: a..b } }', 'rateLimits[0].by.claim', 'the path of a claim'],
    ['{ name: all, rate: 100/10s, by: { claim: [] } }', 'rateLimits[0].by.claim', 'the path of a claim'],
    [
      '{ name: all, rate: 100/10s, by: { claim: "https://example.com/tenant" } }',
      'rateLimits[0].by.claim',
      'write it in a list: ["https://example.com/tenant"]',
    ],
    ['{ name: all, rate: 100/10s, by: { claim: sub.id } }', 'rateLimits[0].by.claim', 'there is nothing within sub'],
    ['{ name: all, rate: 100/10s, by: { header: x_key } }', 'rateLimits[0].by.header', 'write x-key'],
    ['{ name: all, rate: 1/10s, by: client }, { name: all, rate: 2/10s, by: client }', 'rateLimits[1].name', 'a name that no other limit'],
  ])('%s', (limit, place, expected) => {
    const defects = defectsOf(gateway(limit))
    expect(defects).toHaveLength(1)
    expect(defects[0]).toContain(place)
    expect(defects[0]).toContain(expected)
  })

  test('counts by what nobody can prove', () => {
    expect(defectsOf(gateway('{ name: all, rate: 1/10s, by: { claim: sub } }', { tokens: '[]' }))[0]).toContain('with "tokens"')
    expect(defectsOf(gateway('', { tokens: '[]', route: '{ name: all, rate: 1/10s, by: identity }' }))[0]).toContain(
      'an admission for shop.example.com',
    )
  })

  test('all at once', () => {
    expect(defectsOf(gateway('{ name: a, rate: 1/30s, by: client }, { name: a, rate: x, by: nobody }'))).toHaveLength(3)
  })
})

describe('wrangler.toml', () => {
  const compare = (toml: string): string[] => {
    const { limits } = loadText(gateway('{ name: all, rate: 100/10s, by: client }, { name: key, rate: 100/10s, by: route }'), 'g', {
      local: false,
    })
    return compareCounters('g', limits, { file: 'w', text: toml }).map(told)
  }
  const bound = (simple: string, namespace = '"10010"', name = 'RATE_100_PER_10S'): string =>
    `[[ratelimits]]\nname = "${name}"\nnamespace_id = ${namespace}\nsimple = { ${simple} }\n`
  const good = bound('limit = 100, period = 10')

  test('binds what the limits need', () => expect(compare(good)).toEqual([]))
  test('binds counters of somebody else', () => expect(compare(good + bound('limit = 1, period = 60', '"7"', 'OTHER'))).toEqual([]))
  test('lacks a counter: what to add is said once', () => {
    expect(compare('name = "x"')).toEqual([
      'g:5:95  admission[0].rateLimits[0].rate  expected a limit whose counter w binds, found all  (add { name = "RATE_100_PER_10S", namespace_id = "10010", simple = { limit = 100, period = 10 } } to its ratelimits)',
    ])
  })
  test.each([
    [bound('limit = 99, period = 10'), 'ratelimits[0].simple.limit  expected 100, as its name says, found 99'],
    [bound('limit = 100, period = 60'), 'ratelimits[0].simple.period  expected 10'],
    [bound('limit = 100, period = 10', '10010'), 'ratelimits[0].namespace_id  expected a whole number as a text'],
    [good + good, 'ratelimits[1].name  expected each counter once'],
    [good + bound('limit = 1, period = 60', '"10010"', 'OTHER'), 'ratelimits[0].namespace_id  expected a number that no other counter has'],
  ])('contradicts: %s', (toml, expected) => {
    const defects = compare(toml)
    expect(defects).toHaveLength(1)
    expect(defects[0]).toContain(expected)
  })
  test('lacks the objects that count for all colos', () => {
    const { limits } = loadText(gateway('{ name: all, rate: 100/1m, by: client, scope: global }'), 'g', { local: false })
    const compared = (text: string) => compareCounters('g', limits, { file: 'w', text }).map(told)
    const objects = (name: string) => `[[durable_objects.bindings]]\nname = "${name}"\nclass_name = "Limiter"\n`
    expect(compared(objects('LIMITER'))).toEqual([])
    for (const toml of ['name = "x"', objects('VANTAGE')]) {
      expect(compared(toml)).toHaveLength(1)
      expect(compared(toml)[0]).toContain('a limit whose objects w binds, found all')
    }
  })
  test('is written for a local run', () => {
    const { limits } = loadText(gateway('{ name: all, rate: 100/10s, by: client }'), 'g', { local: true })
    const tables = counterTables(rateLimitsOf(load('config/examples/rate-limits.yaml')))
    expect(tables.match(/^name = .*$/gm)).toEqual(['name = "RATE_300_PER_10S"', 'name = "RATE_6000_PER_60S"'])
    expect(compareCounters('g', limits, { file: 'w', text: tables })).toHaveLength(1)
  })
})
