/**
 * What to do next about a request, from the facts of its attempts so far. `forward` obeys and decides nothing; asking twice gives the
 * same answer. Slow is not failed: an attempt whose timer has expired goes on, and another may be started beside it.
 */
import type { GatewayErrorCode } from '../../config/errors.ts'
import { after, type Draw, type DurationMs, type Instant, instant } from '../../config/units.ts'
import { backoff } from './backoff.ts'
import { hasAnswer, hasFailed, isConnectClass } from './classify-outcome.ts'
import { deadline } from './deadline.ts'
import { hedgeChance, isPoorOfPair } from './hedge.ts'
import type { AttemptFact, AttemptKind, Ledger } from './ledger.ts'
import { isPoolFull, isShed } from './limits.ts'
import { isPanic, type Pick, type Picked, pickEndpoint } from './order-endpoints.ts'
import { isTried, pickElsewhere } from './pick-elsewhere.ts'
import type { Plan } from './plan.ts'
import { mayReplay, type ReplayBar } from './replay.ts'
import { mayRescue } from './rescue.ts'
import { mayRetry, retryScale } from './retry-budget.ts'
import { isWorthAnother } from './retry-conditions.ts'
import type { Candidate } from './route-state.ts'
import { isEjected, isFull, standing, TIERS, wantsTrial } from './standing.ts'
import type { SteerReason } from './steering/steer.ts'
import { hasSwitched, maySwitch, pickOnStable } from './switch-track.ts'

export type NextStep =
  | {
      readonly kind: 'start'
      readonly candidate: Candidate
      readonly attempt: AttemptKind
      readonly steered: SteerReason | undefined
      readonly onTrial: boolean
      /** Absent for the last allowed attempt, unless slow ones are aborted: it has what is left of the deadline. */
      readonly timeout: DurationMs | undefined
    }
  /** For the head of any attempt that waits, or until then; infinite while a body is being uploaded. */
  | { readonly kind: 'wait'; readonly until: Instant }
  /** The same, and the retry that comes after it is settled. */
  | { readonly kind: 'pause'; readonly until: Instant }
  /** `code` says why nothing better was tried, when the answer is a failure that is passed on for want of one. */
  | { readonly kind: 'answer'; readonly attempt: AttemptFact; readonly code?: GatewayErrorCode }
  | { readonly kind: 'give-up'; readonly code: GatewayErrorCode }

/** What `planNext` was asked, for the functions below. */
interface Question {
  readonly ledger: Ledger
  readonly plan: Plan
  readonly now: Instant
  readonly draw: Draw
}

export function planNext(ledger: Ledger, plan: Plan, now: Instant, draw: Draw): NextStep {
  let running: Instant | undefined
  let poor: AttemptFact | undefined
  for (const fact of ledger.attempts) {
    if (fact.outcome === undefined) {
      if (!fact.expired) running = soonest(running, expiry(fact))
    } else if (fact.outcome.kind === 'answered') {
      if (!isPoorOfPair(fact, ledger)) return { kind: 'answer', attempt: fact }
      poor = fact
    }
  }
  if (ledger.clientGone) return { kind: 'give-up', code: 'ERR_CLIENT_GONE' }
  const question = { ledger, plan, now, draw }
  const end = deadline(ledger, plan)
  if (poor !== undefined && (running === undefined || now >= end)) return { kind: 'answer', attempt: poor }
  if (now >= end) return conclude(question, 'deadline')
  if (running !== undefined) return hedgeOrWait(question, soonest(running, end))
  return countedAttempts(ledger) === 0 ? startFirst(question) : startAnother(onItsTrack(question))
}

/** When the timer of an attempt expires; never while its request is being sent, nor for one that has the rest of the deadline. */
export function expiry(fact: AttemptFact): Instant {
  return fact.sentAt === undefined || fact.timeout === undefined ? instant(Number.POSITIVE_INFINITY) : after(fact.sentAt, fact.timeout)
}

/** Something waits that may still answer in time. */
function hedgeOrWait(question: Question, until: Instant): NextStep {
  const { ledger, plan, now, draw } = question
  if (plan.hedge === undefined || hasSwitched(ledger, plan)) return { kind: 'wait', until }
  const chance = hedgeChance(ledger, plan, now, draw)
  switch (chance.kind) {
    case 'none':
      return { kind: 'wait', until }
    case 'later':
      return { kind: 'wait', until: soonest(chance.at, until) }
    case 'now':
      return start(question, 'hedge', chance.pick)
    default:
      return chance satisfies never
  }
}

/** A canary that has nobody with room, now, is not worth a refusal. */
function startFirst(question: Question): NextStep {
  const step = firstOn(question)
  const { stable } = question.plan
  return step.kind === 'start' || stable === undefined ? step : firstOn({ ...question, plan: stable })
}

function firstOn(question: Question): NextStep {
  const { ledger, plan, now, draw } = question
  const { route } = plan.route
  if (plan.probation !== undefined && ledger.attempts.length === 0) {
    const { attempt } = route.timeouts
    return { kind: 'start', candidate: plan.probation, attempt: 'probation', steered: undefined, onTrial: true, timeout: attempt }
  }
  if (!plan.safe && route.writes === 'home') {
    const home = plan.route.candidates.find((candidate) => candidate.endpoint.id === route.home)
    if (home === undefined || isHomeOut(home, plan, now)) return { kind: 'give-up', code: 'ERR_HOME_OUT' }
    if (isFull(home, now) || isPoolFull(plan.route, now)) return conclude(question, 'full')
    return start(question, 'first', { candidate: home })
  }
  const pick = pickEndpoint(plan, (candidate) => isTried(ledger, candidate), now, draw)
  switch (pick.kind) {
    case 'none':
      return conclude(question, 'nobody')
    case 'full':
      return conclude(question, 'full')
    case 'picked':
      return plan.route.limits !== undefined && isShed(plan, pick.standing, now)
        ? conclude(question, 'shed')
        : start(question, 'first', pick)
    default:
      return pick satisfies never
  }
}

/** A pinned write waits out the hold-down; from then on it is the trial itself, for nobody else may take it. */
function isHomeOut(home: Candidate, plan: Plan, now: Instant): boolean {
  const stands = standing(home, plan.health, now)
  return stands.tier === TIERS.never || (stands.tier >= TIERS.spared && !(stands.reason === 'ejected' && wantsTrial(home, now)))
}

/** Every attempt so far has failed or expired, one at least. */
function startAnother(question: Question): NextStep {
  const { ledger, plan, now, draw } = question
  const { retry } = plan.route.route
  if (countedAttempts(ledger) >= retry.attemptsMax || !isWorthAnother(ledger.attempts, retry)) return waitOrConclude(question, 'failed')
  const bar = mayReplay(ledger, plan)
  if (bar.kind === 'barred') return waitOrConclude(question, bar)
  if (bar.kind === 'unlisted') return waitOrConclude(question, 'failed')
  const untried = bar.kind === 'same-endpoint' ? undefined : pickElsewhere(plan, ledger, now, draw)
  const onStable = bar.kind === 'same-endpoint' ? undefined : rescueOnStable(question, untried)
  if (onStable !== undefined) return onStable
  if (
    untried?.kind === 'picked' &&
    retry.rescue &&
    isFirstElsewhere(ledger) &&
    !isEjected(untried.candidate) &&
    mayRescue(plan.route, now)
  ) {
    return start(question, 'rescue', untried)
  }
  if (!mayRetry(plan.route.budget, retryScale(plan.health), now)) return waitOrConclude(question, 'failed')
  const next = untried?.kind === 'picked' ? untried : pickEndpoint(plan, (candidate) => !mayTryAgain(question, candidate), now, draw)
  if (next.kind !== 'picked') return waitOrConclude(question, 'failed')
  const notBefore = pauseEnd(question, next.candidate)
  if (notBefore >= deadline(ledger, plan)) return waitOrConclude(question, hasHardTimers(plan) ? 'late' : 'failed')
  return notBefore > now ? { kind: 'pause', until: notBefore } : start(question, 'retry', next)
}

/** Once a request of the canary has been sent to stable, it stays there. */
const onItsTrack = (question: Question): Question =>
  hasSwitched(question.ledger, question.plan) ? { ...question, plan: question.plan.stable ?? question.plan } : question

/**
 * The canary's own endpoints come first, while one of them may help and the attempt is not the last: that is stable's. Not charged, and at most one a
 * request, like any rescue: whoever tries out a canary must not fail with it because everybody else on it fails.
 */
function rescueOnStable(question: Question, own: Pick | undefined): NextStep | undefined {
  const { ledger, plan, now, draw } = question
  const { stable } = plan
  const { retry } = plan.route.route
  if (stable === undefined || !retry.rescue || !maySwitch(ledger, plan)) return undefined
  const isLast = countedAttempts(ledger) + 1 >= retry.attemptsMax
  const ownHelps = own?.kind === 'picked' && !isEjected(own.candidate) && isFirstElsewhere(ledger) && mayRescue(plan.route, now)
  if (ownHelps && !isLast) return undefined
  const pick = pickOnStable(stable, ledger, now, draw)
  if (pick.kind !== 'picked' || isEjected(pick.candidate) || !mayRescue(stable.route, now)) return undefined
  return start({ ...question, plan: stable }, 'rescue', pick)
}

const isFirstElsewhere = (ledger: Ledger): boolean => ledger.attempts.every((fact) => fact.kind === 'first' || fact.kind === 'probation')

/** What `pickEndpoint` says, or an endpoint that was not chosen among several. */
type Taken = { readonly candidate: Candidate } & Partial<Picked>

function start({ ledger, plan }: Question, attempt: AttemptKind, { candidate, standing: stands, reason }: Taken): NextStep {
  const { timeouts, retry } = plan.route.route
  const onTrial = stands?.tier === TIERS.out || isEjected(candidate)
  const mayBeFollowed =
    plan.replay === 'anywhere' && plan.body === 'kept' && (plan.route.candidates.length > 1 || plan.stable !== undefined)
  const last = !mayBeFollowed || countedAttempts(ledger) + 1 >= retry.attemptsMax
  const timeout = last && timeouts.slow === 'race' ? undefined : timeouts.attempt
  return { kind: 'start', candidate, attempt, steered: reason, onTrial, timeout }
}

/** The settled pause when there is one for this retry; else back-off, and what the endpoint itself has asked for. */
function pauseEnd({ ledger, plan, now, draw }: Question, candidate: Candidate): Instant {
  if (ledger.pause?.after === ledger.attempts.length) return ledger.pause.until
  const { backoff: bounds, retryAfterMax } = plan.route.route.retry
  const charged = ledger.attempts.filter((fact) => fact.kind === 'retry').length
  let latest = after(now, backoff(bounds, charged + 1, draw))
  for (const { candidate: tried, endedAt, outcome } of ledger.attempts) {
    if (tried !== candidate || endedAt === undefined || outcome === undefined || !('retryAfter' in outcome)) continue
    if (outcome.retryAfter !== undefined) latest = instant(Math.max(latest, endedAt + Math.min(outcome.retryAfter, retryAfterMax)))
  }
  return latest
}

/** A second time at the same endpoint: not while the first is still waiting. */
function mayTryAgain({ ledger, plan, now }: Question, candidate: Candidate): boolean {
  let tried = false
  for (const fact of ledger.attempts) {
    if (fact.candidate !== candidate) continue
    if (fact.outcome === undefined || !(hasFailed(fact.outcome) || fact.outcome.kind === 'timed-out')) return false
    // What sheds is asked again by other requests, later.
    if (fact.outcome.kind === 'overloaded' && fact.outcome.status >= 500) return false
    tried = true
  }
  const { tier } = standing(candidate, plan.health, now)
  return tried && tier !== TIERS.never && tier !== TIERS.full
}

/** `late`: another attempt would be due, and its pause ends after the deadline. */
type Ending = 'deadline' | 'late' | 'nobody' | 'full' | 'shed' | 'failed' | Extract<ReplayBar, { kind: 'barred' }>

/** What has expired may still answer; while it may, nothing is lost. */
function waitOrConclude(question: Question, why: Ending): NextStep {
  const { ledger, plan } = question
  const waiting = ledger.attempts.some((fact) => fact.outcome === undefined)
  return waiting ? { kind: 'wait', until: deadline(ledger, plan) } : conclude(question, why)
}

/**
 * An endpoint's own answer, however bad, says more than ours: the last one is passed on. Else a code that says why there is no other attempt.
 * Where slow attempts are aborted, time that has run out is the answer, whatever came before: also when it has run out for the next pause.
 */
function conclude(question: Question, why: Ending): NextStep {
  const outOfTime = hasHardTimers(question.plan) && (why === 'deadline' || why === 'late' || wasAborted(question.ledger))
  const held = outOfTime ? undefined : question.ledger.attempts.findLast((fact) => fact.outcome !== undefined && hasAnswer(fact.outcome))
  const code = codeFor(question, why)
  return held === undefined ? { kind: 'give-up', code } : { kind: 'answer', attempt: held, code }
}

const hasHardTimers = ({ route }: Plan): boolean => route.route.timeouts.slow === 'abort'

const wasAborted = ({ attempts }: Ledger): boolean => attempts.at(-1)?.outcome?.kind === 'timed-out'

function codeFor({ ledger, plan, now }: Question, why: Ending): GatewayErrorCode {
  if (why !== 'deadline' && wasAborted(ledger)) return 'ERR_ATTEMPT_TIMEOUT'
  if (typeof why === 'object') return why.code
  switch (why) {
    case 'deadline':
      return ledger.attempts.length === 1 ? 'ERR_ATTEMPT_TIMEOUT' : 'ERR_REQUEST_TIMEOUT'
    case 'late':
      return 'ERR_REQUEST_TIMEOUT'
    case 'nobody':
      return 'ERR_NO_HEALTHY_ENDPOINT'
    case 'full':
      return plan.route.limits?.share === 1 ? 'ERR_OVER_LIMIT' : 'ERR_SHED'
    case 'shed':
      return 'ERR_SHED'
    case 'failed': {
      if (isPanic(plan, now)) return 'ERR_NO_HEALTHY_ENDPOINT'
      if (ledger.attempts.some(({ outcome }) => outcome !== undefined && hasAnswer(outcome))) return 'ERR_ATTEMPTS_FAILED'
      const last = ledger.attempts.at(-1)?.outcome
      if (last?.kind === 'bad-response') return 'ERR_BAD_RESPONSE'
      if (isEveryoneOut(ledger, plan, now)) return 'ERR_NO_HEALTHY_ENDPOINT'
      return last?.kind === 'failed' && !isConnectClass(last.phase) ? 'ERR_CONNECTION_LOST' : 'ERR_CONNECT_FAILED'
    }
    default:
      return why satisfies never
  }
}

/** Each endpoint has failed this request or may not have it; one alone has failed it more than once. */
function isEveryoneOut(ledger: Ledger, plan: Plan, now: Instant): boolean {
  const { candidates } = plan.route
  return (
    Math.max(candidates.length, ledger.attempts.length) > 1 &&
    candidates.every((each) => isTried(ledger, each) || standing(each, plan.health, now).tier >= TIERS.spared)
  )
}

/** Probation attempts are counted apart. */
function countedAttempts(ledger: Ledger): number {
  let counted = 0
  for (const fact of ledger.attempts) if (fact.kind !== 'probation') counted += 1
  return counted
}

const soonest = (a: Instant | undefined, b: Instant): Instant => (a === undefined || b < a ? b : a)
