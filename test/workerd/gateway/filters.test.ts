/** Header changes, rewrites and CORS on the real runtime, over real sockets: what endpoints get and what clients get. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { HeaderEdits, PathChange } from '../../../config/action.ts'
import type { Route } from '../../../config/base.ts'
import type { CorsRules } from '../../../config/cors.ts'
import { poolId } from '../../../config/ids.ts'
import { compileRegex } from '../../../config/regex/compile-regex.ts'
import type { Replacement } from '../../../config/regex/replacement.ts'
import { seconds } from '../../../config/units.ts'
import { type RawAnswer, type Running, raw, startGateway } from '../harness.ts'
import { testBase } from './base.ts'
import { httpEndpoint, refusingEndpoint, type TestEndpoint } from './endpoints.ts'

let gateway: Running
let endpoint: TestEndpoint
let asked = 0

const edits = (given: Partial<HeaderEdits>): HeaderEdits => ({ set: [], add: [], remove: [], ...given })
const at = (id: string, prefix: string, route: Partial<Omit<Route, 'id'>>) => ({
  id,
  paths: [{ kind: 'prefix' as const, value: prefix }],
  ...route,
})
const toEcho = (own: object) => ({ kind: 'forward' as const, pools: [{ pool: poolId('pool'), weight: 1, ...own }] })
const CORS: CorsRules = {
  origins: { any: false, exact: ['https://page.test'], wildcards: [] },
  methods: { any: false, listed: 'PUT' },
  headers: { any: false, listed: 'x-one' },
  expose: 'etag',
  maxAge: seconds(60),
  credentials: true,
}

function swap(source: string, replacement: Replacement): PathChange {
  const compiled = compileRegex(source)
  if (!('value' in compiled)) throw new Error(compiled.expected)
  return { kind: 'regex', program: compiled.value, replacement }
}

beforeAll(async () => {
  endpoint = await httpEndpoint((request, answer) => {
    asked += 1
    answer.setHeader('access-control-allow-origin', 'https://endpoint.test')
    answer.setHeader('x-remove', 'gone')
    answer.setHeader('x-add', 'a')
    answer.setHeader('set-cookie', 'own=1')
    answer.end(JSON.stringify({ url: request.url, headers: request.headers }))
  })
  const nobody = await refusingEndpoint()
  const base = testBase({
    endpoints: [{ id: 'one', origin: endpoint.origin, basePath: '/base', headers: [['x-last', 'endpoint']] }],
    routes: [
      { id: 'plain' },
      at('edited', '/edited', {
        requestHeaders: edits({
          set: [
            ['x-set', 'new'],
            ['x-last', 'route'],
          ],
          add: [['x-add', 'b']],
          remove: ['authorization'],
        }),
        responseHeaders: edits({
          add: [
            ['x-add', 'b'],
            ['set-cookie', 'more=1'],
          ],
          remove: ['x-remove'],
        }),
        action: toEcho({ requestHeaders: edits({ add: [['x-add', 'c']] }), responseHeaders: edits({ set: [['x-pool', '1']] }) }),
      }),
      at('rewritten', '/old', { rewrite: { host: 'inner.test', path: { kind: 'prefix', value: '/new' } } }),
      at('swapped', '/swap', { rewrite: { path: swap('/swap/([0-9]*)(.*)', ['/', 2, '/', 1]) } }),
      at('elsewhere', '/elsewhere', {
        action: toEcho({ redirect: { kind: 'redirect', status: 302, path: { kind: 'full', value: '/there' } } }),
      }),
      at('cors', '/cors', { cors: CORS, methods: ['GET', 'PUT'] }),
      at('corsreply', '/cors/reply', {
        cors: CORS,
        action: { kind: 'reply', status: 403, headers: [] },
        responseHeaders: edits({ set: [['x-all', '1']] }),
      }),
      at('corsdown', '/cors/down', {
        cors: CORS,
        action: { kind: 'forward', pools: [{ pool: poolId('nobody'), weight: 1 }] },
        responseHeaders: edits({ set: [['x-all', '1']] }),
      }),
    ],
  })
  const down = testBase({ endpoints: [{ id: 'none', origin: nobody.origin }], pool: { id: poolId('nobody') } })
  gateway = await startGateway({ ...base, pools: [...base.pools, ...down.pools], replies: { routingHeaders: false } })
})
afterAll(() => Promise.all([gateway.stop(), endpoint.stop()]))

const ask = (path: string, { method = 'GET', headers = '' } = {}): Promise<RawAnswer> =>
  raw(gateway.port, `${method} ${path} HTTP/1.1\r\nhost: shop.test\r\nconnection: close\r\n${headers}\r\n`)
const named = (answer: RawAnswer, name: string): readonly string[] =>
  answer.headers.flatMap(([key, value]) => (key === name ? [value] : []))
const echoed = (answer: RawAnswer): { url: string; headers: Record<string, string> } =>
  JSON.parse(answer.body.toString().replace(/^[^{]*|[^}]*$/g, ''))

test('headers are changed on the way out and back', async () => {
  const answer = await ask('/edited', { headers: 'x-add: a\r\nx-set: old\r\nauthorization: Basic x\r\n' })
  const { headers } = echoed(answer)
  expect([headers['x-add'], headers['x-set'], headers['authorization'], headers['x-last']]).toEqual(['a,b,c', 'new', undefined, 'endpoint'])
  expect([named(answer, 'x-add'), named(answer, 'x-remove'), named(answer, 'x-pool')]).toEqual([['a,b'], [], ['1']])
  expect(named(answer, 'set-cookie')).toEqual(['own=1', 'more=1'])
})

test('endpoints are asked for another path and told another host', async () => {
  const { url, headers } = echoed(await ask('/old/x?q=1'))
  expect([url, headers['x-forwarded-host']]).toEqual(['/base/new/x?q=1', 'inner.test'])
})

test('a path is replaced by a regular expression, and what nobody may ask for is not asked for', async () => {
  expect(echoed(await ask('/swap/7x?q=1')).url).toBe('/base/x/7?q=1')
  expect(echoed(await ask('/swap')).url).toBe('/base/swap')
  const before = asked
  // `//7`, and `/../7`.
  for (const path of ['/swap/7', '/swap/7..']) {
    const answer = await ask(path)
    expect([answer.status, named(answer, 'meridian-code')]).toEqual([400, ['ERR_BAD_REQUEST_PATH']])
  }
  expect(asked).toBe(before)
})

test('a weighted pool can be a redirect', async () => {
  const answer = await ask('/elsewhere')
  expect([answer.status, named(answer, 'location')]).toEqual([302, ['http://shop.test/there']])
})

describe('CORS', () => {
  const page = 'origin: https://page.test\r\n'
  const preflight = `${page}access-control-request-method: PUT\r\naccess-control-request-headers: x-one\r\n`

  test('a preflight is answered by the route of what it asks for, and asks nobody', async () => {
    const before = asked
    const answer = await ask('/cors', { method: 'OPTIONS', headers: preflight })
    expect(answer.status).toBe(204)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'access-control-allow-origin': 'https://page.test',
      'access-control-allow-methods': 'PUT',
      'access-control-allow-headers': 'x-one',
      'access-control-max-age': '60',
      'access-control-allow-credentials': 'true',
    })
    expect(asked).toBe(before)
  })

  test('what is no preflight, or is for a route without CORS, goes to its endpoint', async () => {
    const before = asked
    expect((await ask('/plain', { method: 'OPTIONS', headers: preflight })).status).toBe(200)
    expect((await ask('/plain', { method: 'OPTIONS', headers: page })).status).toBe(200)
    expect(asked).toBe(before + 2)
  })

  test('another origin is served without a word', async () => {
    const before = asked
    const answer = await ask('/cors', { headers: 'origin: https://evil.test\r\n' })
    expect([answer.status, named(answer, 'access-control-allow-origin'), named(answer, 'vary')]).toEqual([200, [], ['origin']])
    expect(asked).toBe(before + 1)
  })

  test.each([
    ['an answer', '/cors', 200],
    ['a reply', '/cors/reply', 403],
    ['a failure of the gateway', '/cors/down', 503],
  ])('%s says what pages may read', async (_, path, status) => {
    const answer = await ask(path, { headers: page })
    expect([answer.status, named(answer, 'access-control-allow-origin'), named(answer, 'access-control-expose-headers')]).toEqual([
      status,
      ['https://page.test'],
      ['etag'],
    ])
    if (status !== 200) expect(named(answer, 'x-all')).toEqual(['1'])
  })

  test('elsewhere the endpoint’s own word stands', async () => {
    expect(named(await ask('/plain', { headers: page }), 'access-control-allow-origin')).toEqual(['https://endpoint.test'])
  })
})
