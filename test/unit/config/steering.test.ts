/** What a pool may say of its steering, what it may not, and what is made of it. */
import { describe, expect, test } from 'vitest'
import { COUNTRY_PLACES } from '../../../config/countries.ts'
import { baseOf, type Case, defectsOf, document, endpoint } from './documents.ts'

describe('contradictions of steering', () => {
  test.each<Case>([
    {
      why: 'affinity without a key',
      parts: { pool: 'steering: affinity' },
      says: ['3:15  pools.shop.steering  expected a field "affinity" beside it, which says how, found "affinity"'],
    },
    {
      why: 'a key of another steering',
      parts: { pool: 'affinity: { key: { header: x-user } }' },
      says: ['3:15  pools.shop.affinity  expected "steering: affinity" beside it, found steering listed'],
    },
    {
      why: 'no key at all',
      parts: { pool: 'steering: affinity\naffinity: { key: {} }' },
      says: [
        '4:22  pools.shop.affinity.key  expected exactly one of header, cookie, query, clientAddress, claim, certificate, found none of them',
      ],
    },
    {
      why: 'two keys',
      parts: { pool: 'steering: affinity\naffinity: { key: { header: x-user, query: user } }' },
      says: [
        '4:22  pools.shop.affinity.key  expected exactly one of header, cookie, query, clientAddress, claim, certificate, found header and query',
      ],
    },
    {
      why: 'a key that there is not',
      parts: { pool: 'steering: affinity\naffinity: { key: { claims: sub } }' },
      says: [
        '4:24  pools.shop.affinity.key.claims  expected one of header, cookie, query, clientAddress, claim, certificate, found "claims"  (did you mean "claim"?)',
      ],
    },
    {
      why: 'a cookie for a header',
      parts: { pool: 'steering: affinity\naffinity: { key: { header: x-user }, setCookie: {} }' },
      says: ['4:53  pools.shop.affinity.setCookie  expected a key "cookie" beside it, which names the cookie, found header'],
    },
    {
      why: 'a cookie name that breaks the header',
      parts: { pool: 'steering: affinity\naffinity: { key: { cookie: "a;b" } }' },
      says: ['4:32  pools.shop.affinity.key.cookie  expected a cookie name, found "a;b"'],
    },
    {
      why: 'map without a map',
      parts: { pool: 'steering: map' },
      says: ['3:15  pools.shop.steering  expected a field "map" beside it, which says how, found "map"'],
    },
    {
      why: 'a map that says nothing',
      parts: { pool: 'steering: map\nmap: {}' },
      says: ['4:10  pools.shop.map  expected at least one country, continent or default, found an empty map'],
    },
    {
      why: 'a map naming what does not exist',
      parts: { pool: 'steering: map\nmap: { countries: { DE: [gcp-euw2] }, default: [berlin] }' },
      says: [
        '4:30  pools.shop.map.countries.DE[0]  expected an endpoint of this pool: aws-use1, gcp-euw1, found "gcp-euw2"  (did you mean "gcp-euw1"?)',
        '4:53  pools.shop.map.default[0]  expected an endpoint of this pool: aws-use1, gcp-euw1, found "berlin"',
      ],
    },
    {
      why: 'a country in lower case',
      parts: { pool: 'steering: map\nmap: { countries: { de: [gcp-euw1] } }' },
      says: ['4:25  pools.shop.map.countries.de  expected a code of countries in upper case, found "de"  (did you mean "DE"?)'],
    },
    {
      why: 'a weight that nobody reads',
      parts: { aws: endpoint('weight: 3') },
      says: ['4:97  pools.shop.endpoints.aws-use1.weight  expected no weight, because the pool\'s steering "listed" uses none, found 3'],
    },
  ])('$why', ({ parts, says }) => expect(defectsOf(document(parts))).toEqual(says))
})

describe('contradictions of priorities', () => {
  const standby = '{ url: https://ingress.euw1.example.com, cloud: gcp, region: europe-west1, priority: 1 }'
  test.each<Case>([
    {
      why: 'nothing to spill to',
      parts: { pool: 'spillOver: 1.4' },
      says: ['3:16  pools.shop.spillOver  expected endpoints of two priorities at least, or nothing can be passed on, found 1.4'],
    },
    {
      why: 'a threshold with nothing behind it',
      parts: { pool: 'healthThreshold: 50%' },
      says: ['3:22  pools.shop.healthThreshold  expected endpoints of two priorities at least, or nothing can be passed on, found "50%"'],
    },
    {
      why: 'more than there are',
      parts: { pool: 'minimumHealthy: 2', gcp: standby },
      says: ['3:21  pools.shop.minimumHealthy  expected at most 1, the endpoints of the largest priority, found 2'],
    },
    {
      why: 'panic in a small pool',
      parts: { pool: 'panic: 50%' },
      says: ['3:12  pools.shop.panic  expected at least 5 endpoints in the pool for a panic share, or none, found 2 endpoints'],
    },
    {
      why: 'a capacity that nobody reads',
      parts: { aws: endpoint('capacity: 2') },
      says: [
        '4:99  pools.shop.endpoints.aws-use1.capacity  expected no capacity, or "spillOver", "healthThreshold" or "panic" in the pool, which read it, found 2',
      ],
    },
    {
      why: 'a capacity that one lacks',
      parts: { pool: 'spillOver: 1.4', aws: endpoint('capacity: 2'), gcp: standby },
      says: ['6:17  pools.shop.endpoints.gcp-euw1  expected a capacity, as aws-use1 has one, found none'],
    },
  ])('$why', ({ parts, says }) => expect(defectsOf(document(parts))).toEqual(says))
})

describe('contradictions of limits', () => {
  test.each<Case>([
    {
      why: 'no limit in the limits',
      parts: { pool: 'limits: {}' },
      says: ['3:13  pools.shop.limits  expected a limit, or "adaptive: true", found a mapping'],
    },
    {
      why: 'an endpoint above its pool',
      parts: { pool: 'limits: { concurrency: 10, endpointConcurrency: 20 }', aws: endpoint('concurrency: 11') },
      says: [
        "3:53  pools.shop.limits.endpointConcurrency  expected at most the pool's limit of 10, found 20",
        "5:102  pools.shop.endpoints.aws-use1.concurrency  expected at most the pool's limit of 10, found 11",
      ],
    },
    {
      why: 'a priority that nothing reads',
      parts: { route: 'priority: low' },
      says: ['7:56  routes[0].priority  expected no priority, or "limits" in its pool, which it is for, found "low"'],
    },
    {
      why: 'a priority of what is sent nowhere',
      parts: { routes: '  - { hosts: [shop.example.com], reply: { status: 200 }, priority: high }' },
      says: ['7:68  routes[0].priority  expected no priority, because nothing is sent to a pool, found "high"'],
    },
  ])('$why', ({ parts, says }) => expect(defectsOf(document(parts))).toEqual(says))

  test('the classes of a pool are those of its routes', () => {
    const routes = (one: string, other: string) =>
      `  - { hosts: [a.example.com], pool: shop${one} }\n  - { hosts: [b.example.com], pool: shop${other} }`
    const classes = (one: string, other: string) =>
      baseOf(document({ pool: 'limits: { adaptive: true }', routes: routes(one, other) })).pools[0]?.limits?.classes
    expect(classes('', '')).toEqual(['normal'])
    expect(classes(', priority: low', '')).toEqual(['normal', 'low'])
    expect(classes(', priority: low', ', priority: high')).toEqual(['high', 'low'])
  })
})

describe('a key that nobody can prove', () => {
  test.each([
    ['{ claim: sub }', 'an admission with "tokens"'],
    ['{ certificate: true }', 'an admission with "certificates"'],
  ])('%s', (key, expected) => {
    const defects = defectsOf(document({ pool: `steering: affinity\naffinity: { key: ${key} }` }))
    expect(defects).toHaveLength(1)
    expect(defects[0]).toContain(expected)
  })
})

describe('what is compiled', () => {
  const poolOf = (pool: string) => baseOf(document({ pool })).pools[0]
  test.each([
    ['{ header: X-User }', { kind: 'header', name: 'x-user' }],
    ['{ cookie: sid }', { kind: 'cookie', name: 'sid' }],
    ['{ query: cart }', { kind: 'query', name: 'cart' }],
    ['{ clientAddress: true }', { kind: 'client-address' }],
    ['{ cookie: sid }, setCookie: { ttl: 10m }', { kind: 'cookie', name: 'sid', set: { ttl: 600_000, sameSite: 'lax' } }],
  ])('key %s', (key, expected) => expect(poolOf(`steering: affinity\naffinity: { key: ${key} }`)?.affinity).toEqual(expected))

  test('a map, its lists as ids', () =>
    expect(poolOf('steering: map\nmap: { continents: { EU: [gcp-euw1] }, default: [aws-use1] }')?.map).toEqual({
      countries: {},
      continents: { EU: ['gcp-euw1'] },
      otherwise: ['aws-use1'],
    }))

  test('the places of countries, only where a pool steers to the nearest', () => {
    expect(baseOf(document()).countries).toBeUndefined()
    expect(baseOf(document({ pool: 'steering: nearest' })).countries).toEqual(COUNTRY_PLACES)
    const places = Object.values(COUNTRY_PLACES)
    expect(places).toHaveLength(250)
    expect(places.every(([latitude, longitude]) => Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)).toBe(true)
  })
})
