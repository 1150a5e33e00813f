/** What cannot be meant about actions of routes. Each document has the defects that stand beside it, and no other. */
import { describe, expect, test } from 'vitest'
import { baseOf, defectsOf, document } from './documents.ts'

const only = (fields: string, rest?: string) =>
  document({ routes: `  - { hosts: [a.example.org], ${fields} }`, ...(rest === undefined ? {} : { rest }) })

/** Without line and column: places are the other tests' business. */
const said = (text: string): readonly string[] => defectsOf(text).map((line) => line.replace(/^\d+:\d+ {2}/, ''))

describe('a route does exactly one thing', () => {
  test.each([
    ['name: x', ['routes[0]  expected one of pool, pools, redirect, reply: what the route does, found a mapping']],
    ['pool: shop, reply: {}', ['routes[0].reply  expected nothing beside "pool", found "reply"']],
    [
      'redirect: { host: b.example.org }, pools: [{ pool: shop }]',
      ['routes[0].redirect  expected nothing beside "pools", found "redirect"'],
    ],
  ])('%s', (fields, expected) => expect(said(only(fields))).toEqual(expected))

  test('what asks an endpoint goes with no other action', () => {
    expect(said(only('reply: {}, writes: anywhere, timeouts: { request: 1s }'))).toEqual([
      'routes[0].writes  expected nothing beside "reply", which asks no endpoint, found "writes"',
      'routes[0].timeouts  expected nothing beside "reply", which asks no endpoint, found "timeouts"',
    ])
  })
})

describe('weighted pools', () => {
  const twice = 'pools: [{ pool: shop }, { pool: shop, weight: 2 }]'
  test.each([
    [twice, ['routes[0].pools[1].pool  expected each pool of a route once, found "shop"']],
    ['pools: []', ['routes[0].pools  expected at least one weighted pool, found an empty list']],
    ['pools: [{ pool: shp }]', ['routes[0].pools[0].pool  expected a pool of this file: shop, found "shp"  (did you mean "shop"?)']],
    ['pools: [{ pool: shop, weight: 0 }]', []],
  ])('%s', (fields, expected) => expect(said(only(fields))).toEqual(expected))

  const second = (pools: string) =>
    only(pools).replace(
      'routes:',
      '  two:\n    endpoints:\n      solo: { url: https://c.example.org, cloud: aws, region: us-east-1 }\nroutes:',
    )

  test('the home is in one of them, and that one takes requests', () => {
    expect(said(second('writes: home, home: sola, pools: [{ pool: shop }, { pool: two }]'))).toEqual([
      'routes[0].home  expected an endpoint of the pools shop, two: aws-use1, gcp-euw1, solo, found "sola"  (did you mean "solo"?)',
    ])
    expect(said(second('writes: home, home: solo, pools: [{ pool: shop }, { pool: two, weight: 0 }]'))).toEqual([
      'routes[0].home  expected an endpoint of a pool with a weight above 0, because writes go home whatever is drawn (two has weight 0), found "solo"',
    ])
    expect(baseOf(second('writes: home, home: solo, pools: [{ pool: shop }, { pool: two }]')).routes[0]?.action).toEqual({
      kind: 'forward',
      pools: [
        { pool: 'shop', weight: 1 },
        { pool: 'two', weight: 1 },
      ],
      homePool: 'two',
    })
  })
})

describe('redirects and replies', () => {
  test.each([
    [
      'redirect: {}',
      ['routes[0].redirect  expected one of scheme, host, port, path, prefix: without any it leads to itself, found a mapping'],
    ],
    [
      'redirect: { path: /a, prefix: /b }',
      ['routes[0].redirect.prefix  expected nothing beside "path", which replaces the whole, found "/b"'],
    ],
    [
      'paths: [{ exact: /a }], redirect: { prefix: /b }',
      ['routes[0].redirect.prefix  expected only prefixes in the paths of the route: /a is matched as exact, found "/b"'],
    ],
    [
      'redirect: { host: "*.example.org" }',
      ['routes[0].redirect.host  expected a host such as shop.example.com, without a wildcard, found "*.example.org"'],
    ],
    ['redirect: { host: b.example.org, status: 300 }', ['routes[0].redirect.status  expected one of 301, 302, 303, 307, 308, found 300']],
    [
      'redirect: { path: //evil.example }',
      [
        'routes[0].redirect.path  expected a path such as /api: from the root, without query, wildcard, "//", "." or ".." segments, found "//evil.example"',
      ],
    ],
    ['reply: { status: 204, body: x }', ['routes[0].reply.body  expected no body beside status 204, found "x"']],
    [
      'reply: { headers: { Connection: close } }',
      ['routes[0].reply.headers.Connection  expected a header that Meridian does not set or remove by itself, found "Connection"'],
    ],
    [
      'reply: { headers: { a: "x\\r\\nset-cookie: b" } }',
      [
        'routes[0].reply.headers.a  expected a header value: printable ASCII without spaces at its ends, at most 4096 characters, found "x\\r\\nset-cookie: b"',
      ],
    ],
  ])('%s', (fields, expected) => expect(said(only(fields))).toEqual(expected))

  test('the body of a reply is bounded in bytes', () => {
    expect(said(only(`reply: { body: ${'é'.repeat(32 * 1024)} }`))).toEqual([])
    expect(said(only(`reply: { body: ${'é'.repeat(32 * 1024 + 1)} }`))).toEqual([
      expect.stringContaining('expected a text of at most 64 KiB'),
    ])
  })
})
