/**
 * Whether a request may come in: whether who sent it has proved what its host demands, or its route in place of it; then whether they may do
 * that, by the rules of the host and then of the route. The client is told as little as there is to tell; the reason is for operators.
 */
import type { Authentication, HostAdmission, Requirement } from '../../config/admission.ts'
import type { Authorization } from '../../config/authorization.ts'
import type { Route } from '../../config/base.ts'
import type { GatewayErrorCode } from '../../config/errors.ts'
import { denial, type Rules } from './authorize.ts'
import type { CertificateFinding, Identity, TokenChallenge, TokenFinding } from './identity.ts'
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
  /** The rule that denies it, where one does. */
  readonly rule?: string
  readonly challenge?: TokenChallenge
}

/** Who sent a request that was let in, and why it would have been refused if nobody only looked. */
export interface Admitted {
  readonly identity?: Identity | undefined
  readonly wouldRefuse?: Refused | undefined
}

const ADMITTED: Admission = { kind: 'admitted' }

export function admit(route: Route, request: MatchRequest, rulesOf: (authorization: Authorization) => Rules): Admission {
  const admission = admitAsKnown(route, request, rulesOf)
  if (request.identity?.certificate.kind !== 'early') return admission
  if (admission.kind === 'refused') return tooEarly(admission)
  const { wouldRefuse } = admission
  return wouldRefuse === undefined ? admission : { kind: 'admitted', wouldRefuse: tooEarly(wouldRefuse) }
}

/**
 * RFC 8470 section 5.2. Where certificates count, all that is refused in early data may be in order once its certificate is known: by itself, for
 * a token that is bound to it, for a rule that asks for it. So the client is told to come again, and of nothing else that is wrong.
 */
function tooEarly({ code, reason, rule }: Refused): Refused {
  const told = code === 'ERR_TOO_EARLY' ? EARLY_DATA : `${EARLY_DATA}; without its certificate: ${reason}`
  return { kind: 'refused', code: 'ERR_TOO_EARLY', reason: told, ...(rule === undefined ? {} : { rule }) }
}

const EARLY_DATA = 'the request came in early data'

/** By what is known of it by now. */
function admitAsKnown(route: Route, request: MatchRequest, rulesOf: (authorization: Authorization) => Rules): Admission {
  const { identity } = request
  const authorization = route.admission?.authorization
  const host = identity?.host
  const { require, mode } = demandOf(route, identity)
  const unproved = judge(require, identity)
  if (unproved !== undefined && mode === 'strict') return unproved
  const [hostRules, routeRules] = [host?.authorization, authorization]
  const ofHost = hostRules === undefined ? undefined : forbid(rulesOf(hostRules), request, 'host')
  if (ofHost !== undefined && hostRules?.mode === 'enforce') return ofHost
  const ofRoute = routeRules === undefined ? undefined : forbid(rulesOf(routeRules), request, 'route')
  if (ofRoute !== undefined && routeRules?.mode === 'enforce') return ofRoute
  const wouldRefuse = unproved ?? ofHost ?? ofRoute
  return wouldRefuse === undefined ? ADMITTED : { kind: 'admitted', wouldRefuse }
}

/** What has to be proved: the host's word, and the route's in place of it. */
export function demandOf({ admission }: Route, identity: Identity | undefined): Authentication {
  const [own, host] = [admission?.authentication, identity?.host.authentication]
  return { require: own?.require ?? host?.require ?? 'none', mode: own?.mode ?? host?.mode ?? 'strict' }
}

function forbid(rules: Rules, request: MatchRequest, whose: 'host' | 'route'): Refused | undefined {
  const denied = denial(rules, request)
  if (denied === undefined) return undefined
  if (denied === 'no-rule') return { kind: 'refused', code: 'ERR_FORBIDDEN', reason: `no rule of the ${whose} allows it` }
  return { kind: 'refused', code: 'ERR_FORBIDDEN', reason: `the rule ${denied.id} of the ${whose} denies it`, rule: denied.id }
}

/** Why not; undefined when the demand is met. */
function judge(require: Requirement, identity: Identity | undefined): Refused | undefined {
  if (require === 'none') return undefined
  // Its host takes neither, so nothing that is demanded can be proved.
  if (identity === undefined) return require === 'optional' ? undefined : NOT_TAKEN
  const { token, certificate, host } = identity
  switch (require) {
    case 'all':
      if (!takesTokens(host) && !takesCertificates(host)) return NOT_TAKEN
      return both(tokenWhereTaken(identity), certificateWhereTaken(identity))
    case 'any':
      if (token.kind === 'verified' || certificate.kind === 'verified') return undefined
      return both(tokenWhereTaken(identity), certificateWhereTaken(identity)) ?? NOT_TAKEN
    case 'token':
      return both(needToken(token), mayCertificate(certificate))
    case 'certificate':
      return both(needCertificate(certificate), mayToken(token))
    case 'optional':
      return both(mayToken(token), mayCertificate(certificate))
    default:
      return require satisfies never
  }
}

const NOT_TAKEN: Refused = { kind: 'refused', code: 'ERR_TOKEN_REQUIRED', reason: 'its host takes neither tokens nor certificates' }

/** What is wrong with both, for operators; the client is told of the first alone. Of what came too early there is no more to say. */
function both(first: Refused | undefined, second: Refused | undefined): Refused | undefined {
  if (first === undefined || second === undefined) return first ?? second
  const isEarly = first.code === 'ERR_TOO_EARLY' || second.code === 'ERR_TOO_EARLY'
  return isEarly ? first : { ...first, reason: `${ofWhat(first)}; ${ofWhat(second)}` }
}

function ofWhat({ code, reason }: Refused): string {
  if (reason === NO_PROOF.token || reason === NO_PROOF.certificate) return reason
  return `the ${code === 'ERR_CERTIFICATE_REQUIRED' ? 'certificate' : 'token'}: ${reason}`
}

const NO_PROOF = { token: 'no token', certificate: 'no certificate' } as const

const tokenWhereTaken = ({ host, token }: Identity): Refused | undefined => (takesTokens(host) ? needToken(token) : undefined)
const certificateWhereTaken = ({ host, certificate }: Identity): Refused | undefined =>
  takesCertificates(host) ? needCertificate(certificate) : undefined

const takesTokens = ({ tokens }: HostAdmission): boolean => tokens.length > 0
const takesCertificates = ({ certificates }: HostAdmission): boolean => certificates.length > 0

function needToken(token: TokenFinding): Refused | undefined {
  switch (token.kind) {
    case 'verified':
      return undefined
    case 'absent':
      return { kind: 'refused', code: 'ERR_TOKEN_REQUIRED', reason: NO_PROOF.token, presented: false, ...asked(token) }
    case 'refused':
      return { kind: 'refused', code: 'ERR_TOKEN_REQUIRED', reason: token.reason, presented: true, ...asked(token) }
    case 'unknown-key':
      return {
        kind: 'refused',
        code: 'ERR_TOKEN_KEY_UNKNOWN',
        reason: `no key of ${token.issuer} that is known has signed it`,
        presented: true,
      }
    case 'no-keys':
      return { kind: 'refused', code: 'ERR_TOKEN_KEYS_UNAVAILABLE', reason: `the keys of ${token.issuer} are not known, or too old` }
    default:
      return token satisfies never
  }
}

const asked = ({ challenge }: { readonly challenge?: TokenChallenge }) => (challenge === undefined ? {} : { challenge })

const mayToken = (token: TokenFinding): Refused | undefined => (token.kind === 'absent' ? undefined : needToken(token))

function needCertificate(certificate: CertificateFinding): Refused | undefined {
  switch (certificate.kind) {
    case 'verified':
      return undefined
    case 'absent':
      return { kind: 'refused', code: 'ERR_CERTIFICATE_REQUIRED', reason: NO_PROOF.certificate }
    case 'early':
      return { kind: 'refused', code: 'ERR_TOO_EARLY', reason: EARLY_DATA }
    case 'refused':
      return { kind: 'refused', code: 'ERR_CERTIFICATE_REQUIRED', reason: certificate.reason }
    default:
      return certificate satisfies never
  }
}

const mayCertificate = (certificate: CertificateFinding): Refused | undefined =>
  certificate.kind === 'absent' ? undefined : needCertificate(certificate)
