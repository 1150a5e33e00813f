/** What an explanation says of a release. */
import type { ReleaseId } from './ids.ts'
import type { TrackName } from './release.ts'
import type { Share } from './units.ts'

/** On which track of its release the request is. */
export interface ExplainedTrack {
  readonly release: ReleaseId
  readonly track: TrackName
  /** `unheard`, `killed`, `override`, `no-share`, `no-key` or `share`. */
  readonly why: string
  /** By what clients are recognised: `claim`, `cookie`, … */
  readonly key: string
  /** Of the canary; absent where nobody has begun the release, or nobody has told this isolate. */
  readonly weight?: Share
  readonly mirror?: Share
  /** It is on the canary, and no endpoint of that is in: it begins on stable. */
  readonly canaryOut: boolean
  /** Why what looked like an override was none. */
  readonly ignoredOverride?: string
}
