/** What cannot be meant about actions of routes. Each document has the defects that stand beside it, and no other. */
import { describe, expect, test } from 'vitest'
import { baseOf, defectsOf, document, notesOf } from './documents.ts'

const only = (fields: string, rest?: string) =>
  document({ routes: `  - { hosts: [a.example.org], ${fields} }`, ...(rest === undefined ? {} : { rest }) })

/** Without line and column: places are the other tests' business. */
const said = (text: string): readonly string[] => defectsOf(text).map((line) => line.replace(/^\d+:\d+ {2}/, ''))

describe('a route does exactly one thing', () => {
  test.each([
    ['name: x', ['routes[0]  expected one of pool, pools, release, redirect, reply: what the route does, found a mapping']],
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

  test('a redirect that changes nothing is noted', () => {
    expect(notesOf(only('redirect: {}')).filter((note) => note.includes('redirect'))).toEqual([
      expect.stringContaining('routes[0].redirect: leads back to where the request came from'),
    ])
  })

  test('the body of a reply is bounded in bytes', () => {
    expect(said(only(`reply: { body: ${'é'.repeat(32 * 1024)} }`))).toEqual([])
    expect(said(only(`reply: { body: ${'é'.repeat(32 * 1024 + 1)} }`))).toEqual([
      expect.stringContaining('expected a text of at most 64 KiB'),
    ])
  })
})

describe('changes of headers and paths', () => {
  const RESERVED = 'expected a header that Meridian does not set or remove by itself'
  test.each([
    ['Host', 'requestHeaders'],
    ['content-length', 'requestHeaders'],
    ['transfer-encoding', 'responseHeaders'],
    ['connection', 'responseHeaders'],
    ['meridian-attempt', 'requestHeaders'],
    ['Meridian-Code', 'responseHeaders'],
    ['x-forwarded-client-cert', 'requestHeaders'],
    ['client-cert', 'requestHeaders'],
    ['x-request-id', 'responseHeaders'],
    ['content-encoding', 'responseHeaders'],
  ])('%s is not theirs to change in %s', (name, field) => {
    for (const edits of [`{ set: { ${name}: x } }`, `{ add: { ${name}: x } }`, `{ remove: [${name}] }`])
      expect(said(only(`pool: shop, ${field}: ${edits}`))).toEqual([expect.stringContaining(RESERVED)])
    expect(said(only(`pools: [{ pool: shop, ${field}: { remove: [${name}] } }]`))).toEqual([expect.stringContaining(RESERVED)])
  })

  test.each([
    [
      'requestHeaders: { set: { a: "x\\ny" } }',
      [
        'routes[0].requestHeaders.set.a  expected a header value: printable ASCII without spaces at its ends, at most 4096 characters, found "x\\ny"',
      ],
    ],
    [
      'requestHeaders: { set: { a: x }, remove: [A] }',
      ['routes[0].requestHeaders.remove[0]  expected a header that is not set or added beside it, found "A"'],
    ],
    ['rewrite: {}', ['routes[0].rewrite  expected at least one of host, path, prefix, regex, found a mapping']],
    [
      'rewrite: { path: /a, prefix: /b }',
      ['routes[0].rewrite.prefix  expected nothing beside "path", which replaces the whole, found "/b"'],
    ],
    [
      'paths: [/a, { exact: /c }], rewrite: { prefix: /b }',
      ['routes[0].rewrite.prefix  expected only prefixes in the paths of the route: /c is matched as exact, found "/b"'],
    ],
    [
      'rewrite: { path: /a/../b }',
      [
        'routes[0].rewrite.path  expected a path such as /api: from the root, without query, wildcard, "//", "." or ".." segments, found "/a/../b"',
      ],
    ],
  ])('%s', (fields, expected) => expect(said(only(`${fields}, pool: shop`))).toEqual(expected))

  const REGEX = 'routes[0].rewrite.regex'
  test.each([
    [
      '{ match: "/a", replace: "/b" }, path: /c',
      [`${REGEX}  expected nothing beside "path" or "prefix": one way to change a path, found "regex"`],
    ],
    ['{ match: "/(a", replace: "/b" }', [expect.stringContaining(`${REGEX}.match  expected a regular expression in RE2 syntax`)]],
    ['{ match: "/(.)/", replace: "/$1" }', [expect.stringContaining('write /')]],
    [
      '{ match: "/(.)/", replace: "/\\\\2" }',
      [`${REGEX}.replace  expected groups that the expression has, \\1 to \\1; it has no \\2, found "/\\\\2"`],
    ],
    ['{ match: "/(.)/", replace: "/a//b?" }', [expect.stringContaining(`${REGEX}.replace  expected a path in which`)]],
    [`{ match: "/${'(a|b)'.repeat(60)}", replace: "/b" }`, [expect.stringContaining(`${REGEX}.match  expected a smaller expression`)]],
  ])('regex: %s', (regex, expected) => expect(said(only(`pool: shop, rewrite: { regex: ${regex} }`))).toEqual(expected))

  test.each([
    ['pools: [{ pool: shop }, { weight: 1 }]', 'one of pool, reply: what takes this share'],
    ['pools: [{ pool: shop, reply: {} }]', 'nothing beside "pool"'],
    ['pools: [{ pool: shop }, { reply: {}, rewrite: { path: /y } }]', 'nothing beside "reply", which asks no endpoint'],
    ['pools: [{ pool: shop }, { reply: {}, redirect: { path: /y } }]', 'nothing beside "reply"'],
    ['pools: [{ pool: shop }, { reply: { status: 204, body: x } }]', 'no body beside status 204'],
    ['pools: [{ reply: {} }]', 'at least one pool among them'],
  ])('a share without a pool: %s', (pools, problem) => expect(said(only(pools)).join()).toContain(problem))

  test('a share without a pool is answered by itself', () =>
    expect(baseOf(only('pools: [{ pool: shop, weight: 3 }, { weight: 1, reply: { status: 500 } }]')).routes[0]?.action).toEqual({
      kind: 'forward',
      pools: [{ pool: 'shop', weight: 3 }],
      replies: [{ weight: 1, reply: { kind: 'reply', status: 500, headers: [] } }],
    }))

  test('a weighted pool that redirects does nothing else', () => {
    expect(said(only('pools: [{ pool: shop, redirect: { path: /x }, rewrite: { path: /y } }]'))).toEqual([
      'routes[0].pools[0].rewrite  expected nothing beside "redirect", which asks no endpoint, found "rewrite"',
    ])
  })
})

describe('CORS', () => {
  test.each([
    ['origins: []', ['routes[0].cors.origins  expected at least one origin, found an empty list']],
    ['origins: ["*", "https://a.example"]', ['routes[0].cors.origins  expected nothing beside "*", which takes all, found a list of 2']],
    [
      'origins: [shop.example.com]',
      [
        'routes[0].cors.origins[0]  expected an origin such as https://shop.example.com or https://*.example.com, or "*" for all, found "shop.example.com"  (write https://shop.example.com)',
      ],
    ],
    [
      'origins: ["https://a.example/"]',
      [
        'routes[0].cors.origins[0]  expected an origin such as https://shop.example.com or https://*.example.com, or "*" for all, found "https://a.example/"  (write https://a.example)',
      ],
    ],
    ['origins: ["https://a*.example"]', [expect.stringContaining('routes[0].cors.origins[0]')]],
    ['origins: ["null"]', [expect.stringContaining('routes[0].cors.origins[0]')]],
    [
      'origins: ["https://a.example"], expose: ["*"], credentials: true',
      [
        'routes[0].cors.expose  expected header names instead of "*", which browsers take for a name where there are credentials, found a list of 1',
      ],
    ],
  ])('%s', (fields, expected) => expect(said(only(`pool: shop, cors: { ${fields} }`))).toEqual(expected))

  test('says its headers itself', () => {
    expect(said(only('pool: shop, cors: { origins: ["*"] }, responseHeaders: { set: { access-control-max-age: "1" } }'))).toEqual([
      'routes[0].responseHeaders.set  expected no access-control-max-age, which "cors" says, found access-control-max-age',
    ])
  })

  test('origins have one spelling, without default ports', () => {
    const { cors } =
      baseOf(only('pool: shop, cors: { origins: ["https://a.example:443", "http://*.b.example:8080", "https://*"] }')).routes[0] ?? {}
    expect(cors?.origins).toEqual({
      any: false,
      exact: ['https://a.example'],
      wildcards: [
        { before: 'http://', after: '.b.example:8080' },
        { before: 'https://', after: '' },
      ],
    })
  })

  test('every page as every visitor is noted', () => {
    expect(
      notesOf(only('pool: shop, cors: { origins: ["*"], credentials: true }')).some((note) => note.includes('may act as your visitors')),
    ).toBe(true)
  })
})

describe('mirrors', () => {
  test.each([
    ['[]', ['routes[0].mirrors  expected at least one mirror, found an empty list']],
    ['[{ pool: shp }]', ['routes[0].mirrors[0].pool  expected a pool of this file: shop, found "shp"  (did you mean "shop"?)']],
    ['[{ pool: shop }, { pool: shop, share: 5% }]', ['routes[0].mirrors[1].pool  expected each pool of the mirrors once, found "shop"']],
    ['[{ pool: shop, timeout: 30s }]', ['routes[0].mirrors[0].timeout  expected a duration from 50ms to 25s, such as "5s", found "30s"']],
  ])('%s', (mirrors, expected) => expect(said(only(`pool: shop, mirrors: ${mirrors}`))).toEqual(expected))

  test('use their pool, and one that answers too is noted', () => {
    const notes = notesOf(only('pool: shop, mirrors: [{ pool: shop }]'))
    expect(notes.some((note) => note.includes('it gets some of them twice'))).toBe(true)
    expect(notes.some((note) => note.includes('no route uses this pool'))).toBe(false)
  })

  test('go with no answer that asks nobody', () => {
    expect(said(only('reply: {}, mirrors: [{ pool: shop }]'))).toEqual([
      'routes[0].mirrors  expected nothing beside "reply", which asks no endpoint, found "mirrors"',
    ])
  })
})

describe('faults', () => {
  const ABORT = 'abort: { status: 503, share: 1% }'
  const NEXT_WEEK = new Date(Date.now() + 8 * 24 * 60 * 60_000).toISOString().replace(/\.\d+/, '')
  test.each([
    ['expires: "2026-01-01T00:00:00Z"', ['routes[0].faults  expected a delay, an abort, or both, found a mapping']],
    [ABORT, ['routes[0].faults  expected a moment in "expires", or "gated: true": faults end by themselves, found a mapping']],
    [`gated: true, ${ABORT}`, ['routes[0].faults.gated  expected a "name" of the route, for which tokens are signed, found true']],
    [`expires: "${NEXT_WEEK}", ${ABORT}`, [`routes[0].faults.expires  expected a moment at most 7 days ahead, found "${NEXT_WEEK}"`]],
    [`expires: 2026-12-01, ${ABORT}`, [expect.stringContaining('expected a moment in UTC such as 2026-12-01T18:00:00Z')]],
    [
      'expires: "2026-01-01T00:00:00Z", abort: { status: 200, share: 1% }',
      ['routes[0].faults.abort.status  expected a whole number from 400 to 599, found 200'],
    ],
    [
      'expires: "2026-01-01T00:00:00Z", delay: { length: 31s, share: 1% }',
      ['routes[0].faults.delay.length  expected a duration from 1ms to 30s, such as "5s", found "31s"'],
    ],
    ['expires: "2026-01-01T00:00:00Z", delay: { length: 1s }', [expect.stringContaining('routes[0].faults.delay.share  expected a share')]],
  ])('%s', (faults, expected) => expect(said(only(`pool: shop, faults: { ${faults} }`))).toEqual(expected))

  test('that have ended are noted, so that a deploy does not fail for them', () => {
    const text = only(`pool: shop, faults: { expires: "2026-01-01T00:00:00Z", ${ABORT} }`)
    expect(said(text)).toEqual([])
    expect(notesOf(text).some((note) => note.includes('routes[0].faults.expires: has passed'))).toBe(true)
  })
})
