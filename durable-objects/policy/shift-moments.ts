/**
 * Moves every moment of a state by the same length: after the clock was set back, what was to end in ten minutes still ends in ten minutes. A
 * clock that was set forward looks like time that has passed, and is taken for it.
 */
import { type Instant, instant } from '../../config/units.ts'
import type { DirectorState, Said } from './director-state.ts'

export function shiftMoments(state: DirectorState, by: number): DirectorState {
  const moved = <Entry extends Said>(entry: Entry): Entry => ({ ...entry, at: instant(entry.at + by) })
  const movedEnd = ({ until }: { readonly until?: Instant }) => (until === undefined ? {} : { until: instant(until + by) })
  return {
    weights: state.weights.map((entry) => ({ ...moved(entry), ...movedEnd(entry) })),
    shares: state.shares.map(moved),
    releases: state.releases.map((entry) => ({ ...moved(entry), since: instant(entry.since + by) })),
    drains: state.drains.map((entry) => ({
      ...moved(entry),
      since: instant(entry.since + by),
      ...movedEnd(entry),
    })),
  }
}

/** The clock has shown it at least once. */
export const latestMoment = ({ weights, drains, releases, shares }: DirectorState): Instant =>
  instant(Math.max(0, ...[weights, drains, releases, shares].flat().map(({ at }) => at)))
