/** What a judgement of a canary says: a verdict, the numbers that it rests on, and both in words. Made by the director, read by operators. */
import type { DurationMs, Share } from './units.ts'

export const CANARY_VERDICTS = ['promote', 'hold', 'roll-back', 'inconclusive'] as const
export type CanaryVerdict = (typeof CANARY_VERDICTS)[number]

/** Why a verdict is what it is. */
export const JUDGEMENT_CAUSES = [
  /** Roll back: its share of errors is above stable's by more than the margin. */
  'errors',
  /** Roll back: more of its requests are slower than stable's 95th percentile than is permitted. */
  'slow',
  /** Roll back: above the hard limit, and stable is not. */
  'hard-limit',
  /** Roll back: every endpoint of it is down. */
  'ejected',
  /** Promote: shown to be within both margins, with the smallest sample at least. */
  'within-margins',
  /** Hold: fewer requests than the smallest sample. */
  'sample',
  /** Hold: as many as asked for, and they do not show yet that it is within the margins. */
  'undecided',
  /** Hold: no route and region that both tracks have served. */
  'nothing-to-compare',
  /** Hold: both served nothing together for a minute. */
  'silence',
  /** Hold: stable itself is in trouble, which is no time to go further. */
  'stable-in-trouble',
  /** Inconclusive: a hold that has lasted for longer than the patience. */
  'patience',
] as const
export type JudgementCause = (typeof JUDGEMENT_CAUSES)[number]

export interface Judgement {
  readonly verdict: CanaryVerdict
  readonly cause: JudgementCause
  readonly numbers: JudgementNumbers
  /** One or two whole sentences. */
  readonly words: string
}

/** Of the routes and regions that both tracks have served, since the step began. */
export interface JudgementNumbers {
  readonly stable: TrackNumbers
  readonly canary: TrackNumbers
  /** The canary's share less stable's, each route and region weighed by the canary's requests in it. */
  readonly errorDifference: number
  readonly slowDifference: number
  /** At most so likely would a canary that is within the margins look so bad, at any look in the whole run. */
  readonly chanceOfGood: Share
  /** At most so likely would a canary that is beyond a margin look so good, at any look in this step. */
  readonly chanceOfBad: Share
  /** How long the step has lasted. */
  readonly stoodFor: DurationMs
}

export interface TrackNumbers {
  readonly attempts: number
  readonly failed: number
  /** Slower than stable's 95th percentile of the minutes before. */
  readonly slow: number
}
