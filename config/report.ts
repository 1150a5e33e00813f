/** What isolates tell vantages, and what the two say to each other: data plane → control plane. Plain data over RPC, compatible one version back. */

import type { HoldDownSettings, ProbeTarget } from './base.ts'
import type { DirectorBase, TrackCounts } from './director.ts'
import type { EndpointKey, IsolateId, KeySetKey, RouteId, VantageId } from './ids.ts'
import type { KeySetNews, KeySetSource } from './key-set.ts'
import type { HealthSnapshot, Incarnation } from './snapshot.ts'
import type { DurationMs } from './units.ts'

/** Counts of one isolate since its last report. Numbered, so that a repeated delivery is counted once. */
export interface AttemptReport {
  readonly isolate: IsolateId
  /** From 1, by one a report. */
  readonly seq: number
  /** `Base.hash`: a vantage that does not know it answers `need-base`. */
  readonly base: string
  /** Length of time that the counts cover. */
  readonly covers: DurationMs
  readonly requests: number
  readonly attempts: number
  readonly rows: readonly ReportRow[]
  /** Of routes with a release, what was counted since the last report. Absent: nothing, or from an isolate one version back. */
  readonly tracks?: readonly TrackCounts[]
}

/** One (route, endpoint) in a report: attributable outcomes only. At most 512 rows a report, the busiest first. */
export interface ReportRow {
  readonly route: RouteId
  readonly endpoint: EndpointKey
  readonly succeeded: number
  /** Failures whose connection was never made, TLS included. */
  readonly failedConnect: number
  /** Other attributable failures. */
  readonly failedOther: number
  /** Failures since the last success: a streak goes on across reports. */
  readonly failedInRow: number
  /** Distinct client networks (/24, /48) among the failures, counted up to 2. */
  readonly networks: number
  /** The isolate has ejected the endpoint for the route. */
  readonly ejected: boolean
  /** Outcomes of probation requests, not counted above. */
  readonly probationSucceeded: number
  readonly probationFailed: number
  /** Of the last failure: `connect`, `tls`, `reset`, `status`, `timeout`, `body`. */
  readonly lastPhase?: string
  readonly lastStatus?: number
  /** How long the last failure was over when this was sent; absent from an isolate one version back, and then taken for nothing. */
  readonly failedAgo?: DurationMs
}

export type ReportReply =
  | { readonly kind: 'taken' }
  /** The vantage does not know this base: send `learn`, then the report again. */
  | { readonly kind: 'need-base' }
  | { readonly kind: 'busy'; readonly retryAfter: DurationMs }

export interface SyncRequest {
  readonly base: string
  /** What the isolate holds of this vantage, to be answered `same`. */
  readonly held?: { readonly vantage: VantageId; readonly incarnation: Incarnation; readonly seq: number }
  /** True while the isolate had a request in the last 2 s: it is asked back after 1 s rather than 5 s. */
  readonly active: boolean
  /** Endpoints that the isolate would send a probation request to, if permitted. */
  readonly wantsProbation: readonly EndpointKey[]
  /** Versions of the key sets that the isolate holds. Absent from one that needs none, or is one version back: it is told of none. */
  readonly keySets?: Readonly<Record<KeySetKey, string>>
  /** Key sets in which a token's key was missed. */
  readonly wantsKeys?: readonly KeySetKey[]
}

export type SyncReply =
  | {
      readonly kind: 'snapshot'
      readonly snapshot: HealthSnapshot
      readonly next: DurationMs
      /** The endpoints to which this isolate, and no other, may send one probation request now. Never cached. */
      readonly probation: readonly EndpointKey[]
      /** Of the isolate's base, where it asked for them: with keys where it holds another version. */
      readonly keySets?: readonly KeySetNews[]
    }
  | {
      readonly kind: 'same'
      readonly next: DurationMs
      readonly probation: readonly EndpointKey[]
      readonly keySets?: readonly KeySetNews[]
    }
  | { readonly kind: 'need-base' }
  /** The token bucket is empty; said before any work was done. */
  | { readonly kind: 'busy'; readonly retryAfter: DurationMs }

/**
 * Endpoints at most that a vantage probes: the union of the bases that it knows, the newest first. Six connections probe sixty a second that
 * answer in 100 ms; with more endpoints than that each is probed less often than its interval says.
 */
export const TARGETS_MAX = 512

/** What a vantage needs to know of a base. */
export interface VantageBase {
  readonly hash: string
  readonly targets: readonly ProbeTarget[]
  /** All vantages of the gateway, the receiver among them. */
  readonly vantages: readonly VantageId[]
  readonly holdDown: HoldDownSettings
  /** Whose keys to fetch. Absent where no token is verified with fetched keys, and one version back. */
  readonly keySources?: readonly KeySetSource[]
  /** What the director needs to know of it. Absent one version back: its names are not known to it then. */
  readonly director?: DirectorBase
}

/** The part of a vantage that isolates call. Every method may throw when the object is unreachable. */
export interface VantageForIsolates {
  /** `self` names the vantage that is called: an object does not know its own name. */
  learn(self: VantageId, base: VantageBase): Promise<void>
  sync(self: VantageId, request: SyncRequest): Promise<SyncReply>
  report(self: VantageId, report: AttemptReport): Promise<ReportReply>
}
