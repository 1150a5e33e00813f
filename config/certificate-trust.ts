/** Whose client certificates count, as the base holds it: who verifies the chain, and who of those it names may come in. */
import type { TrustId } from './ids.ts'
import { type DurationMs, type Instant, ms } from './units.ts'

/** How long ahead operators are told that an authority ends: long enough to make its successor known to partners. */
export const EXPIRY_NOTICE: DurationMs = ms(30 * 24 * 60 * 60 * 1000)

export interface CertificateTrust {
  readonly id: TrustId
  readonly verify: CertificateVerification
  /** Fingerprints, SHA-256 in lower-case hex digits, and serial numbers, lower-case hex digits without leading zeros, that are refused. */
  readonly revoked: readonly string[]
}

export type CertificateVerification =
  /**
   * Cloudflare's own verdict: `SUCCESS`, not revoked, and issued by one of these (subject key identifiers of the authority, lower-case hex
   * digits; none: by any authority of the zone). SPIFFE trust domains that these issuers vouch for; absent: none.
   */
  | { readonly kind: 'cloudflare'; readonly issuers: readonly string[]; readonly trustDomains?: readonly string[] }
  /** RFC 5280 section 6 against the operator's own authorities. */
  | { readonly kind: 'bundle'; readonly authorities: readonly TrustedAuthority[] }

export interface TrustedAuthority {
  /** DER in base64. */
  readonly certificate: string
  /** What people call it. */
  readonly name: string
  /** When it expires. */
  readonly notAfter: Instant
  /** SPIFFE trust domains that this authority vouches for; absent: none, and a leaf with a SPIFFE id is refused. */
  readonly trustDomains?: readonly string[]
}

/** A condition on a verified certificate. Of several fields each must hold; of a list one. */
export interface CertificateMatch {
  /** Which trust verified it. A host asks its trusts in order, and the first that takes the certificate is meant. */
  readonly trust?: TrustId
  /** Exactly, or a prefix by segments that ends in `/*`: `spiffe://example.org/ns/shop/*`. */
  readonly spiffe?: readonly string[]
  /** DNS names of the subject alternative name, exactly or `*.example.com`. */
  readonly dns?: readonly string[]
  /** SHA-256 in lower-case hex digits. */
  readonly fingerprints?: readonly string[]
}
