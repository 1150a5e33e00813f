/** How often somebody may come, as the base holds it. */
import type { ClaimPath } from './claim.ts'
import { classLimits, type PoolLimits } from './limits.ts'
import type { DurationMs } from './units.ts'

/** As much of a limit as its counter needs. */
export interface CountedLimit {
  /** Unique in the gateway; how logs and headers call it. */
  readonly id: string
  /** Requests in `window`. */
  readonly limit: number
  readonly window: DurationMs
  /** Requests at once. Default `limit`. */
  readonly burst: number
  readonly scope: RateLimitScope
}

export interface RateLimit extends CountedLimit {
  readonly by: RateLimitKey
  /** When nobody can be asked. */
  readonly onUnavailable: 'allow' | 'deny'
  readonly headers: RateLimitHeaders
}

/** Who is counted. A request of which it is not known is counted with all others of which it is not. */
export type RateLimitKey =
  /** By address, of IPv6 the first 64 bits. */
  | { readonly kind: 'client' }
  | { readonly kind: 'claim'; readonly claim: ClaimPath }
  /** The certificate's SPIFFE id or fingerprint, else the token's issuer and subject. */
  | { readonly kind: 'identity' }
  | { readonly kind: 'header'; readonly name: string }
  | { readonly kind: 'route' }

/** `colo`: each colo counts for itself, by the platform's own counter. `global`: all together, by leases. */
export const RATE_LIMIT_SCOPES = ['colo', 'global'] as const
export type RateLimitScope = (typeof RATE_LIMIT_SCOPES)[number]

/** Whether answers tell of a limit (`RateLimit-Policy`, `RateLimit`): those that it refuses, all that it counted, or none. */
export const RATE_LIMIT_HEADERS = ['refused', 'always', 'never'] as const
export type RateLimitHeaders = (typeof RATE_LIMIT_HEADERS)[number]

interface Limiting {
  readonly rateLimits?: readonly RateLimit[]
}

interface Admitting {
  readonly admission?: { readonly hosts: readonly Limiting[] }
  readonly routes: readonly { readonly admission?: Limiting }[]
}

/** Of who comes, as hosts and routes say; one that several say stands there as often. */
export const limitsOfUse = ({ admission, routes }: Admitting): readonly RateLimit[] =>
  [...(admission?.hosts ?? []), ...routes.map((route) => route.admission)].flatMap((each) => each?.rateLimits ?? [])

/** All limits of a base, in order: those of hosts, each once, then those of routes, then those of pools. */
export function rateLimitsOf(
  base: Admitting & { readonly pools: readonly { readonly id: string; readonly limits?: PoolLimits }[] },
): readonly CountedLimit[] {
  const all: readonly CountedLimit[] = [
    ...limitsOfUse(base),
    ...base.pools.flatMap(({ id, limits }) => (limits === undefined ? [] : classLimits(id, limits))),
  ]
  return [...new Map(all.map((limit) => [limit.id, limit])).values()]
}

/** All periods that the platform's counter knows, in seconds. */
export const COLO_PERIODS = [10, 60] as const

/** The platform's counter of a limit: limits of one rate share it, each with keys of its own. */
export interface ColoCounter {
  /** The name of its binding: `RATE_100_PER_10S`. */
  readonly binding: string
  readonly limit: number
  /** Seconds. */
  readonly period: number
}

export function coloCounter({ limit, window }: Pick<RateLimit, 'limit' | 'window'>): ColoCounter {
  const period = window / 1000
  return { binding: `RATE_${limit}_PER_${period}S`, limit, period }
}
