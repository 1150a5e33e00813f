/**
 * What requests are told apart by, as the base holds it. Kinds that a route does not use are absent from it, so that they cost an
 * isolate nothing. What each means for a request is in `worker/policy/conditions.ts`, which goes first in `worker/policy/rules.ts`.
 */

import type { CertificateMatch } from './certificate-trust.ts'
import type { ClaimMatch } from './claim.ts'

/** The conditions of a route. All kinds must hold; of hosts, paths, methods, countries, continents, schemes and ports one of the list. */
export interface RouteConditions {
  /** Lower case, without port: `shop.example.com`, or `*.example.com` for any depth below it but not itself. */
  readonly hosts: readonly string[]
  /** Never empty: a route without a path has the prefix `/`. */
  readonly paths: readonly PathMatch[]
  /** Upper case; empty means any. */
  readonly methods: readonly string[]
  /** Names in lower case. */
  readonly headers: readonly ValueMatch[]
  readonly query?: readonly ValueMatch[]
  readonly cookies?: readonly ValueMatch[]
  /** ISO 3166-1, two letters in upper case; `T1` is Tor. */
  readonly countries?: readonly string[]
  readonly continents?: readonly Continent[]
  readonly schemes?: readonly Scheme[]
  readonly ports?: readonly number[]
  /** Of the verified token. */
  readonly claims?: readonly ClaimMatch[]
  /** Of the verified certificate. */
  readonly certificate?: CertificateMatch
  /** Ambiguities of paths that it takes all the same. */
  readonly ambiguous?: readonly PathAmbiguity[]
}

/**
 * - `exact`: that path alone.
 * - `prefix`: whole segments (Gateway API): `/a` takes `/a` and `/a/b`, not `/ab`. Without a trailing slash, but for `/` itself.
 * - `prefix-string`: any text after it: `/a` takes `/ab` as well.
 * - `regex`: the source of one of the base's expressions, which takes the whole path.
 */
export interface PathMatch {
  readonly kind: 'exact' | 'prefix' | 'prefix-string' | 'regex'
  readonly value: string
}

/** A condition on the value of a header, query parameter or cookie. The value of `regex` is the source of one of the base's expressions. */
export type ValueMatch =
  | { readonly name: string; readonly kind: 'exact' | 'regex'; readonly value: string }
  | { readonly name: string; readonly kind: 'present' }
  | { readonly name: string; readonly kind: 'absent' }

export const CONTINENTS = ['AF', 'AN', 'AS', 'EU', 'NA', 'OC', 'SA'] as const
export type Continent = (typeof CONTINENTS)[number]

export const SCHEMES = ['https', 'http'] as const
export type Scheme = (typeof SCHEMES)[number]

/** What two servers may read differently in a path; `worker/inbound/path-policy.ts` finds it. A route takes such a path only where it says so. */
export const PATH_AMBIGUITIES = ['encodedSlash', 'doubleSlash', 'encodedUnreserved', 'semicolon'] as const
export type PathAmbiguity = (typeof PATH_AMBIGUITIES)[number]

export interface MatchingSettings {
  /**
   * Which of the routes of the most specific host goes first. Default `most-specific`: the Gateway API's precedence;
   * `first-match`: the order of the file alone.
   */
  readonly order: MatchOrder
}

export const MATCH_ORDERS = ['most-specific', 'first-match'] as const
export type MatchOrder = (typeof MATCH_ORDERS)[number]
