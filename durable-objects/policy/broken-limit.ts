/**
 * The hard limit over what a canary serves, and over what is copied to it: each by itself, so that neither hides the other. While a group of regions
 * begins with copies, groups before it have their canaries already.
 */
import type { TrackCounts } from '../../config/director.ts'
import type { Release } from '../../config/release.ts'
import type { Stratum } from './guess-from-stable.ts'
import { type BrokenLimit, hardLimit } from './hard-limit.ts'
import { strataOf } from './track-window.ts'

/** `mirrored`: copies count, because the release mirrors now. */
export function brokenLimit(
  counts: readonly TrackCounts[],
  { id, analysis }: Pick<Release, 'id' | 'analysis'>,
  mirrored: boolean,
): BrokenLimit | undefined {
  const over = (copies: boolean): BrokenLimit | undefined => hardLimit(strataOf(counts, id, copies).map(tallies), analysis)
  return over(false) ?? (mirrored ? over(true) : undefined)
}

const tallies = ({ stable, canary }: Stratum) => ({
  stable: { attempts: stable.attempts, hits: stable.failed },
  canary: { attempts: canary.attempts, hits: canary.failed },
})
