/** What came of one probe. Every failure is a value. */
import type { DurationMs } from '../../config/units.ts'

export type ProbeResult =
  /** `degraded`: it passed, and would rather not be used. Without a status where nothing was asked. */
  | { readonly kind: 'passed'; readonly status?: number; readonly latency: DurationMs; readonly degraded?: boolean }
  | { readonly kind: 'failed'; readonly phase: ProbePhase; readonly status?: number; readonly latency: DurationMs; readonly detail: string }

/**
 * `drain`: the endpoint says that it is being drained; that needs no second probe. `certificate`: it does not take the one that the edge
 * presents.
 */
export type ProbePhase = 'drain' | 'connect' | 'tls' | 'certificate' | 'timeout' | 'status' | 'body'
