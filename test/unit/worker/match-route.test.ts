/** Which route takes a request when the most specific goes first: hosts, each kind of path and condition, and what goes before what. */
import { describe, expect, test } from 'vitest'
import type { PathMatch, ValueMatch } from '../../../config/match.ts'
import { type RequestParts, type RouteParts, takenBy } from './matching.ts'

const exact = (value: string): PathMatch => ({ kind: 'exact', value })
const prefix = (value: string): PathMatch => ({ kind: 'prefix', value })
const text = (value: string): PathMatch => ({ kind: 'prefix-string', value })
const regex = (value: string): PathMatch => ({ kind: 'regex', value })
const is = (name: string, value: string): ValueMatch => ({ name, kind: 'exact', value })
const like = (name: string, value: string): ValueMatch => ({ name, kind: 'regex', value })
const present = (name: string): ValueMatch => ({ name, kind: 'present' })
const absent = (name: string): ValueMatch => ({ name, kind: 'absent' })

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
  ])('%s%s goes to %s', (host, path, id) => {
    expect(takenBy(routes, { host, path })).toBe(id)
    expect(takenBy(routes, { host, path }, 'first-match')).toBe(id)
  })
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

describe('prefixes by string and expressions', () => {
  const routes: readonly RouteParts[] = [
    { id: 'root' },
    { id: 'string', paths: [text('/api')] },
    { id: 'longer string', paths: [text('/api-v')] },
    { id: 'segments', paths: [prefix('/api')] },
    { id: 'deep', paths: [prefix('/api/deep/er')] },
    { id: 'number', paths: [regex('/api/[0-9]+')] },
    { id: 'number or word', paths: [regex('/api/\\w+')] },
    { id: 'posts', paths: [regex('/api/9+')], methods: ['POST'] },
    { id: 'any end', paths: [regex('.*\\.(css|js)')] },
    { id: 'exact', paths: [exact('/api/7')] },
  ]
  test.each<[string, RequestParts['method'], string]>([
    ['/ap', 'GET', 'root'],
    ['/apis', 'GET', 'string'],
    ['/api', 'GET', 'segments'], // the same text: by segments first
    ['/api/', 'GET', 'segments'],
    ['/api-v2', 'GET', 'longer string'],
    ['/api/a/b', 'GET', 'segments'],
    ['/api/deep/er/x', 'GET', 'deep'],
    ['/api/deep/ere', 'GET', 'segments'],
    ['/api/12', 'GET', 'number'], // of two expressions the first of the file
    ['/api/1x', 'GET', 'number or word'],
    ['/api/99', 'POST', 'posts'], // a method goes first
    ['/api/99', 'GET', 'number'],
    ['/api/7', 'GET', 'exact'],
    ['/api/12/', 'GET', 'segments'], // an expression takes all or nothing
    ['/x/api/12', 'GET', 'root'],
    ['/api/deep/er/x.css', 'GET', 'any end'],
    ['/x.css/', 'GET', 'root'],
  ])('%s (%s) goes to %s', (path, method = 'GET', id) => expect(takenBy(routes, { path, method })).toBe(id))
})

describe('of one path, the more specific rule takes it', () => {
  const routes: readonly RouteParts[] = [
    { id: 'any' },
    { id: 'later' },
    { id: 'other', schemes: ['https'], ports: [8443] },
    { id: 'cookie', cookies: [is('c', '1')] },
    { id: 'query', query: [is('q', '1')] },
    { id: 'two queries', query: [is('q', '1'), is('r', '1')] },
    { id: 'one header', headers: [is('x-a', '1')] },
    { id: 'header and query', headers: [is('x-a', '1')], query: [is('q', '1')] },
    { id: 'two headers', headers: [is('x-a', '1'), is('x-b', '2')] },
    { id: 'method', methods: ['POST', 'PUT'] },
  ]
  test.each<[RequestParts, string]>([
    [{}, 'any'],
    [{ port: 8443 }, 'other'],
    [{ port: 8443, headers: { cookie: 'c=1' } }, 'cookie'],
    [{ query: '?q=1', headers: { cookie: 'c=1' } }, 'query'],
    [{ query: '?r=1&q=1' }, 'two queries'],
    [{ query: '?r=1&q=1', headers: { 'x-a': '1' } }, 'header and query'],
    [{ headers: { 'X-A': '1' } }, 'one header'],
    [{ headers: { 'x-a': '2' } }, 'any'],
    [{ query: '?q=1', headers: { 'x-a': '1', 'x-b': '2' } }, 'two headers'],
    [{ method: 'PUT', headers: { 'x-a': '1', 'x-b': '2' } }, 'method'],
  ])('%j goes to %s', (request, id) => expect(takenBy(routes, request)).toBe(id))
})

describe('each kind of condition', () => {
  const cases: readonly [Omit<RouteParts, 'id'>, RequestParts, boolean][] = [
    [{ headers: [is('x-a', '')] }, { headers: { 'x-a': '' } }, true],
    [{ headers: [is('x-a', '')] }, {}, false],
    [{ headers: [is('x-a', 'b')] }, { headers: { 'x-a': 'B' } }, false],
    [{ headers: [is('x-a', 'a, b')] }, { headers: { 'x-a': 'a, b' } }, true], // as the platform joins several
    [{ headers: [like('x-a', 'v[12]')] }, { headers: { 'x-a': 'v2' } }, true],
    [{ headers: [like('x-a', 'v[12]')] }, { headers: { 'x-a': 'v20' } }, false],
    [{ headers: [like('x-a', '.*')] }, {}, false],
    [{ headers: [present('x-a')] }, { headers: { 'x-a': '' } }, true],
    [{ headers: [present('x-a')] }, {}, false],
    [{ headers: [absent('x-a')] }, {}, true],
    [{ headers: [absent('x-a')] }, { headers: { 'x-a': '' } }, false],
    [{ query: [is('q', 'a b&c')] }, { query: '?q=a+b%26c' }, true],
    [{ query: [is('q', '1')] }, { query: '?q=1&q=2' }, true], // the first value counts
    [{ query: [is('q', '2')] }, { query: '?q=1&q=2' }, false],
    [{ query: [is('q', '1')] }, { query: '?Q=1' }, false],
    [{ query: [is('q', '')] }, { query: '?q' }, true],
    [{ query: [is('a[b]', '1')] }, { query: '?a%5Bb%5D=1' }, true],
    [{ query: [like('q', '[0-9]{1,3}')] }, { query: '?q=1234' }, false],
    [{ query: [like('q', 'é+')] }, { query: '?q=%C3%A9' }, true],
    [{ query: [present('q')] }, { query: '?x&q' }, true],
    [{ query: [absent('q')] }, { query: '?q' }, false],
    [{ query: [absent('q')] }, {}, true],
    [{ cookies: [is('c', '1')] }, { headers: { cookie: 'b=2; c=1' } }, true],
    [{ cookies: [is('c', '1')] }, { headers: { cookie: 'c=1; c=2' } }, true],
    [{ cookies: [is('c', '2')] }, { headers: { cookie: 'c=1; c=2' } }, false],
    [{ cookies: [is('c', '1')] }, { headers: { cookie: 'xc=1' } }, false],
    [{ cookies: [is('c', 'a=b')] }, { headers: { cookie: 'c=a=b' } }, true],
    [{ cookies: [like('c', '(on|yes)')] }, { headers: { cookie: 'c=on' } }, true],
    [{ cookies: [present('c')] }, { headers: { cookie: 'c=' } }, true],
    [{ cookies: [absent('c')] }, {}, true],
    [{ countries: ['DE', 'AT'] }, { country: 'AT' }, true],
    [{ countries: ['DE', 'AT'] }, { country: 'FR' }, false],
    [{ countries: ['DE', 'AT'] }, {}, false],
    [{ continents: ['EU'] }, { continent: 'EU', country: 'DE' }, true],
    [{ continents: ['EU'] }, { continent: 'AS' }, false],
    [{ schemes: ['http'] }, { scheme: 'http' }, true],
    [{ schemes: ['http'] }, { scheme: 'https' }, false],
    [{ ports: [443] }, { scheme: 'https' }, true],
    [{ ports: [443] }, { scheme: 'http' }, false],
    [{ ports: [80] }, { scheme: 'http' }, true],
    [{ ports: [8443] }, { port: 8443 }, true],
    [{ hosts: ['[::1]'], ports: [443] }, { host: '[::1]' }, true],
    [{ hosts: ['[::1]'], ports: [8080] }, { host: '[::1]', port: 8080 }, true],
    [{ methods: ['GET', 'HEAD'] }, { method: 'HEAD' }, true],
    [{ methods: ['GET', 'HEAD'] }, { method: 'get' }, false],
  ]
  test.each(cases)('%j and %j: %s', (route, request, takes) => {
    expect(takenBy([{ id: 'route', ...route }], request)).toBe(takes ? 'route' : 'no-route')
  })
})

test('a longer prefix that does not take the method leaves the request to a shorter one', () => {
  const routes: readonly RouteParts[] = [{ id: 'root' }, { id: 'posts', paths: [prefix('/a')], methods: ['POST'] }]
  expect(takenBy(routes, { path: '/a/b', method: 'POST' })).toBe('posts')
  expect(takenBy(routes, { path: '/a/b', method: 'GET' })).toBe('root')
})

describe('when the first match wins', () => {
  const routes: readonly RouteParts[] = [
    { id: 'posts', methods: ['POST'], paths: [prefix('/a')] },
    { id: 'css', paths: [regex('.*\\.css')] },
    { id: 'string', paths: [text('/a/b')] },
    { id: 'beta', headers: [is('x-beta', '1')] },
    { id: 'exact', paths: [exact('/a')] },
    { id: 'a', paths: [prefix('/a')] },
    { id: 'all' },
    { id: 'never', paths: [exact('/never')] },
  ]
  test.each<[RequestParts, string]>([
    [{ path: '/a', method: 'POST' }, 'posts'],
    [{ path: '/a/x.css' }, 'css'],
    [{ path: '/a/b.css', method: 'POST' }, 'posts'],
    [{ path: '/a/bc' }, 'string'],
    [{ path: '/a', headers: { 'x-beta': '1' } }, 'beta'],
    [{ path: '/a' }, 'exact'],
    [{ path: '/a/c' }, 'a'],
    [{ path: '/b' }, 'all'],
    [{ path: '/never' }, 'all'],
  ])('%j goes to %s', (request, id) => expect(takenBy(routes, request, 'first-match')).toBe(id))
})

describe('a path that is ambiguous', () => {
  const routes: readonly RouteParts[] = [
    { id: 'strict', paths: [prefix('/packages/strict')] },
    { id: 'packages', paths: [prefix('/packages')], ambiguous: ['encodedSlash'] },
    { id: 'all', ambiguous: ['encodedSlash', 'semicolon', 'doubleSlash', 'encodedUnreserved'] },
  ]
  test.each([
    ['/packages/@a%2fb', 'packages'],
    ['/packages/@a%2Fb;v=1', 'ambiguous-path'], // one of two is not enough
    ['/packages/strict/a%2fb', 'ambiguous-path'], // no way around the route that takes it
    ['/packages/strict/ab', 'strict'],
    ['/packages//a', 'ambiguous-path'],
    ['/other//%41;a%2fb', 'all'],
  ])('%s goes to %s', (path, id) => {
    expect(takenBy(routes, { path })).toBe(id)
    expect(takenBy(routes, { path }, 'first-match')).toBe(id)
  })

  test('is refused and not unknown where no route takes it', () => {
    expect(takenBy([{ id: 'one', paths: [exact('/one')] }], { path: '/a//b' })).toBe('ambiguous-path')
  })
})
