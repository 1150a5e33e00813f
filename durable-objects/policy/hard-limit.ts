/**
 * The early limit on a canary's errors: more than so many of its requests of the last 10 s failed, and that is not stable's fault as well. It
 * needs no history, so a vantage can hold it by itself.
 */
import type { AnalysisSettings } from '../../config/release.ts'
import { logSum } from './bettors.ts'
import { blockEvidence, type Tally } from './block-evidence.ts'
import { FIRST_GUESSES } from './guess-from-stable.ts'

/** Requests of the canary in 10 s below which nothing is judged so early. */
export const HARD_LIMIT_SAMPLE = 20
/** The chance at most that the same faults hit both tracks and the canary by so much more, where stable has a say. */
const CHANCE_MAX = 1e-4

/** One route in one region over the last 10 s. */
export interface HardStratum {
  readonly stable: Tally
  readonly canary: Tally
}

export interface BrokenLimit {
  readonly canary: Tally
  /** Where the canary was asked too; no attempts: stable had no say. */
  readonly stable: Tally
}

/** The counts that broke the limit, or undefined. */
export function hardLimit(
  strata: readonly HardStratum[],
  { hardErrorShare, errorMargin }: Pick<AnalysisSettings, 'hardErrorShare' | 'errorMargin'>,
): BrokenLimit | undefined {
  const canary = sumOf(strata.map((stratum) => stratum.canary))
  if (!isAbove(canary, hardErrorShare)) return undefined
  const both = strata.filter((stratum) => stratum.stable.attempts > 0 && stratum.canary.attempts > 0)
  const compared = sumOf(both.map((stratum) => stratum.canary))
  const stable = sumOf(both.map((stratum) => stratum.stable))
  // Too little of it was served by both: nobody can say that it is stable's fault.
  if (compared.attempts < canary.attempts / 2 || stable.attempts < HARD_LIMIT_SAMPLE) return { canary, stable: { attempts: 0, hits: 0 } }
  const logs = FIRST_GUESSES.map((guess) =>
    blockEvidence(
      both.map((stratum) => ({ ...stratum, guess })),
      Math.max(guess, hardErrorShare) * 1.5 - guess,
      errorMargin,
    ),
  )
  return logSum(logs) - Math.log(FIRST_GUESSES.length) >= -Math.log(CHANCE_MAX) ? { canary, stable } : undefined
}

const isAbove = ({ attempts, hits }: Tally, limit: number): boolean => attempts >= HARD_LIMIT_SAMPLE && hits > attempts * limit

const sumOf = (tallies: readonly Tally[]): Tally => ({
  attempts: tallies.reduce((sum, { attempts }) => sum + attempts, 0),
  hits: tallies.reduce((sum, { hits }) => sum + hits, 0),
})
