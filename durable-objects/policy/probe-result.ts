/** What came of one probe. Every failure is a value. */
import type { DurationMs } from '../../config/units.ts'

export type ProbeResult =
  | { readonly kind: 'passed'; readonly status: number; readonly latency: DurationMs }
  | { readonly kind: 'failed'; readonly phase: ProbePhase; readonly status?: number; readonly latency: DurationMs; readonly detail: string }

export type ProbePhase = 'connect' | 'tls' | 'timeout' | 'status' | 'body'
