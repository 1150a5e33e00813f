/**
 * Health as one vantage publishes it to isolates: control plane → data plane. Within a vantage it is ordered by
 * (incarnation, seq); across vantages whatever was received last wins. Its ages are lengths, never moments: clocks of two
 * machines are not compared.
 */
import type { EndpointKey, KeySetKey, RouteId, VantageId } from './ids.ts'
import type { Emergency, Overlay } from './overlay.ts'
import type { DurationMs, Share } from './units.ts'

/** Which life of a vantage: written to its storage before its first vote, so that a zombie twin loses. Compared in this order. */
export interface Incarnation {
  /** When the object's storage was made, in ms of its own clock. */
  readonly createdAt: number
  /** How often it has started since. */
  readonly bootCount: number
}

/** `unknown` and `suspect` are routable. `suspect`: the monitor disagrees with the traffic. */
export type Verdict = 'up' | 'down' | 'unknown' | 'suspect'

export interface HealthSnapshot {
  readonly format: 1
  readonly vantage: VantageId
  readonly incarnation: Incarnation
  /** Grows with every change of what is said here. */
  readonly seq: number
  readonly endpoints: Readonly<Record<EndpointKey, EndpointHealth>>
  /** Scales every retry budget: 1 normally, less while attempts per request pass 1.2 globally. */
  readonly retryScale: Share
  /** Versions of the key sets that the vantage holds: whoever holds another one asks for its keys. Absent without any, and one version back. */
  readonly keySets?: Readonly<Record<KeySetKey, string>>
  /** What operators want otherwise, as far as the vantage knows; with the `begun` of this moment. A new revision makes a new `seq`. Absent: it knows of nothing. */
  readonly overlay?: Overlay
  /** What the vantage has read of `emergency.json`; another one makes a new `seq`. Absent: there is none, or none that it could ever read. */
  readonly emergency?: Emergency
}

export interface EndpointHealth {
  /** Of the quorum, about the endpoint as a whole. */
  readonly verdict: Verdict
  /** How long the verdict stood when the snapshot was made; with the time since its arrival it drives the ramp of a restored endpoint. */
  readonly stoodFor: DurationMs
  /** `up`, and `down` just before: it ramps. Absent one version back. */
  readonly restored?: true
  /** What the serving vantage itself holds. `down` puts the endpoint last in order; it never ejects. */
  readonly local: 'up' | 'down' | 'unknown'
  /** Routes on which the quorum holds the endpoint down while it is up as a whole. */
  readonly routesDown: readonly RouteId[]
  /** Routes on which the serving vantage alone holds it down: ordered last for them. */
  readonly localRoutesDown: readonly RouteId[]
  /**
   * How fast the serving vantage's probes are, where a pool steers by latency and one has passed; absent in a snapshot one version back.
   * Said anew only when it has changed by a quarter: a snapshot a second for each jitter would cost more than it is worth.
   */
  readonly latency?: DurationMs
  /** The serving vantage's last probe said so (`x-envoy-degraded`): it goes behind those that are well. Absent one version back. */
  readonly degraded?: true
  /** The reasons for the verdict, for people: at most 5. */
  readonly reasons: readonly Reason[]
}

/** Why a vote or verdict is what it is. */
export interface Reason {
  readonly vantage: VantageId
  readonly facet: 'probe' | 'traffic'
  /** Where it failed: `connect`, `tls`, `headers`, `status`, `body`, `timeout`, … */
  readonly phase: string
  readonly status?: number
  /** How long ago when this was sent. */
  readonly age: DurationMs
  /** For people: `3 of 3 probes failed`. */
  readonly detail: string
}

/** Keeps the newer of two snapshots. Across vantages the one that arrived wins. */
export function newer(held: HealthSnapshot | undefined, arrived: HealthSnapshot): HealthSnapshot {
  if (held === undefined || held.vantage !== arrived.vantage) return arrived
  return compareOrder(held, arrived) > 0 ? held : arrived
}

/** Negative when `a` is older than `b`; only meaningful within one vantage. */
export function compareOrder(
  a: { readonly incarnation: Incarnation; readonly seq: number },
  b: { readonly incarnation: Incarnation; readonly seq: number },
): number {
  return a.incarnation.createdAt - b.incarnation.createdAt || a.incarnation.bootCount - b.incarnation.bootCount || a.seq - b.seq
}
