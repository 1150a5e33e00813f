/** What `explain` says of a request: the route that has it, and of every other the first thing that speaks against it. */
import { describe, expect, test } from 'vitest'
import { explainMatch, showFailure } from '../../../worker/policy/explain-match.ts'
import { askedBy, type RequestParts, type RouteParts, tableOf } from './matching.ts'

const ROUTES: readonly RouteParts[] = [
  { id: 'blue', headers: [{ name: 'x-tenant', kind: 'exact', value: 'blue' }] },
  { id: 'posts', methods: ['POST'] },
  { id: 'api', paths: [{ kind: 'prefix', value: '/api' }], query: [{ name: 'v', kind: 'present' }] },
  { id: 'numbers', paths: [{ kind: 'regex', value: '/api/[0-9]+' }], countries: ['DE'] },
  { id: 'two paths', paths: [{ kind: 'exact', value: '/x' }, { kind: 'prefix', value: '/api' }], cookies: [{ name: 'c', kind: 'absent' }] }, // biome-ignore format: one line a route
  { id: 'loose', paths: [{ kind: 'prefix', value: '/loose' }], ambiguous: ['doubleSlash'] },
  { id: 'all' },
  { id: 'wild', hosts: ['*.test'] },
  { id: 'elsewhere', hosts: ['other.example'] },
]

function explain(request: RequestParts, order?: 'first-match') {
  const { match, others, ...rest } = explainMatch(tableOf(ROUTES, order), askedBy(request))
  return {
    match: match.kind === 'route' ? match.route.id : match.kind,
    others: others.map(({ route, failed }) => `${route.id}: ${showFailure(failed)}`),
    ...rest,
  }
}

describe('explains', () => {
  test('a plain request', () => {
    expect(explain({ path: '/' })).toEqual({
      match: 'all',
      host: 'shop.test',
      path: { kind: 'prefix', value: '/' },
      others: [
        'posts: method',
        'blue: header x-tenant',
        'api: path',
        'two paths: path',
        'numbers: path',
        'loose: path',
        'wild: host: *.test is less specific',
      ],
    })
  })

  test('what goes after, what is missing, and the path that came furthest of two', () => {
    expect(explain({ path: '/api/12', country: 'FR', headers: { 'x-tenant': 'blue', cookie: 'c=1' } })).toMatchObject({
      match: 'blue',
      others: [
        'all: takes it too, and goes after',
        'posts: method',
        'api: query v',
        'two paths: cookie c',
        'numbers: country',
        'loose: path',
        'wild: host: *.test is less specific',
      ],
    })
  })

  test('the order of the file', () => {
    expect(explain({ path: '/api/12', query: '?v', country: 'DE' }, 'first-match')).toMatchObject({
      match: 'api',
      path: { kind: 'prefix', value: '/api' },
      others: [
        'numbers: takes it too, and goes after',
        'two paths: takes it too, and goes after',
        'all: takes it too, and goes after',
        'blue: header x-tenant',
        'posts: method',
        'loose: path',
        'wild: host: *.test is less specific',
      ],
    })
  })

  test('an ambiguous path that its route does not want', () => {
    const { match, others } = explain({ path: '/a//b' })
    expect([match, others[0]]).toEqual(['ambiguous-path', 'all: path: does not allow doubleSlash'])
    expect(explain({ path: '/loose//b' }).match).toBe('loose')
  })

  test('a host that nobody serves', () => expect(explain({ host: 'none.example' })).toEqual({ match: 'unknown-host', others: [] }))
  test('a host that only a wildcard covers', () => expect(explain({ host: 'a.test' }).match).toBe('wild'))
})
