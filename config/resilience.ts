/** How hard is tried for a request: how long is waited, what is tried again, what is hedged. A part of each `Route`. */
import { type DurationMs, ms, type Share } from './units.ts'

export interface Timeouts {
  /** From the arrival of the head to the head of the answer, attempts and pauses included; of a body too large to keep, from the end of its upload. Default 15 s; off means `REQUEST_MAX`. */
  readonly request: DurationMs
  /** From the moment an attempt is sent whole to the head of its answer. Default 1 s; off means the request's. */
  readonly attempt: DurationMs
  /**
   * What becomes of an attempt that takes longer.
   * - `race`: it goes on, another is started beside it, the first head wins; the last allowed attempt has what is left of the request's time.
   * - `abort`: it is broken off and has failed, the last and only one too. As Gateway API's `backendRequest` and Envoy's `per_try_timeout`.
   */
  readonly slow: 'race' | 'abort'
  /** Longest silence within a response body that is looked after. Default 30 s; 0 turns it off. Never for server-sent events and WebSockets. */
  readonly idle: DurationMs
  /** The route states it itself: then every body is looked after for it. */
  readonly idleOfAll?: true
}

export interface RetrySettings {
  /** Attempts in all, the first included; a hedge counts. 1 to 5, or to 10 where slow ones are aborted. Default 3. */
  readonly attemptsMax: number
  /** Statuses that are tried again, beside connection failures, timeouts and Cloudflare's own 52x. Default 502, 503, 504. */
  readonly statuses: readonly number[]
  /** The other failures that are tried again. Absent: all. */
  readonly on?: readonly RetryCondition[]
  /** Headers of an answer that say that it is to be tried again, one of them. Absent: none does. */
  readonly headers?: readonly AnswerMatch[]
  /** Methods that may be sent again after they may have been seen. Absent: the safe ones, and all with `writes: anywhere`. */
  readonly methods?: readonly string[]
  /** The first attempt on another endpoint is free of charge and does not wait. Default true. */
  readonly rescue: boolean
  /** What an attempt elsewhere gets away from, where it can: rescues, hedges and retries alike. Default `region`. */
  readonly leave: 'nothing' | FailureDomain
  /** Full jitter in [0, min(max, base × 2^(n−1))), but no less than `min`, before the n-th charged retry; a rescue does not wait. Default 25 ms, 250 ms and 0. */
  readonly backoff: { readonly base: DurationMs; readonly max: DurationMs; readonly min: DurationMs }
  /** Longest `Retry-After` that is waited for, or for which an endpoint is passed over. Default 5 min. */
  readonly retryAfterMax: DurationMs
}

/** What fails together. A zone is within a region, a region within a cloud. */
export const FAILURE_DOMAINS = ['zone', 'region', 'cloud'] as const
export type FailureDomain = (typeof FAILURE_DOMAINS)[number]

/**
 * Why an attempt may be tried again, beside the statuses that are listed.
 * - `connect-failure`: no connection, or one that broke before the head of the answer. The platform does not tell the two apart.
 * - `timeout`: its timer has expired.
 * - `overload`: 429 with `Retry-After`, or 5xx with Envoy's `x-envoy-overloaded`.
 * - `cloudflare-52x`: 520 to 526 and 530.
 * - `bad-response`: something that is no answer in HTTP.
 * - `broken-body`: the body broke while it was held back.
 */
export const RETRY_CONDITIONS = ['connect-failure', 'timeout', 'overload', 'cloudflare-52x', 'bad-response', 'broken-body'] as const
export type RetryCondition = (typeof RETRY_CONDITIONS)[number]

/** A header of an answer, its name in lower case. */
export type AnswerMatch =
  | { readonly kind: 'exact'; readonly name: string; readonly value: string }
  | { readonly kind: 'present' | 'absent'; readonly name: string }

/** How long a request may wait for a head at most, whatever its route says: what endpoints' concurrency is counted by, and clients wait no longer. */
export const REQUEST_MAX = ms(300_000)

/** A second attempt beside a first one that is merely slow. Safe methods only; the first head wins. */
export interface HedgeSettings {
  readonly after: HedgeMoment
  /** Hedges as a share of the requests that might be hedged. Default 5 %. */
  readonly share: Share
}

/** `quantile`: of how long this isolate's attempts on the route took. */
export type HedgeMoment = { readonly kind: 'fixed'; readonly delay: DurationMs } | { readonly kind: 'quantile'; readonly quantile: Share }
