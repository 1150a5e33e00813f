/** What is fixed about a request before its first attempt: everything that `planNext` needs beside the ledger. */
import type { WeightedPool } from '../../config/action.ts'
import type { Release } from '../../config/release.ts'
import type { DurationMs, Instant, Share } from '../../config/units.ts'
import type { TrackChoice } from './choose-track.ts'
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
  /** Absent: the route has no release. */
  readonly track?: PlannedTrack
  /** Of a request that begins on the canary: where it goes on when the canary can do no more for it. */
  readonly stable?: Plan
}

export interface PlannedTrack {
  readonly release: Release
  readonly choice: TrackChoice
  /** They are on the canary, and no endpoint of it is in, or its pool has had as many requests as it may: they begin on stable. */
  readonly canaryOut: boolean
  /** Its first attempt is compared with those of the other track. */
  readonly counted: boolean
  /** The canary as it would have been asked; only where it is out, and not by anybody's wish. */
  readonly missed?: Candidate
  readonly mirror?: ReleaseMirror
  /** Why what looked like an override was none. */
  readonly ignored?: OverrideProblem
}

/** Headers that end here: whoever reads an override in the log of an endpoint could show it as well. */
export const withheldBy = ({ release: { override } }: PlannedTrack): readonly string[] | undefined =>
  override?.header === undefined ? undefined : [override.header]

/** A share of requests of which the canary gets a copy. */
export interface ReleaseMirror {
  readonly share: Share
  readonly to: WeightedPool
}

/** For operators; the client is told nothing. */
export type OverrideProblem = 'malformed' | 'expired' | 'too-far-ahead' | 'forged' | 'no-release-key' | 'unknown-track'

/**
 * What may follow a failed attempt.
 * - `anywhere`: any other.
 * - `same-endpoint`: the same endpoint once more, because the client's `Idempotency-Key` says so.
 * - `if-unsent`: only when the endpoint provably did not see the request.
 */
export type ReplayRule = 'anywhere' | 'same-endpoint' | 'if-unsent'

/** `kept`: held in memory, or none at all. `streamed`: it can be sent once. */
export type RequestBody = 'kept' | 'streamed'
