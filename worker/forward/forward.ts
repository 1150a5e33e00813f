/** The loop that carries a request to an answer: asks `planNext`, obeys, and keeps the attempts that are under way. It decides nothing. */
import type { GatewayErrorCode } from '../../config/errors.ts'
import { type Instant, ms } from '../../config/units.ts'
import { armBody, noteSlowBodies } from '../policy/body-care.ts'
import { deadline, placeUntil, remaining, waitUntil } from '../policy/deadline.ts'
import { depositHedgeable, learnLatency, withdrawHedge } from '../policy/hedge.ts'
import { type AttemptFact, addAttempt, type Ledger, newLedger } from '../policy/ledger.ts'
import { type HeldBack, heldBack } from '../policy/let-go.ts'
import { type Plan, withheldBy } from '../policy/plan.ts'
import { expiry, type NextStep, planNext } from '../policy/plan-next.ts'
import { depositRequest, retryScale, withdrawRetry } from '../policy/retry-budget.ts'
import { expireAttempt } from '../policy/settle-attempt.ts'
import type { Platform } from '../ports.ts'
import { type Outbound, outboundRequest } from './outbound-request.ts'
import { type Answer, endAttempt, keepPlace, type LiveAttempt, runAttempt } from './run-attempt.ts'
import { sealRequest } from './seal-request.ts'

export type Forwarded =
  | {
      readonly kind: 'answered'
      readonly ledger: Ledger
      readonly fact: AttemptFact
      readonly answer: Answer
      readonly abort: AbortController | undefined
      /** Why a failure is passed on. */
      readonly code: GatewayErrorCode | undefined
    }
  | { readonly kind: 'gave-up'; readonly ledger: Ledger; readonly code: GatewayErrorCode }

/** How long after an upload broke its attempt may show that the endpoint did it: the streams do not tell. */
const UPLOAD_SETTLES = ms(100)

export async function forward(outbound: Outbound, plan: Plan, platform: Platform): Promise<Forwarded> {
  const flight = new Flight(outbound, plan, platform)
  depositRequest(plan.route.budget, plan.receivedAt)
  if (plan.hedge !== undefined) depositHedgeable(plan.hedge, retryScale(plan.health))
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
      case 'wait': {
        const held = heldBack(flight.ledger)
        if (held !== undefined && held.until <= now) flight.letGo(held, now)
        else await flight.anyHead(held !== undefined && held.until < step.until ? held.until : step.until, now)
        break
      }
      case 'answer':
        return flight.answer(step, now)
      case 'give-up':
        return flight.giveUp(step.code, now)
      default:
        return step satisfies never
    }
  }
}

/**
 * The attempts of one request that are under way, and who waits for them. At most six at a time, which is what the platform lets wait for
 * heads: five allowed ones, a hedge among them, and one of probation.
 */
class Flight {
  readonly ledger: Ledger = newLedger()
  readonly #live: LiveAttempt[] = []
  readonly #outbound: Outbound
  readonly #plan: Plan
  readonly #platform: Platform
  #wake: (() => void) | undefined
  /** Something ended while nobody was waiting. */
  #news = false
  #listens = false

  constructor(outbound: Outbound, plan: Plan, platform: Platform) {
    this.#outbound = outbound
    this.#plan = plan
    this.#platform = platform
  }

  start({ candidate, attempt: kind, steered, onTrial, timeout }: Extract<NextStep, { kind: 'start' }>, now: Instant): void {
    const plan = this.#plan
    const { body, inbound } = this.#outbound
    const fact = addAttempt(this.ledger, { candidate, kind, steered, onTrial, timeout }, now)
    if (kind === 'retry') withdrawRetry(candidate.route.budget, now)
    else if (kind === 'hedge' && plan.hedge !== undefined) withdrawHedge(plan.hedge)
    if (body.kind === 'streamed') {
      fact.sentAt = undefined
      void body.sent.then((whole) => (whole ? this.#noteSent(fact) : this.#noteBroken(fact)))
    }
    const arming = armBody(candidate, inbound.method, now, this.#platform.draw())
    const abort = this.#controllerFor(fact, arming.kind === 'armed')
    const request = outboundRequest(this.#outbound, {
      endpoint: candidate.endpoint,
      edits: candidate.route.requestEdits,
      attempt: fact.attempt,
      probation: kind === 'probation',
      remaining: remaining(this.ledger, plan, now),
      abort,
      raw: arming.kind === 'armed',
      withheld: plan.track === undefined ? undefined : withheldBy(plan.track),
    })
    const sealed = sealRequest(this.#outbound, candidate.endpoint, request, this.#platform)
    const latest = placeUntil(fact, this.ledger, plan)
    this.#live.push(
      runAttempt(
        { fact, request, sealed, abort, arming, latest, clientAddress: inbound.address, grpc: inbound.headers.grpc !== undefined },
        this.#platform,
        () => this.#tell(),
      ),
    )
  }

  /** Waits for a head, a finished upload, the client's going, or `until`. */
  anyHead(until: Instant, now: Instant): Promise<void> | undefined {
    if (this.#news) {
      this.#news = false
      return undefined
    }
    return new Promise((resolve) => {
      const length = waitUntil(now, until)
      const cancel = Number.isFinite(length) ? this.#platform.wakeAfter(length, () => this.#wake?.()) : undefined
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
      if (fact.outcome !== undefined || fact.expired || expiry(fact) > now) continue
      expireAttempt(fact, now)
      const live = this.#live[fact.attempt - 1]
      if (live === undefined) continue
      if (this.#plan.route.route.timeouts.slow === 'abort') endAttempt(live, { kind: 'timed-out' }, now)
      else keepPlace(live, deadline(this.ledger, this.#plan), now)
    }
  }

  letGo({ fact, others }: HeldBack, now: Instant): void {
    if (others.length > 0) for (const { candidate } of [fact, ...others]) noteSlowBodies(candidate, now)
    this.#live[fact.attempt - 1]?.letGo?.(others.length === 0)
  }

  answer({ attempt: fact, code }: Extract<NextStep, { kind: 'answer' }>, now: Instant): Forwarded {
    const winner = this.#live[fact.attempt - 1]
    if (winner?.answer === undefined) throw new Error('an attempt without a head cannot answer')
    for (const live of this.#live) if (live !== winner) endAttempt(live, { kind: 'superseded' }, now)
    if (this.#plan.hedge !== undefined) learnLatency(this.#plan.hedge, this.ledger, now)
    return { kind: 'answered', ledger: this.ledger, fact, answer: winner.answer, abort: winner.abort, code }
  }

  giveUp(code: GatewayErrorCode, now: Instant): Forwarded {
    for (const live of this.#live) endAttempt(live, { kind: 'timed-out' }, now)
    if (this.#plan.hedge !== undefined) learnLatency(this.#plan.hedge, this.ledger, now)
    return { kind: 'gave-up', ledger: this.ledger, code }
  }

  /**
   * The first attempt of a plain request goes without: nothing is to be broken off unless it loses to another, and then the platform does
   * it when the answer has been sent. A controller, its signal and a listener cost every request a tenth of a bare fetch. What may be hedged,
   * aborted when slow, or refused because so many others wait, has one from the start: a client that goes away must not be counted on.
   */
  #controllerFor(fact: AttemptFact, armed: boolean): AbortController | undefined {
    if (fact.attempt === 1 && !armed && this.#outbound.body.kind === 'none' && !this.#mayEndFirst(fact)) return undefined
    if (!this.#listens) this.#outbound.request.signal.addEventListener('abort', () => this.#clientGone())
    this.#listens = true
    return new AbortController()
  }

  /** The connection of a relayed socket is ours to end as well. */
  #mayEndFirst({ candidate }: AttemptFact): boolean {
    const { hedge, route } = this.#plan
    if (route.limits !== undefined || candidate.concurrencyMax !== undefined) return true
    const relays = route.route.relayWebSockets !== undefined && this.#outbound.inbound.headers.webSocket
    return hedge !== undefined || relays || route.route.timeouts.slow === 'abort'
  }

  #tell(): void {
    this.#news = true
    this.#wake?.()
  }

  #noteSent(fact: AttemptFact): void {
    const now = this.#platform.now()
    fact.sentAt = now
    const live = this.#live[fact.attempt - 1]
    if (live !== undefined) keepPlace(live, placeUntil(fact, this.ledger, this.#plan), now)
    this.#tell()
  }

  /** An endpoint that took no more has answered or closed by then. Otherwise the client has sent half a body, and is as good as gone. */
  #noteBroken(fact: AttemptFact): void {
    this.#platform.wakeAfter(UPLOAD_SETTLES, () => {
      if (fact.outcome === undefined) this.#clientGone()
    })
  }

  /** Everything at once: after this the platform may run nothing more of the request. */
  #clientGone(): void {
    this.ledger.clientGone = true
    const now = this.#platform.now()
    for (const live of this.#live) endAttempt(live, { kind: 'client-gone' }, now)
    this.#tell()
  }
}
