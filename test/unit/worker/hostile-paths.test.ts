/** Paths that are made to keep the gateway busy: each is judged and looked up among 10,000 routes in no time. */
import { describe, expect, test } from 'vitest'
import { ambiguitiesOf } from '../../../worker/inbound/path-policy.ts'
import { denial } from '../../../worker/policy/authorize.ts'
import { MatchRequest } from '../../../worker/policy/match-request.ts'
import { matchRoute } from '../../../worker/policy/match-route.ts'
import { asking, authorizationOf, rulesOf } from './asking.ts'
import { lookup, type RouteParts, tableOf } from './matching.ts'
import { quickest } from './quickest.ts'

/** In milliseconds; the figure. */
const SLOWEST = 5
/** As much as the path policy lets through. */
const LENGTH = 8192

const fill = (unit: string): string => `/${unit.repeat(Math.ceil(LENGTH / unit.length))}`.slice(0, LENGTH - (LENGTH % unit.length))

const UNITS = [
  ...[
    'a',
    'a/',
    '/',
    '//',
    './',
    '../',
    '.',
    '..',
    '...',
    '.../',
    ';',
    ';/',
    '..;/',
    ';a=b/',
    '%2f',
    '%2F/',
    '%2e',
    '%2e/',
    '%2e%2e/',
    '%252f',
  ],
  ...[
    '%',
    '%%',
    '%2',
    '%zz',
    '%00',
    '%5c',
    '\\',
    '\\/',
    '%c0%af',
    '%e0%80%af',
    '%ff',
    '%ed%a0%80',
    '%C3%A9',
    '%E2%82%AC',
    '%41',
    '%7e',
    '%3b',
    '%20',
    '%20/',
    '/%20',
  ],
  ...[
    'a%2f..%2f',
    '.%2e/',
    '%2e./',
    '%2f%2f',
    '/%2f',
    ' ',
    '\t',
    'é',
    '#',
    '?',
    'a#',
    '1',
    '1/',
    'ab',
    'aab/',
    'x-',
    "!$&'()*+,",
    ':@',
    '{}',
    '|^',
  ],
]

/** Prefixes within prefixes, in both kinds, and expressions that begin alike: what a search finds most of. */
const ROUTES: readonly RouteParts[] = [
  ...Array.from(
    { length: 9_000 },
    (_, index): RouteParts => ({ id: `s${index}`, paths: [{ kind: 'prefix', value: `/service-${index}` }] }),
  ),
  ...Array.from(
    { length: 400 },
    (_, index): RouteParts => ({ id: `d${index}`, paths: [{ kind: 'prefix', value: '/a'.repeat(index + 1) }], methods: ['POST'] }),
  ),
  ...Array.from(
    { length: 500 },
    (_, index): RouteParts => ({
      id: `t${index}`,
      paths: [{ kind: 'prefix-string', value: `/${'a'.repeat(index + 1)}` }],
      methods: ['POST'],
    }),
  ),
  ...['/(a|aa)+b', '/(a/)+b', '/(.*/)*x', '/a.*a.*a.*b', '/(\\.|%2e|/)*x', '(/[^/]*)*/b'].map(
    (value, index): RouteParts => ({ id: `r${index}`, paths: [{ kind: 'regex', value }] }),
  ),
]

describe.each(['most-specific', 'first-match'] as const)('%s', (order) => {
  const table = tableOf(ROUTES, order)
  const headers = lookup({})
  const go = (path: string) => {
    const ambiguities = ambiguitiesOf(path)
    const head = {
      host: 'shop.test',
      path,
      ambiguities: ambiguities ?? 0,
      method: 'GET',
      query: '',
      scheme: 'https',
      authority: 'shop.test',
      place: {},
    } as const
    // Also what the policy refuses is looked up here: the index must not rely on it.
    return matchRoute(table, new MatchRequest(head, headers))
  }
  // The tables of a host and of an expression are made with its first request.
  go('/')
  go(fill('a'))

  test('there are enough', () => expect(UNITS.length).toBeGreaterThanOrEqual(50))

  test.each([...UNITS, `${'a/'.repeat(300)}b`])('%j again and again', (unit) => {
    for (const path of [fill(unit), `/a${fill(unit).slice(0, 4094)}`]) {
      const took = quickest(() => path, go, SLOWEST)
      expect(took, `${path.length} bytes`).toBeLessThan(SLOWEST)
    }
  })
})

describe('fifty denials by path', () => {
  const rules = rulesOf(
    authorizationOf([
      ...Array.from({ length: 50 }, (_, index) => ({
        effect: 'deny' as const,
        paths: [{ kind: 'prefix' as const, value: `/admin-${index}` }],
      })),
      { effect: 'allow' },
    ]),
  )
  // Each of them looks at every reading, which are made once.
  test.each(['%20', '%20/', '/%20', '%C3%A9', '%3F', '%20%3F'])('of a path full of %j', (unit) => {
    const path = `/${unit.repeat(Math.floor((LENGTH - 2) / unit.length))}b`
    const taken = quickest(
      () => asking({ path }),
      (asked) => denial(rules, asked),
      3 * SLOWEST,
    )
    expect(taken).toBeLessThan(3 * SLOWEST)
  })
})
