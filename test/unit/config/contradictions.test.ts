/** What is well written and cannot be meant. Each document has the defects that stand beside it, at their places, and no other. */
import { describe, expect, test } from 'vitest'
import { at, type Case, defectsOf, document, endpoint } from './documents.ts'

describe('contradictions', () => {
  test.each<Case>([
    {
      why: 'attempt longer than request',
      parts: { route: 'timeouts: { request: 1s, attempt: 2s }' },
      says: ['7:80  routes[0].timeouts.attempt  expected at most the request\'s timeout of 1s, found "2s"'],
    },
    {
      why: 'attempt longer than the default request',
      parts: { route: 'timeouts: { attempt: 20s }' },
      says: ['7:67  routes[0].timeouts.attempt  expected at most the request\'s timeout of 15s, found "20s"'],
    },
    {
      why: 'a request that is over before it began',
      parts: { route: 'timeouts: { request: 40ms }' },
      says: ['7:67  routes[0].timeouts.request  expected 0s, or a duration from 50ms to 5m, found "40ms"'],
    },
    {
      why: 'base above max',
      parts: { route: 'retry: { backoff: { base: 1s } }' },
      says: ['7:72  routes[0].retry.backoff.base  expected at most the max of 250ms, found "1s"'],
    },
    {
      why: 'max below base',
      parts: { route: 'retry: { backoff: { max: 10ms } }' },
      says: ['7:71  routes[0].retry.backoff.max  expected at least the base of 25ms, found "10ms"'],
    },
    {
      why: 'hedge as late as the attempt ends',
      parts: { route: 'timeouts: { attempt: 500ms }, hedge: { after: 500ms }' },
      says: [
        '7:92  routes[0].hedge.after  expected less than the attempt\'s timeout of 500ms, when another attempt starts anyway, found "500ms"',
      ],
    },
    {
      why: 'hedge as the only attempt',
      parts: { route: 'retry: { attemptsMax: 1 }, hedge: { after: p95 }' },
      says: ['7:80  routes[0].hedge  expected no hedge, or "retry: { attemptsMax: 2 }" or more: a hedge is an attempt, found a hedge'],
    },
    {
      why: 'hedge of writes alone',
      parts: { route: 'methods: [POST, PUT], hedge: { after: p95 }' },
      says: ['7:75  routes[0].hedge  expected GET, HEAD or OPTIONS among the methods: nothing else is hedged, found POST, PUT'],
    },
    {
      why: 'hedge of methods that may not be sent again',
      parts: { route: 'writes: anywhere, retry: { methods: [PUT] }, hedge: { after: p95 }' },
      says: [
        '7:98  routes[0].hedge  expected GET, HEAD or OPTIONS among the methods that may be sent again: nothing else is hedged, found PUT',
      ],
    },
    {
      why: 'min above max',
      parts: { route: 'retry: { backoff: { min: 1s } }' },
      says: ['7:71  routes[0].retry.backoff.min  expected at most the max of 250ms, found "1s"'],
    },
    {
      why: 'more attempts than may wait at once',
      parts: { route: 'retry: { attemptsMax: 6 }' },
      says: [
        '7:68  routes[0].retry.attemptsMax  expected at most 5, or "timeouts: { slow: abort }" beside it: no more may wait at once, found 6',
      ],
    },
    {
      why: 'too slow for what',
      parts: { route: 'timeouts: { slow: abort }' },
      says: ['7:64  routes[0].timeouts.slow  expected "race", or a field "attempt" beside it, which says what is too slow, found "abort"'],
    },
    {
      why: 'writes in two regions by the back door',
      parts: { route: 'retry: { methods: [GET, PUT, POST] }' },
      says: [
        '7:64  routes[0].retry.methods  expected GET, HEAD and OPTIONS alone, or "writes: anywhere" beside it: else no write may be in two regions, found PUT, POST',
      ],
    },
    {
      why: 'hold-down',
      parts: { rest: 'health: { holdDown: { max: 10s } }' },
      says: ['8:28  health.holdDown.max  expected at least the base of 30s, found "10s"'],
    },
    {
      why: 'unknown pool',
      parts: { routes: '  - { hosts: [shop.example.com], pool: shpo }' },
      says: ['7:40  routes[0].pool  expected a pool of this file: shop, found "shpo"  (did you mean "shop"?)'],
    },
    {
      why: 'unknown home',
      parts: { route: 'writes: home, home: aws-us1' },
      says: [
        '7:66  routes[0].home  expected an endpoint of the pool shop: aws-use1, gcp-euw1, found "aws-us1"  (did you mean "aws-use1"?)',
      ],
    },
    {
      why: 'home of no pool',
      parts: { route: 'writes: home, home: berlin' },
      says: ['7:66  routes[0].home  expected an endpoint of the pool shop: aws-use1, gcp-euw1, found "berlin"'],
    },
    {
      why: 'no home',
      parts: { route: 'writes: home' },
      says: ['7:54  routes[0].writes  expected a field "home" beside it, which names the endpoint that takes writes, found "home"'],
    },
    {
      why: 'home for nothing',
      parts: { route: 'home: aws-use1' },
      says: ['7:52  routes[0].home  expected no home, or "writes: home" beside it, found "aws-use1"'],
    },
    {
      why: 'monitor timeout',
      parts: { pool: 'monitor: { interval: 1s, timeout: 2s }' },
      says: ['3:39  pools.shop.monitor.timeout  expected at most the interval of 1s, found "2s"'],
    },
    {
      why: 'monitor timeout of one endpoint',
      parts: { aws: endpoint('monitor: { interval: 1s }'), pool: 'monitor: { interval: 5s, timeout: 2s }' },
      says: ['3:39  pools.shop.monitor.timeout  expected at most the interval of 1s, found "2s"'],
    },
    {
      why: 'HEAD and body',
      parts: { aws: endpoint('monitor: { method: HEAD, body: ok }') },
      says: [
        '4:120  pools.shop.endpoints.aws-use1.monitor.body  expected nothing beside "method: HEAD", whose answer has no body, found "ok"',
      ],
    },
    {
      why: 'url and path',
      parts: { aws: endpoint('monitor: { url: "https://ready.example.com/", path: /ready }') },
      says: ['4:141  pools.shop.endpoints.aws-use1.monitor.path  expected nothing beside "url", which says it all, found "/ready"'],
    },
    {
      why: 'all weights 0',
      parts: { aws: endpoint('weight: 0'), gcp: '{ url: https://b.example.com, cloud: gcp, region: europe-west1, weight: 0 }' },
      says: ['3:5  pools.shop.endpoints  expected a weight above 0 on at least one endpoint, found weight 0 on all 2'],
    },
    {
      why: 'one address twice',
      parts: { gcp: '{ url: https://ingress.use1.example.com/, cloud: gcp, region: europe-west1 }' },
      says: [
        '5:24  pools.shop.endpoints.gcp-euw1.url  expected another address than that of aws-use1, because one address cannot rescue the other, found "https://ingress.use1.example.com/"',
      ],
    },
    {
      why: 'own host',
      parts: { aws: at('https://shop.example.com') },
      says: [
        '4:24  pools.shop.endpoints.aws-use1.url  expected a host that this gateway does not serve itself (a route takes shop.example.com), found "https://shop.example.com"',
      ],
    },
    {
      why: 'own host by wildcard',
      parts: { routes: '  - { hosts: ["*.example.com"], pool: shop }' },
      says: [
        '4:24  pools.shop.endpoints.aws-use1.url  expected a host that this gateway does not serve itself (a route takes *.example.com), found "https://ingress.use1.example.com"',
        '5:24  pools.shop.endpoints.gcp-euw1.url  expected a host that this gateway does not serve itself (a route takes *.example.com), found "https://ingress.euw1.example.com"',
      ],
    },
    {
      why: 'own host as monitor',
      parts: { aws: endpoint('monitor: { url: "https://shop.example.com/ready" }') },
      says: [
        '4:105  pools.shop.endpoints.aws-use1.monitor.url  expected a host that this gateway does not serve itself (a route takes shop.example.com), found "https://shop.example.com/ready"',
      ],
    },
    {
      why: 'unknown region under nearest',
      parts: { pool: 'steering: nearest', aws: '{ url: https://ingress.use1.example.com, cloud: aws, region: us-esat-1 }' },
      says: [
        '5:78  pools.shop.endpoints.aws-use1.region  expected a known region of aws, or coordinates, because the pool steers to the nearest, found "us-esat-1"  (did you mean "us-east-1"?)',
      ],
    },
    {
      why: 'unknown cloud under nearest',
      parts: { pool: 'steering: nearest', aws: '{ url: https://ingress.use1.example.com, cloud: own, region: berlin }' },
      says: [
        '5:78  pools.shop.endpoints.aws-use1.region  expected a region with coordinates, because the pool steers to the nearest, found "berlin"  (give its coordinates)',
      ],
    },
    {
      why: 'two vantages',
      parts: { rest: 'health: { vantages: [wnam, weur] }' },
      says: [
        '8:21  health.vantages  expected at least 3 vantages, because two cannot outvote each other, found wnam, weur  (check it with --local if it never leaves this machine)',
      ],
    },
    {
      why: 'one vantage',
      parts: { rest: 'health: { vantages: [wnam] }' },
      says: [
        '8:21  health.vantages  expected at least 3 vantages, because one has no quorum, found wnam  (check it with --local if it never leaves this machine)',
      ],
    },
  ])('$why', ({ parts, says }) => expect(defectsOf(document(parts))).toEqual(says))
})

test('a hedge in a pool of one', () => {
  const text = document({ route: 'hedge: { after: p95 }' }).replace(/^ +gcp-euw1.*\n/m, '')
  expect(defectsOf(text)).toEqual([
    '6:53  routes[0].hedge  expected a pool of at least two endpoints: a hedge asks another one, found 1 endpoint',
  ])
})

describe('names that are taken', () => {
  test.each<Case>([
    {
      why: 'two routes',
      parts: { routes: '  - { name: a, hosts: [a.example.org], pool: shop }\n  - { name: a, hosts: [b.example.org], pool: shop }' },
      says: ['8:13  routes[1].name  expected a name that no other route has (routes[0] has it), found "a"'],
    },
  ])('$why', ({ parts, says }) => expect(defectsOf(document(parts))).toEqual(says))
})

describe('routes that are never reached', () => {
  test.each<Case>([
    {
      why: 'the same again',
      parts: { routes: '  - { hosts: [a.example.org], pool: shop }\n  - { name: two, hosts: [a.example.org], paths: [/], pool: shop }' },
      says: [
        '8:5  routes[1]  expected a match that routes[0] does not take already: this route can never be reached, found the hosts a.example.org',
      ],
    },
    {
      why: 'covered by two',
      parts: {
        routes:
          '  - { name: one, hosts: [a.example.org], methods: [GET], pool: shop }\n  - { name: two, hosts: [a.example.org], methods: [POST], pool: shop }\n  - { hosts: [a.example.org], methods: [POST, GET], pool: shop }',
      },
      says: [
        '9:5  routes[2]  expected a match that two, one does not take already: this route can never be reached, found the hosts a.example.org',
      ],
    },
    {
      why: 'the same headers in another order',
      parts: {
        routes:
          '  - { hosts: [a.example.org], headers: { a: 1x, b: 2x }, pool: shop }\n  - { hosts: [a.example.org], headers: { B: 2x, A: 1x }, pool: shop }',
      },
      says: [
        '8:5  routes[1]  expected a match that routes[0] does not take already: this route can never be reached, found the hosts a.example.org',
      ],
    },
  ])('$why', ({ parts, says }) => expect(defectsOf(document(parts))).toEqual(says))
})

describe('the sizes of all routes together', () => {
  const list = (item: (index: number) => string) => `[${Array.from({ length: 100 }, (_, index) => item(index)).join(', ')}]`
  const wide = `  - { hosts: &h ${list((index) => `h${index}.example.org`)}, paths: &p ${list((index) => `/p${index}`)}, pool: shop }`
  const again = (route: number) => `  - { hosts: *h, paths: *p, headers: { x-n: "${route}" }, pool: shop }`

  test('are bounded by what an isolate can hold', () => {
    const routes = [wide, ...Array.from({ length: 10 }, (_, index) => again(index))].join('\n')
    expect(defectsOf(document({ routes }))).toEqual([
      '17:5  routes[10]  expected at most 100000 combinations of host, path and method in all routes, found more',
    ])
  })
})

describe('an endpoint name in two pools', () => {
  test('is a defect at its second place', () => {
    const second = '  second:\n    endpoints:\n      aws-use1: { url: https://a.example.org, cloud: aws, region: us-east-1 }\nroutes:'
    expect(defectsOf(document().replace('routes:', second))).toEqual([
      '8:7  pools.second.endpoints.aws-use1  expected a name that no other endpoint of the gateway has (pools.shop has it), found "aws-use1"  (write second-aws-use1)',
    ])
  })
})

describe('all defects come at once', () => {
  test('those of writing and of meaning, wherever they stand', () => {
    const text = document({
      aws: endpoint('weight: -1'),
      pool: 'steering: nearst',
      routes:
        '  - { hosts: [b.example.org], pol: shop, pool: shpo, timeouts: { request: 1s, attempt: 2s } }\n  - { hosts: [B.example.org], pool: shop, writes: home }',
      rest: 'health: { vantages: [wnam, weur], holdDown: { base: 20m } }',
    })
    expect(defectsOf(text).map((line) => line.split('  ')[1])).toEqual([
      'pools.shop.steering',
      'pools.shop.endpoints.aws-use1.weight',
      'routes[0].pol',
      'routes[0].pool',
      'routes[0].timeouts.attempt',
      'routes[1].hosts[0]',
      'routes[1].writes',
      'health.vantages',
      'health.holdDown.base',
    ])
  })

  test('but none that follows from another', () => {
    const text = document({ route: 'writes: home, home: [aws-use1], timeouts: { request: 1, attempt: 20s }' })
    expect(defectsOf(text).map((line) => line.split('  ')[1])).toEqual(['routes[0].home', 'routes[0].timeouts.request'])
  })
})
