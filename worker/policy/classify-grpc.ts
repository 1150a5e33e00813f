/**
 * What an answer in gRPC means whose status is in its head, because nothing follows it ("Trailers-Only"). It is judged as the HTTP status
 * that means the same: 14 `UNAVAILABLE` as 503, 4 `DEADLINE_EXCEEDED` as 504, 8 `RESOURCE_EXHAUSTED` as 429.
 */
import { type DurationMs, ms } from '../../config/units.ts'
import { type Outcome, parseRetryAfter, RETRY_AFTER_MAX, SHED_PAUSE } from './classify-outcome.ts'
import { GRPC, httpStatusOf, readGrpcStatus } from './grpc.ts'

export interface GrpcHead {
  /** `grpc-status` as it came. */
  readonly status: string
  /** `grpc-retry-pushback-ms` (gRFC A6): not before so many ms, and never when it is negative or no number. */
  readonly pushback: string | null
  readonly retryAfter: string | null
  /** Envoy's `x-envoy-ratelimited`: a quota of the client's, the same in every region. */
  readonly rateLimitedByQuota: boolean
  /** Envoy's `x-envoy-overloaded`: it sheds. */
  readonly sheds?: boolean
}

export function classifyGrpc(head: GrpcHead, retryStatuses: readonly number[], now: number): Outcome {
  const grpcStatus = readGrpcStatus(head.status)
  const status = httpStatusOf(grpcStatus)
  const answered: Outcome = { kind: 'answered', status, grpcStatus }
  if (isForbidden(head.pushback)) return answered
  const retryAfter = pause(head, now)
  if (status === 429) {
    if (head.rateLimitedByQuota) return answered
    if (retryAfter !== undefined) return { kind: 'overloaded', status, retryAfter, grpcStatus }
  }
  if (head.sheds === true && status >= 500) return { kind: 'overloaded', status, retryAfter: retryAfter ?? SHED_PAUSE, grpcStatus }
  if (!retryStatuses.includes(status)) return answered
  const phase = grpcStatus === GRPC.deadlineExceeded ? 'timeout' : 'status'
  return {
    kind: 'failed-status',
    status,
    phase,
    originSaw: 'unknown',
    grpcStatus,
    ...(retryAfter === undefined ? {} : { retryAfter }),
  }
}

const PUSHBACK = /^\d{1,9}$/

const isForbidden = (pushback: string | null): boolean => pushback !== null && !PUSHBACK.test(pushback)

const pause = ({ pushback, retryAfter }: GrpcHead, now: number): DurationMs | undefined =>
  pushback === null ? parseRetryAfter(retryAfter, now) : ms(Math.min(RETRY_AFTER_MAX, Number(pushback)))
