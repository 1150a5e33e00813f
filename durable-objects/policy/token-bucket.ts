/** Decides whether a vantage has work to spare for one more `sync`: a ceiling on its load that no number of isolates can lift. */
import { type Instant, instant } from '../../config/units.ts'

export interface TokenBucket {
  readonly tokens: number
  readonly filledAt: Instant
}

/** Taken at once and refilled a second: together at most 400 in any second, what one object does without falling behind on its alarm. */
export const BURST = 100
export const REFILL_PER_SECOND = 300

export const FULL_BUCKET: TokenBucket = { tokens: BURST, filledAt: instant(0) }

export function takeToken(bucket: TokenBucket, now: Instant): { readonly taken: boolean; readonly bucket: TokenBucket } {
  // A clock that was set back must not stop the refill for as long as it was set back.
  const passed = Math.max(0, now - bucket.filledAt)
  const tokens = Math.min(BURST, bucket.tokens + (passed * REFILL_PER_SECOND) / 1000)
  return tokens < 1 ? { taken: false, bucket: { tokens, filledAt: now } } : { taken: true, bucket: { tokens: tokens - 1, filledAt: now } }
}
