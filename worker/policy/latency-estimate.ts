/**
 * How long attempts take, as a histogram of fixed size that forgets: bins a tenth apart, all of them halved when they have seen enough
 * or are old. A quantile of it costs one pass over the bins. Changed in place.
 */
import { type DurationMs, type Instant, ms, type Share } from '../../config/units.ts'

export interface LatencyEstimate {
  readonly bins: Float64Array
  /** Sum of the bins. */
  total: number
  halvedAt: Instant
}

/** Each bin reaches a tenth further than the one before: no quantile is further off. */
const GROWTH = 1.1
/** From 1 ms to 164 s. What is longer counts in the last one. */
const BINS = 128
/** Samples at which all bins are halved: so many, and half as many, are what a quantile stands on. */
const SAMPLES_MAX = 1024
/** The same after so long, in ms: a quiet route is judged by its last minute. */
const HALVE_EVERY = 30_000
/** Below this a p95 would stand on fewer than five samples. */
const SAMPLES_MIN = 100
/** How many standard deviations of its rank a quantile is taken below it. */
const CAUTION = 2

export const newLatencyEstimate = (now: Instant): LatencyEstimate => ({ bins: new Float64Array(BINS), total: 0, halvedAt: now })

export function noteLatency(estimate: LatencyEstimate, latency: DurationMs, now: Instant): void {
  forget(estimate, now)
  const bin = latency < 1 ? 0 : Math.min(BINS - 1, 1 + Math.floor(Math.log(latency) / Math.log(GROWTH)))
  estimate.bins[bin] = (estimate.bins[bin] ?? 0) + 1
  estimate.total += 1
}

/**
 * The time within which at least this share of the attempts ended; undefined before 100 of them. Its rank is lowered by what chance may
 * have added: where exactly one attempt in twenty is slow, a p95 must not be the slow ones' half of the time.
 */
export function quantileOf(estimate: LatencyEstimate, quantile: Share, now: Instant): DurationMs | undefined {
  forget(estimate, now)
  const { bins, total } = estimate
  if (total < SAMPLES_MIN) return undefined
  const rank = total * quantile - CAUTION * Math.sqrt(total * quantile * (1 - quantile))
  let passed = 0
  for (let bin = 0; bin < BINS; bin += 1) {
    passed += bins[bin] ?? 0
    if (passed >= rank) return ms(GROWTH ** bin)
  }
  return ms(GROWTH ** BINS)
}

function forget(estimate: LatencyEstimate, now: Instant): void {
  if (estimate.total < SAMPLES_MAX && now - estimate.halvedAt < HALVE_EVERY) return
  const halvings = Math.max(1, Math.floor((now - estimate.halvedAt) / HALVE_EVERY))
  const kept = 0.5 ** halvings
  for (let bin = 0; bin < BINS; bin += 1) estimate.bins[bin] = (estimate.bins[bin] ?? 0) * kept
  estimate.total *= kept
  estimate.halvedAt = now
}
