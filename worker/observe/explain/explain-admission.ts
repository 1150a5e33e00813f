/** What is known of who sent a request, what is demanded of them, and what each rule made of it. Claims are not repeated: an explanation is copied into tickets. */

import type { Route } from '../../../config/base.ts'
import type { ExplainedAdmission, ExplainedRule, ExplainedRules } from '../../../config/explained-admission.ts'
import { admit, demandOf } from '../../policy/admit.ts'
import { decidingRule, type Rules } from '../../policy/authorize.ts'
import { failedCondition } from '../../policy/conditions.ts'
import { showCondition } from '../../policy/explain-match.ts'
import type { Identity } from '../../policy/identity.ts'
import { whyNoCertificate, whyNoToken } from '../../policy/identity-conditions.ts'
import type { MatchRequest } from '../../policy/match-request.ts'
import type { RouteTable } from '../../policy/route-table.ts'

/** Undefined where nothing is demanded of anybody. `route`: none where none took the request. */
export function explainAdmission(table: RouteTable, route: Route | undefined, asked: MatchRequest): ExplainedAdmission | undefined {
  const { identity } = asked
  if (identity === undefined && route?.admission === undefined) return undefined
  const known = identity === undefined ? {} : { host: identity.host.pattern, ...showIdentity(identity) }
  if (route === undefined) return { ...known, rules: [] }
  const rules = [
    ...explainRules('host', identity?.host.authorization, table, asked),
    ...explainRules('route', route.admission?.authorization, table, asked),
  ]
  const admission = admit(route, asked, table.rulesOf)
  const would = admission.kind === 'refused' ? undefined : admission.wouldRefuse
  return {
    ...known,
    demand: demandOf(route, identity),
    rules,
    ...(would === undefined ? {} : { wouldRefuse: { code: would.code, reason: would.reason } }),
  }
}

function showIdentity(identity: Identity): Pick<ExplainedAdmission, 'token' | 'certificate'> {
  const { token, certificate } = identity
  return {
    token: token.kind === 'verified' ? `verified, of ${token.issuer}` : whyNoToken(identity),
    certificate:
      certificate.kind === 'verified'
        ? `verified, by ${certificate.trust}: ${certificate.spiffe ?? certificate.subject}`
        : whyNoCertificate(identity),
  }
}

type Whose = ExplainedRules['whose']
type Held = NonNullable<Identity['host']['authorization']>

function explainRules(whose: Whose, authorization: Held | undefined, table: RouteTable, asked: MatchRequest): readonly ExplainedRules[] {
  if (authorization === undefined) return []
  const compiled = table.rulesOf(authorization)
  const decides = decidingRule(compiled, asked)
  const allows = decides?.effect === 'allow'
  return [
    { whose, mode: compiled.mode, allows, ...(decides === undefined ? {} : { decides: decides.id }), rules: rulesOf(compiled, asked) },
  ]
}

const rulesOf = ({ rules }: Rules, asked: MatchRequest): readonly ExplainedRule[] =>
  rules.map(({ id, effect, conditions }) => {
    const failed = failedCondition(conditions, asked)
    return failed === undefined ? { rule: id, effect } : { rule: id, effect, failed: showCondition(failed, asked) }
  })
