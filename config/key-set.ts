/** Public keys of an issuer: as they stand in a configuration, come from its endpoint, and travel with a snapshot. */
import type { DurationMs } from './units.ts'

/** RFC 7517 section 4, with the members that verification reads and no others. `oct` only where an operator wrote it. */
export interface PublicJwk {
  readonly kty: 'EC' | 'RSA' | 'OKP' | 'oct'
  readonly kid?: string
  readonly alg?: string
  readonly use?: string
  readonly crv?: string
  readonly x?: string
  readonly y?: string
  readonly n?: string
  readonly e?: string
  readonly k?: string
}

/** The keys of one issuer as a vantage publishes them. */
export interface PublishedKeySet {
  /** Never empty: an empty set of an issuer never replaces a good one. */
  readonly keys: readonly PublicJwk[]
  /** Since its issuer last said that these are its keys. */
  readonly age: DurationMs
}
