/** Rules and requests for tests of authorization: only what a test is about is said. */
import type { Authorization, AuthorizationRule } from '../../../config/authorization.ts'
import type { Claims } from '../../../config/claim.ts'
import { issuerId, trustId } from '../../../config/ids.ts'
import { compileRules, type Rules } from '../../../worker/policy/authorize.ts'
import type { Identity, VerifiedCertificate } from '../../../worker/policy/identity.ts'
import { NO_CERTIFICATE, NO_TOKEN } from '../../../worker/policy/identity.ts'
import { MatchRequest } from '../../../worker/policy/match-request.ts'
import { Regex } from '../../../worker/policy/regex.ts'
import { compiled } from '../../workerd/gateway/base.ts'
import { headOf, lookup, type RequestParts } from './matching.ts'

export type RuleParts = Partial<AuthorizationRule> & Pick<AuthorizationRule, 'effect'>

const regexes = new Map<string, Regex>()

export function regexOf(source: string): Regex {
  const held = regexes.get(source) ?? new Regex(compiled(source))
  regexes.set(source, held)
  return held
}

export const authorizationOf = (rules: readonly RuleParts[], mode: Authorization['mode'] = 'enforce'): Authorization => ({
  mode,
  rules: rules.map((rule, index) => ({ id: `rules[${index}]`, ...rule })),
})

export const rulesOf = (authorization: Authorization): Rules => compileRules(authorization, regexOf)

export interface AskedParts extends RequestParts {
  readonly address?: string
  /** Headers that end here. */
  readonly dropped?: readonly string[]
  /** Of a verified token. */
  readonly claims?: Claims
  readonly token?: Identity['token']
  readonly certificate?: Partial<VerifiedCertificate>
  /** Of the host. */
  readonly host_?: Partial<Identity['host']>
}

const VERIFIED: VerifiedCertificate = {
  kind: 'verified',
  trust: trustId('partners'),
  fingerprint: 'ab'.repeat(32),
  subject: 'CN=a',
  dns: [],
  uris: [],
  leaf: '',
  chain: [],
}

export function identityOf({ claims, token, certificate, host_ }: AskedParts): Identity {
  const [issuer, trust] = [issuerId('idp'), trustId('partners')]
  return {
    host: {
      pattern: 'shop.test',
      tokens: [issuer],
      certificates: [trust],
      authentication: { require: 'none', mode: 'strict' },
      ...host_,
    },
    token: token ?? (claims === undefined ? NO_TOKEN : { kind: 'verified', issuer, claims }),
    certificate: certificate === undefined ? NO_CERTIFICATE : { ...VERIFIED, ...certificate },
  }
}

export function asking(parts: AskedParts): MatchRequest {
  const { address, dropped = [] } = parts
  return new MatchRequest({ ...headOf(parts), address, headers: { dropped } }, lookup(parts), identityOf(parts))
}
