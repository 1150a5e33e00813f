/** Issuers of tokens, as the base holds them: whose signature counts, and what a token of theirs must say (RFC 7519, RFC 8725, RFC 9068). */
import type { ClaimMatch } from './claim.ts'
import type { IssuerId, KeySetKey } from './ids.ts'
import type { PublicJwk } from './key-set.ts'
import type { Bytes, DurationMs } from './units.ts'

export interface TokenIssuer {
  readonly id: IssuerId
  /** Its `iss`, compared whole (RFC 8725 section 3.8). */
  readonly issuer: string
  /** One of them must be among the token's `aud` (RFC 7519 section 4.1.3). Never empty. */
  readonly audiences: readonly string[]
  readonly keys: KeySource
  /** Which signatures count (RFC 8725 section 3.1). Default ES256, RS256, PS256, EdDSA; HS* only where it is named. */
  readonly algorithms: readonly SigningAlgorithm[]
  /** How far clocks may be apart, both ways, for `exp`, `nbf` and `iat`. Default 30 s. */
  readonly skew: DurationMs
  /** What `typ` may be, in lower case, without `application/` (RFC 8725 section 3.11). Empty: any but those of other kinds of tokens. */
  readonly types: readonly string[]
  /** All must hold. */
  readonly claims: readonly ClaimMatch[]
  /** All must be granted: in `scope` (RFC 8693 section 4.2, a text) or `scp` (a list). */
  readonly scopes: readonly string[]
  /** Where a token of this issuer is looked for. Different tokens in two places of a host are refused. */
  readonly from: readonly TokenPlace[]
  /** A longer token is refused unread. Default 8 KiB. */
  readonly sizeMax: Bytes
  /** Longest from `iat` to `exp`; a token without `iat` is refused then. Absent: any. */
  readonly lifetimeMax?: DurationMs
  readonly binding: TokenBinding
}

export type KeySource =
  /** Fetched by the vantages from `url`, which serves a key set (RFC 7517 section 5). */
  | { readonly kind: 'jwks'; readonly key: KeySetKey; readonly url: string }
  /** The same from the `jwks_uri` that the document at `url` names (OpenID Connect Discovery 1.0 section 4, RFC 8414). */
  | { readonly kind: 'discovery'; readonly key: KeySetKey; readonly url: string }
  | { readonly kind: 'static'; readonly keys: readonly PublicJwk[] }

export const SIGNING_ALGORITHMS = [
  'ES256',
  'ES384',
  'ES512',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'EdDSA',
  'HS256',
  'HS384',
  'HS512',
] as const
export type SigningAlgorithm = (typeof SIGNING_ALGORITHMS)[number]

export type TokenPlace =
  /** `scheme`: what stands before the token, `Bearer`; absent: the value is the token. Names in lower case. */
  | { readonly kind: 'header'; readonly name: string; readonly scheme?: string }
  | { readonly kind: 'cookie'; readonly name: string }
  /** Removed before the request goes on. */
  | { readonly kind: 'query'; readonly name: string }

/**
 * To whom a token is bound:
 * - `when-said`: one that says `cnf` proves it (RFC 8705 section 3.1, RFC 9449 section 6); one that does not is a bearer token. The default.
 * - `certificate`: it must be bound to the certificate of the connection.
 * - `dpop`: it must be bound to a key that the request proves to hold.
 */
export const TOKEN_BINDINGS = ['when-said', 'certificate', 'dpop'] as const
export type TokenBinding = (typeof TOKEN_BINDINGS)[number]
