/** Writes rules out as the base holds them: what a rule does not ask is left out, each has the name that the log calls it by. */
import type { Authorization, AuthorizationRule } from './authorization.ts'
import { withoutProgram } from './compile-match.ts'
import type { GatewayFile } from './parse-gateway.ts'

export type AuthorizationFile = NonNullable<GatewayFile['admission'][number]['authorization']>
export type RuleFile = AuthorizationFile['rules'][number]

export const compileAuthorization = ({ mode, rules }: AuthorizationFile): Authorization => ({ mode, rules: rules.map(compileRule) })

function compileRule(rule: RuleFile, index: number): AuthorizationRule {
  const { effect, claims, certificate, paths, methods, headers, clients, countries } = rule
  return {
    effect,
    id: ruleId(rule, index),
    ...(claims.length === 0 ? {} : { claims: claims.map(withoutProgram) }),
    ...(certificate === undefined ? {} : { certificate }),
    ...(paths === undefined ? {} : { paths: paths.map(withoutProgram) }),
    ...(methods === undefined ? {} : { methods }),
    ...(headers.length === 0 ? {} : { headers: headers.map(withoutProgram) }),
    ...(clients === undefined ? {} : { clients }),
    ...(countries === undefined ? {} : { countries }),
  }
}

export const ruleId = ({ name }: Pick<RuleFile, 'name'>, index: number): string => name ?? `rules[${index}]`
