/**
 * What vantages tell each other. A vote is one vantage's opinion of one endpoint; its message carries all of them, once a
 * second and whenever one changes. Times in it are lengths: the clocks of two machines are never compared.
 */

import type { TrackCounts, TrackKill } from '../../config/director.ts'
import type { EndpointKey, RouteId, VantageId } from '../../config/ids.ts'
import type { KeySetNews } from '../../config/key-set.ts'
import type { VantageBase } from '../../config/report.ts'
import type { Incarnation, Reason } from '../../config/snapshot.ts'
import type { DurationMs } from '../../config/units.ts'
import type { EmergencyNews } from './fold-emergency.ts'

/** `unknown` is no opinion: too few probes, no traffic. It counts neither for nor against. */
export type Facet = 'up' | 'down' | 'unknown'

export interface Vote {
  readonly endpoint: EndpointKey
  readonly probe: Facet
  readonly traffic: Facet
  /** What its probes say where nothing follows from them (`monitorOnly`); `probe` is unknown then. Absent elsewhere, and one version back. */
  readonly watched?: Facet
  /** Routes on which its traffic holds the endpoint down. */
  readonly routesDown: readonly RouteId[]
  /** Of the routes that some vantage holds down: those on which this one sees the endpoint succeed. */
  readonly routesUp: readonly RouteId[]
  /** How long probe and traffic have been what they are. */
  readonly stood: DurationMs
  /** Down at least this much longer. */
  readonly hold: DurationMs
  /** Attributable outcomes reported to this vantage in the last 2 s: what proves that a failing monitor is wrong. */
  readonly proof: Proof
  /** Of the last passed probe. */
  readonly latency?: DurationMs
  readonly reasons: readonly Reason[]
}

export interface Proof {
  readonly succeeded: number
  readonly failed: number
}

export interface PeerMessage {
  readonly format: 1
  readonly from: VantageId
  readonly incarnation: Incarnation
  /** Grows by at least one a second while the vantage lives. */
  readonly seq: number
  /** Its probes disagree with most of its peers about most endpoints: they are shown, not counted. */
  readonly abstains: boolean
  readonly votes: readonly Vote[]
  /** Requests and attempts reported to it in the last 10 s. */
  readonly load: Load
  /** The highest incarnation that it has heard of each vantage: how a zombie twin learns that it is one. */
  readonly knows: readonly (readonly [VantageId, Incarnation])[]
  /** Bases that it knows, so that a peer can ask for one. */
  readonly bases: readonly { readonly hash: string; readonly seenAgo: DurationMs; readonly learnedAgo: DurationMs }[]
  /** Hashes of bases that the sender would like to have. */
  readonly needs: readonly string[]
  /** Bases that the receiver asked for. */
  readonly documents: readonly VantageBase[]
  /** The key sets that the sender holds, with keys where the receiver said that it holds older ones. Absent one version back. */
  readonly keySets?: readonly KeySetNews[]
  /** What the sender has read of emergency.json: for a peer that cannot read it. Absent one version back, and while it has read nothing. */
  readonly emergency?: EmergencyNews
  /** What its isolates counted of releases in the last 10 s, latencies left out. Absent: nothing, or one version back. */
  readonly tracks?: readonly TrackCounts[]
  /** Canaries that it has taken away. Absent: none, or one version back. */
  readonly killed?: readonly TrackKill[]
}

export interface Load {
  readonly requests: number
  readonly attempts: number
}
