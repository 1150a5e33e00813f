/**
 * What the director is asked and told: by vantages each second, and by operators. Plain data over RPC, compatible one version back. Whatever
 * may not arrive of the right shape is parsed on the other side.
 */
import type { Defect } from './defect.ts'
import type { EndpointId, PoolId, ReleaseId, RouteId, VantageId } from './ids.ts'
import type { Judgement } from './judgement.ts'
import type { DrainTarget, Emergency, Overlay, OverlayOrder } from './overlay.ts'
import type { Release, TrackName } from './release.ts'
import type { Incarnation } from './snapshot.ts'
import type { DurationMs, Share } from './units.ts'

/** The one object of its class. */
export const DIRECTOR_NAME = 'director'

/** What the director needs to know of a base: the names that may be changed, and what they are without it. */
export interface DirectorBase {
  readonly hash: string
  readonly pools: readonly DirectorPool[]
  readonly releases: readonly Release[]
  readonly vantages: readonly VantageId[]
}

export interface DirectorPool {
  readonly id: PoolId
  readonly endpoints: readonly {
    readonly id: EndpointId
    readonly cloud: string
    readonly region: string
    readonly weight: number
    readonly drain: boolean
  }[]
}

/** Vantage → director, each second and whenever it has lost something: a question, and its counters. */
export interface DirectorQuestion {
  readonly format: 1
  readonly from: VantageId
  readonly incarnation: Incarnation
  /** What it holds; absent: nothing. */
  readonly holds?: OverlayOrder
  /** The bases that it knows, the newest first, and how long ago a gateway named each. */
  readonly bases: readonly { readonly hash: string; readonly seenAgo: DurationMs }[]
  /** Those that the director asked for. */
  readonly documents: readonly DirectorBase[]
  /** What its isolates counted of the tracks since its start: they only grow, so that a lost message loses nothing. */
  readonly tracks: readonly TrackCounts[]
  /** Canaries that it has taken away by itself: of the run with this salt, with the numbers that broke the limit, for people. */
  readonly killed: readonly TrackKill[]
  readonly emergency?: Emergency
  /** Whose word that is, for people. Absent one version back. */
  readonly emergencySaid?: { readonly by: string; readonly reason: string }
}

export interface TrackKill {
  readonly release: ReleaseId
  readonly salt: string
  readonly why: string
}

export interface DirectorAnswer {
  /** Absent: what the vantage holds is in force, or nothing is. */
  readonly overlay?: Overlay
  /** Bases that the director would like to have. */
  readonly needs: readonly string[]
}

/**
 * First attempts of one track, on one route, in one region: what the client would have seen without rescue. All but those that nobody
 * decided (the client went, or we broke them off).
 */
export interface TrackCounts {
  readonly release: ReleaseId
  readonly track: TrackName
  readonly route: RouteId
  /** Of the endpoint that was asked. */
  readonly region: string
  /** Of copies, which nobody sees. */
  readonly mirrored: boolean
  readonly attempts: number
  /** 5xx, resets, timeouts. */
  readonly failed: number
  /** How many took how long to the head: by `LATENCY_BOUNDS`, one more for the rest. */
  readonly latency: readonly number[]
  /** How long ago a vantage began to count it. It is told to the director alone; absent one version back. */
  readonly begun?: DurationMs
}

/** Upper bounds in ms, each a quarter above the last: finer than any verdict needs. */
export const LATENCY_BOUNDS: readonly number[] = Array.from({ length: 44 }, (_, index) => Math.round(1.25 ** index * 10) / 10)

/** One change; a request may ask for several, and gets all or none. */
export type Change =
  /** Of the named endpoints alone. `lasts` absent: until somebody clears them. */
  | {
      readonly kind: 'set-weights'
      readonly pool: PoolId
      readonly weights: Readonly<Record<EndpointId, number>>
      readonly lasts?: DurationMs
    }
  /** Back to what is below: weights.json, then the bundle. Absent: all of the pool. */
  | { readonly kind: 'clear-weights'; readonly pool: PoolId; readonly endpoints?: readonly EndpointId[] }
  /** `lasts` absent: until somebody ends it. */
  | { readonly kind: 'drain'; readonly target: DrainTarget; readonly over: DurationMs; readonly lasts?: DurationMs }
  | { readonly kind: 'undrain'; readonly target: DrainTarget; readonly over: DurationMs }
  | { readonly kind: 'release'; readonly release: ReleaseId; readonly action: ReleaseAction }
  /** By hand, to this share; a release that runs by itself is paused by it. */
  | { readonly kind: 'set-release'; readonly release: ReleaseId; readonly weight: Share }
  /** One that is over, or that the gateway has no more: back to weights.json, else as if nobody had begun it. */
  | { readonly kind: 'clear-release'; readonly release: ReleaseId }
  /** What was in force at that revision is in force again, as a new revision. */
  | { readonly kind: 'revert'; readonly revision: number }

export const RELEASE_ACTIONS = ['start', 'pause', 'resume', 'approve', 'promote', 'rollback', 'kill'] as const
export type ReleaseAction = (typeof RELEASE_ACTIONS)[number]

/** Through which door a change came. `takeover`: what vantages still held was put in force again after the director's storage was lost. */
export const DOORS = ['api', 'cli', 'console', 'weights.json', 'release', 'expiry', 'deploy', 'takeover'] as const
export type Door = (typeof DOORS)[number]
/** Those of people; the others are the director's own. */
export const OPERATOR_DOORS = ['api', 'cli', 'console'] as const satisfies readonly Door[]

export interface ChangeRequest {
  readonly changes: readonly Change[]
  /** Who: the subject of a token, or what the secret's bearer calls themselves. */
  readonly by: string
  readonly door: Door
  readonly reason: string
  /** The revision that it was made for (`If-Match`); absent: whatever is in force. */
  readonly ifMatch?: number
  /** Nothing is done: what would be. */
  readonly dryRun?: boolean
  /** Of the sender's making, one for each change: a request that arrives twice is done once, and gets the same answer. */
  readonly id?: string
}

/** One thing wrong with a request for changes. It has no code: those are of configurations, which pipelines look up. */
export type ChangeDefect = Omit<Defect, 'code'>

export type ChangeReply =
  /** Without differences nothing was to be done. With `dryRun` the revision is the one in force. */
  | { readonly kind: 'done'; readonly revision: number; readonly differences: readonly Difference[] }
  /** Somebody was faster: what has changed since the revision that it was made for. */
  | { readonly kind: 'conflict'; readonly revision: number; readonly differences: readonly Difference[] }
  /** Nothing was done. Paths are those of the request. */
  | { readonly kind: 'refused'; readonly defects: readonly ChangeDefect[] }

/** One field that two revisions, or a revision and the bundle, have otherwise. */
export interface Difference {
  /** `pools.shop.aws-use1.weight`, `drains.region.us-east-1`, `releases.checkout.weight`, `releases.checkout.approved`, `emergency.drain.us-east-1`. */
  readonly field: string
  readonly before: string | number | undefined
  readonly after: string | number | undefined
  /** Whose word it is, and why. */
  readonly owner?: string
  readonly reason?: string
  /** Ends by itself after so long. */
  readonly expiresIn?: DurationMs
  /** It names something that no base has: it does nothing. */
  readonly inert?: true
}

/** One line of the audit trail. */
export interface AuditEntry {
  readonly id: number
  /** Of a judgement: the one that was in force. */
  readonly revision: number
  /** ISO 8601, of the director's clock. */
  readonly at: string
  readonly by: string
  readonly door: Door
  readonly reason: string
  /** None for a judgement: what it moves has a line of its own. */
  readonly differences: readonly Difference[]
  /** The line says what a canary was judged to be, and changes nothing. */
  readonly judgement?: JudgedStep
}

export interface JudgedStep extends Judgement {
  readonly release: ReleaseId
  /** From 0. */
  readonly step: number
}

export type {
  DirectorForOperators,
  DirectorView,
  EntryView,
  Owner,
  Page,
  PageRequest,
  ReleaseView,
  RevisionView,
  SpreadView,
} from './director-view.ts'
