/** What the last minute alone says against going further, whatever was shown before it. It rolls nothing back. */
import type { AnalysisSettings } from '../../config/release.ts'
import type { Tally } from './block-evidence.ts'

/** The last windows in which both tracks served, and what is usual for stable. */
export interface LastMinute {
  readonly recent: readonly RecentWindow[]
  /** Stable's in the run, without the recent windows; windows of trouble hardly count. */
  readonly usual: Tally
}

export interface RecentWindow {
  readonly stable: Tally
  readonly canary: Tally
}

/** Failures in a minute below which nothing is made of them. */
const TROUBLE_MIN = 5
const SUSPECT_MIN = 4
/** Requests of stable below which nothing is usual. */
const USUAL_MIN = 100
/** What a window of trouble counts for in what is usual: an outage of an hour must not become it, a service that has changed must. */
const TROUBLE_WEIGHT = 0.05

type Limits = Pick<AnalysisSettings, 'errorMargin' | 'hardErrorShare'>

/** Stable fails far more than it usually does, or than anybody should: what is learned now is not what a canary is promoted for. */
export function isTroubled({ recent, usual }: LastMinute, { errorMargin, hardErrorShare }: Limits): boolean {
  const minute = sumOf(recent.map(({ stable }) => stable))
  if (minute.hits < TROUBLE_MIN) return false
  const usually = usual.attempts < USUAL_MIN ? 1 : usual.hits / usual.attempts
  return minute.hits > minute.attempts * Math.min(hardErrorShare / 2, 2 * usually + errorMargin)
}

/** The canary fails more than twice as often as stable, and by more than the margin: too few to be sure, and no time to go further. */
export function isSuspect({ recent }: LastMinute, { errorMargin }: Limits): boolean {
  const stable = sumOf(recent.map((window) => window.stable))
  const canary = sumOf(recent.map((window) => window.canary))
  return canary.hits >= SUSPECT_MIN && canary.hits > canary.attempts * ((2 * stable.hits) / Math.max(1, stable.attempts) + errorMargin)
}

/** `left`: the windows that are no longer recent. */
export function learnUsual(minute: LastMinute, left: readonly RecentWindow[], limits: Limits): Tally {
  const weight = isTroubled(minute, limits) ? TROUBLE_WEIGHT : 1
  return left.reduce(
    (sum, { stable }) => ({ attempts: sum.attempts + weight * stable.attempts, hits: sum.hits + weight * stable.hits }),
    minute.usual,
  )
}

const sumOf = (tallies: readonly Tally[]): Tally => ({
  attempts: tallies.reduce((sum, { attempts }) => sum + attempts, 0),
  hits: tallies.reduce((sum, { hits }) => sum + hits, 0),
})
