/**
 * Folds the results of a vantage's own probes of one endpoint into the probe facet of its vote: streaks with hysteresis.
 * There is no opinion before two own probes. What follows from the votes of all is `quorum.ts`'s.
 */
import type { Monitor } from '../../config/base.ts'
import { type DurationMs, type Instant, instant, ms } from '../../config/units.ts'
import type { ProbeResult } from './probe-result.ts'
import type { Facet } from './vote.ts'

export interface ProbeFold {
  readonly facet: Facet
  readonly since: Instant
  /** Own probes since the object started, counted up to `PROBES_BEFORE_VOTE`. */
  readonly seen: number
  readonly passedInRow: number
  readonly failedInRow: number
  readonly latency?: DurationMs
  /** The same, averaged over the last ten or so. */
  readonly usual?: DurationMs
  /** The last probe passed and said that the endpoint would rather not be used. */
  readonly degraded?: boolean
  /** Whether the last probe had no answer in time: it occupied a connection for the whole timeout. */
  readonly timedOut: boolean
}

/** A vantage that has probed once may have met a hiccup of its own; its vote could be the second that a verdict needs. */
export const PROBES_BEFORE_VOTE = 2

export const NEVER_PROBED: ProbeFold = { facet: 'unknown', since: instant(0), seen: 0, passedInRow: 0, failedInRow: 0, timedOut: false }

/** `held` is true while the hold-down of the last fall lasts: passes count, but restore nothing yet. */
export function foldProbe(
  fold: ProbeFold,
  result: ProbeResult,
  rules: { readonly monitor: Monitor; readonly held: boolean },
  now: Instant,
): ProbeFold {
  const passed = result.kind === 'passed'
  const next: ProbeFold = {
    ...fold,
    seen: Math.min(PROBES_BEFORE_VOTE, fold.seen + 1),
    passedInRow: passed ? fold.passedInRow + 1 : 0,
    failedInRow: passed ? 0 : Math.max(fold.failedInRow + 1, result.phase === 'drain' ? rules.monitor.consecutiveDown : 0),
    degraded: passed && result.degraded === true,
    timedOut: result.kind === 'failed' && result.phase === 'timeout',
    ...(passed ? { latency: result.latency, usual: smooth(fold.usual, result.latency) } : {}),
  }
  const facet = judge(next, rules.monitor, rules.held)
  return facet === fold.facet ? next : { ...next, facet, since: now }
}

/** Weight of one probe in the average. */
const USUAL_WEIGHT = 0.2

const smooth = (usual: DurationMs | undefined, latency: DurationMs): DurationMs =>
  usual === undefined ? latency : ms(usual + USUAL_WEIGHT * (latency - usual))

function judge(fold: ProbeFold, monitor: Monitor, held: boolean): Facet {
  if (fold.seen < PROBES_BEFORE_VOTE) return fold.facet
  if (fold.failedInRow >= monitor.consecutiveDown) return 'down'
  if (fold.passedInRow >= monitor.consecutiveUp && !(fold.facet === 'down' && held)) return 'up'
  return fold.facet
}
