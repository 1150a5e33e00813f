/** Public keys of an issuer: as they stand in a configuration, come from its endpoint, and are told by vantages to isolates and to each other. */
import type { KeySetKey } from './ids.ts'
import { between, type DurationMs, type Instant, ms } from './units.ts'

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

/** Where a vantage fetches keys from. */
export interface KeySetSource {
  readonly key: KeySetKey
  /** `discovery`: `url` is that of the document that names the place of the keys. */
  readonly kind: 'jwks' | 'discovery'
  readonly url: string
  /** With `discovery`: what the document must say its issuer is (OpenID Connect Discovery 1.0 section 4.3). */
  readonly issuer?: string
}

/** What is told of the keys of one source. */
export interface KeySetNews {
  readonly key: KeySetKey
  /** The same text for the same keys, whoever fetched them. */
  readonly version: string
  /** Since the issuer last said that these are its keys. A length: clocks of two machines are not compared. */
  readonly age: DurationMs
  /** Since anybody first saw this version. Vantages tell it to each other; absent one version back. */
  readonly since?: DurationMs
  /** Left out for whoever holds this version. Never empty. */
  readonly keys?: readonly PublicJwk[]
}

/** Sources at most of one gateway. */
export const KEY_SETS_MAX = 64

/** Older keys are said to be stale in the status: their issuer has been silent for long. They count as before. */
export const KEYS_FRESH_FOR = ms(600_000)
/** Older keys do not count: what an issuer took back a day ago must not let anybody in. */
export const KEYS_GOOD_FOR = ms(24 * 3_600_000)

/** Of a clock that was set back by more than keys live nothing is known: then as old as can be. */
export function ageOfKeys(confirmedAt: Instant, now: Instant): DurationMs {
  const age = between(confirmedAt, now)
  if (age >= 0) return age
  return age < -KEYS_GOOD_FOR ? KEYS_GOOD_FOR : ms(0)
}
