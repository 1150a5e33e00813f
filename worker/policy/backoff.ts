import type { RetrySettings } from '../../config/resilience.ts'
import { type Draw, type DurationMs, ms } from '../../config/units.ts'

/** The pause before the n-th charged retry, n from 1: full jitter in [0, min(max, base × 2^(n−1))), and `min` at least. */
export function backoff(settings: RetrySettings['backoff'], nth: number, draw: Draw): DurationMs {
  return ms(Math.max(settings.min, draw * Math.min(settings.max, settings.base * 2 ** (nth - 1))))
}
