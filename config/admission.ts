/**
 * Who may come in, as the base holds it: what is demanded of a host and of a route, and the order in which it is judged. A gateway that
 * demands nothing has none of it, and it costs its requests nothing. Issuers of tokens are in `token-issuer.ts`, trusts of certificates in
 * `certificate-trust.ts`.
 *
 * A request is judged in this order: who sent it (`authentication`), whether they may (`authorization`), whether they may again (`rateLimits`).
 * Each is the host's, and then the route's.
 */
import type { Authorization } from './authorization.ts'
import type { CertificateTrust } from './certificate-trust.ts'
import type { ForwardedIdentity } from './forwarded-identity.ts'
import type { IssuerId, TrustId } from './ids.ts'
import type { RateLimit } from './rate-limit.ts'
import type { TokenIssuer } from './token-issuer.ts'

export interface AdmissionBase {
  /** In order of the file. */
  readonly issuers: readonly TokenIssuer[]
  /** In order of the file. */
  readonly trusts: readonly CertificateTrust[]
  /** Each pattern once. The most specific that takes a host decides alone, as with routes. */
  readonly hosts: readonly HostAdmission[]
}

/** What is demanded of every request to a host, whichever route takes it. */
export interface HostAdmission {
  /** As the patterns of routes: `shop.example.com`, `*.example.com`, `*`. */
  readonly pattern: string
  /** Whose tokens count here; empty: none does. */
  readonly tokens: readonly IssuerId[]
  /** Whose certificates count here; empty: none does. */
  readonly certificates: readonly TrustId[]
  readonly authentication: Authentication
  readonly authorization?: Authorization
  readonly rateLimits?: readonly RateLimit[]
  /** The log names subjects of tokens and certificates too. */
  readonly logSubject?: true
}

/** What a route demands beside its host. */
export interface RouteAdmission {
  /** What of it is said is in place of the host's. */
  readonly authentication?: Partial<Authentication>
  /** After the host's: both must allow. */
  readonly authorization?: Authorization
  /** Beside the host's: each counts. */
  readonly rateLimits?: readonly RateLimit[]
  /** What endpoints are told of who sent it. Absent: nothing. */
  readonly identity?: ForwardedIdentity
}

export interface Authentication {
  readonly require: Requirement
  readonly mode: AuthenticationMode
}

/**
 * What a request must prove:
 * - `all`: a token where the host takes tokens, and a certificate where it takes certificates. The default.
 * - `any`: one of the two.
 * - `token`, `certificate`: that one; the other may be there.
 * - `optional`: nothing, but what is presented must be good: a request with a bad token is refused.
 * - `none`: nothing. What is presented counts where it is good, and is passed over where it is not.
 */
export const REQUIREMENTS = ['all', 'any', 'token', 'certificate', 'optional', 'none'] as const
export type Requirement = (typeof REQUIREMENTS)[number]

/** `permissive`: nobody is refused for want of proof; who would be, and why, is in the log. What is not proved is not believed either. */
export const AUTHENTICATION_MODES = ['strict', 'permissive'] as const
export type AuthenticationMode = (typeof AUTHENTICATION_MODES)[number]
