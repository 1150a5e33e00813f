/** What a finished request leaves behind: what it taught this isolate, what it tells the vantages, and its line in the log. */
import { ERRORS } from '../../config/errors.ts'
import type { DurationMs } from '../../config/units.ts'
import type { Forwarded } from '../forward/forward.ts'
import type { BodyNews } from '../forward/pass-body.ts'
import type { GatewayRuntime } from '../handle.ts'
import { networkOf } from '../inbound/client-address.ts'
import type { Inbound } from '../inbound/read-inbound.ts'
import type { Admitted } from '../policy/admit.ts'
import { type Attribution, attributeAttempts, attributeBody } from '../policy/attribute-attempts.ts'
import type { Evidence } from '../policy/evidence.ts'
import { type Learned, learn, learnBrokenBody, learnWholeBody, notePauses } from '../policy/learn.ts'
import type { AttemptFact } from '../policy/ledger.ts'
import type { Plan } from '../policy/plan.ts'
import type { Rewritten } from '../policy/rewrite.ts'
import type { Platform } from '../ports.ts'
import { type AccessFacts, accessLine } from './access-log.ts'
import { audit, takeLine } from './audit.ts'
import { countTracks } from './count-tracks.ts'

export interface FinishedRequest {
  readonly forwarded: Forwarded
  readonly inbound: Inbound
  readonly plan: Plan
  /** What endpoints were asked for, where that is not what the client asked for. */
  readonly rewritten: Rewritten | undefined
  /** Copies that are on their way. */
  readonly mirrored: number
  /** On purpose, by a fault of the route. */
  readonly delayed: DurationMs | undefined
  readonly admitted: Admitted
}

/** Of the uneventful requests, so many are logged. Telemetry settings will set it. */
export const SAMPLED = 0.001

export function reportRequest(finished: FinishedRequest, runtime: GatewayRuntime, platform: Platform): void {
  const { forwarded, inbound, plan, delayed } = finished
  const { ledger } = forwarded
  const now = platform.now()
  const network = networkOf(inbound.address)
  const attributions = attributeAttempts(ledger, plan.route.route.id, network)
  const learned = learn(attributions, now, plan.health)
  if (ledger.attempts.length > 1 || forwarded.code !== undefined) notePauses(ledger, network, now)
  const evidence: Evidence[] = []
  for (const each of attributions) if (each.proved && !isOfCanaryAlone(each)) evidence.push(each.evidence)
  const canary = plan.track === undefined ? false : countTracks(plan, ledger)
  runtime.health.record({ requests: 1, attempts: ledger.attempts.length, evidence, ejected: hasEjected(learned), canary }, platform)
  const failed = forwarded.code !== undefined || statusOf(forwarded) >= 500
  const audited = audit(runtime.isolate.audit, finished.admitted, now)
  if (
    failed ||
    audited !== undefined ||
    delayed !== undefined ||
    ledger.attempts.length > 1 ||
    (plan.track?.ignored !== undefined && takeLine(runtime.isolate.audit, now)) ||
    learned.length > 0 ||
    platform.draw() < SAMPLED
  ) {
    runtime.log(lineOf(finished, { code: forwarded.code, learned, now, audited }))
  }
}

/** What became of the body of the winning answer, where somebody looked. */
export function reportBody(news: BodyNews, fact: AttemptFact, finished: FinishedRequest, runtime: Reporting): void {
  const { inbound, plan } = finished
  const { platform, health, log } = runtime
  if (news === 'complete') learnWholeBody(fact.candidate)
  if (news !== 'broken' && news !== 'slow') return
  const now = platform.now()
  const attribution = attributeBody(fact, plan.route.route.id, networkOf(inbound.address), now)
  const change = learnBrokenBody(attribution, now, plan.health)
  const learned = change === undefined ? [] : [change]
  const evidence = isOfCanaryAlone(attribution) ? [] : [attribution.evidence]
  health.record({ requests: 0, attempts: 0, evidence, ejected: hasEjected(learned) }, platform)
  log(lineOf(finished, { code: undefined, learned, now, body: news }))
}

export interface Reporting extends GatewayRuntime {
  readonly platform: Platform
}

const lineOf = (
  { forwarded, ...request }: FinishedRequest,
  said: Pick<AccessFacts, 'code' | 'learned' | 'now' | 'body' | 'audited'>,
): string => accessLine({ ...request, ...said, attempts: forwarded.ledger.attempts, status: statusOf(forwarded) })

/**
 * What fails on the canary at an endpoint that stable has as well: its headers may be what breaks it, and vantages would take the endpoint from
 * stable. A connection that cannot be made is nobody's header.
 */
const isOfCanaryAlone = ({ fact, evidence }: Attribution): boolean =>
  evidence.result === 'failed-other' && fact.candidate.route.shared?.has(evidence.endpoint) === true

const hasEjected = (learned: readonly Learned[]): boolean => learned.length > 0 && learned.some(({ effect }) => effect === 'ejected')

const statusOf = (forwarded: Forwarded): number =>
  forwarded.kind === 'gave-up' ? ERRORS[forwarded.code].status : forwarded.answer.response.status
