/**
 * Conditions on who sent a request. Only what a verified token or certificate says meets one; whoever has none is unknown, and `whenUnknown`
 * says what that makes of it: a route and an `allow` are not for the unknown, a `deny` is.
 */
import type { CertificateMatch } from '../../config/certificate-trust.ts'
import type { ClaimMatch, Claims } from '../../config/claim.ts'
import { SUBJECT_MAX } from '../../config/regex/program.ts'
import { certificateHolds } from './certificate-match.ts'
import { claimAt, claimCondition } from './claims.ts'
import type { Condition, RegexOf } from './conditions.ts'
import type { Identity } from './identity.ts'

export function claimAsked(match: ClaimMatch, whenUnknown: boolean, regexOf: RegexOf): Condition {
  const says = claimCondition(match, regexOf)
  const isLong = (claims: Claims): boolean => match.kind === 'regex' && [claimAt(claims, match.claim)].flat().some(isTooLong)
  return {
    label: `claim ${match.claim.join('.')}`,
    holds: ({ identity }) => {
      const token = identity?.token
      if (token?.kind !== 'verified') return whenUnknown
      return says(token.claims) || (whenUnknown && isLong(token.claims))
    },
    why: ({ identity }) => (identity?.token.kind === 'verified' ? undefined : whyNoToken(identity)),
  }
}

/** No expression takes it, whatever it says. */
const isTooLong = (value: unknown): boolean => typeof value === 'string' && value.length > SUBJECT_MAX

export function certificateAsked(match: CertificateMatch, whenUnknown: boolean): Condition {
  const { spiffe: _, ...others } = match
  return {
    label: 'certificate',
    holds: ({ identity }) => {
      const certificate = identity?.certificate
      if (certificate?.kind !== 'verified') return whenUnknown
      const { spiffe, uris } = certificate
      const isVouchedFor = spiffe !== undefined || !uris.some((uri) => uri.startsWith('spiffe:'))
      if (match.spiffe === undefined || isVouchedFor) return certificateHolds(match, certificate)
      return whenUnknown && certificateHolds(others, certificate)
    },
    why: ({ identity }) => (identity?.certificate.kind === 'verified' ? undefined : whyNoCertificate(identity)),
  }
}

/** For people: why nothing is known by a token. */
export function whyNoToken(identity: Identity | undefined): string {
  const token = identity?.token
  if (token === undefined || token.kind === 'absent' || token.kind === 'verified') return 'no token'
  if (token.kind === 'refused') return `the token is refused: ${token.reason}`
  return token.kind === 'unknown-key' ? 'the key of the token is not known' : 'the keys of its issuer are not known'
}

export function whyNoCertificate(identity: Identity | undefined): string {
  const certificate = identity?.certificate
  if (certificate?.kind === 'early') return 'no certificate is known yet: the request came in early data'
  return certificate?.kind === 'refused' ? `the certificate is refused: ${certificate.reason}` : 'no certificate'
}
