/**
 * One attempt: sends, waits for the head, says what it meant. It can be broken off at any time and never rejects. Its timer, and what follows
 * from its end, are others' business.
 */
import { between, type Instant } from '../../config/units.ts'
import { type AnswerHead, classifyAnswer, classifyThrow, hasFailed, type Outcome } from '../policy/classify-outcome.ts'
import { beginWaiting, endWaiting, noteAnswer, noteOverload } from '../policy/endpoint-load.ts'
import type { AttemptFact } from '../policy/ledger.ts'
import { addToTally } from '../policy/tally.ts'
import type { Platform } from '../ports.ts'

export interface LiveAttempt {
  readonly fact: AttemptFact
  readonly lease: number
  readonly abort: AbortController
  /** Present once it has a head that can be passed on. */
  response?: Response
}

export interface AttemptOrder {
  readonly fact: AttemptFact
  readonly request: (signal: AbortSignal) => Request
  readonly retryStatuses: readonly number[]
  /** No head can come later than this: the lease of its place at the endpoint. */
  readonly latest: Instant
}

/** `onEnd` is called once, unless `endAttempt` was called before. */
export function runAttempt(order: AttemptOrder, platform: Platform, onEnd: () => void): LiveAttempt {
  const { fact } = order
  const { load } = fact.candidate.state
  const abort = new AbortController()
  const live: LiveAttempt = { fact, abort, lease: beginWaiting(load, fact.startedAt, order.latest) }
  platform.fetch(order.request(abort.signal)).then(
    (response) => {
      if (fact.outcome !== undefined) return void response.body?.cancel().catch(ignore)
      const now = platform.now()
      const outcome = classifyAnswer(readHead(response), order.retryStatuses, now)
      if (outcome.kind === 'bad-response') response.body?.cancel().catch(ignore)
      else live.response = response
      settle(live, outcome, now)
      onEnd()
    },
    (error: unknown) => {
      if (fact.outcome !== undefined) return
      settle(live, classifyThrow(error), platform.now())
      onEnd()
    },
  )
  return live
}

/** Ends an attempt that has not ended by itself, and lets go of its connection and body. */
export function endAttempt(live: LiveAttempt, outcome: Outcome, now: Instant): void {
  if (live.fact.outcome === undefined) settle(live, outcome, now)
  live.abort.abort()
}

/** Its timer has expired. It may still answer; meanwhile it counts as failed. */
export function expireAttempt(fact: AttemptFact, now: Instant): void {
  fact.expired = true
  addToTally(fact.candidate.decided, true, now)
  noteOverload(fact.candidate.state.load, between(fact.startedAt, now), now)
}

function settle({ fact, lease }: LiveAttempt, outcome: Outcome, now: Instant): void {
  const { candidate } = fact
  fact.outcome = outcome
  fact.endedAt = now
  endWaiting(candidate.state.load, lease)
  if (outcome.kind === 'answered') noteAnswer(candidate.state.load, between(fact.startedAt, now), now)
  else if (outcome.kind === 'overloaded') noteOverload(candidate.state.load, between(fact.startedAt, now), now)
  if (fact.expired) return
  if (outcome.kind === 'answered') addToTally(candidate.decided, false, now)
  else if (hasFailed(outcome)) addToTally(candidate.decided, true, now)
}

const NOT_LOOKED_AT = { madeByCloudflare: false, rateLimitedByQuota: false, webSocket: false } as const

/** A plain answer is not looked at twice: reading a header costs. */
function readHead(response: Response): AnswerHead {
  const { status } = response
  if (status >= 200 && status < 429) return { ...NOT_LOOKED_AT, status }
  const { headers } = response
  return {
    status,
    webSocket: response.webSocket !== null,
    madeByCloudflare: headers.get('server') === 'cloudflare' && headers.has('cf-ray'),
    retryAfter: headers.get('retry-after'),
    rateLimitedByQuota: headers.has('x-envoy-ratelimited'),
  }
}

const ignore = () => {}
