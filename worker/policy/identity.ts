/**
 * What is known for certain of who sent a request: found out by `worker/identity`, before a route is looked for. Everything here has been
 * verified or says why not; what only the client says is nowhere in it.
 */
import type { HostAdmission } from '../../config/admission.ts'
import type { Claims } from '../../config/claim.ts'
import type { IssuerId, TrustId } from '../../config/ids.ts'

/** Absent (undefined) where nothing is demanded of the host. */
export interface Identity {
  /** What the host demands. */
  readonly host: HostAdmission
  /** What the client asked for without the tokens in it; absent where there are none. It takes the place of the query in all that follows. */
  readonly query?: string
  readonly token: TokenFinding
  readonly certificate: CertificateFinding
}

export type TokenFinding =
  | { readonly kind: 'absent'; readonly challenge?: TokenChallenge }
  | VerifiedToken
  /** `reason` is for operators, and never told to the client. */
  | { readonly kind: 'refused'; readonly reason: string; readonly issuer?: IssuerId; readonly challenge?: TokenChallenge }
  /** It names a key that is not known, or none, and no known one made it: its key may have been published just now, and news are asked for. */
  | { readonly kind: 'unknown-key'; readonly issuer: IssuerId }
  /** The keys of its issuer are not known, or too old to be believed. */
  | { readonly kind: 'no-keys'; readonly issuer: IssuerId }

/** What a client is told of proofs beside of tokens (RFC 9449 section 7.1): that one is wanted, or that its own was not good. */
export type TokenChallenge = 'dpop' | 'invalid-proof'

export interface VerifiedToken {
  readonly kind: 'verified'
  readonly issuer: IssuerId
  readonly claims: Claims
}

export type CertificateFinding =
  | { readonly kind: 'absent' }
  | VerifiedCertificate
  /** The request came before the handshake was complete, and may be one that somebody else sends again (RFC 8470). */
  | { readonly kind: 'early' }
  /** `reason` is for operators, and never told to the client. `fingerprint`, `issuer`: as they were presented, which proves nothing. */
  | { readonly kind: 'refused'; readonly reason: string; readonly fingerprint?: string; readonly issuer?: string }

export interface VerifiedCertificate {
  readonly kind: 'verified'
  readonly trust: TrustId
  /** SHA-256 of the leaf's DER, lower-case hex digits. */
  readonly fingerprint: string
  /** RFC 4514, for people. */
  readonly subject: string
  /** The one URI of its subject alternative name, where that is a SPIFFE id of a trust domain that its authority vouches for. */
  readonly spiffe?: string
  readonly dns: readonly string[]
  readonly uris: readonly string[]
  /** DER in base64. */
  readonly leaf: string
  /** What came with it, DER in base64, in the order of the chain, without the leaf. */
  readonly chain: readonly string[]
}

/** Whose it is, as a text: its SPIFFE id, else its fingerprint. */
export const holderOf = ({ spiffe, fingerprint }: Pick<VerifiedCertificate, 'spiffe' | 'fingerprint'>): string => spiffe ?? fingerprint

export const NO_TOKEN: TokenFinding = { kind: 'absent' }
export const NO_CERTIFICATE: CertificateFinding = { kind: 'absent' }
export const EARLY: CertificateFinding = { kind: 'early' }
