/**
 * The facts of one request's attempts: the only value that grows while it lives. `forward` writes it, policy reads it.
 */
import type { DurationMs, Instant } from '../../config/units.ts'
import type { Outcome } from './classify-outcome.ts'
import type { Candidate } from './route-state.ts'
import type { SteerReason } from './steering/steer.ts'

/**
 * Why an attempt was made.
 * - `probation`: at an ejected endpoint, by a permit, before the first; counted apart.
 * - `first`.
 * - `rescue`: the first one on another endpoint that is in; at most one a request, not charged.
 * - `hedge`: beside a first one that is slow; at most one a request, charged to a budget of its own.
 * - `retry`: every other; charged to the budget.
 */
export type AttemptKind = 'probation' | 'first' | 'rescue' | 'hedge' | 'retry'

export interface AttemptFact {
  /** 1 for the first started. */
  readonly attempt: number
  readonly candidate: Candidate
  readonly kind: AttemptKind
  /** Why this endpoint was taken before its equals; absent where there was no choice: probation, and writes that have a home. */
  readonly steered: SteerReason | undefined
  /** The endpoint was out when this was sent: a probation attempt, or panic. */
  readonly onTrial: boolean
  readonly startedAt: Instant
  /** From the moment the request is sent whole to the head of the answer; absent when the rest of the deadline is its time. */
  readonly timeout: DurationMs | undefined
  /** When the request had been handed over whole; absent while its body is still coming. */
  sentAt: Instant | undefined
  /** When its head had come, where the body is to be held before it counts as answered. */
  headAt: Instant | undefined
  /** It is held because it was its turn to be looked after, and not for longer than `let-go.ts` says. */
  heldBriefly?: true
  /** Its timer has expired; it may still be waiting for its head. */
  expired: boolean
  endedAt: Instant | undefined
  /** Absent while it waits for its head. */
  outcome: Outcome | undefined
}

export interface Ledger {
  readonly attempts: AttemptFact[]
  /** The pause before the retry that follows attempt number `after`. */
  pause?: { readonly after: number; readonly until: Instant }
  clientGone: boolean
}

export const newLedger = (): Ledger => ({ attempts: [], clientGone: false })

/** Writes down an attempt that begins. It counts as sent at once; whoever streams a body says otherwise. */
export function addAttempt(
  ledger: Ledger,
  begun: Pick<AttemptFact, 'candidate' | 'kind' | 'steered' | 'onTrial' | 'timeout'>,
  now: Instant,
): AttemptFact {
  const { candidate, kind, steered, onTrial, timeout } = begun
  const fact: AttemptFact = {
    attempt: ledger.attempts.length + 1,
    candidate,
    kind,
    steered,
    onTrial,
    startedAt: now,
    timeout,
    sentAt: now,
    headAt: undefined,
    expired: false,
    endedAt: undefined,
    outcome: undefined,
  }
  ledger.attempts.push(fact)
  return fact
}
