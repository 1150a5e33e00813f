/** How a pool chooses among its endpoints, as the worker is told: the settings of each kind of steering that has some. */
import type { ClaimPath } from './claim.ts'
import type { EndpointId } from './ids.ts'
import type { DurationMs, Share } from './units.ts'

/**
 * How endpoints that may take a request are ordered. Failover is part of each: the rest of the order follows the first.
 * - `listed`: by priority (0 first), then as listed.
 * - `nearest`: by priority, then great-circle distance from the client to the endpoint, then as listed.
 * - `weighted`: by priority, then drawn by weight without replacement; among equal weights the one of two with fewer attempts waiting.
 * - `latency`: by priority, then those about as fast as the fastest, the one of two with fewer attempts waiting; a small share tries the others.
 * - `affinity`: by priority, then by a hash of a key of the request and each endpoint, in proportion to the weights.
 * - `map`: by priority, then as listed for the client's country, else its continent, else everybody else.
 */
export type Steering = 'listed' | 'nearest' | 'weighted' | 'latency' | 'affinity' | 'map'

/** What of a request keeps it at one endpoint. Claims and certificates come with authentication. */
export type AffinityKey =
  /** Lower case. */
  | { readonly kind: 'header'; readonly name: string }
  /** `set`: the gateway gives a client that has none a cookie of its own. */
  | { readonly kind: 'cookie'; readonly name: string; readonly set?: AffinityCookie }
  | { readonly kind: 'query'; readonly name: string }
  /** IPv4 whole, IPv6 by its /64, which is one household's. */
  | { readonly kind: 'client-address' }
  /** Of the verified token: a text, number or boolean. */
  | { readonly kind: 'claim'; readonly claim: ClaimPath }
  /** The verified certificate's SPIFFE id, else its fingerprint. */
  | { readonly kind: 'certificate' }

/** Always `HttpOnly`, `Secure` and `Path=/`. Its value is random and names no endpoint, so there is nothing to sign. */
export interface AffinityCookie {
  /** Absent: until the browser ends. */
  readonly ttl?: DurationMs
  readonly sameSite: SameSite
}

export const SAME_SITE = ['strict', 'lax', 'none'] as const
export type SameSite = (typeof SAME_SITE)[number]

/** Endpoints in order of preference; those that a list does not name follow as `otherwise` has them, then as listed. */
export interface SteeringMap {
  /** By ISO 3166-1 code, upper case. */
  readonly countries: Readonly<Record<string, readonly EndpointId[]>>
  /** By the platform's code of the continent: AF, AN, AS, EU, NA, OC, SA. */
  readonly continents: Readonly<Record<string, readonly EndpointId[]>>
  readonly otherwise: readonly EndpointId[]
}

/** Degrees, the middle of each country by its ISO code: latitude, longitude. */
export type CountryPlaces = Readonly<Record<string, readonly [latitude: number, longitude: number]>>

/** How a pool spreads over its priorities. All absent: a priority gets requests only when no endpoint of those before can take them. */
export interface LevelSettings {
  /** By how much a priority is over-provisioned: each takes its healthy share of capacity times this, and passes the rest on. Envoy's default is 1.4. */
  readonly spillOver?: number
  /** A priority with a lower share of its capacity healthy is passed over while another has more. */
  readonly healthThreshold?: Share
  /** The same by number of endpoints. */
  readonly minimumHealthy?: number
  /** A priority with a lower share ignores verdicts, while all priorities together have too little. */
  readonly panic?: Share
}
