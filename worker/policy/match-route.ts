/**
 * Which route takes a request. Precedence is the Gateway API's: the exact host, then the longest wildcard; the exact path, then the
 * longest prefix; then method, number of headers, order. The most specific host decides alone: a request that none of its routes takes
 * does not fall through to a wildcard, where it might find a route that asks for less.
 */
import type { Route } from '../../config/base.ts'
import type { HostRoutes, RouteTable } from './route-table.ts'

/** What routes match on. */
export interface RequestHead {
  /** Lower case, without port. */
  readonly host: string
  /** As it came, without query; checked by the path policy. */
  readonly path: string
  readonly method: string
}

export interface HeaderLookup {
  readonly get: (name: string) => string | null
}

export type RouteMatch =
  | { readonly kind: 'route'; readonly route: Route }
  | { readonly kind: 'no-route' }
  | { readonly kind: 'unknown-host' }

const NO_ROUTE: RouteMatch = { kind: 'no-route' }
const UNKNOWN_HOST: RouteMatch = { kind: 'unknown-host' }

export function matchRoute(table: RouteTable, head: RequestHead, headers: HeaderLookup): RouteMatch {
  const routes = routesOfHost(table, head.host)
  if (routes === undefined) return UNKNOWN_HOST
  const exact = firstThatTakes(routes.exact.get(head.path), head, headers)
  if (exact !== undefined) return { kind: 'route', route: exact }
  // `/a/b/` has the prefixes `/a/b`, `/a` and the empty one.
  let end = head.path.endsWith('/') ? head.path.length - 1 : head.path.length
  while (end >= 0) {
    const route = firstThatTakes(routes.prefix.get(head.path.slice(0, end)), head, headers)
    if (route !== undefined) return { kind: 'route', route }
    if (end === 0) break
    end = head.path.lastIndexOf('/', end - 1)
  }
  return NO_ROUTE
}

/** The routes of the most specific host pattern that covers `host`; undefined when the gateway does not serve it. */
export function routesOfHost(table: RouteTable, host: string): HostRoutes | undefined {
  const exact = table.exactHosts.get(host)
  if (exact !== undefined || table.wildcardHosts.size === 0) return exact
  for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
    const wildcard = table.wildcardHosts.get(host.slice(dot + 1))
    if (wildcard !== undefined) return wildcard
  }
  return undefined
}

function firstThatTakes(rules: readonly Route[] | undefined, head: RequestHead, headers: HeaderLookup): Route | undefined {
  if (rules === undefined) return undefined
  for (const rule of rules) {
    if (rule.methods.length > 0 && !rule.methods.includes(head.method)) continue
    if (rule.headers.length > 0 && !rule.headers.every(({ name, value }) => headers.get(name) === value)) continue
    return rule
  }
  return undefined
}
