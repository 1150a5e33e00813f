/** What pages of other origins may do with a route's answers (Fetch, "CORS protocol"; Gateway API, HTTPCORSFilter), as the base says it. */
import type { DurationMs } from './units.ts'

export interface CorsRules {
  readonly origins: CorsOrigins
  /** As written in the answer: `GET, PUT`. `any`: whatever is asked for. */
  readonly methods: CorsNames
  /** Names in lower case. */
  readonly headers: CorsNames
  /** Empty: the few that every page may read. */
  readonly expose: string
  readonly maxAge: DurationMs
  readonly credentials: boolean
}

export interface CorsOrigins {
  readonly any: boolean
  /** As browsers write them: `https://shop.example.com`, `https://shop.example.com:8443`. */
  readonly exact: readonly string[]
  readonly wildcards: readonly CorsWildcard[]
}

/** `https://*.example.com`: what stands before and after the star. At least one character of a host is between. */
export interface CorsWildcard {
  readonly before: string
  readonly after: string
}

export interface CorsNames {
  readonly any: boolean
  /** Joined by a comma and a space; empty for none. */
  readonly listed: string
}
