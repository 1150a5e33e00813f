/** What an explanation says of who sent a request, and what rules made of it. Claims are not in it: an explanation is copied into tickets. */
import type { Authentication } from './admission.ts'
import type { GatewayErrorCode } from './errors.ts'

export interface ExplainedAdmission {
  /** The host pattern whose admission judges; absent: the route's own rules alone. */
  readonly host?: string
  /** What the token proves, or why nothing. */
  readonly token?: string
  readonly certificate?: string
  /** By the host or the route; absent when no route took the request. */
  readonly demand?: Authentication
  /** Of the host, then of the route. */
  readonly rules: readonly ExplainedRules[]
  /** Why it would be refused if nobody only looked. */
  readonly wouldRefuse?: { readonly code: GatewayErrorCode; readonly reason: string }
}

export interface ExplainedRules {
  readonly whose: 'host' | 'route'
  readonly mode: 'enforce' | 'audit'
  readonly allows: boolean
  /** The rule that decides; absent when none applies. */
  readonly decides?: string
  readonly rules: readonly ExplainedRule[]
}

export interface ExplainedRule {
  readonly rule: string
  readonly effect: 'allow' | 'deny'
  /** The first condition that does not hold; absent when the rule applies. */
  readonly failed?: string
}
