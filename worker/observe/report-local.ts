/** The line of a request that was answered without asking an endpoint: always when that was a failure of the gateway, else of a sample. */
import type { Route } from '../../config/base.ts'
import type { GatewayErrorCode } from '../../config/errors.ts'
import type { GatewayRuntime } from '../handle.ts'
import type { Inbound } from '../inbound/read-inbound.ts'
import type { Admitted } from '../policy/admit.ts'
import type { Platform } from '../ports.ts'
import { localLine } from './access-log.ts'
import { audit } from './audit.ts'
import { SAMPLED } from './report-request.ts'

export interface LocalFacts {
  readonly inbound: Inbound
  readonly route: Route
  readonly action: 'redirected' | 'replied' | 'preflight' | 'refused' | 'denied' | 'failed-on-purpose'
  readonly status: number
  readonly code?: GatewayErrorCode
  /** Why it was denied, for operators, and by which rule. */
  readonly reason?: string
  readonly rule?: string | undefined
  readonly admitted: Admitted
}

export function reportLocal(facts: LocalFacts, { log, isolate }: Pick<GatewayRuntime, 'log' | 'isolate'>, platform: Platform): void {
  const now = platform.now()
  const audited = audit(isolate.audit, facts.admitted, now)
  if (facts.code !== undefined || audited !== undefined || platform.draw() < SAMPLED) log(localLine(facts, audited, now))
}
