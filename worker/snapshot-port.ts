/**
 * What the request path needs of the health plane, and what the health plane needs of the request path. Behind `HealthSource`
 * stand levels, leases and vantages; in front of it nobody waits for any of them, but for the bounded wait of a cold isolate.
 */
import type { TrackCounts } from '../config/director.ts'
import type { EndpointKey, KeySetKey, RouteId } from '../config/ids.ts'
import type { PublicJwk } from '../config/key-set.ts'
import type { Instant } from '../config/units.ts'
import type { Evidence } from './policy/evidence.ts'
import type { HeldHealth } from './policy/held-health.ts'
import type { ToldLatency } from './policy/steering/colo-latency.ts'
import type { Platform } from './ports.ts'

export type { HealthAge, HeldHealth } from './policy/held-health.ts'

/** Where the request came in, for the choice of the nearest vantage. Read what is needed only: each is looked up when asked for. */
export interface InboundPlace {
  readonly colo?: string | undefined
  readonly latitude?: number | undefined
  readonly longitude?: number | undefined
  /** ISO 3166-1, upper case. */
  readonly country?: string | undefined
  readonly continent?: string | undefined
}

/** What one request taught. Given twice for a request whose body was watched: at the head of the answer and at the end of its body. */
export interface RequestFacts {
  /** 1 at the head, 0 for a late addition. */
  readonly requests: number
  readonly attempts: number
  readonly evidence: readonly Evidence[]
  /** This evidence made the isolate eject an endpoint: worth an urgent report. */
  readonly ejected: boolean
  /** It was counted for a canary: a report is due soon. */
  readonly canary?: boolean
}

export interface HealthSource {
  /** What is held now. A value when the isolate is warm, a promise of at most 100 ms when it is cold. Starts a refresh by `platform.defer` when one is due. */
  pin(place: InboundPlace, platform: Platform): HeldHealth | Promise<HeldHealth>
  /** Folds into the report's counters; sends timed and urgent reports by `platform.defer`. Never throws, never waits. */
  record(facts: RequestFacts, platform: Platform): void
  /** There is a permit of a vantage for a probation request to this endpoint. */
  holdsProbation(endpoint: EndpointKey, now: Instant): boolean
  /** Uses one up; false when there is none. */
  takeProbation(endpoint: EndpointKey, now: Instant): boolean
}

/** The keys of issuers, which come with the snapshots. */
export interface KeySets {
  /** The same list as long as its keys are the same. Undefined: never known, or too old to count. */
  keysOf(key: KeySetKey, now: Instant): readonly PublicJwk[] | undefined
  /** The key of a token is not among them, as far as can be told. Never waits; costs a question to a vantage at most once in 30 s. */
  wantKeys(key: KeySetKey, platform: Platform): void
}

/** What the isolates of a colo know of latencies, each by its own attempts. */
export interface SharedLatencies {
  readonly tell: (now: Instant) => readonly ToldLatency[]
  /** `at`: when it was told, by this isolate's clock. */
  readonly hear: (told: readonly ToldLatency[], at: Instant, now: Instant) => void
}

/** What reports say of the isolate's own ejections. `worker/isolate.ts` gives it to whoever makes the `HealthSource`. */
export interface PassiveHealth {
  readonly isEjected: (route: RouteId, endpoint: EndpointKey) => boolean
  /** Endpoints ejected here whose hold-down is over. Those that a snapshot shows down are the health source's to add. */
  readonly wantsProbation: (now: Instant) => readonly EndpointKey[]
  /** What was counted of tracks since it was last taken; undefined when nothing was. */
  readonly takeTracks?: () => readonly TrackCounts[] | undefined
  /** Absent where no pool steers by latency. */
  readonly latencies?: SharedLatencies
}
