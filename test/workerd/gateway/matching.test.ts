/** Matching on the real runtime: expressions, query, cookies, country, ambiguous paths as they come over the wire and as they are sent on. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Running, raw, startGateway } from '../harness.ts'
import { testBase } from './base.ts'
import { httpEndpoint, type TestEndpoint } from './endpoints.ts'

let endpoint: TestEndpoint
let gateway: Running

/** A route is known by the base path of its endpoint: what the endpoint is asked for says which it was. */
const ROUTES = [
  { id: 'numbers', paths: [{ kind: 'regex', value: '/items/[0-9]+' }] },
  { id: 'text', paths: [{ kind: 'prefix-string', value: '/item' }] },
  { id: 'preview', query: [{ name: 'preview', kind: 'exact', value: 'a b' }] },
  { id: 'beta', cookies: [{ name: 'beta', kind: 'regex', value: 'on|yes' }] },
  { id: 'versioned', headers: [{ name: 'x-version', kind: 'exact', value: '1, 2' }] },
  { id: 'packages', paths: [{ kind: 'prefix', value: '/packages' }], ambiguous: ['encodedSlash'] },
  { id: 'legacy', paths: [{ kind: 'prefix', value: '/legacy' }], ambiguous: ['doubleSlash', 'semicolon', 'encodedUnreserved'] },
  { id: 'elsewhere', ports: [8443], paths: [{ kind: 'exact', value: '/port' }] },
  { id: 'placed', countries: ['DE'], paths: [{ kind: 'exact', value: '/placed' }] },
  { id: 'rest' },
] as const

beforeAll(async () => {
  endpoint = await httpEndpoint((request, answer) => void answer.writeHead(200, { 'x-asked': request.url ?? '' }).end())
  const bases = ROUTES.map(({ id }) =>
    testBase({ endpoints: [{ id: `at-${id}`, origin: endpoint.origin, basePath: `/${id}` }], routes: [] }),
  )
  const base = testBase({ endpoints: [], routes: ROUTES.map((route) => ({ ...route })) })
  const pools = bases.flatMap(({ pools: [pool] }, index) =>
    pool === undefined ? [] : [{ ...pool, id: `pool-${ROUTES[index]?.id}` as typeof pool.id }],
  )
  const routes = base.routes.map((route) => ({
    ...route,
    action: { kind: 'forward' as const, pools: [{ pool: `pool-${route.id}` as (typeof pools)[number]['id'], weight: 1 }] },
  }))
  gateway = await startGateway({ ...base, pools, routes } as typeof base)
})
afterAll(async () => {
  await gateway.stop()
  await endpoint.stop()
})

/** What the endpoint was asked for, or the status and code of the gateway's own answer. */
async function asked(target: string, ...headers: readonly string[]): Promise<string> {
  const lines = [
    `GET ${target} HTTP/1.1`,
    headers.some((line) => line.startsWith('host:')) ? '' : 'host: shop.test',
    ...headers,
    'connection: close',
  ]
  const answer = await raw(gateway.port, `${lines.filter((line) => line !== '').join('\r\n')}\r\n\r\n`)
  const named = new Map(answer.headers)
  return named.get('x-asked') ?? `${answer.status} ${named.get('meridian-code') ?? ''}`
}

describe('goes where its condition sends it', () => {
  test.each<[string, readonly string[], string]>([
    ['/items/42?x=1', [], '/numbers/items/42?x=1'],
    ['/items/42/', [], '/text/items/42/'],
    ['/items-old', [], '/text/items-old'],
    ['/a?preview=a+b&preview=c', [], '/preview/a?preview=a+b&preview=c'],
    ['/a?preview=a%20b', [], '/preview/a?preview=a%20b'],
    ['/a?preview=c&preview=a+b', [], '/rest/a?preview=c&preview=a+b'],
    ['/a', ['cookie: x=1; beta=yes'], '/beta/a'],
    ['/a', ['cookie: beta=yesno'], '/rest/a'],
    ['/a', ['x-version: 1', 'X-Version: 2'], '/versioned/a'], // two headers of one name are one value
    ['/a', ['x-version: 1'], '/rest/a'],
    ['/port', ['host: shop.test:8443'], '/elsewhere/port'],
    ['/port', [], '/rest/port'],
    ['/placed', [], '/rest/placed'], // no platform that would say where the client is
  ])('%s with %j', async (target, headers, expected) => expect(await asked(target, ...headers)).toBe(expected))
})

describe('an ambiguous path', () => {
  test.each([
    ['/packages/@a%2Fb', '/packages/packages/@a%2Fb'], // sent on as it came
    ['/packages/@a%2fb', '/packages/packages/@a%2fb'],
    ['/legacy//x;v=1/%41%7e', '/legacy/legacy//x;v=1/%41%7e'],
    ['/packages//a', '400 ERR_BAD_REQUEST_PATH'],
    ['/packages/a;b', '400 ERR_BAD_REQUEST_PATH'],
    ['/legacy/a%2Fb', '400 ERR_BAD_REQUEST_PATH'],
    ['/other//a', '400 ERR_BAD_REQUEST_PATH'],
    ['/packages/..%2Fadmin', '400 ERR_BAD_REQUEST_PATH'],
    ['/legacy/..;/admin', '400 ERR_BAD_REQUEST_PATH'],
    ['/packages/a%2Fb%00', '400 ERR_BAD_REQUEST_PATH'],
    ['/packages/a%2F%c0%afb', '400 ERR_BAD_REQUEST_PATH'],
    ['/packages/a%2F%5cb', '400 ERR_BAD_REQUEST_PATH'],
  ])('%s', async (target, expected) => expect(await asked(target)).toBe(expected))
})

test('the longest path and a hostile one cost no time', async () => {
  const hostile = `/items/${'1'.repeat(4000)}x`
  expect(await asked(hostile)).toBe(`/text${hostile}`)
  const long = `/items/${'1'.repeat(4200)}`
  expect(await asked(long), 'over 4 KiB no expression takes it').toBe(`/text${long}`)
})
