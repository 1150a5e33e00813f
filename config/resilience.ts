/** How hard is tried for a request: how long is waited, what is tried again, what is hedged. A part of each `Route`. */
import type { DurationMs, Share } from './units.ts'

export interface Timeouts {
  /** From the arrival of the head to the head of the answer, attempts and pauses included; of a body too large to keep, from the end of its upload. Default 15 s. */
  readonly request: DurationMs
  /** From the moment an attempt is sent whole to the head of its answer. Default 1 s. The last allowed attempt has what is left of the request's. */
  readonly attempt: DurationMs
  /** Longest silence within a response body. Default 30 s; 0 turns it off. Never for server-sent events and WebSockets. */
  readonly idle: DurationMs
}

export interface RetrySettings {
  /** Attempts in all, the first included; a hedge counts. 1 to 5, default 3. */
  readonly attemptsMax: number
  /** Statuses that are tried again, beside connection failures, timeouts and Cloudflare's own 52x. Default 502, 503, 504. */
  readonly statuses: readonly number[]
  /** Full jitter in [0, min(max, base × 2^(n−1))) before the n-th charged retry; a rescue does not wait. Default 25 ms and 250 ms. */
  readonly backoff: { readonly base: DurationMs; readonly max: DurationMs }
}

/** A second attempt beside a first one that is merely slow. Safe methods only; the first head wins. */
export interface HedgeSettings {
  readonly after: HedgeMoment
  /** Hedges as a share of the requests that might be hedged. Default 5 %. */
  readonly share: Share
}

/** `quantile`: of how long this isolate's attempts on the route took. */
export type HedgeMoment = { readonly kind: 'fixed'; readonly delay: DurationMs } | { readonly kind: 'quantile'; readonly quantile: Share }
