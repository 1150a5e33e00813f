/** Medians and their uncertainty, with dice that can be thrown again: the same seed gives the same order and the same interval. */

export { seededDraw as dice } from '../cli/failover/seeded-draw.ts'

/** A copy in random order (Fisher and Yates). */
export function shuffle<T>(items: readonly T[], draw: () => number): T[] {
  const order = items.map((item) => ({ item, place: draw() }))
  return order.sort((a, b) => a.place - b.place).map(({ item }) => item)
}

/** The middle value, or the mean of the two in the middle; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN
  return (lower + upper) / 2
}

/** How often the sample is drawn again for an interval: enough for two steady digits. */
const RESAMPLES = 2_000

export interface Interval {
  readonly median: number
  readonly low: number
  readonly high: number
}

/** The median and its 95 % interval by the percentile bootstrap. */
export function medianInterval(values: readonly number[], draw: () => number): Interval {
  const medians = Array.from({ length: RESAMPLES }, () =>
    median(values.map(() => values[Math.floor(draw() * values.length)] ?? Number.NaN)),
  )
  medians.sort((a, b) => a - b)
  const at = (share: number) => medians[Math.min(medians.length - 1, Math.floor(share * medians.length))] ?? Number.NaN
  return { median: median(values), low: at(0.025), high: at(0.975) }
}
