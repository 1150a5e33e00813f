/**
 * Why a request goes to its route, and why not to the others: what `explain` says. It asks the predicates that the request path asks, and
 * the route that takes the request is found by the very function of the request path.
 */
import type { Route } from '../../config/base.ts'
import type { PathAmbiguity } from '../../config/match.ts'
import { bitsOf, namesOf } from './ambiguity.ts'
import { type Condition, failedCondition } from './conditions.ts'
import type { MatchRequest } from './match-request.ts'
import { ledElsewhere, matchingRule, matchRoute, type RouteMatch, routesOfHost } from './match-route.ts'
import { pathTables, type RouteTable } from './route-table.ts'
import { type Rule, takesPath } from './rule.ts'

export interface MatchExplanation {
  /** What the request path does with it. */
  readonly match: RouteMatch
  /** The host pattern that decides; undefined when the gateway does not serve the host. */
  readonly host?: string
  /** The path by which the route was found, also when the route does not take ambiguous paths. */
  readonly path?: Rule['path']
  /** Every other route that covers the host: first those that come nearest. */
  readonly others: readonly RunnerUp[]
}

export interface RunnerUp {
  readonly route: Route
  readonly failed: MatchFailure
}

/** The first reason why a route does not have a request. */
export type MatchFailure =
  /** It takes the path, but not with these ambiguities. */
  | { readonly kind: 'ambiguous-path'; readonly ambiguities: readonly PathAmbiguity[] }
  /** It would take the path in another spelling, in which endpoints may read it. */
  | { readonly kind: 'read-otherwise' }
  /** It takes the path as it came, and another route takes it in another spelling. */
  | { readonly kind: 'spelt-otherwise' }
  /** It would take it, and another goes before it. */
  | { readonly kind: 'goes-after' }
  /** `method`, `header x-tenant`, `claim tenant: no token`. */
  | { readonly kind: 'condition'; readonly label: string }
  | { readonly kind: 'path' }
  /** Its host pattern covers the host, and a more specific one decides alone. */
  | { readonly kind: 'host'; readonly pattern: string }

export function explainMatch(table: RouteTable, request: MatchRequest): MatchExplanation {
  const { head } = request
  const match = matchRoute(table, request)
  const host = routesOfHost(table, head.host)
  if (host === undefined) return { match, others: [] }
  const taker = matchingRule(table, host, request)
  const other = taker === undefined ? undefined : ledElsewhere(table, host, { request, rule: taker })
  const here = new Map<Route, MatchFailure>()
  for (const rule of pathTables(table, host).all) {
    const known = here.get(rule.route)
    // Of a route's several paths the one that came furthest says why.
    if (known === undefined || known.kind === 'path') here.set(rule.route, failureOf(rule, taker, request))
  }
  if (match.kind === 'route') here.delete(match.route)
  else if (taker !== undefined && other !== undefined) {
    here.set(taker.route, { kind: 'spelt-otherwise' })
    here.set(other.route, { kind: 'read-otherwise' })
  }
  const elsewhere = lessSpecific(table, head.host, host.pattern).map((runnerUp) => [runnerUp.route, runnerUp.failed] as const)
  const others = [...here, ...elsewhere].map(([route, failed]) => ({ route, failed }))
  others.sort((a, b) => NEARNESS.indexOf(a.failed.kind) - NEARNESS.indexOf(b.failed.kind))
  return { match, host: host.pattern, ...(taker === undefined ? {} : { path: taker.path }), others }
}

const NEARNESS: readonly MatchFailure['kind'][] = [
  'ambiguous-path',
  'spelt-otherwise',
  'read-otherwise',
  'goes-after',
  'condition',
  'path',
  'host',
]

function failureOf(rule: Rule, taker: Rule | undefined, request: MatchRequest): MatchFailure {
  if (!takesPath(rule, request.head.path)) return { kind: 'path' }
  const condition = failedCondition(rule.conditions, request)
  if (condition !== undefined) return { kind: 'condition', label: showCondition(condition, request) }
  const unwanted = request.head.ambiguities & ~bitsOf(rule.route.ambiguous)
  return rule.route === taker?.route && unwanted !== 0 ? { kind: 'ambiguous-path', ambiguities: namesOf(unwanted) } : { kind: 'goes-after' }
}

/** `header x-tenant`, `claim tenant: no token`. */
export function showCondition({ label, why }: Condition, request: MatchRequest): string {
  const because = why?.(request)
  return because === undefined ? label : `${label}: ${because}`
}

/** The routes of wildcards that cover the host as well. */
function lessSpecific(table: RouteTable, host: string, decides: string): readonly RunnerUp[] {
  const found = new Map<Route, RunnerUp>()
  for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
    const covering = table.wildcardHosts.get(host.slice(dot + 1))
    if (covering === undefined || covering.pattern === decides) continue
    for (const route of covering.routes) {
      if (route.hosts.includes(decides) || found.has(route)) continue
      found.set(route, { route, failed: { kind: 'host', pattern: covering.pattern } })
    }
  }
  return [...found.values()]
}

/** In words: `header x-tenant`, `goes after`. */
export function showFailure(failed: MatchFailure): string {
  switch (failed.kind) {
    case 'ambiguous-path':
      return `path: does not allow ${failed.ambiguities.join(', ')}`
    case 'read-otherwise':
      return 'path: takes another spelling of it, as endpoints may read it'
    case 'spelt-otherwise':
      return 'path: takes it as it is spelt, and another route as endpoints may read it'
    case 'goes-after':
      return 'takes it too, and goes after'
    case 'condition':
      return failed.label
    case 'path':
      return 'path'
    case 'host':
      return `host: ${failed.pattern} is less specific`
    default:
      return failed satisfies never
  }
}
