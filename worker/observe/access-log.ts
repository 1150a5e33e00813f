/**
 * One line of JSON for a request that failed, was rescued, taught something, or was drawn as a sample. What clients wrote is bounded, and
 * cannot break out of its string.
 */
import type { GatewayErrorCode } from '../../config/errors.ts'
import { ERRORS } from '../../config/errors.ts'
import type { DurationMs, Instant } from '../../config/units.ts'
import type { Inbound } from '../inbound/read-inbound.ts'
import type { Admitted } from '../policy/admit.ts'
import { namesOf } from '../policy/ambiguity.ts'
import type { Outcome } from '../policy/classify-outcome.ts'
import type { Learned } from '../policy/learn.ts'
import type { AttemptFact } from '../policy/ledger.ts'
import type { Plan, PlannedTrack } from '../policy/plan.ts'
import type { Rewritten } from '../policy/rewrite.ts'
import { standing } from '../policy/standing.ts'
import { hasSwitched } from '../policy/switch-track.ts'
import { admissionLine } from './admission-line.ts'
import type { Audited } from './audit.ts'
import { bounded } from './bounded-text.ts'
import type { LocalFacts } from './report-local.ts'

export interface AccessFacts {
  readonly inbound: Inbound
  readonly plan: Plan
  readonly rewritten: Rewritten | undefined
  readonly mirrored: number
  readonly delayed: DurationMs | undefined
  readonly admitted: Admitted
  readonly audited?: Audited | undefined
  readonly attempts: readonly AttemptFact[]
  readonly status: number
  readonly code: GatewayErrorCode | undefined
  readonly learned: readonly Learned[]
  readonly now: Instant
  /** In a line about the body of an answer that was logged, or not, before. */
  readonly body?: 'broken' | 'slow'
}

export function accessLine(facts: AccessFacts): string {
  const { inbound, plan, rewritten, mirrored, delayed } = facts
  return JSON.stringify({
    kind: facts.body === undefined ? 'access' : 'body',
    ...(facts.body === undefined ? {} : { body: facts.body }),
    ...requestLine(inbound),
    ...admissionLine(facts.admitted, facts.audited, facts.audited === undefined ? undefined : inbound),
    route: plan.route.route.id,
    pool: plan.route.pool.id,
    steering: plan.route.pool.steering,
    ...(rewritten === undefined ? {} : { rewritten: { path: bounded(rewritten.path), host: bounded(rewritten.authority) } }),
    ...(mirrored === 0 ? {} : { mirrored }),
    ...(delayed === undefined ? {} : { fault: 'delay', faultFlag: 'DI', delayed_ms: delayed }),
    ...(plan.track === undefined ? {} : { release: trackLine(plan, plan.track, facts.attempts) }),
    ...answerLine(facts),
    health: plan.health.age,
    vantage: plan.health.snapshot?.vantage,
    ...overlayLine(plan.health),
    replay: plan.body === 'streamed' ? 'body-streamed' : plan.replay,
    attempts: facts.attempts.map(attemptLine),
    endpoints: plan.route.candidates.map((each) => ({
      endpoint: each.endpoint.id,
      standing: standing(each, plan.health, facts.now).reason,
    })),
    ...(facts.learned.length === 0
      ? {}
      : { learned: facts.learned.map(({ candidate, ...rest }) => ({ endpoint: candidate.endpoint.id, ...rest })) }),
  })
}

/** Which word of operators it began with; the standing of each endpoint says what came of it. */
function overlayLine({ applied }: Plan['health']) {
  if (applied === undefined) return {}
  const { held, emergencies } = applied
  return {
    ...(held === undefined ? {} : { overlay: held.overlay.order.revision }),
    ...(emergencies.length === 0 ? {} : { emergency: emergencies.map(({ etag }) => etag) }),
  }
}

/** `track`: where its key puts it; `answeredBy`: where it went on because the canary could not. */
function trackLine(plan: Plan, { release, choice, canaryOut, ignored }: PlannedTrack, attempts: readonly AttemptFact[]) {
  const rescued = canaryOut ? 'canary-out' : hasSwitched({ attempts }, plan) ? 'rescued' : undefined
  return {
    name: release.id,
    track: choice.track,
    why: choice.why,
    key: release.key.kind,
    ...(rescued === undefined ? {} : { answeredBy: 'stable', because: rescued }),
    ...(ignored === undefined ? {} : { ignoredOverride: ignored }),
  }
}

/** Of a request that no endpoint was asked about. */
export function localLine(facts: LocalFacts, audited: Audited | undefined, now: Instant): string {
  const { inbound, route, action, reason, rule, unsaid = 0 } = facts
  return JSON.stringify({
    kind: 'access',
    ...requestLine(inbound),
    ...admissionLine(facts.admitted, audited, audited === undefined && action !== 'denied' ? undefined : inbound),
    route: route.id,
    action,
    ...answerLine({ ...facts, now }),
    ...(reason === undefined ? {} : { reason: bounded(reason) }),
    ...(rule === undefined ? {} : { rule }),
    ...(unsaid === 0 ? {} : { unsaid }),
  })
}

function requestLine(inbound: Inbound) {
  return {
    requestId: inbound.requestId,
    traceId: inbound.trace.traceId,
    host: bounded(inbound.host),
    method: bounded(inbound.method),
    path: bounded(inbound.path),
    ...(inbound.ambiguities === 0 ? {} : { ambiguous: namesOf(inbound.ambiguities) }),
  }
}

type AnswerFacts = Pick<AccessFacts, 'inbound' | 'status' | 'now'> & { readonly code?: GatewayErrorCode | undefined }

function answerLine({ inbound, status, code, now }: AnswerFacts) {
  return {
    status,
    ...(code === undefined ? {} : { code, envoyFlag: ERRORS[code].envoyFlag }),
    duration_ms: now - inbound.receivedAt,
    colo: inbound.place.colo,
  }
}

function attemptLine({ candidate, kind, steered, startedAt, endedAt, expired, outcome }: AttemptFact) {
  return {
    endpoint: candidate.endpoint.id,
    kind,
    steered,
    ...(endedAt === undefined ? {} : { took_ms: endedAt - startedAt }),
    expired,
    ...outcomeLine(outcome),
  }
}

function outcomeLine(outcome: Outcome | undefined) {
  if (outcome === undefined) return { outcome: 'waiting' }
  return {
    outcome: outcome.kind,
    ...('status' in outcome ? { status: outcome.status } : {}),
    ...('grpcStatus' in outcome ? { grpcStatus: outcome.grpcStatus } : {}),
    ...('phase' in outcome ? { phase: outcome.phase } : {}),
  }
}
