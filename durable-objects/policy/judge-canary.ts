/**
 * Judges a canary from what is known of it: promote, hold, roll back, or inconclusive, each with its numbers and in words.
 *
 * Rolled back when the evidence that it is worse than the margins permit (`compare-tracks.ts`) reaches 200: a canary that is within them gets
 * there with a chance of 0.5 % at most in the whole run, however often it is judged. Or when the hard limit breaks. Promoted when at least the
 * smallest sample was compared in this step and the evidence that it is within both margins stands at 20: one that is beyond a margin gets
 * there with a chance of 5 % at most in a step. Time promotes nothing, it only ends patience.
 */
import type { Judgement, JudgementCause, JudgementNumbers } from '../../config/judgement.ts'
import type { AnalysisSettings } from '../../config/release.ts'
import { type DurationMs, share } from '../../config/units.ts'
import { logSum, worth } from './bettors.ts'
import { type Evidence, FACETS, type Facet, RECENT_WINDOWS, worthOfWorse } from './compare-tracks.ts'
import { explainJudgement } from './explain-judgement.ts'
import type { BrokenLimit } from './hard-limit.ts'
import { isSuspect, isTroubled } from './last-minute.ts'

/** Of a false roll-back, in a whole run. */
export const FALSE_ROLL_BACK_MAX = 0.005
/** Of a false promotion, in a step. */
export const FALSE_PROMOTION_MAX = 0.05
/** Which part of the evidence each facet is: errors are what a canary is there for. */
const FACET_PARTS = { errors: 0.7, slow: 0.3 } as const
/** Evidence against a canary at which it goes no further, long before it is rolled back. */
const SUSPICION = 10

export interface Judged {
  readonly evidence: Evidence
  readonly settings: AnalysisSettings
  readonly stoodFor: DurationMs
  /** Broken in the last window. */
  readonly limit?: BrokenLimit | undefined
}

export function judgeCanary(judged: Judged): Judgement {
  const decision = decide(judged)
  const words = explainJudgement({ ...decision, settings: judged.settings, limit: judged.limit })
  return { verdict: decision.verdict, cause: decision.cause, numbers: decision.numbers, words }
}

export interface Decision extends Omit<Judgement, 'words'> {
  /** Why it was held before patience ended. */
  readonly held?: JudgementCause
}

/** The judgement without its words. */
export function decide({ evidence, settings, stoodFor, limit }: Judged): Decision {
  const numbers = numbersOf(evidence, stoodFor)
  if (limit !== undefined) return { verdict: 'roll-back', cause: 'hard-limit', numbers }
  if (numbers.chanceOfGood <= FALSE_ROLL_BACK_MAX) return { verdict: 'roll-back', cause: worstOf(evidence), numbers }
  const held = whyNotYet(evidence, numbers, settings)
  if (held === undefined) return { verdict: 'promote', cause: 'within-margins', numbers }
  return stoodFor < settings.patience
    ? { verdict: 'hold', cause: held, numbers }
    : { verdict: 'inconclusive', cause: 'patience', held, numbers }
}

function whyNotYet(evidence: Evidence, numbers: JudgementNumbers, settings: AnalysisSettings): JudgementCause | undefined {
  if (numbers.canary.attempts === 0) return 'nothing-to-compare'
  if (isTroubled(evidence, settings)) return 'stable-in-trouble'
  if (numbers.canary.attempts < settings.minimumSample) return 'sample'
  if (evidence.quiet >= RECENT_WINDOWS) return 'silence'
  if (numbers.chanceOfBad > FALSE_PROMOTION_MAX || numbers.chanceOfGood < 1 / SUSPICION || isSuspect(evidence, settings)) return 'undecided'
  return undefined
}

function numbersOf({ step, worse, within }: Evidence, stoodFor: DurationMs): JudgementNumbers {
  // A mean of two e-values is one: both facets share one bound.
  const against = logSum(FACETS.map((facet) => worthOfWorse(worse[facet]) + Math.log(FACET_PARTS[facet])))
  const inFavour = Math.min(...FACETS.map((facet) => worth(within[facet])))
  return {
    stable: step.stable,
    canary: step.canary,
    errorDifference: step.errorExcess / Math.max(1, step.canary.attempts),
    slowDifference: step.slowExcess / Math.max(1, step.slowAttempts),
    chanceOfGood: share(Math.min(1, Math.exp(-against))),
    chanceOfBad: share(Math.min(1, Math.exp(-inFavour))),
    stoodFor,
  }
}

function worstOf({ worse }: Evidence): Facet {
  return worthOfWorse(worse.errors) >= worthOfWorse(worse.slow) ? 'errors' : 'slow'
}
