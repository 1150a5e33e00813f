/**
 * The routes as tables, made once from the base. A host is looked up whole, then by its suffixes; a path whole, then by its prefixes:
 * the cost of a match does not grow with the number of routes.
 */
import type { Base, Route } from '../../config/base.ts'

export interface RouteTable {
  readonly exactHosts: ReadonlyMap<string, HostRoutes>
  /** By what follows `*.`. */
  readonly wildcardHosts: ReadonlyMap<string, HostRoutes>
}

/** Rules of one path each, in the order in which they are tried. */
export interface HostRoutes {
  readonly exact: ReadonlyMap<string, readonly Route[]>
  /** Keys without a trailing slash: the prefix `/` is the empty string. */
  readonly prefix: ReadonlyMap<string, readonly Route[]>
}

export function makeRouteTable(base: Pick<Base, 'routes'>): RouteTable {
  const exactHosts = new Map<string, MutableHostRoutes>()
  const wildcardHosts = new Map<string, MutableHostRoutes>()
  for (const route of base.routes) {
    for (const host of route.hosts) {
      const wildcard = host.startsWith('*.')
      const routes = entry(wildcard ? wildcardHosts : exactHosts, wildcard ? host.slice(2) : host, newHostRoutes)
      for (const path of route.paths) {
        const exact = path.kind === 'exact'
        entry(exact ? routes.exact : routes.prefix, exact ? path.value : withoutTrailingSlash(path.value), newRules).push(route)
      }
    }
  }
  for (const hosts of [exactHosts, wildcardHosts]) {
    for (const { exact, prefix } of hosts.values()) {
      for (const rules of exact.values()) rules.sort(moreSpecificFirst)
      for (const rules of prefix.values()) rules.sort(moreSpecificFirst)
    }
  }
  return { exactHosts, wildcardHosts }
}

interface MutableHostRoutes {
  readonly exact: Map<string, Route[]>
  readonly prefix: Map<string, Route[]>
}

const newHostRoutes = (): MutableHostRoutes => ({ exact: new Map(), prefix: new Map() })
const newRules = (): Route[] => []

/** Gateway API, HTTPRouteRule `matches`: a method match first, then the larger number of header matches; then the order of the file. */
function moreSpecificFirst(a: Route, b: Route): number {
  return Number(b.methods.length > 0) - Number(a.methods.length > 0) || b.headers.length - a.headers.length
}

const withoutTrailingSlash = (path: string): string => (path.endsWith('/') ? path.slice(0, -1) : path)

function entry<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const held = map.get(key)
  if (held !== undefined) return held
  const made = make()
  map.set(key, made)
  return made
}
