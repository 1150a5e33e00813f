/** Whether somebody may do what a request asks: the first rule that applies decides, and where none does the answer is no. */
import type { Authorization, AuthorizationRule } from '../../config/authorization.ts'
import type { Condition, RegexOf } from './conditions.ts'
import { failedCondition } from './conditions.ts'
import type { MatchRequest } from './match-request.ts'
import { ruleConditions } from './rule-conditions.ts'

/** An authorization as an isolate asks it: compiled once. */
export interface Rules {
  readonly mode: Authorization['mode']
  readonly rules: readonly CompiledRule[]
}

export interface CompiledRule {
  readonly effect: AuthorizationRule['effect']
  readonly id: string
  readonly conditions: readonly Condition[]
}

export const compileRules = ({ mode, rules }: Authorization, regexOf: RegexOf): Rules => ({
  mode,
  rules: rules.map((rule) => ({ effect: rule.effect, id: rule.id, conditions: ruleConditions(rule, regexOf) })),
})

/** The rule that decides; undefined when none applies, which denies. */
export function decidingRule({ rules }: Rules, request: MatchRequest): CompiledRule | undefined {
  for (const rule of rules) if (failedCondition(rule.conditions, request) === undefined) return rule
  return undefined
}

/** By what it may not: a rule, or that none applies. Undefined when it may. */
export function denial(rules: Rules, request: MatchRequest): CompiledRule | 'no-rule' | undefined {
  const rule = decidingRule(rules, request)
  if (rule === undefined) return 'no-rule'
  return rule.effect === 'allow' ? undefined : rule
}
