/**
 * What holds for every table of routes and every request: the index finds what trying each route finds, and `explain` says what the
 * request path does. A failing run prints its seed; SEED=N runs that one again.
 */
import { RE2JS } from 're2js'
import { expect, test } from 'vitest'
import type { PathMatch, RouteConditions, ValueMatch } from '../../../config/match.ts'
import { ambiguitiesOf } from '../../../worker/inbound/path-policy.ts'
import { namesOf } from '../../../worker/policy/ambiguity.ts'
import { explainMatch } from '../../../worker/policy/explain-match.ts'
import { matchRoute } from '../../../worker/policy/match-route.ts'
import { dice, SEED } from '../../seed.ts'
import { askedBy, type RequestParts, type RouteParts, tableOf } from './matching.ts'

const TABLES = 400
const REQUESTS = 250
/** Of a table's requests, how many are explained too. */
const EXPLAINED = 25

type Draw = () => number
const pick = <Item>(draw: Draw, items: readonly [Item, ...Item[]]): Item => items[Math.floor(draw() * items.length)] ?? items[0]
const some = <Item>(draw: Draw, items: readonly Item[], share: number): readonly Item[] => items.filter(() => draw() < share)

const HOSTS = ['a.test', 'b.a.test', '*.a.test', '*.test'] as const
const ASKED_HOSTS = ['a.test', 'b.a.test', 'c.b.a.test', 'd.test', 'test'] as const
const TEXTS = ['/', '/a', '/a/b', '/ab', '/a/b/c', '/b', '/b/a', '/a/a'] as const
const EXPRESSIONS = ['/a.*', '/[ab]/.*', '.*b', '/a(/b)?', '/(?:a|ab)/?', '.*', '/a/[^/]+', '/a%2F.*'] as const
const VALUES = ['1', '2', ''] as const

function randomPath(draw: Draw): PathMatch {
  const kind = pick(draw, ['exact', 'prefix', 'prefix', 'prefix-string', 'regex'] as const)
  if (kind === 'regex') return { kind, value: pick(draw, EXPRESSIONS) }
  const value = pick(draw, TEXTS)
  // As the configuration has it: both kinds of prefix are the same there.
  return kind === 'prefix-string' && value === '/' ? { kind: 'prefix', value } : { kind, value }
}

const randomValues = (draw: Draw, names: readonly string[]): readonly ValueMatch[] =>
  some(draw, names, 0.2).map((name): ValueMatch => {
    const kind = pick(draw, ['exact', 'exact', 'regex', 'present', 'absent'] as const)
    return kind === 'exact' ? { name, kind, value: pick(draw, VALUES) } : kind === 'regex' ? { name, kind, value: '[12]' } : { name, kind }
  })

const used = <List extends readonly unknown[]>(list: List): List | undefined => (list.length === 0 ? undefined : list)

function randomRoute(draw: Draw, index: number): RouteParts {
  const hosts = some(draw, HOSTS, 0.4)
  const optional = {
    query: used(randomValues(draw, ['q', 'r'])),
    cookies: used(randomValues(draw, ['c'])),
    countries: draw() < 0.1 ? ['DE', 'FR'] : undefined,
    continents: draw() < 0.1 ? (['EU'] as const) : undefined,
    schemes: draw() < 0.1 ? (['https'] as const) : undefined,
    ports: draw() < 0.1 ? [8443] : undefined,
    claims: draw() < 0.15 ? [{ claim: ['t'], kind: 'exact', value: pick(draw, VALUES) } as const] : undefined,
    ambiguous: used(some(draw, ['doubleSlash', 'encodedSlash'] as const, 0.4)),
  }
  const given = Object.fromEntries(Object.entries(optional).filter(([, list]) => list !== undefined))
  const paths = Array.from({ length: 1 + Math.floor(draw() * 2) }, () => randomPath(draw))
  const methods = draw() < 0.2 ? ['POST', 'PUT'] : []
  return {
    id: `r${index}`,
    hosts: hosts.length === 0 ? ['a.test'] : hosts,
    paths,
    methods,
    headers: randomValues(draw, ['x', 'y']),
    ...given,
  }
}

function randomRequest(draw: Draw): RequestParts {
  const parts = Array.from({ length: Math.floor(draw() * 4) }, () => pick(draw, ['a', 'b', 'ab', 'c', 'a', 'b', '', 'a%2Fb'] as const))
  const path = `/${parts.join('/')}${draw() < 0.2 ? '/' : ''}`
  const [q, r, x, y, c] = Array.from({ length: 5 }, () => (draw() < 0.4 ? pick(draw, VALUES) : undefined))
  const query = [q === undefined ? [] : [`q=${q}`], r === undefined ? [] : [`r=${r}`]].flat()
  const headers = Object.entries({ x, y, cookie: c === undefined ? undefined : `c=${c}` }).filter(([, value]) => value !== undefined)
  return {
    host: pick(draw, ASKED_HOSTS),
    path,
    method: pick(draw, ['GET', 'POST']),
    query: query.length === 0 ? '' : `?${query.join('&')}`,
    scheme: pick(draw, ['https', 'http']),
    ...(draw() < 0.3 ? { port: 8443 } : {}),
    ...(draw() < 0.5 ? { country: pick(draw, ['DE', 'US']), continent: pick(draw, ['EU', 'NA']) } : {}),
    ...(draw() < 0.4 ? { claims: { t: pick(draw, VALUES) } } : {}),
    headers: Object.fromEntries(headers) as Record<string, string>,
  }
}

/** The definition, as the documentation words it: each route is tried, and all that take the request are ranked. */
function byDefinition(routes: readonly RouteParts[], request: RequestParts, order: 'most-specific' | 'first-match'): string {
  const { host = '', path = '/' } = request
  const covering = routes.flatMap(({ hosts = [] }) => hosts).filter((pattern) => covers(pattern, host))
  if (covering.length === 0) return 'unknown-host'
  const decides = covering.includes(host) ? host : covering.reduce((a, b) => (b.length > a.length ? b : a))
  const ranked = routes.flatMap((route, index) => {
    if (route.hosts?.includes(decides) !== true || !holds(route, request)) return []
    return (route.paths ?? [])
      .filter((one) => takes(one, path))
      .map((one) => ({ route, rank: order === 'first-match' ? [index] : [...rankOfPath(one), ...rankOfRest(route), index] }))
  })
  const first = ranked.reduce<(typeof ranked)[number] | undefined>((a, b) => (a === undefined || less(b.rank, a.rank) ? b : a), undefined)
  const ambiguous = namesOf(ambiguitiesOf(path) ?? 0)
  if (ambiguous.length > 0 && !ambiguous.every((one) => first?.route.ambiguous?.includes(one))) return 'ambiguous-path'
  return first?.route.id ?? 'no-route'
}

const covers = (pattern: string, host: string): boolean =>
  pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) && host !== pattern.slice(2) : pattern === host

const compiled = new Map([...EXPRESSIONS, '[12]'].map((source) => [source, RE2JS.compile(source)]))
const fully = (source: string, text: string): boolean => compiled.get(source)?.testExact(text) ?? false

function takes({ kind, value }: PathMatch, path: string): boolean {
  if (kind === 'exact') return path === value
  if (kind === 'regex') return fully(value, path)
  if (kind === 'prefix-string' || value === '/') return path.startsWith(value)
  return path === value || path.startsWith(`${value}/`)
}

const rankOfPath = ({ kind, value }: PathMatch): readonly number[] => {
  if (kind === 'exact') return [0, 0, 0]
  if (kind === 'regex') return [1, 0, 0]
  return [2, -value.replace(/\/$/, '').length, kind === 'prefix' ? 0 : 1]
}

const rankOfRest = ({
  claims,
  methods,
  headers,
  query,
  cookies,
  countries,
  continents,
  schemes,
  ports,
}: Partial<RouteConditions>): readonly number[] => [
  -(claims ?? []).length,
  methods?.length ? 0 : 1,
  -(headers ?? []).length,
  -(query ?? []).length,
  -(cookies ?? []).length,
  -[countries, continents, schemes, ports].filter(Boolean).length,
]

function less(a: readonly number[], b: readonly number[]): boolean {
  const at = a.findIndex((value, index) => value !== b[index])
  return at >= 0 && (a[at] ?? 0) < (b[at] ?? 0)
}

function holds(route: RouteParts, request: RequestParts): boolean {
  const { method = 'GET', query = '', scheme = 'https', country, continent, headers = {} } = request
  const port = request.port ?? (scheme === 'https' ? 443 : 80)
  const parameters = new Map(query.slice(1).split('&').map((pair) => pair.split('=') as [string, string])) // biome-ignore format: one line
  const cookies = new Map(headers['cookie'] === undefined ? [] : [headers['cookie'].split('=') as [string, string]])
  const values = (wanted: readonly ValueMatch[] | undefined, of: (name: string) => string | undefined) =>
    (wanted ?? []).every((one) => isAs(one, of(one.name)))
  return (
    (route.claims ?? []).every((one) => one.kind === 'exact' && request.claims?.['t'] === one.value) &&
    (!route.methods?.length || route.methods.includes(method)) &&
    values(route.headers, (name) => headers[name]) &&
    values(route.query, (name) => parameters.get(name)) &&
    values(route.cookies, (name) => cookies.get(name)) &&
    (route.countries === undefined || route.countries.includes(country ?? '')) &&
    (route.continents === undefined || route.continents.some((one) => one === continent)) &&
    (route.schemes === undefined || route.schemes.includes(scheme)) &&
    (route.ports === undefined || route.ports.includes(port))
  )
}

function isAs(wanted: ValueMatch, value: string | undefined): boolean {
  if (wanted.kind === 'present') return value !== undefined
  if (wanted.kind === 'absent') return value === undefined
  if (value === undefined) return false
  return wanted.kind === 'exact' ? value === wanted.value : fully(wanted.value, value)
}

test(`${TABLES * REQUESTS} random requests go where trying each route sends them, seed ${SEED}`, { timeout: 120_000 }, () => {
  const seen = new Map<string, number>()
  for (let round = 0; round < TABLES; round += 1) {
    const draw = dice(SEED + round)
    const order = round % 2 === 0 ? 'most-specific' : 'first-match'
    const routes = Array.from({ length: 1 + Math.floor(draw() * 14) }, (_, index) => randomRoute(draw, index))
    const table = tableOf(routes, order)
    for (let count = 0; count < REQUESTS; count += 1) {
      const request = randomRequest(draw)
      const asked = askedBy(request)
      const match = matchRoute(table, asked)
      const taken = match.kind === 'route' ? match.route.id : match.kind
      const expected = byDefinition(routes, request, order)
      if (taken !== expected)
        expect.fail(
          `seed ${SEED}, round ${round}, ${order}: ${JSON.stringify(request)} went to ${taken}, not ${expected}\n${routes.map((one) => JSON.stringify(one)).join('\n')}`,
        )
      seen.set(match.kind, (seen.get(match.kind) ?? 0) + 1)
      if (count < EXPLAINED) {
        const explained = explainMatch(table, asked)
        expect(explained.match, `seed ${SEED}, round ${round}`).toEqual(match)
        const others = explained.others.map(({ route }) => route.id)
        expect(new Set(others).size, `seed ${SEED}, round ${round}`).toBe(others.length)
      }
    }
  }
  // Each end is met, or the generator is at fault.
  for (const kind of ['route', 'no-route', 'unknown-host', 'ambiguous-path']) expect(seen.get(kind) ?? 0, kind).toBeGreaterThan(1000)
})
