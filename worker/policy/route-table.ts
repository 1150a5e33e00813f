/**
 * The routes as tables. A host is looked up whole, then by its suffixes; a path whole, then by its prefixes: the cost of a match does
 * not grow with the number of routes. What a host's routes are looked up in is made with its first request.
 */
import type { Authorization } from '../../config/authorization.ts'
import type { Base, Route } from '../../config/base.ts'
import type { MatchOrder, PathMatch } from '../../config/match.ts'
import { compileRules, type Rules } from './authorize.ts'
import { type Condition, conditionsOf } from './conditions.ts'
import { type HostPatterns, hostPatterns } from './host-patterns.ts'
import { Regex } from './regex.ts'
import { moreSpecificFirst, type Rule } from './rule.ts'
import { makeTextIndex, type TextIndex } from './text-index.ts'

export interface RouteTable extends HostPatterns<HostRoutes> {
  readonly order: MatchOrder
  readonly regexOf: (source: string) => Regex
  /** Of routes that have been compiled. */
  readonly conditions: Map<Route, readonly Condition[]>
  /** Compiled when they are first asked. */
  readonly rulesOf: (authorization: Authorization) => Rules
}

/** The routes of a host pattern, in order of the file. */
export interface HostRoutes {
  readonly pattern: string
  readonly routes: readonly Route[]
  /** Absent before its first request. */
  paths?: PathTables
}

/** Rules of one host by their paths; each list in the order in which it is tried. */
export interface PathTables {
  readonly all: readonly Rule[]
  readonly exact: ReadonlyMap<string, readonly Rule[]>
  /** Keys without a trailing slash: the prefix `/` is the empty string. */
  readonly prefix: ReadonlyMap<string, readonly Rule[]>
  /** Length of the longest of these keys. */
  readonly prefixMax: number
  /** String prefixes, and expressions by what they begin with; absent where there are none. */
  readonly texts?: TextIndex<TextRules>
}

export interface TextRules {
  readonly text: string
  readonly prefix: readonly Rule[]
  readonly regex: readonly Rule[]
}

export function makeRouteTable({ routes, matching, regexes }: Pick<Base, 'routes' | 'matching' | 'regexes'>): RouteTable {
  const hosts = new Map<string, HostRoutes & { readonly routes: Route[] }>()
  for (const route of routes) for (const pattern of route.hosts) entry(hosts, pattern, () => ({ pattern, routes: [] })).routes.push(route)
  const known = new Map(regexes.map((program) => [program.source, new Regex(program)]))
  const regexOf = (source: string): Regex => {
    const regex = known.get(source)
    if (regex === undefined) throw new Error(`the regular expression ${source} is not in the base`)
    return regex
  }
  const rules = new Map<Authorization, Rules>()
  const rulesOf = (authorization: Authorization): Rules => entry(rules, authorization, () => compileRules(authorization, regexOf))
  return { ...hostPatterns(hosts), order: matching.order, regexOf, conditions: new Map(), rulesOf }
}

/** The tables of a host. */
export function pathTables(table: RouteTable, host: HostRoutes): PathTables {
  host.paths ??= makePathTables(table, host.routes)
  return host.paths
}

function makePathTables(table: RouteTable, routes: readonly Route[]): PathTables {
  const all = rulesOf(table, routes)
  const exact = new Map<string, Rule[]>()
  const prefix = new Map<string, Rule[]>()
  const texts = new Map<string, TextRules & { readonly prefix: Rule[]; readonly regex: Rule[] }>()
  for (const rule of all) {
    const { kind, value } = rule.path
    if (kind === 'exact') entry(exact, value, newRules).push(rule)
    else if (kind === 'prefix') entry(prefix, withoutTrailingSlash(value), newRules).push(rule)
    else if (kind === 'prefix-string') entry(texts, value, newTextRules(value)).prefix.push(rule)
    else {
      const { literal } = table.regexOf(value).program
      entry(texts, literal, newTextRules(literal)).regex.push(rule)
    }
  }
  let prefixMax = 0
  for (const key of prefix.keys()) prefixMax = Math.max(prefixMax, key.length)
  return { all, exact, prefix, prefixMax, ...(texts.size === 0 ? {} : { texts: makeTextIndex(texts) }) }
}

/** A rule for each path of each route, in the order of their places. */
function rulesOf(table: RouteTable, routes: readonly Route[]): readonly Rule[] {
  // A stable sort: routes that are alike stay in order of the file.
  const ordered = table.order === 'first-match' ? routes : [...routes].sort(moreSpecificFirst)
  return ordered.flatMap((route, place) => {
    const conditions = entry(table.conditions, route, () => conditionsOf(route, table.regexOf))
    return route.paths.map((path) => makeRule({ route, path, conditions, place }, table))
  })
}

const makeRule = (parts: Omit<Rule, 'regex'>, { regexOf }: RouteTable): Rule =>
  parts.path.kind === 'regex' ? { ...parts, regex: regexOf(parts.path.value) } : parts

const newRules = (): Rule[] => []
const newTextRules = (text: string) => () => ({ text, prefix: newRules(), regex: newRules() })

const withoutTrailingSlash = (path: PathMatch['value']): string => (path.endsWith('/') ? path.slice(0, -1) : path)

function entry<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const held = map.get(key)
  if (held !== undefined) return held
  const made = make()
  map.set(key, made)
  return made
}
