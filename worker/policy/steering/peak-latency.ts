/**
 * How fast an endpoint answers a route, as this isolate has seen it: up at once, down slowly (finagle's PeakEwma), so that an endpoint that
 * becomes slow is left at once and trusted again only after a while. Slow means twice: a request that was sent after a slow answer had come is slow
 * as well. One slow answer among fast ones is that request's own, and a dozen that end together are a pause of this isolate; neither moves
 * anything. Changed in place, once an attempt.
 */
import type { EndpointKey, RouteId } from '../../../config/ids.ts'
import type { DurationMs, Instant } from '../../../config/units.ts'
import type { HeldHealth } from '../held-health.ts'
import type { Candidate } from '../route-state.ts'

export interface PeakLatency {
  /** In ms; 0 before the first answer. */
  value: number
  at: Instant
  /** A slow answer that no fast one has followed yet: how long it took, and when it came. */
  slow: number
  slowAt: Instant
  /** What another isolate of the colo has seen; it counts until this one has. */
  heard?: HeardLatency | undefined
}

export interface HeardLatency {
  readonly route: RouteId
  readonly endpoint: EndpointKey
  /** In ms. */
  readonly value: number
  /** When it was last seen, by this isolate's clock. */
  readonly at: Instant
}

/** An attempt that has come to something. */
export interface Sample {
  readonly latency: DurationMs
  readonly sentAt: Instant
}

/** What was seen so long ago, in ms, counts for a third. */
const DECAY = 5000
/** Without an answer for so long, in ms, what was seen is forgotten, here and by the others of the colo, and the probes of the vantage count again. */
export const FORGOTTEN_AFTER = 60_000
/** Clocks of the platform stand still between two events: an answer may seem to have taken no time. */
const MEASURABLE = 0.5

const NEVER = Number.POSITIVE_INFINITY as Instant

export const newPeakLatency = (now: Instant, heard?: HeardLatency): PeakLatency => ({ value: 0, at: now, slow: 0, slowAt: NEVER, heard })

export function notePeak(peak: PeakLatency, { latency, sentAt }: Sample, now: Instant): void {
  const gap = Math.max(0, now - peak.at)
  if (peak.value === 0 || gap > FORGOTTEN_AFTER) {
    peak.value = Math.max(MEASURABLE, latency)
    peak.slowAt = NEVER
  } else if (latency <= peak.value) {
    peak.value = Math.max(MEASURABLE, latency + (peak.value - latency) * Math.exp(-gap / DECAY))
    peak.slowAt = NEVER
  } else if (sentAt >= peak.slowAt) {
    peak.value = Math.max(peak.value, Math.min(latency, peak.slow))
    peak.slowAt = NEVER
  } else if (peak.slowAt === NEVER) {
    peak.slowAt = now
    peak.slow = latency
  }
  peak.at = now
}

/** An attempt that ended, or was given up, without an answer: it would have taken longer than that. */
export function noteLonger(peak: PeakLatency, sample: Sample, now: Instant): void {
  if (sample.latency > peak.value) notePeak(peak, sample, now)
}

/** What an attempt at this endpoint is expected to take, in ms: own attempts first, then those of the colo, then the probes of the serving vantage; undefined when nobody knows. */
export function expectedLatency({ peak, endpoint }: Candidate, health: HeldHealth, now: Instant): number | undefined {
  if (peak !== undefined && peak.value > 0 && now - peak.at <= FORGOTTEN_AFTER) return peak.value
  if (peak?.heard !== undefined && now - peak.heard.at <= FORGOTTEN_AFTER) return peak.heard.value
  return health.age === 'fresh' || health.age === 'stale' ? health.snapshot?.endpoints[endpoint.key]?.latency : undefined
}
