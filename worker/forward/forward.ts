/** The loop that carries a request to an answer: asks `planNext`, obeys, and keeps the attempts that are under way. It decides nothing. */
import type { GatewayErrorCode } from '../../config/errors.ts'
import { after, between, type Instant, ms } from '../../config/units.ts'
import { remaining } from '../policy/deadline.ts'
import { type AttemptFact, type Ledger, newLedger } from '../policy/ledger.ts'
import type { Plan } from '../policy/plan.ts'
import { expiry, type NextStep, planNext } from '../policy/plan-next.ts'
import { depositRequest, withdrawRetry } from '../policy/retry-budget.ts'
import type { Platform } from '../ports.ts'
import { type Outbound, outboundRequest } from './outbound-request.ts'
import { endAttempt, expireAttempt, type LiveAttempt, runAttempt } from './run-attempt.ts'

export type Forwarded =
  | {
      readonly kind: 'answered'
      readonly ledger: Ledger
      readonly fact: AttemptFact
      readonly response: Response
      readonly abort: AbortController
    }
  | { readonly kind: 'gave-up'; readonly ledger: Ledger; readonly code: GatewayErrorCode }

export async function forward(outbound: Outbound, plan: Plan, platform: Platform): Promise<Forwarded> {
  const flight = new Flight(outbound, plan, platform)
  depositRequest(plan.route.budget, plan.receivedAt)
  for (;;) {
    const now = platform.now()
    flight.expireTimers(now)
    const step = planNext(flight.ledger, plan, now, platform.draw())
    switch (step.kind) {
      case 'start':
        flight.start(step, now)
        break
      case 'pause':
        flight.ledger.pause = { after: flight.ledger.attempts.length, until: step.until }
        await flight.anyHead(step.until, now)
        break
      case 'wait':
        await flight.anyHead(step.until, now)
        break
      case 'answer':
        return flight.answer(step.attempt, now)
      case 'give-up':
        return flight.giveUp(step.code, now)
      default:
        return step satisfies never
    }
  }
}

/** The attempts of one request that are under way, and who waits for them. */
class Flight {
  readonly ledger = newLedger()
  readonly #live: LiveAttempt[] = []
  readonly #outbound: Outbound
  readonly #plan: Plan
  readonly #platform: Platform
  #wake: (() => void) | undefined
  /** Something ended while nobody was waiting. */
  #news = false

  constructor(outbound: Outbound, plan: Plan, platform: Platform) {
    this.#outbound = outbound
    this.#plan = plan
    this.#platform = platform
    outbound.request.signal.addEventListener('abort', this.#clientGone)
  }

  start(step: Extract<NextStep, { kind: 'start' }>, now: Instant): void {
    const { candidate, attempt: kind, onTrial, timeout } = step
    const { body } = this.#outbound
    const fact: AttemptFact = {
      attempt: this.ledger.attempts.length + 1,
      candidate,
      kind,
      onTrial,
      startedAt: now,
      expired: false,
      ...(timeout === undefined ? {} : { timeout }),
      ...(body.kind === 'streamed' ? {} : { sentAt: now }),
    }
    if (kind === 'retry') withdrawRetry(this.#plan.route.budget, now)
    this.ledger.attempts.push(fact)
    if (body.kind === 'streamed') void body.sent.then((whole) => whole && this.#noteSent(fact))
    const left = remaining(this.ledger, this.#plan, now)
    const facts = { endpoint: candidate.endpoint, attempt: fact.attempt, probation: kind === 'probation', remaining: left }
    const order = {
      fact,
      request: (signal: AbortSignal) => outboundRequest(this.#outbound, { ...facts, signal }),
      retryStatuses: this.#plan.route.route.retry.statuses,
      latest: after(now, left),
    }
    this.#live.push(runAttempt(order, this.#platform, this.#settled))
  }

  /** Waits for a head, a finished upload, the client's going, or `until`. */
  anyHead(until: Instant, now: Instant): Promise<void> {
    if (this.#news) {
      this.#news = false
      return Promise.resolve()
    }
    return new Promise((resolve) => {
      const cancel = Number.isFinite(until)
        ? this.#platform.wakeAfter(ms(Math.max(1, Math.ceil(between(now, until)))), () => this.#wake?.())
        : undefined
      this.#wake = () => {
        this.#wake = undefined
        this.#news = false
        cancel?.()
        resolve()
      }
    })
  }

  expireTimers(now: Instant): void {
    for (const fact of this.ledger.attempts) {
      if (fact.outcome === undefined && !fact.expired && expiry(fact) <= now) expireAttempt(fact, now)
    }
  }

  answer(fact: AttemptFact, now: Instant): Forwarded {
    const winner = this.#live[fact.attempt - 1]
    if (winner?.response === undefined) throw new Error('an attempt without a head cannot answer')
    for (const live of this.#live) if (live !== winner) endAttempt(live, { kind: 'superseded' }, now)
    return { kind: 'answered', ledger: this.ledger, fact, response: winner.response, abort: winner.abort }
  }

  giveUp(code: GatewayErrorCode, now: Instant): Forwarded {
    for (const live of this.#live) endAttempt(live, { kind: 'timed-out' }, now)
    return { kind: 'gave-up', ledger: this.ledger, code }
  }

  readonly #settled = (): void => {
    this.#news = true
    this.#wake?.()
  }

  #noteSent(fact: AttemptFact): void {
    fact.sentAt = this.#platform.now()
    this.#settled()
  }

  /** Everything at once: after this the platform runs nothing more of the request. */
  readonly #clientGone = (): void => {
    this.ledger.clientGone = true
    const now = this.#platform.now()
    for (const live of this.#live) endAttempt(live, { kind: 'client-gone' }, now)
    this.#settled()
  }
}
