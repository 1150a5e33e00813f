/** What a finished request leaves behind: what it taught this isolate, what it tells the vantages, and its line in the log. */
import { ERRORS } from '../../config/errors.ts'
import type { Forwarded } from '../forward/forward.ts'
import type { GatewayRuntime } from '../handle.ts'
import { networkOf } from '../inbound/client-address.ts'
import type { Inbound } from '../inbound/read-inbound.ts'
import { attributeAttempts } from '../policy/attribute-attempts.ts'
import { learn, notePauses } from '../policy/learn.ts'
import type { Plan } from '../policy/plan.ts'
import type { Platform } from '../ports.ts'
import { accessLine } from './access-log.ts'

export interface FinishedRequest {
  readonly forwarded: Forwarded
  readonly inbound: Inbound
  readonly plan: Plan
}

export function reportRequest({ forwarded, inbound, plan }: FinishedRequest, runtime: GatewayRuntime, platform: Platform): void {
  const { ledger } = forwarded
  const now = platform.now()
  const attributions = attributeAttempts(ledger, plan.route.route.id, networkOf(inbound.address))
  const learned = learn(attributions, now)
  if (ledger.attempts.length > 1) notePauses(ledger, now)
  const evidence = attributions.flatMap((each) => (each.proved ? [each.evidence] : []))
  const ejected = learned.some(({ effect }) => effect === 'ejected')
  runtime.health.record({ requests: 1, attempts: ledger.attempts.length, evidence, ejected }, platform)
  const eventful = forwarded.kind === 'gave-up' || ledger.attempts.length > 1 || learned.length > 0 || forwarded.response.status >= 502
  if (!eventful && platform.draw() >= SAMPLED) return
  const answer =
    forwarded.kind === 'gave-up' ? { status: ERRORS[forwarded.code].status, code: forwarded.code } : { status: forwarded.response.status }
  runtime.log(accessLine({ inbound, plan, attempts: ledger.attempts, learned, now, ...answer }))
}

/** Of the uneventful requests, so many are logged. Telemetry settings will set it. */
const SAMPLED = 0.001
