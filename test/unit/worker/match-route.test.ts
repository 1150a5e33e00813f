import { describe, expect, test } from 'vitest'
import type { PathMatch, Route } from '../../../config/base.ts'
import { matchRoute } from '../../../worker/policy/match-route.ts'
import { makeRouteTable } from '../../../worker/policy/route-table.ts'
import { testBase } from '../../workerd/gateway/base.ts'

const exact = (value: string): PathMatch => ({ kind: 'exact', value })
const prefix = (value: string): PathMatch => ({ kind: 'prefix', value })

type RouteParts = Partial<Omit<Route, 'id' | 'hosts'>> & { readonly id: string; readonly hosts?: readonly string[] }

function takenBy(
  routes: readonly RouteParts[],
  request: { host?: string; path?: string; method?: string; headers?: Record<string, string> },
): string {
  const table = makeRouteTable(testBase({ endpoints: [], routes }))
  const head = { host: 'shop.test', path: '/', method: 'GET', ...request }
  const match = matchRoute(table, head, { get: (name) => request.headers?.[name] ?? null })
  return match.kind === 'route' ? match.route.id : match.kind
}

describe('hosts', () => {
  const routes: readonly RouteParts[] = [
    { id: 'deep', hosts: ['*.eu.example.com'] },
    { id: 'wide', hosts: ['*.example.com'] },
    { id: 'exact', hosts: ['a.eu.example.com'], paths: [prefix('/only')] },
  ]
  test.each([
    ['a.eu.example.com', '/only/x', 'exact'],
    ['a.eu.example.com', '/', 'no-route'], // no fall-through to the wildcard
    ['b.eu.example.com', '/', 'deep'],
    ['c.b.eu.example.com', '/', 'deep'],
    ['us.example.com', '/', 'wide'],
    ['eu.example.com', '/', 'wide'],
    ['example.com', '/', 'unknown-host'],
    ['badexample.com', '/', 'unknown-host'],
    ['example.com.evil.test', '/', 'unknown-host'],
  ])('%s%s goes to %s', (host, path, id) => expect(takenBy(routes, { host, path })).toBe(id))
})

describe('paths', () => {
  const routes: readonly RouteParts[] = [
    { id: 'root', paths: [prefix('/')] },
    { id: 'short', paths: [prefix('/a')] },
    { id: 'long', paths: [prefix('/a/b/')] },
    { id: 'exact', paths: [exact('/a/b'), exact('/x')] },
  ]
  test.each([
    ['/', 'root'],
    ['/ab', 'root'],
    ['/a', 'short'],
    ['/a/', 'short'],
    ['/a/c', 'short'],
    ['/a/bc', 'short'],
    ['/a/b', 'exact'],
    ['/a/b/', 'long'],
    ['/a/b/c/d/e', 'long'],
    ['/x', 'exact'],
    ['/x/', 'root'],
    ['/A', 'root'],
  ])('%s goes to %s', (path, id) => expect(takenBy(routes, { path })).toBe(id))
})

describe('of one path, the more specific rule takes it', () => {
  const routes: readonly RouteParts[] = [
    { id: 'any' },
    { id: 'later' },
    { id: 'one header', headers: [{ name: 'x-a', value: '1' }] },
    { id: 'two headers', headers: [{ name: 'x-a', value: '1' }, { name: 'x-b', value: '2' }] }, // biome-ignore format: one line a route
    { id: 'method', methods: ['POST', 'PUT'] },
  ]
  test.each([
    ['GET', {}, 'any'],
    ['GET', { 'x-a': '1' }, 'one header'],
    ['GET', { 'x-a': '2' }, 'any'],
    ['GET', { 'x-a': '1', 'x-b': '2' }, 'two headers'],
    ['PUT', { 'x-a': '1', 'x-b': '2' }, 'method'],
  ])('%s with %j goes to %s', (method, headers, id) => expect(takenBy(routes, { method, headers })).toBe(id))
})

test('a longer prefix that does not take the method leaves the request to a shorter one', () => {
  const routes: readonly RouteParts[] = [{ id: 'root' }, { id: 'posts', paths: [prefix('/a')], methods: ['POST'] }]
  expect(takenBy(routes, { path: '/a/b', method: 'POST' })).toBe('posts')
  expect(takenBy(routes, { path: '/a/b', method: 'GET' })).toBe('root')
})
