/** What is fixed about a request before its first attempt: everything that `planNext` needs beside the ledger. */
import type { DurationMs, Instant } from '../../config/units.ts'
import type { HedgePlan } from './hedge.ts'
import type { HeldHealth } from './held-health.ts'
import type { Candidate, RouteState } from './route-state.ts'
import type { SteerBy } from './steering/steer-by.ts'

export interface Plan {
  readonly route: RouteState
  readonly health: HeldHealth
  readonly replay: ReplayRule
  readonly body: RequestBody
  /** GET, HEAD, OPTIONS (RFC 9110 section 9.2.1). */
  readonly safe: boolean
  readonly receivedAt: Instant
  readonly requestTimeout: DurationMs
  /** What of the request steers it, where the pool's steering asks for something. */
  readonly steerBy?: SteerBy
  /** An ejected endpoint to which this request may be sent first. */
  readonly probation?: Candidate
  /** It may be sent twice at once. */
  readonly hedge?: HedgePlan
}

/**
 * What may follow a failed attempt.
 * - `anywhere`: any other.
 * - `same-endpoint`: the same endpoint once more, because the client's `Idempotency-Key` says so.
 * - `if-unsent`: only when the endpoint provably did not see the request.
 */
export type ReplayRule = 'anywhere' | 'same-endpoint' | 'if-unsent'

/** `kept`: held in memory, or none at all. `streamed`: it can be sent once. */
export type RequestBody = 'kept' | 'streamed'
