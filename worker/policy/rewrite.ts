/** What endpoints are asked for instead of what the client asked for. */
import type { Rewrite } from '../../config/action.ts'
import type { PathMatch } from '../../config/match.ts'
import { changePath } from './change-path.ts'

/** The path with which an endpoint is asked, without its base path and the query, and the host that it is told. */
export interface Rewritten {
  readonly path: string
  readonly authority: string
}

/** Of the route and of one of its pools: each field of the pool's goes before the route's. Undefined when nothing changes. */
export function bothRewrites(ofRoute: Rewrite | undefined, ofPool: Rewrite | undefined): Rewrite | undefined {
  if (ofRoute === undefined || ofPool === undefined) return ofPool ?? ofRoute
  return { ...ofRoute, ...ofPool }
}

export function rewrite(rules: Rewrite, target: Rewritten, paths: readonly PathMatch[]): Rewritten {
  return {
    path: rules.path === undefined ? target.path : changePath(rules.path, target.path, paths),
    authority: rules.host ?? target.authority,
  }
}
