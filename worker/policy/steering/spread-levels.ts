/**
 * How the requests of a pool spread over its priorities. By itself a priority passes everything on only when none of its endpoints can take a
 * request. With spill-over it passes on the share that it has lost, beyond what it is over-provisioned by (Envoy, "Priority levels"); with a
 * panic share a priority that has lost too much ignores verdicts, once all of them together have too little (Envoy, "Panic threshold").
 * In whole percents, as there, so that its published tables hold to the number.
 */
import type { LevelSettings } from '../../../config/steering.ts'

export interface LevelHealth {
  /** Share of its capacity that is in, from 0 to 1. */
  readonly healthy: number
  /** The same with endpoints that ramp up counted by their ramp: what it can carry now. */
  readonly ready: number
  /** It meets the pool's thresholds. */
  readonly isEnough: boolean
}

export interface LevelLoad {
  /** Of all requests. */
  readonly percent: number
  /** Verdicts and ejections are ignored in it. */
  readonly panic: boolean
}

/** By priority, the first first. Percents add up to 100. */
export function spreadLevels(levels: readonly LevelHealth[], settings: LevelSettings): readonly LevelLoad[] {
  const anyEnough = levels.some(({ isEnough, healthy }) => isEnough && healthy > 0)
  const scores = levels.map(({ ready, isEnough }) => (anyEnough && !isEnough ? 0 : score(ready, settings.spillOver ?? 1)))
  const total = Math.min(100, sum(scores))
  const inPanic = (level: LevelHealth): boolean => total < 100 && level.healthy < (settings.panic ?? 0)
  const percents = total === 0 ? levels.map((_, index) => (index === 0 ? 100 : 0)) : loads(scores, total, settings.spillOver !== undefined)
  return levels.map((level, index) => ({ percent: percents[index] ?? 0, panic: inPanic(level) }))
}

/** The hair above a whole number is arithmetic's; what is in at all counts for one percent at least. */
const score = (ready: number, factor: number): number =>
  ready > 0 ? Math.max(1, Math.min(100, Math.floor(100 * factor * ready + 1e-9))) : 0

function loads(scores: readonly number[], total: number, spills: boolean): readonly number[] {
  if (!spills) {
    const first = scores.findIndex((each) => each > 0)
    return scores.map((_, index) => (index === first ? 100 : 0))
  }
  let left = 100
  const percents = scores.map((each) => {
    const percent = Math.min(left, Math.round((each * 100) / total))
    left -= percent
    return percent
  })
  // What rounding left over goes to the first that takes anything.
  const first = percents.findIndex((percent) => percent > 0)
  return percents.map((percent, index) => (index === first ? percent + left : percent))
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
