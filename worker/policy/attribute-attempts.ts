/**
 * Which of a request's attempts say something about their endpoint. Failing to connect always does; any other failure only when another
 * endpoint answered the same request, for else it may be the request's own. Never counted: 4xx, 429, 500, what the client or we broke off,
 * what lost a race before its timer expired, and uploads that were not finished.
 */
import type { EndpointKey, RouteId } from '../../config/ids.ts'
import { between, type DurationMs, type Instant } from '../../config/units.ts'
import { isConnectClass } from './classify-outcome.ts'
import type { Evidence, FailurePhase } from './evidence.ts'
import { GRPC } from './grpc.ts'
import type { AttemptFact, Ledger } from './ledger.ts'

export interface Attribution {
  readonly fact: AttemptFact
  readonly evidence: Evidence
  /** False: a failure that only the share rule may use, and only with a second client network. Not reported. */
  readonly proved: boolean
}

const GATEWAY_STATUSES: ReadonlySet<number> = new Set([502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 530])

export function attributeAttempts(ledger: Ledger, route: RouteId, network: string): readonly Attribution[] {
  const attributions: Attribution[] = []
  for (const fact of ledger.attempts) {
    const judged = judge(fact)
    if (judged === undefined) continue
    const proved = judged.result !== 'failed-other' || anotherAnswered(ledger, fact.candidate.endpoint.key)
    const at = fact.endedAt ?? fact.startedAt
    attributions.push({
      fact,
      proved,
      evidence: { route, endpoint: fact.candidate.endpoint.key, at, network, probation: fact.onTrial, ...judged, ...latencyOf(fact) },
    })
  }
  return attributions
}

type Judged = Pick<Evidence, 'result' | 'phase' | 'status'>

function judge(fact: AttemptFact): Judged | undefined {
  const { outcome } = fact
  if (outcome === undefined) return unanswered(fact)
  switch (outcome.kind) {
    case 'answered':
      // 500 is a bug that may be everywhere; it neither condemns an endpoint nor clears it.
      return outcome.status < 500 && outcome.status !== 429 ? { result: 'succeeded', phase: 'answered', status: outcome.status } : undefined
    case 'failed-status':
      if (!GATEWAY_STATUSES.has(outcome.status) && outcome.phase !== 'mesh') return undefined
      // `DEADLINE_EXCEEDED` of an endpoint that was given next to no time by its client.
      if (outcome.grpcStatus === GRPC.deadlineExceeded && !isPatient(fact)) return undefined
      return failure(fact, outcome.phase, outcome.status)
    case 'failed':
      return failure(fact, outcome.phase)
    case 'bad-response':
      return failure(fact, 'reset')
    case 'superseded':
    case 'timed-out':
      return unanswered(fact)
    case 'overloaded':
    case 'client-gone':
      return undefined
    default:
      return outcome satisfies never
  }
}

function failure(fact: AttemptFact, phase: FailurePhase, status?: number): Judged | undefined {
  const result = isConnectClass(phase) ? 'failed-connect' : 'failed-other'
  // The client may have broken its own upload.
  if (result === 'failed-other' && fact.sentAt === undefined) return undefined
  return status === undefined ? { result, phase } : { result, phase, status }
}

/** It had the time that the route gives an attempt: a client may leave it less (`grpc-timeout`), and so may attempts before it. */
export const isPatient = ({ candidate, sentAt, endedAt }: AttemptFact): boolean =>
  sentAt !== undefined && endedAt !== undefined && between(sentAt, endedAt) >= candidate.route.route.timeouts.attempt * NEARLY

/** A deadline runs from the arrival of the request, the time of an attempt from its sending. */
const NEARLY = 0.9

/** Silence counts when it outlasted the timer, and the whole request had been sent. */
function unanswered(fact: AttemptFact): Judged | undefined {
  const outlasted = fact.expired || (fact.outcome?.kind === 'timed-out' && isPatient(fact))
  if (!outlasted || fact.sentAt === undefined) return undefined
  return { result: 'failed-other', phase: fact.headAt === undefined ? 'timeout' : 'body' }
}

function anotherAnswered(ledger: Ledger, endpoint: EndpointKey): boolean {
  return ledger.attempts.some(
    (fact) =>
      fact.candidate.endpoint.key !== endpoint &&
      fact.outcome?.kind === 'answered' &&
      fact.outcome.status < 500 &&
      fact.outcome.status !== 429,
  )
}

function latencyOf(fact: AttemptFact): { latency?: DurationMs } {
  return fact.endedAt === undefined || fact.outcome?.kind !== 'answered' ? {} : { latency: between(fact.startedAt, fact.endedAt) }
}

/** The winning answer's body broke, or came to a standstill: seen by whoever watched it. */
export function attributeBody(fact: AttemptFact, route: RouteId, network: string, at: Instant): Attribution {
  const evidence: Evidence = {
    route,
    endpoint: fact.candidate.endpoint.key,
    at,
    network,
    probation: fact.onTrial,
    result: 'failed-other',
    phase: 'body',
  }
  return { fact, proved: true, evidence }
}
