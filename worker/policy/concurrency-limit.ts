/**
 * How many attempts of this isolate may wait at one endpoint before another is preferred: what caps a hang before its timers expire,
 * and what ends an overload that retries keep alive. It is soft: when every endpoint is over its limit the order decides as always,
 * and requests are shed only where the pool says so (`limits.ts`).
 */
import { type DurationMs, type Instant, instant } from '../../config/units.ts'

export interface ConcurrencyLimit {
  value: number
  /** What the time to the head usually is, in ms; 0 before the first answer. */
  usual: number
  usualAt: Instant
  /** Something was seen to go wrong at it: an overload, or an answer that was slow while all of it was used. Before that it is a guess, and sheds nobody. */
  isProven: boolean
  /** It has shrunk before: growth is careful from then on. */
  hasShrunk: boolean
  shrunkAt: number
}

/** A hang takes at most so many requests with it before the first timer expires. */
export const LIMIT_START = 16
/** Probation, and the first requests after an overload, must fit. */
const LIMIT_MIN = 4
/** More than an isolate of 128 MB can have waiting. */
const LIMIT_MAX = 4096
/** Share that is left after a timeout or an overload signal. */
const SHRINK = 0.8
/** One brown-out gives many signals at once; it shrinks the limit once in this time, in ms. */
const SHRINK_EVERY = 100
/** An answer within this many times the usual latency is fast; below `FAST_ANYHOW`, in ms, always. */
const FAST_FACTOR = 2
const FAST_ANYHOW = 50
/**
 * The usual latency falls by this part of the difference with each faster answer, and rises as slowly as time passes, however many slower ones there
 * are: a queue that builds up within seconds must not become what is usual.
 */
const USUAL_WEIGHT = 0.01
/** In ms. */
const USUAL_RISE = 60_000

export const newConcurrencyLimit = (): ConcurrencyLimit => ({
  value: LIMIT_START,
  usual: 0,
  usualAt: instant(0),
  isProven: false,
  hasShrunk: false,
  shrunkAt: Number.NEGATIVE_INFINITY,
})

/** Doubles a round trip until it has first shrunk, then grows by one. Only while at least half of it is used: an idle limit proves nothing. */
export function growLimit(limit: ConcurrencyLimit, waiting: number, latency: DurationMs, now: Instant): void {
  const fast = latency <= FAST_ANYHOW || limit.usual === 0 || latency <= FAST_FACTOR * limit.usual
  const weight = latency < limit.usual ? USUAL_WEIGHT : Math.min(1, Math.max(0, now - limit.usualAt) / USUAL_RISE)
  limit.usual = limit.usual === 0 ? latency : limit.usual + weight * (latency - limit.usual)
  limit.usualAt = now
  if (!fast && waiting >= limit.value) limit.isProven = true
  if (!fast || waiting * 2 < limit.value) return
  limit.value = Math.min(LIMIT_MAX, limit.value + (limit.hasShrunk ? 1 / limit.value : 1))
}

export function shrinkLimit(limit: ConcurrencyLimit, now: Instant): void {
  if (now - limit.shrunkAt < SHRINK_EVERY) return
  limit.value = Math.max(LIMIT_MIN, limit.value * SHRINK)
  limit.hasShrunk = true
  limit.isProven = true
  limit.shrunkAt = now
}
