/**
 * What the director holds, one record a revision: each owner's word about each field, in flat lists. An owner's words are a layer; which of
 * two layers goes before the other is `compose-overlay.ts`'s to say.
 */
import type { Door } from '../../config/director.ts'
import type { ReleasePhase } from '../../config/director-view.ts'
import type { EndpointId, PoolId, ReleaseId } from '../../config/ids.ts'
import type { DrainTarget, ReleaseOrder } from '../../config/overlay.ts'
import type { DurationMs, Instant, Share } from '../../config/units.ts'

export interface DirectorState {
  readonly weights: readonly WeightEntry[]
  /** Of operators alone. */
  readonly drains: readonly DrainEntry[]
  /** Releases that somebody has begun or set by hand: the layer `release`, and what operators made of it. */
  readonly releases: readonly ReleaseState[]
  /** Of weights.json: releases that nobody has begun. */
  readonly shares: readonly ShareEntry[]
}

export const NOTHING_WISHED: DirectorState = { weights: [], drains: [], releases: [], shares: [] }

/** Whose word an entry is. Moments are of the director's clock. */
export interface Said {
  readonly by: string
  readonly door: Door
  readonly reason: string
  readonly at: Instant
}

export interface WeightEntry extends Said {
  readonly owner: 'operator' | 'weights.json'
  readonly pool: PoolId
  readonly endpoint: EndpointId
  readonly weight: number
  /** When it ends by itself; of operators alone. Absent: never. */
  readonly until?: Instant
}

export interface DrainEntry extends Said {
  readonly target: DrainTarget
  readonly direction: 'out' | 'back'
  readonly over: DurationMs
  /** From when `over` counts: before `at` when it took over from an opposite one under way. */
  readonly since: Instant
  /** When it ends by itself. Absent: never. One that comes back ends when it is back. */
  readonly until?: Instant
}

export interface ShareEntry extends Said {
  readonly release: ReleaseId
  readonly weight: Share
}

/** Where a release stands. What more the engine keeps of it is in `engine`, which nobody else reads. */
export interface ReleaseState extends Said {
  readonly release: ReleaseId
  readonly phase: Exclude<ReleasePhase, 'idle'>
  readonly step: number
  /** Since when it is at this step and phase. */
  readonly since: Instant
  readonly order: ReleaseOrder
  readonly explanation?: string
  /** Hash of a bundle that came while it was in force. */
  readonly flagged?: string
  /** The engine's own: JSON. Absent after a takeover: then it is paused by hand, at its weight. What says otherwise than `phase` was gone back to. */
  readonly engine?: unknown
}

/** Bounds of a state: one row of the storage, and of each isolate's memory. */
export const WEIGHTS_MAX = 1024
export const DRAINS_MAX = 256
export const RELEASES_MAX = 256

/** `region.us-east-1` */
export function targetName(target: DrainTarget): string {
  switch (target.kind) {
    case 'endpoint':
      return `endpoint.${target.endpoint}`
    case 'region':
      return `region.${target.region}`
    case 'cloud':
      return `cloud.${target.cloud}`
    default:
      return target satisfies never
  }
}
