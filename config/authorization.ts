/** Who may do what, as the base holds it: ordered rules, the first that applies decides. */
import type { CertificateMatch } from './certificate-trust.ts'
import type { ClaimMatch } from './claim.ts'
import type { PathMatch, ValueMatch } from './match.ts'

export interface Authorization {
  /** `audit`: nobody is refused by these rules; who would be, and by which, is in the log. */
  readonly mode: 'enforce' | 'audit'
  /** In order. Where none applies the request is denied. Never empty. */
  readonly rules: readonly AuthorizationRule[]
}

/**
 * A rule applies when all its conditions hold. What is not known never makes an `allow` apply and always a `deny`: a deny on a claim takes
 * requests without a token as well.
 */
export interface AuthorizationRule {
  readonly effect: 'allow' | 'deny'
  /** As it is called in the log: its `name`, or `rules[2]`. */
  readonly id: string
  readonly claims?: readonly ClaimMatch[]
  readonly certificate?: CertificateMatch
  readonly paths?: readonly PathMatch[]
  /** Upper case. */
  readonly methods?: readonly string[]
  readonly headers?: readonly ValueMatch[]
  /** Networks in CIDR notation, both families: `203.0.113.0/24`, `2001:db8::/32`. */
  readonly clients?: readonly string[]
  readonly countries?: readonly string[]
}
