/**
 * One attributable outcome of one attempt: what ejection, reports and votes are built on. Which outcomes count is decided by
 * `attribute-attempts.ts`; what follows from them by `outlier.ts` here and by `fold-traffic.ts` in the control plane.
 */
import type { EndpointKey, RouteId } from '../../config/ids.ts'
import type { DurationMs, Instant } from '../../config/units.ts'

export interface Evidence {
  readonly route: RouteId
  readonly endpoint: EndpointKey
  readonly at: Instant
  /** `failed-connect`: the connection was never made or its TLS failed. `failed-other`: reset, 502/503/504/52x, a timeout that another endpoint answered, a truncated or trickling body. */
  readonly result: 'succeeded' | 'failed-connect' | 'failed-other'
  readonly phase: FailurePhase | 'answered'
  readonly status?: number
  /** From the start of the attempt to the head of its answer, when there was one. */
  readonly latency?: DurationMs
  /** The client's network: /24 of IPv4, /48 of IPv6. */
  readonly network: string
  /** The attempt was sent to find out whether an ejected endpoint is well again. */
  readonly probation: boolean
}

/** `mesh`: an answer that the mesh's own proxy made, as Linkerd's `l5d-proxy-error` says. */
export type FailurePhase = 'connect' | 'tls' | 'reset' | 'status' | 'mesh' | 'timeout' | 'body'
