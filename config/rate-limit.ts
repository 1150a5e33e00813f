/** How often somebody may come, as the base holds it. */
import type { ClaimPath } from './claim.ts'
import type { DurationMs } from './units.ts'

export interface RateLimit {
  /** Unique in the gateway; how logs and headers call it. */
  readonly id: string
  /** Requests in `window`. */
  readonly limit: number
  readonly window: DurationMs
  /** Requests at once above the even rate. Default `limit`. */
  readonly burst: number
  readonly by: RateLimitKey
  /** `colo`: each colo counts for itself, by the platform's own counter. `global`: all together, by leases. */
  readonly scope: 'colo' | 'global'
  /** When nobody can be asked. */
  readonly onUnavailable: 'allow' | 'deny'
}

/** Who is counted. A request of which it is not known is counted with all others of which it is not. */
export type RateLimitKey =
  | { readonly kind: 'client' }
  | { readonly kind: 'claim'; readonly claim: ClaimPath }
  /** The certificate's SPIFFE id or fingerprint, else the token's issuer and subject. */
  | { readonly kind: 'identity' }
  | { readonly kind: 'header'; readonly name: string }
  | { readonly kind: 'route' }
