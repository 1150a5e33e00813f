/**
 * Requests that a route turns away for what their sender has not proved, and that a later route of the same host takes for less: a way around
 * the first. It is a defect unless the route says `fallThrough: allow`. Two expressions are taken to meet.
 */
import type { Path } from '../defect.ts'
import type { ValueMatch } from '../match.ts'
import type { GatewayFile, PathFile, RouteFile } from '../parse-gateway.ts'
import { coversPath, coversWritten, rankOf } from './covers.ts'
import { hasRules, lessDemanded } from './demand.ts'
import { type Findings, lostFields, MATCHING, refuse } from './findings.ts'
import { allOf, type Judges, judgesOf } from './judged-by.ts'
import { mayMeet } from './paths.ts'

/** A route on one of its paths. */
interface Taker {
  readonly route: RouteFile
  readonly index: number
  readonly path: PathFile
  /** Of its order among those of its host: the lesser goes first. */
  readonly rank: readonly number[]
}

/** What says which requests a route takes and from whom; of `admission` more than rules and demand, which is seldom wrong. */
const DECIDING: ReadonlySet<string> = new Set([...MATCHING, 'fallThrough', 'admission', 'redirect', 'reply'])
const JUDGING: ReadonlySet<string> = new Set(['hosts', 'tokens', 'certificates', 'require', 'mode', 'authorization'])

/** Most pairs of takers that are compared: ten thousand routes by claims on one host must not take minutes. */
const COMPARED_MAX = 20_000_000

export function refuseFallThrough(file: GatewayFile, findings: Findings): void {
  if (lostFields(['routes'], DECIDING, findings, 'list') || lostFields(['admission'], JUDGING, findings, 'list')) return
  const reported = new Set<number>()
  let compared = 0
  for (const [index, route] of file.routes.entries()) refuseVain(route, ['routes', index], findings)
  for (const [host, takers] of takersByHost(file)) {
    const guarded = takers.filter(({ route }) => isGuarded(route) && route.fallThrough === 'refuse')
    if (guarded.length === 0) continue
    const judges = judgesOf(file, host)
    const offered = withoutRepeats(takers)
    compared += guarded.length * offered.length
    if (compared > COMPARED_MAX) refuseMany(findings)
    if (compared > COMPARED_MAX) return
    for (const taker of guarded)
      if (!reported.has(taker.index) && refuseFor(taker, after(taker, offered), judges, findings)) reported.add(taker.index)
  }
}

/** In their order. */
function takersByHost({ routes, matching }: GatewayFile): ReadonlyMap<string, readonly Taker[]> {
  const hosts = new Map<string, Taker[]>()
  for (const [index, route] of routes.entries()) {
    const rest = matching.order === 'first-match' ? [] : rankOf(route).map((count) => -count)
    for (const path of route.paths) {
      const rank = matching.order === 'first-match' ? [index] : [...rankOfPath(path), ...rest, index]
      for (const host of route.hosts) {
        const takers = hosts.get(host) ?? []
        hosts.set(host, takers)
        takers.push({ route, index, path, rank })
      }
    }
  }
  for (const takers of hosts.values()) takers.sort((a, b) => compare(a.rank, b.rank))
  return hosts
}

/** Of guarded routes that differ only in whom they are for the last: a thousand tenants are offered the same. */
function withoutRepeats(takers: readonly Taker[]): readonly Taker[] {
  const last = new Map<string, Taker>()
  const kindOf = ({ route, path: { kind, value }, index }: Taker): string => {
    if (!isGuarded(route)) return String(index) + kind + value
    const { admission, claims, certificate, reply, redirect } = route
    const answers = reply !== undefined || redirect !== undefined
    return JSON.stringify([kind, value, admission, claims.length > 0, certificate !== undefined, answers, writtenOf(route)])
  }
  for (const taker of takers) last.set(kindOf(taker), taker)
  return takers.filter((taker) => last.get(kindOf(taker)) === taker)
}

const writtenOf = ({ methods, headers, query, cookies, countries, continents, schemes, ports }: RouteFile): unknown => [
  [methods, countries, continents, schemes, ports],
  [headers, query, cookies].map((list) => list.map(({ program: _, ...match }) => match)),
]

const isGuarded = ({ claims, certificate }: RouteFile): boolean => claims.length > 0 || certificate !== undefined

function refuseVain(route: RouteFile, path: Path, findings: Findings): void {
  if (route.fallThrough === 'refuse' || isGuarded(route)) return
  refuse(findings, {
    code: 'FIELD_WITHOUT_EFFECT',
    path: [...path, 'fallThrough'],
    expected: 'a field "claims" or "certificate" beside it, or nothing falls through',
  })
}

function refuseMany(findings: Findings): void {
  const expected =
    'fewer routes by claims or certificates on one host, or "fallThrough: allow" on them: whether one leads around another is not found out'
  refuse(findings, { code: 'ROUTES_TOO_MANY', path: ['routes'], expected, found: 'more' })
}

/** Those that may be offered what a taker turns away, in their order. */
const after = (taker: Taker, takers: readonly Taker[]): readonly Taker[] =>
  takers.filter(
    (other) =>
      other.route !== taker.route &&
      mayMeet(taker.path, other.path) &&
      compare(taker.rank, other.rank) < 0 &&
      agrees(taker.route, other.route),
  )

/** Says where the first way around leads; whether there is one. */
function refuseFor(taker: Taker, later: readonly Taker[], judges: Judges, findings: Findings): boolean {
  const { route, index } = taker
  for (const method of route.methods.length === 0 ? [undefined] : route.methods) {
    for (const other of later) {
      if (method !== undefined && other.route.methods.length > 0 && !other.route.methods.includes(method)) continue
      const less = why(taker, other, judges)
      if (less !== undefined) {
        const at = ['routes', index, route.claims.length > 0 ? 'claims' : 'certificate']
        const to = other.route.name === undefined ? `routes[${other.index}]` : `${other.route.name} (routes[${other.index}])`
        const expected = `a route that nothing falls through to one that demands less: ${to} takes what this turns away, and ${less}`
        const suggestion = 'write "fallThrough: allow" beside it if everybody may'
        refuse(findings, { code: 'ROUTE_LEADS_AROUND', path: at, expected, suggestion })
        return true
      }
      if (takesAll(other, taker, method)) break
    }
  }
  return false
}

/** In which way the later route demands less. One that answers by itself lets nobody in. */
function why(taker: Taker, { route, path }: Taker, judges: Judges): string | undefined {
  if (route.reply !== undefined || route.redirect !== undefined) return undefined
  const admissions = allOf(judges).map(({ admission }) => admission)
  for (const admission of judges.whole === undefined ? [undefined, ...admissions] : admissions) {
    const less = lessDemanded(taker.route, route, admission)
    if (less !== undefined) return less
    const isJudged = hasRules(route) || admission?.authorization?.mode === 'enforce'
    const isElsewhere = path.kind !== taker.path.kind || path.value !== taker.path.value
    if (isElsewhere && !isJudged && !asksAlike(taker.route, route))
      return `it takes more paths (${path.value}) and asks nobody who they are`
  }
  return undefined
}

const asksAlike = (first: RouteFile, second: RouteFile): boolean =>
  (first.claims.length === 0 || second.claims.length > 0) && (first.certificate === undefined || second.certificate !== undefined)

/** Whether a later route leaves nothing of what a taker turns away to those behind it. */
function takesAll({ route, path }: Taker, taker: Taker, method: string | undefined): boolean {
  if (isGuarded(route)) return false
  const isForMethod = route.methods.length === 0 || (method !== undefined && route.methods.includes(method))
  return isForMethod && coversPath(path, taker.path) && coversWritten(route, taker.route)
}

const compare = (a: readonly number[], b: readonly number[]): number => {
  const at = a.findIndex((value, index) => value !== b[index])
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0)
}

/** As `worker/policy/match-route.ts` ranks them. */
function rankOfPath({ kind, value }: PathFile): readonly number[] {
  if (kind === 'exact') return [0, 0, 0]
  if (kind === 'regex') return [1, 0, 0]
  return [2, -value.replace(/\/$/, '').length, kind === 'prefix' ? 0 : 1]
}

/** Whether one request may be as both want it, who sent it apart. */
function agrees(one: RouteFile, other: RouteFile): boolean {
  return (
    overlaps(one.methods, other.methods) &&
    overlaps(one.countries, other.countries) &&
    overlaps(one.continents, other.continents) &&
    overlaps(one.schemes, other.schemes) &&
    overlaps(one.ports, other.ports) &&
    valuesAgree(one.headers, other.headers) &&
    valuesAgree(one.query, other.query) &&
    valuesAgree(one.cookies, other.cookies)
  )
}

/** An empty list takes all. */
const overlaps = <Item>(one: readonly Item[], other: readonly Item[]): boolean =>
  one.length === 0 || other.length === 0 || one.some((item) => other.includes(item))

const valuesAgree = (some: readonly ValueMatch[], others: readonly ValueMatch[]): boolean =>
  some.every((one) => others.every((other) => one.name !== other.name || valueAgrees(one, other)))

function valueAgrees(one: ValueMatch, other: ValueMatch): boolean {
  if (one.kind === 'absent' || other.kind === 'absent') return one.kind === other.kind
  return one.kind !== 'exact' || other.kind !== 'exact' || one.value === other.value
}
