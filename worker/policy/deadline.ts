import { after, between, type DurationMs, type Instant, instant, ms } from '../../config/units.ts'
import type { AttemptFact, Ledger } from './ledger.ts'
import type { Plan } from './plan.ts'

/**
 * When the request must have its head. A streamed body moves it: the time runs from the moment the body was sent, because a client
 * that uploads for a minute is not an endpoint that hangs. Infinite until then; the platform bounds a stalled upload.
 */
export function deadline(ledger: Ledger, plan: Plan): Instant {
  const started = ledger.attempts[ledger.attempts.length - 1]
  if (plan.body === 'kept' || started === undefined) return after(plan.receivedAt, plan.requestTimeout)
  return started.sentAt === undefined ? instant(Number.POSITIVE_INFINITY) : after(started.sentAt, plan.requestTimeout)
}

/**
 * Until when the place of an attempt at its endpoint is kept without another word: the platform may drop a request and tell nobody. Whoever is
 * still there when its timer expires, or its body has been sent, prolongs it to the deadline.
 */
export const placeUntil = (fact: AttemptFact, ledger: Ledger, plan: Plan): Instant =>
  fact.sentAt === undefined || fact.timeout === undefined ? deadline(ledger, plan) : after(fact.sentAt, fact.timeout)

/** The wait until a moment as timers know it: whole milliseconds, one at least. Infinite when nothing but news ends it. */
export const waitUntil = (now: Instant, until: Instant): DurationMs => ms(Math.max(1, Math.ceil(between(now, until))))

/** What is left, for the header that tells an endpoint; at least 1 ms. */
export function remaining(ledger: Ledger, plan: Plan, now: Instant): DurationMs {
  const left = between(now, deadline(ledger, plan))
  return ms(Number.isFinite(left) ? Math.max(1, left) : plan.requestTimeout)
}
