/** What a route does with the requests that it takes, as the base says it: every name resolved, every default written out. */
import type { CorsRules } from './cors.ts'
import type { Faults } from './faults.ts'
import type { PoolId, ReleaseId } from './ids.ts'
import type { Mirror } from './mirror.ts'
import type { RegexProgram } from './regex/program.ts'
import type { Replacement } from './regex/replacement.ts'

export type RouteAction = ForwardAction | RedirectAction | ReplyAction

/** What a route changes on the way, does beside it, and does on purpose. Absent: nothing. */
export interface RouteFilters {
  /** Of what is sent to endpoints; those of the weighted pool come after, then the endpoint's own. */
  readonly requestHeaders?: HeaderEdits
  /** Of every answer to a request that the route took; those of the weighted pool come after. */
  readonly responseHeaders?: HeaderEdits
  readonly rewrite?: Rewrite
  readonly cors?: CorsRules
  readonly mirrors?: readonly Mirror[]
  readonly faults?: Faults
}

export interface ForwardAction {
  readonly kind: 'forward'
  /** In order of the file; never empty, no pool twice. */
  readonly pools: readonly WeightedPool[]
  /** Shares that no pool takes, in order of the file; absent where there are none. */
  readonly replies?: readonly WeightedReply[]
  /** With it `pools` holds the stable track alone. */
  readonly release?: ReleasedTracks
  /** With `writes: home` and several pools: where the home is. Writes go there and are not drawn. */
  readonly homePool?: PoolId
}

/** The tracks of a release on one route: stable is the one of `pools`. */
export interface ReleasedTracks {
  readonly id: ReleaseId
  readonly canary: WeightedPool
}

/** The object itself is the key of what isolates know of this pool on this route: there is one for each in a base. */
export interface WeightedPool {
  readonly pool: PoolId
  /** Relative to the other pools of the route; 0 takes none. */
  readonly weight: number
  /** After the route's. */
  readonly requestHeaders?: HeaderEdits
  /** After the route's. */
  readonly responseHeaders?: HeaderEdits
  /** In place of the route's, field by field. */
  readonly rewrite?: Rewrite
  /** Requests that draw this pool are sent elsewhere instead of to it. */
  readonly redirect?: RedirectAction
}

/** Requests that draw it are answered by themselves. */
export interface WeightedReply {
  readonly pool?: undefined
  readonly weight: number
  readonly reply: ReplyAction
}

/** Changes of headers, in this order. Names in lower case; none is removed that is also set or added. */
export interface HeaderEdits {
  readonly set: readonly HeaderPair[]
  /** Joined to what is there by a comma. */
  readonly add: readonly HeaderPair[]
  readonly remove: readonly string[]
}

export type HeaderPair = readonly [name: string, value: string]

/** Gateway API, HTTPURLRewriteFilter. What is absent stays. */
export interface Rewrite {
  /** Told to endpoints as `X-Forwarded-Host`: a Worker's fetch sends the endpoint's own name as `Host`. */
  readonly host?: string
  readonly path?: PathChange
}

/** Gateway API, HTTPRequestRedirectFilter. What is absent is the request's own. */
export interface RedirectAction {
  readonly kind: 'redirect'
  readonly scheme?: 'http' | 'https'
  /** Lower case, without a port. */
  readonly host?: string
  readonly port?: number
  readonly path?: PathChange
  readonly status: 301 | 302 | 303 | 307 | 308
}

export interface ReplyAction {
  readonly kind: 'reply'
  readonly status: number
  readonly body?: string
  /** Names in lower case. */
  readonly headers: readonly HeaderPair[]
}

/**
 * Gateway API, HTTPPathModifier, and regular expressions. The query stays.
 * - `full`: in place of the whole path.
 * - `prefix`: in place of the prefix that the route matched.
 * - `regex`: in place of a path that the expression takes whole; another stays as it is.
 */
export type PathChange =
  | { readonly kind: 'full' | 'prefix'; readonly value: string }
  | { readonly kind: 'regex'; readonly program: RegexProgram; readonly replacement: Replacement }
