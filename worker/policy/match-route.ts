/**
 * Which route takes a request. The most specific host decides alone, in both orders: a request that none of its routes takes does not
 * fall through to a wildcard, where it might find a route that asks for less. Of its routes goes first, by `matching.order`:
 * - `most-specific`: the exact path, then regular expressions, then the longest prefix (by segments before by string when they are the
 *   same text); then as `rule.ts` ranks them.
 * - `first-match`: the first in the file that takes it.
 * All spellings of a path lead to one route, or it is refused.
 */
import type { Route } from '../../config/base.ts'
import { otherSpellings } from '../../config/path-spelling.ts'
import { bitsOf } from './ambiguity.ts'
import { failedCondition } from './conditions.ts'
import { ofMostSpecific } from './host-patterns.ts'
import type { MatchRequest, RequestHead } from './match-request.ts'
import { type HostRoutes, type PathTables, pathTables, type RouteTable, type TextRules } from './route-table.ts'
import type { Rule } from './rule.ts'
import { beginningsOf } from './text-index.ts'

export type RouteMatch =
  | { readonly kind: 'route'; readonly route: Route }
  | { readonly kind: 'no-route' }
  | { readonly kind: 'unknown-host' }
  /** The path is ambiguous, and no route that wants it so takes it; or another spelling of it leads to another route. */
  | { readonly kind: 'ambiguous-path' }

const NO_ROUTE: RouteMatch = { kind: 'no-route' }
const UNKNOWN_HOST: RouteMatch = { kind: 'unknown-host' }
const AMBIGUOUS_PATH: RouteMatch = { kind: 'ambiguous-path' }

export function matchRoute(table: RouteTable, request: MatchRequest): RouteMatch {
  const { head } = request
  const host = routesOfHost(table, head.host)
  if (host === undefined) return UNKNOWN_HOST
  const rule = matchingRule(table, host, request)
  if (rule !== undefined && head.path.includes('%') && ledElsewhere(table, host, { request, rule }) !== undefined) return AMBIGUOUS_PATH
  if (head.ambiguities === 0) return rule === undefined ? NO_ROUTE : { kind: 'route', route: rule.route }
  // The route that takes it says whether it may: an ambiguous path never leads past it to another.
  return rule === undefined || !tolerates(rule.route, head) ? AMBIGUOUS_PATH : { kind: 'route', route: rule.route }
}

/**
 * The rule of another route that takes the request in another spelling of its path. An endpoint may read that one: it must not be asked around
 * what its route demands.
 */
export function ledElsewhere(table: RouteTable, host: HostRoutes, { request, rule }: Taken): Rule | undefined {
  for (const spelling of otherSpellings(request.head.path)) {
    const other = matchingRule(table, host, request.withPath(spelling))
    if (other !== undefined && other.route !== rule.route) return other
  }
  return undefined
}

interface Taken {
  readonly request: MatchRequest
  readonly rule: Rule
}

/** Whether a route takes paths that are ambiguous in this way. */
export const tolerates = ({ ambiguous }: Route, { ambiguities }: RequestHead): boolean => (ambiguities & ~bitsOf(ambiguous)) === 0

/** The routes of the most specific host pattern that covers `host`; undefined when the gateway does not serve it. */
export function routesOfHost(table: RouteTable, host: string): HostRoutes | undefined {
  return ofMostSpecific(table, host)
}

/** The rule that takes a request, whatever the ambiguities of its path. */
export function matchingRule(table: RouteTable, host: HostRoutes, request: MatchRequest): Rule | undefined {
  const paths = pathTables(table, host)
  return table.order === 'first-match' ? firstInFile(paths, request) : mostSpecific(paths, request)
}

function mostSpecific(paths: PathTables, request: MatchRequest): Rule | undefined {
  const { path } = request.head
  const exact = better(undefined, paths.exact.get(path), request)
  if (exact !== undefined || paths.texts === undefined) return exact ?? longestPrefix(paths, [], request)
  const beginnings = beginningsOf(paths.texts, path)
  const regex = beginnings.reduce<Rule | undefined>((best, rules) => better(best, rules.regex, request), undefined)
  return regex ?? longestPrefix(paths, beginnings, request)
}

/** Both kinds of prefix, longest first. */
function longestPrefix(paths: PathTables, beginnings: readonly TextRules[], request: MatchRequest): Rule | undefined {
  const { path } = request.head
  let next = 0
  for (let end = longestSegments(path, paths.prefixMax); end >= 0; end = fewerSegments(path, end)) {
    for (let text = beginnings[next]; text !== undefined && text.text.length > end; text = beginnings[next]) {
      const rule = better(undefined, text.prefix, request)
      if (rule !== undefined) return rule
      next += 1
    }
    const rule = better(undefined, paths.prefix.get(path.slice(0, end)), request)
    if (rule !== undefined) return rule
  }
  return undefined
}

function firstInFile(paths: PathTables, request: MatchRequest): Rule | undefined {
  const { path } = request.head
  let best = better(undefined, paths.exact.get(path), request)
  for (let end = longestSegments(path, paths.prefixMax); end >= 0; end = fewerSegments(path, end)) {
    best = better(best, paths.prefix.get(path.slice(0, end)), request)
  }
  if (paths.texts === undefined) return best
  for (const { prefix, regex } of beginningsOf(paths.texts, path)) best = better(better(best, prefix, request), regex, request)
  return best
}

/** The first rule of a list that takes the request, or the best so far when that goes before it. */
function better(best: Rule | undefined, rules: readonly Rule[] | undefined, request: MatchRequest): Rule | undefined {
  if (rules === undefined) return best
  for (const rule of rules) {
    if (best !== undefined && best.place <= rule.place) return best
    if (rule.conditions.length > 0 && failedCondition(rule.conditions, request) !== undefined) continue
    if (rule.regex === undefined || rule.regex.takes(request.head.path)) return rule
  }
  return best
}

/**
 * `/a/b/` has the prefixes `/a/b`, `/a` and the empty one: where they end. Those that are longer than any prefix of a route are passed
 * over, or a long path of short segments would be read once for each of them.
 */
function longestSegments(path: string, max: number): number {
  const end = path.endsWith('/') ? path.length - 1 : path.length
  return end <= max ? end : path.lastIndexOf('/', max)
}
const fewerSegments = (path: string, end: number): number => (end === 0 ? -1 : path.lastIndexOf('/', end - 1))
