/** Says a judgement in words: what was seen of both tracks, and what that means. For operators, in `release status`, the audit trail and alerts. */
import type { CanaryVerdict, JudgementCause, JudgementNumbers, TrackNumbers } from '../../config/judgement.ts'
import type { AnalysisSettings } from '../../config/release.ts'
import type { BrokenLimit } from './hard-limit.ts'

export interface Explained {
  readonly verdict: CanaryVerdict
  readonly cause: JudgementCause
  /** Why it was held until patience ended. */
  readonly held?: JudgementCause | undefined
  readonly numbers: JudgementNumbers
  readonly settings: AnalysisSettings
  readonly limit?: BrokenLimit | undefined
}

export function explainJudgement(explained: Explained): string {
  const { cause, numbers, settings, limit, held } = explained
  const { stable, canary } = numbers
  const sample = `${count(canary.attempts)} of ${count(settings.minimumSample)} requests`
  switch (cause) {
    case 'hard-limit':
      return limit === undefined ? 'The hard limit on errors was broken.' : explainLimit(limit, settings)
    case 'errors':
      return `${failures(numbers)} The difference ${where(numbers.errorDifference, settings.errorMargin)}is above ${points(settings.errorMargin)}: ${chanceOf(numbers.chanceOfGood, 'a canary without a fault')}.`
    case 'slow':
      return `${slowness(numbers)} Of the canary there may ${where(numbers.slowDifference, settings.slowFactor * 0.05 - 0.05)}be ${points(settings.slowFactor * 0.05 - 0.05)} more: ${chanceOf(numbers.chanceOfGood, 'a canary without a fault')}.`
    case 'ejected':
      return 'Every endpoint of the canary is down.'
    case 'within-margins':
      return `${failures(numbers)} ${slowness(numbers)} Both are within the margins: ${chanceOf(numbers.chanceOfBad, 'a worse canary')}.`
    case 'sample':
      return `${sample} that a promotion needs. ${failures(numbers)}`
    case 'undecided':
      return `${failures(numbers)} ${slowness(numbers)} That does not show yet that it is within the margins: ${chanceOf(numbers.chanceOfBad, 'a worse canary')}.`
    case 'nothing-to-compare':
      return 'There is no route and region yet in which both tracks have served at the same time.'
    case 'silence':
      return `Nothing was heard of both tracks at the same time for a minute, ${sample} before.`
    case 'stable-in-trouble':
      return `Stable itself is in trouble, so nothing is promoted: ${shareOf(stable.failed, stable)} of its ${count(stable.attempts)} requests in this step failed, ${shareOf(canary.failed, canary)} of the canary's ${count(canary.attempts)}.`
    case 'patience':
      return `The step is not decided after ${Math.round(numbers.stoodFor / 60_000)} minutes: somebody has to.${held === undefined ? '' : ` ${explainJudgement({ ...explained, cause: held, held: undefined })}`}`
    default:
      return cause satisfies never
  }
}

export function explainLimit({ canary, stable }: BrokenLimit, { hardErrorShare }: Pick<AnalysisSettings, 'hardErrorShare'>): string {
  const beside =
    stable.attempts === 0
      ? 'stable served too little beside it to compare'
      : `of stable beside it ${percent(stable.hits / stable.attempts)} of ${count(stable.attempts)}`
  return `${percent(canary.hits / canary.attempts)} of ${count(canary.attempts)} requests of the canary failed within 10 s, above the hard limit of ${percent(hardErrorShare)}; ${beside}.`
}

/** The numbers are of the step, in its regions; what speaks against a canary may be older, or of regions that are not of the step. */
const where = (difference: number, margin: number): string => (difference > margin ? '' : 'in steps before, or in other regions, ')

const failures = ({ stable, canary }: JudgementNumbers): string =>
  `${shareOf(canary.failed, canary)} of ${count(canary.attempts)} requests of the canary failed, ${shareOf(stable.failed, stable)} of ${count(stable.attempts)} of stable.`

const slowness = ({ stable, canary }: JudgementNumbers): string =>
  `${shareOf(canary.slow, canary)} of the canary's were slow, ${shareOf(stable.slow, stable)} of stable's.`

/** An upper bound, and said as one. */
const chanceOf = (chance: number, who: string): string =>
  chance >= 0.5 ? `${who} could well look like that` : `${who} would look like that at most once in ${count(Math.floor(1 / chance))} runs`

const shareOf = (part: number, { attempts }: TrackNumbers): string => percent(part / Math.max(1, attempts))
const percent = (value: number): string => `${digits(value * 100)} %`
const points = (value: number): string => `${digits(value * 100)} percentage points`
const digits = (value: number): string => String(Number(value.toPrecision(value >= 10 ? 3 : 2)))
/** Very large bounds are all the same to a reader. */
const count = (value: number): string => (value > 1e9 ? '1,000,000,000' : String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ','))
