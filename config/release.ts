/**
 * A release, as the base holds it: two tracks of a route, who is on which, and how far the canary goes by itself. Where it stands just now is
 * the director's to say (`overlay.ts`); without a word of it everybody is on stable.
 */
import type { HeaderEdits } from './action.ts'
import type { ClaimPath } from './claim.ts'
import type { PoolId, ReleaseId } from './ids.ts'
import type { DurationMs, Share } from './units.ts'

export const TRACKS = ['stable', 'canary'] as const
export type TrackName = (typeof TRACKS)[number]

export interface Release {
  readonly id: ReleaseId
  readonly tracks: Readonly<Record<TrackName, Track>>
  /** What a client is recognised by; a request without it is on stable. */
  readonly key: ReleaseKey
  /** Absent: nobody chooses for themselves. */
  readonly override?: ReleaseOverride
  /** In order; the weight of each is above the last. Step 0 may mirror before any user sees the canary. When the last is passed the canary gets everything; a last step of all says the same. */
  readonly steps: readonly ReleaseStep[]
  /** Regions in groups: no group begins before the one before it has passed every step. Absent: all at once. */
  readonly regions?: readonly (readonly string[])[]
  readonly analysis: AnalysisSettings
  /** What becomes of it when a judgement says roll back: all at once (the default), or step by step. */
  readonly rollback: 'instant' | 'step-down'
  /** When steps may be taken. Absent: always. */
  readonly schedule?: ReleaseSchedule
  /** What a new bundle does with what is in force: it goes on (default), is put back to nothing, or goes on and is pointed at. */
  readonly onDeploy: OnDeploy
}

export const ON_DEPLOY = ['keep', 'clear', 'flag'] as const
export type OnDeploy = (typeof ON_DEPLOY)[number]

/** A pool, or the same pool with other headers. */
export interface Track {
  readonly pool: PoolId
  readonly requestHeaders?: HeaderEdits
}

export type ReleaseKey =
  | { readonly kind: 'claim'; readonly claim: ClaimPath }
  | { readonly kind: 'certificate' }
  /** Set and signed by the gateway. */
  | { readonly kind: 'cookie'; readonly name: string; readonly ttl: DurationMs }
  /** Lower case. */
  | { readonly kind: 'header'; readonly name: string }
  | { readonly kind: 'client-address' }

/** Who says so is on that track, while the canary is not killed. */
export interface ReleaseOverride {
  /** A token of `npx meridian release override`, signed with the secret RELEASE_KEY: it names the release, the track and its end. */
  readonly header?: string
  readonly cookie?: string
  /** A claim of a verified token, whose value is `stable` or `canary`. */
  readonly claim?: ClaimPath
}

export interface ReleaseStep {
  readonly weight: Share
  /** Share of requests that the canary gets a copy of; only where the weight is 0. */
  readonly mirror?: Share
  /** At least so long at this step, and until the judgement says promote. */
  readonly pause: DurationMs
  /** An operator has to approve before it begins. */
  readonly approval: boolean
}

/** How the canary is judged against stable. */
export interface AnalysisSettings {
  /** Requests of the canary in a step before it may be promoted. Default 500. */
  readonly minimumSample: number
  /** By how much its share of errors may be above stable's. Default 0.5 %. */
  readonly errorMargin: Share
  /** By how much its latency may be above stable's, as a factor of the share of requests that are slower than stable's 95th percentile. Default 2. */
  readonly slowFactor: number
  /** Above this share of errors over 10 s, with 20 requests, it is rolled back at once, whatever stable does. Default 25 %. */
  readonly hardErrorShare: Share
  /** A step that is not decided after so long is inconclusive: it is held, and an operator is asked. Default 1 h. */
  readonly patience: DurationMs
}

/** Days and hours in UTC in which steps may be taken. */
export interface ReleaseSchedule {
  /** 1 is Monday. */
  readonly days: readonly number[]
  /** From this hour up to, not into, that one. */
  readonly from: number
  readonly to: number
}
