/**
 * What to do next about a request, from the facts of its attempts so far. `forward` obeys and decides nothing; asking twice gives the
 * same answer. Slow is not failed: an attempt whose timer has expired goes on, and another may be started beside it.
 */
import type { GatewayErrorCode } from '../../config/errors.ts'
import { after, type Draw, type DurationMs, type Instant, instant, share } from '../../config/units.ts'
import { backoff } from './backoff.ts'
import { hasAnswer, hasFailed } from './classify-outcome.ts'
import { deadline } from './deadline.ts'
import type { AttemptFact, AttemptKind, Ledger } from './ledger.ts'
import { isPanic, pickEndpoint } from './order-endpoints.ts'
import type { Plan } from './plan.ts'
import { mayReplay, type ReplayBar } from './replay.ts'
import { mayRescue } from './rescue.ts'
import { mayRetry } from './retry-budget.ts'
import type { Candidate } from './route-state.ts'
import { isEjected, standing, TIERS, wantsTrial } from './standing.ts'

export type NextStep =
  | {
      readonly kind: 'start'
      readonly candidate: Candidate
      readonly attempt: AttemptKind
      readonly onTrial: boolean
      /** Absent for the last allowed attempt: it has what is left of the deadline. */
      readonly timeout?: DurationMs
    }
  /** For the head of any attempt that waits, or until then; infinite while a body is being uploaded. */
  | { readonly kind: 'wait'; readonly until: Instant }
  /** The same, and the retry that comes after it is settled. */
  | { readonly kind: 'pause'; readonly until: Instant }
  | { readonly kind: 'answer'; readonly attempt: AttemptFact }
  | { readonly kind: 'give-up'; readonly code: GatewayErrorCode }

export function planNext(ledger: Ledger, plan: Plan, now: Instant, draw: Draw): NextStep {
  let running: Instant | undefined
  for (const fact of ledger.attempts) {
    if (fact.outcome === undefined) {
      if (!fact.expired) running = soonest(running, expiry(fact))
    } else if (fact.outcome.kind === 'answered') {
      return { kind: 'answer', attempt: fact }
    }
  }
  if (ledger.clientGone) return { kind: 'give-up', code: 'ERR_CLIENT_GONE' }
  const end = deadline(ledger, plan)
  if (now >= end) return conclude(ledger, plan, 'deadline', now)
  if (running !== undefined) return { kind: 'wait', until: soonest(running, end) }
  const counted = countedAttempts(ledger)
  return counted === 0 ? startFirst(ledger, plan, now, draw) : startAnother(ledger, plan, counted, now, draw)
}

/** When the timer of an attempt expires; never while its request is being sent, nor for one that has the rest of the deadline. */
export function expiry(fact: AttemptFact): Instant {
  return fact.sentAt === undefined || fact.timeout === undefined ? instant(Number.POSITIVE_INFINITY) : after(fact.sentAt, fact.timeout)
}

function startFirst(ledger: Ledger, plan: Plan, now: Instant, draw: Draw): NextStep {
  if (plan.probation !== undefined && ledger.attempts.length === 0) {
    return { kind: 'start', candidate: plan.probation, attempt: 'probation', onTrial: true, timeout: plan.route.route.timeouts.attempt }
  }
  const { route } = plan.route
  if (!plan.safe && route.writes === 'home') {
    const home = plan.route.candidates.find((candidate) => candidate.endpoint.id === route.home)
    if (home === undefined || isHomeOut(home, plan, now)) return { kind: 'give-up', code: 'ERR_HOME_OUT' }
    return start(home, 'first', ledger, plan)
  }
  const pick = pickEndpoint(plan, (candidate) => isTried(ledger, candidate), now, draw)
  if (pick.kind === 'none') return conclude(ledger, plan, 'nobody', now)
  return start(pick.candidate, 'first', ledger, plan, pick.standing.tier === TIERS.out)
}

/** A pinned write waits out the hold-down; from then on it is the trial itself, for nobody else may take it. */
function isHomeOut(home: Candidate, plan: Plan, now: Instant): boolean {
  const stands = standing(home, plan.health, now)
  return stands.tier === TIERS.never || (stands.tier === TIERS.out && !(stands.reason === 'ejected' && wantsTrial(home, now)))
}

/** Every attempt so far has failed or expired, one at least. */
function startAnother(ledger: Ledger, plan: Plan, counted: number, now: Instant, draw: Draw): NextStep {
  if (counted >= plan.route.route.retry.attemptsMax) return waitOrConclude(ledger, plan, 'failed', now)
  const bar = mayReplay(ledger, plan)
  if (bar.kind === 'barred') return waitOrConclude(ledger, plan, bar, now)
  const elsewhere =
    bar.kind === 'same-endpoint' ? ({ kind: 'none' } as const) : pickEndpoint(plan, (candidate) => isTried(ledger, candidate), now, draw)
  const unrescued = ledger.attempts.every((fact) => fact.kind === 'first' || fact.kind === 'probation')
  if (elsewhere.kind === 'picked' && unrescued && !isEjected(elsewhere.candidate) && mayRescue(plan.route, now)) {
    return start(elsewhere.candidate, 'rescue', ledger, plan, elsewhere.standing.tier === TIERS.out)
  }
  if (!mayRetry(plan.route.budget, plan.health.snapshot?.retryScale ?? FULL_SCALE, now)) return waitOrConclude(ledger, plan, 'failed', now)
  const next =
    elsewhere.kind === 'picked' ? elsewhere : pickEndpoint(plan, (candidate) => !mayTryAgain(ledger, plan, candidate, now), now, draw)
  if (next.kind === 'none') return waitOrConclude(ledger, plan, 'failed', now)
  const notBefore = pauseEnd(ledger, plan, next.candidate, now, draw)
  if (notBefore >= deadline(ledger, plan)) return waitOrConclude(ledger, plan, 'failed', now)
  if (notBefore > now) return { kind: 'pause', until: notBefore }
  return start(next.candidate, 'retry', ledger, plan, next.standing.tier === TIERS.out)
}

const FULL_SCALE = share(1)

function start(candidate: Candidate, attempt: AttemptKind, ledger: Ledger, plan: Plan, panic = false): NextStep {
  const { timeouts, retry } = plan.route.route
  const last =
    plan.replay !== 'anywhere' ||
    plan.body === 'streamed' ||
    countedAttempts(ledger) + 1 >= retry.attemptsMax ||
    plan.route.candidates.length === 1
  const onTrial = panic || isEjected(candidate)
  return last ? { kind: 'start', candidate, attempt, onTrial } : { kind: 'start', candidate, attempt, onTrial, timeout: timeouts.attempt }
}

/** The settled pause when there is one for this retry; else back-off, and what the endpoint itself has asked for. */
function pauseEnd(ledger: Ledger, plan: Plan, candidate: Candidate, now: Instant, draw: Draw): Instant {
  if (ledger.pause?.after === ledger.attempts.length) return ledger.pause.until
  const charged = ledger.attempts.filter((fact) => fact.kind === 'retry').length
  const until = after(now, backoff(plan.route.route.retry.backoff, charged + 1, draw))
  let latest = until
  for (const { candidate: tried, endedAt, outcome } of ledger.attempts) {
    if (
      tried !== candidate ||
      endedAt === undefined ||
      outcome === undefined ||
      !('retryAfter' in outcome) ||
      outcome.retryAfter === undefined
    )
      continue
    latest = instant(Math.max(latest, endedAt + outcome.retryAfter))
  }
  return latest
}

const isTried = (ledger: Ledger, candidate: Candidate): boolean => ledger.attempts.some((fact) => fact.candidate === candidate)

/** A second time at the same endpoint: not while the first is still waiting, and nowhere else when only that is allowed. */
function mayTryAgain(ledger: Ledger, plan: Plan, candidate: Candidate, now: Instant): boolean {
  let tried = false
  for (const fact of ledger.attempts) {
    if (fact.candidate !== candidate) continue
    if (fact.outcome === undefined || !hasFailed(fact.outcome)) return false
    tried = true
  }
  return tried && standing(candidate, plan.health, now).tier !== TIERS.never
}

function waitOrConclude(ledger: Ledger, plan: Plan, why: Ending, now: Instant): NextStep {
  const waiting = ledger.attempts.some((fact) => fact.outcome === undefined)
  return waiting ? { kind: 'wait', until: deadline(ledger, plan) } : conclude(ledger, plan, why, now)
}

type Ending = 'deadline' | 'nobody' | 'failed' | Extract<ReplayBar, { kind: 'barred' }>

/** An endpoint's own answer, however bad, says more than ours: the last one is passed on. Else a code that says why there is no other attempt. */
function conclude(ledger: Ledger, plan: Plan, why: Ending, now: Instant): NextStep {
  const held = ledger.attempts.findLast((fact) => fact.outcome !== undefined && hasAnswer(fact.outcome))
  if (held !== undefined) return { kind: 'answer', attempt: held }
  return { kind: 'give-up', code: codeFor(ledger, plan, why, now) }
}

function codeFor(ledger: Ledger, plan: Plan, why: Ending, now: Instant): GatewayErrorCode {
  if (typeof why === 'object') return why.code
  switch (why) {
    case 'deadline':
      return ledger.attempts.length === 1 ? 'ERR_ATTEMPT_TIMEOUT' : 'ERR_REQUEST_TIMEOUT'
    case 'nobody':
      return 'ERR_NO_HEALTHY_ENDPOINT'
    case 'failed': {
      if (isPanic(plan, now)) return 'ERR_NO_HEALTHY_ENDPOINT'
      const last = ledger.attempts.at(-1)?.outcome
      if (last?.kind === 'bad-response') return 'ERR_BAD_RESPONSE'
      return last?.kind === 'failed' && last.phase === 'reset' ? 'ERR_CONNECTION_LOST' : 'ERR_CONNECT_FAILED'
    }
    default:
      return why satisfies never
  }
}

/** Probation attempts are counted apart. */
function countedAttempts(ledger: Ledger): number {
  let counted = 0
  for (const fact of ledger.attempts) if (fact.kind !== 'probation') counted += 1
  return counted
}

const soonest = (a: Instant | undefined, b: Instant): Instant => (a === undefined || b < a ? b : a)
