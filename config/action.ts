/** What a route does with the requests that it takes, as the base says it: every name resolved, every default written out. */
import type { PoolId } from './ids.ts'

export type RouteAction = ForwardAction | RedirectAction | ReplyAction

export interface ForwardAction {
  readonly kind: 'forward'
  /** In order of the file; never empty, no pool twice. */
  readonly pools: readonly WeightedPool[]
  /** With `writes: home` and several pools: where the home is. Writes go there and are not drawn. */
  readonly homePool?: PoolId
}

/** The object itself is the key of what isolates know of this pool on this route: there is one for each in a base. */
export interface WeightedPool {
  readonly pool: PoolId
  /** Relative to the other pools of the route; 0 takes none. */
  readonly weight: number
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
  readonly headers: readonly (readonly [name: string, value: string])[]
}

/** Gateway API, HTTPPathModifier: `full` replaces the whole path, `prefix` the prefix that the route matched. The query stays. */
export type PathChange = { readonly kind: 'full' | 'prefix'; readonly value: string }
