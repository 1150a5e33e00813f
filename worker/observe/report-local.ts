/**
 * The line of a request that was answered without asking an endpoint: always when that was a failure of the gateway, up to a hundred a second when its
 * sender was denied, else of a sample.
 */
import type { Route } from '../../config/base.ts'
import { ERRORS, type GatewayErrorCode } from '../../config/errors.ts'
import type { Instant } from '../../config/units.ts'
import type { Read } from '../answer-locally.ts'
import type { LimitedDecision } from '../decide.ts'
import type { GatewayRuntime } from '../handle.ts'
import type { Inbound } from '../inbound/read-inbound.ts'
import type { Admitted } from '../policy/admit.ts'
import type { Platform } from '../ports.ts'
import { localLine } from './access-log.ts'
import { audit, takeUnsaid } from './audit.ts'
import { SAMPLED } from './report-request.ts'

export interface LocalFacts {
  readonly inbound: Inbound
  readonly route: Route
  readonly action: 'redirected' | 'replied' | 'preflight' | 'refused' | 'denied' | 'limited' | 'failed-on-purpose'
  readonly status: number
  readonly code?: GatewayErrorCode
  /** Why it was denied, for operators, and by which rule. */
  readonly reason?: string
  readonly rule?: string | undefined
  readonly admitted: Admitted
  /** So many before it had no line. */
  readonly unsaid?: number
}

type Runtime = Pick<GatewayRuntime, 'log' | 'isolate'>

export function reportLocal(facts: LocalFacts, { log, isolate }: Runtime, platform: Platform): void {
  const now = platform.now()
  if (facts.action === 'denied') {
    reportDenied(facts, { log, isolate }, now)
    return
  }
  const audited = audit(isolate.audit, facts.admitted, now)
  if (facts.code !== undefined || audited !== undefined || platform.draw() < SAMPLED) log(localLine(facts, audited, now))
}

/** Anybody can be denied, as often as they like. */
function reportDenied(facts: LocalFacts, { log, isolate: { denials } }: Runtime, now: Instant): void {
  const unsaid = takeUnsaid(denials, now)
  if (unsaid !== undefined) log(localLine({ ...facts, unsaid }, undefined, now))
}

/** Of the requests that come too often. */
export function reportLimited(decision: LimitedDecision, admitted: Read, runtime: Runtime, platform: Platform): void {
  const { route, code, reason, logged } = decision
  const now = platform.now()
  const audited = audit(runtime.isolate.audit, admitted, now)
  if (!logged && audited === undefined && platform.draw() >= SAMPLED) return
  const facts: LocalFacts = { inbound: admitted.inbound, route, action: 'limited', status: ERRORS[code].status, code, reason, admitted }
  runtime.log(localLine(facts, audited, now))
}
