/** The examples of what routes do: each shows what it says. */
import { describe, expect, test } from 'vitest'
import { load, routeOf } from './load-example.ts'

describe('each example of actions shows what it says', () => {
  test('actions: weights, redirects, replies', () => {
    const base = load('config/examples/actions.yaml')
    const action = (id: string) => routeOf(base, id)?.action
    expect(action('shop')).toMatchObject({ pools: [{ weight: 99 }, { weight: 1 }] })
    expect(action('exports')).toMatchObject({ pools: [{ weight: 3 }], replies: [{ weight: 1, reply: { status: 503 } }] })
    expect(action('old-host')).toEqual({ kind: 'redirect', scheme: 'https', host: 'shop.example.com', status: 301 })
    expect(action('old-place')).toEqual({ kind: 'redirect', path: { kind: 'prefix', value: '/catalogue' }, status: 308 })
    expect(action('old-page')).toMatchObject({ port: 8443, path: { kind: 'full', value: '/start' }, status: 302 })
    expect(action('robots')).toEqual({
      kind: 'reply',
      status: 200,
      body: 'User-agent: *\nDisallow: /orders\n',
      headers: [['cache-control', 'max-age=3600']],
    })
    expect(action('closed')).toEqual({ kind: 'reply', status: 410, headers: [] })
  })

  test('headers and CORS: of the route, of a pool, of an endpoint', () => {
    const base = load('config/examples/headers-and-cors.yaml')
    const api = routeOf(base, 'api')
    expect(api?.requestHeaders).toEqual({ set: [['x-edge', 'meridian']], add: [['x-tags', 'edge']], remove: ['x-debug'] })
    expect(api?.rewrite).toEqual({ host: 'api.internal.example.com', path: { kind: 'prefix', value: '/v2' } })
    expect(api?.action).toMatchObject({
      pools: [{ pool: 'api' }, { rewrite: { path: { value: '/v3' } }, responseHeaders: { set: [['x-track', 'next']] } }],
    })
    expect(api?.cors).toEqual({
      origins: { any: false, exact: ['https://shop.example.com'], wildcards: [{ before: 'https://', after: '.example.org' }] },
      methods: { any: false, listed: 'PUT, DELETE' },
      headers: { any: false, listed: 'content-type, x-tenant' },
      expose: 'etag',
      maxAge: 600_000,
      credentials: true,
    })
    expect(routeOf(base, 'fonts')).toMatchObject({ rewrite: { path: { kind: 'full' } }, cors: { origins: { any: true }, maxAge: 5000 } })
    expect(routeOf(base, 'swapped')?.rewrite?.path).toMatchObject({ kind: 'regex', replacement: ['/items/', 2, '/', 1] })
    expect(routeOf(base, 'moving')?.action).toMatchObject({ pools: [{}, { redirect: { path: { value: '/moved' }, status: 302 } }] })
  })

  test('mirrors and faults: shares, credentials, an end, a gate', () => {
    const base = load('config/examples/mirrors-and-faults.yaml')
    expect(routeOf(base, 'shop')?.mirrors).toEqual([
      { to: { pool: 'shop-next', weight: 1 }, share: 0.2, methods: 'safe', credentials: 'drop', timeout: 5000 },
      { to: { pool: 'recorder', weight: 1 }, share: 0.01, methods: 'all', credentials: 'keep', timeout: 1000 },
    ])
    expect(routeOf(base, 'checkout')?.faults).toEqual({
      gated: true,
      delay: { length: 2000, share: 0.5 },
      abort: { status: 503, share: 0.1 },
    })
    expect(routeOf(base, 'search')?.faults).toMatchObject({ expires: Date.UTC(2026, 0, 31, 18), gated: false })
  })
})
