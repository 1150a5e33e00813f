/**
 * What the end of an attempt means: before anything else is decided, every failure gets its kind, where it happened, and whether the
 * endpoint can have seen the request. What counts as evidence is `attribute-attempts.ts`'s to say, what follows is `plan-next.ts`'s.
 */
import { type DurationMs, ms } from '../../config/units.ts'
import type { FailurePhase } from './evidence.ts'

export type Outcome =
  /** A genuine answer, to be passed on whatever its status. Of gRPC it is the HTTP status that means the same as its own. */
  | { readonly kind: 'answered'; readonly status: number; readonly grpcStatus?: number }
  /** An answer that says that this endpoint cannot serve now: held, and passed on when nothing better comes. */
  | {
      readonly kind: 'failed-status'
      readonly status: number
      readonly phase: FailurePhase
      readonly originSaw: OriginSaw
      readonly retryAfter?: DurationMs
      readonly grpcStatus?: number
    }
  /** 429 with `Retry-After`, or Envoy's `x-envoy-overloaded`: the endpoint is over its limit, others may have room. No fault of its own. */
  | { readonly kind: 'overloaded'; readonly status: number; readonly retryAfter: DurationMs; readonly grpcStatus?: number }
  /** No answer: the connection failed or broke before the head. */
  | { readonly kind: 'failed'; readonly phase: FailurePhase; readonly originSaw: OriginSaw }
  /** Something came that is not HTTP, or not an answer. */
  | { readonly kind: 'bad-response' }
  /** The deadline of the request ended it. */
  | { readonly kind: 'timed-out' }
  /** Another attempt answered first. Says nothing about this one, unless its timer had expired. */
  | { readonly kind: 'superseded' }
  | { readonly kind: 'client-gone' }

/** `no` only when it is certain. Everything else may have been seen, and acted on. */
export type OriginSaw = 'no' | 'unknown'

/** What an answer's head says, without the platform's types. */
export interface AnswerHead {
  readonly status: number
  readonly webSocket: boolean
  /** `Server: cloudflare` with a `CF-Ray`: the platform made this answer, no endpoint did. */
  readonly madeByCloudflare: boolean
  readonly retryAfter?: string | null
  /** Envoy's `x-envoy-ratelimited`: a quota of the client's, the same in every region. */
  readonly rateLimitedByQuota: boolean
  /** Envoy's `x-envoy-overloaded`: it sheds. */
  readonly sheds?: boolean
  /** Linkerd's `l5d-proxy-error`: its proxy made this answer. */
  readonly madeByMesh?: boolean
}

/** Longest `Retry-After` that is believed. Envoy's `rate_limited_retry_back_off` has the same bound. */
export const RETRY_AFTER_MAX = 300_000

/** For how long an endpoint that sheds without saying for how long goes last. */
export const SHED_PAUSE = ms(1000)

/** Statuses that only Cloudflare makes, and of them those where no request was sent. 530 needs its body to be told apart: unknown. */
const NOT_SENT: ReadonlySet<number> = new Set([521, 523, 525, 526])
const PHASES: ReadonlyMap<number, FailurePhase> = new Map([
  [520, 'reset'],
  [521, 'connect'],
  [522, 'connect'],
  [523, 'connect'],
  [524, 'timeout'],
  [525, 'tls'],
  [526, 'tls'],
  [530, 'connect'],
])

export function classifyAnswer(head: AnswerHead, retryStatuses: readonly number[], now: number): Outcome {
  const { status } = head
  if (status === 101 ? !head.webSocket : status < 200 || status > 599) return { kind: 'bad-response' }
  if (status === 429) {
    if (head.rateLimitedByQuota) return { kind: 'answered', status }
    const retryAfter = parseRetryAfter(head.retryAfter, now)
    if (retryAfter !== undefined) return { kind: 'overloaded', status, retryAfter }
  }
  if (head.sheds === true && status >= 500)
    return { kind: 'overloaded', status, retryAfter: parseRetryAfter(head.retryAfter, now) ?? SHED_PAUSE }
  if (head.madeByMesh === true && status >= 500) return { kind: 'failed-status', status, phase: 'mesh', originSaw: 'unknown' }
  const phase = head.madeByCloudflare ? PHASES.get(status) : undefined
  if (phase !== undefined) return { kind: 'failed-status', status, phase, originSaw: NOT_SENT.has(status) ? 'no' : 'unknown' }
  if (!PHASES.has(status) && !retryStatuses.includes(status)) return { kind: 'answered', status }
  const retryAfter = parseRetryAfter(head.retryAfter, now)
  return { kind: 'failed-status', status, phase: 'status', originSaw: 'unknown', ...(retryAfter === undefined ? {} : { retryAfter }) }
}

/**
 * A rejected fetch. workerd marks a connection that was refused, reset or spoke no HTTP as `retryable`, all three alike; a failed
 * TLS handshake or name look-up is not. Either way nothing proves that the request was not sent, but where we never tried (`unsent`).
 */
export function classifyThrow(error: unknown): Outcome {
  if (typeof error === 'object' && error !== null && 'unsent' in error) return { kind: 'failed', phase: 'connect', originSaw: 'no' }
  const retryable = typeof error === 'object' && error !== null && 'retryable' in error && error.retryable === true
  return { kind: 'failed', phase: retryable ? 'reset' : 'tls', originSaw: 'unknown' }
}

/** Seconds or an HTTP date (RFC 9110 section 10.2.3); undefined when it is absent or neither. */
export function parseRetryAfter(value: string | null | undefined, now: number): DurationMs | undefined {
  if (value === null || value === undefined) return undefined
  if (/^\d{1,9}$/.test(value)) return ms(Math.min(RETRY_AFTER_MAX, Number(value) * 1000))
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(value)) return undefined
  const at = Date.parse(value)
  return Number.isNaN(at) ? undefined : ms(Math.min(RETRY_AFTER_MAX, Math.max(0, at - now)))
}

/** Statuses that only Cloudflare makes: an endpoint that gives one itself says the same of what is behind it. */
export const isMadeByCloudflare = (status: number): boolean => PHASES.has(status)

/** The attempt may be made again, elsewhere or later. */
export const hasFailed = (outcome: Outcome): boolean =>
  outcome.kind === 'failed-status' || outcome.kind === 'overloaded' || outcome.kind === 'failed' || outcome.kind === 'bad-response'

/** It has an answer that can be passed on. */
export const hasAnswer = (outcome: Outcome): boolean =>
  outcome.kind === 'answered' || outcome.kind === 'failed-status' || outcome.kind === 'overloaded'

/** The connection was never made: the endpoint as a whole, not a route, is at fault. */
export const isConnectClass = (phase: FailurePhase): boolean => phase === 'connect' || phase === 'tls'
