/** The line of a request that was answered without asking an endpoint: always when that was a failure of the gateway, else of a sample. */
import type { Route } from '../../config/base.ts'
import type { GatewayErrorCode } from '../../config/errors.ts'
import type { Inbound } from '../inbound/read-inbound.ts'
import type { Platform } from '../ports.ts'
import { localLine } from './access-log.ts'
import { SAMPLED } from './report-request.ts'

export interface LocalFacts {
  readonly inbound: Inbound
  readonly route: Route
  readonly action: 'redirected' | 'replied' | 'preflight' | 'refused' | 'denied' | 'failed-on-purpose'
  readonly status: number
  readonly code?: GatewayErrorCode
  /** Why it was denied, for operators. */
  readonly reason?: string
}

export function reportLocal(facts: LocalFacts, { log }: { readonly log: (line: string) => void }, platform: Platform): void {
  if (facts.code !== undefined || platform.draw() < SAMPLED) log(localLine(facts, platform.now()))
}
