/**
 * Whether a request may come in, as far as who sent it decides: what its host demands, or its route in place of it. The client is told as
 * little as there is to tell; the reason is for operators. Rules on what somebody may do are `authorize`'s.
 */
import type { HostAdmission, Requirement } from '../../config/admission.ts'
import type { Route } from '../../config/base.ts'
import type { GatewayErrorCode } from '../../config/errors.ts'
import type { CertificateFinding, Identity, TokenFinding } from './identity.ts'
import type { MatchRequest } from './match-request.ts'

export type Admission =
  /** `wouldRefuse`: it comes in only because somebody wants to see who would be refused. */
  { readonly kind: 'admitted'; readonly wouldRefuse?: Refused } | Refused

export interface Refused {
  readonly kind: 'refused'
  readonly code: GatewayErrorCode
  /** For operators: never told to the client. */
  readonly reason: string
  /** What a token was presented as, where one is wanted: the challenge says whether there was one (RFC 6750 section 3). */
  readonly presented?: boolean
}

const ADMITTED: Admission = { kind: 'admitted' }

export function admit(route: Route, { identity }: MatchRequest): Admission {
  const own = route.admission?.authentication
  const require = own?.require ?? identity?.host.authentication.require ?? 'none'
  const refused = judge(require, identity)
  if (refused === undefined) return ADMITTED
  const mode = own?.mode ?? identity?.host.authentication.mode ?? 'strict'
  return mode === 'permissive' ? { kind: 'admitted', wouldRefuse: refused } : refused
}

/** Why not; undefined when the demand is met. */
function judge(require: Requirement, identity: Identity | undefined): Refused | undefined {
  if (require === 'none') return undefined
  // Its host takes neither, so nothing that is demanded can be proved.
  if (identity === undefined) return require === 'optional' ? undefined : NOT_TAKEN
  const { token, certificate, host } = identity
  switch (require) {
    case 'all':
      return (takesTokens(host) ? needToken(token) : undefined) ?? (takesCertificates(host) ? needCertificate(certificate) : undefined)
    case 'any':
      if (token.kind === 'verified' || certificate.kind === 'verified') return undefined
      return takesTokens(host) ? needToken(token) : needCertificate(certificate)
    case 'token':
      return needToken(token) ?? mayCertificate(certificate)
    case 'certificate':
      return needCertificate(certificate) ?? mayToken(token)
    case 'optional':
      return mayToken(token) ?? mayCertificate(certificate)
    default:
      return require satisfies never
  }
}

const NOT_TAKEN: Refused = { kind: 'refused', code: 'ERR_TOKEN_REQUIRED', reason: 'its host takes neither tokens nor certificates' }

const takesTokens = ({ tokens }: HostAdmission): boolean => tokens.length > 0
const takesCertificates = ({ certificates }: HostAdmission): boolean => certificates.length > 0

function needToken(token: TokenFinding): Refused | undefined {
  switch (token.kind) {
    case 'verified':
      return undefined
    case 'absent':
      return { kind: 'refused', code: 'ERR_TOKEN_REQUIRED', reason: 'no token', presented: false }
    case 'refused':
      return { kind: 'refused', code: 'ERR_TOKEN_REQUIRED', reason: token.reason, presented: true }
    case 'unknown-key':
      return { kind: 'refused', code: 'ERR_TOKEN_KEY_UNKNOWN', reason: `a key of ${token.issuer} that is not known`, presented: true }
    case 'no-keys':
      return { kind: 'refused', code: 'ERR_TOKEN_KEYS_UNAVAILABLE', reason: `the keys of ${token.issuer} are not known, or too old` }
    default:
      return token satisfies never
  }
}

const mayToken = (token: TokenFinding): Refused | undefined => (token.kind === 'absent' ? undefined : needToken(token))

function needCertificate(certificate: CertificateFinding): Refused | undefined {
  switch (certificate.kind) {
    case 'verified':
      return undefined
    case 'absent':
      return { kind: 'refused', code: 'ERR_CERTIFICATE_REQUIRED', reason: 'no certificate' }
    case 'refused':
      return { kind: 'refused', code: 'ERR_CERTIFICATE_REQUIRED', reason: certificate.reason }
    default:
      return certificate satisfies never
  }
}

const mayCertificate = (certificate: CertificateFinding): Refused | undefined =>
  certificate.kind === 'absent' ? undefined : needCertificate(certificate)
