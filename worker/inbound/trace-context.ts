/** W3C Trace Context: a trace that came is continued with a parent of ours, any other begins here, not sampled. */
import type { Draw } from '../../config/units.ts'

export interface TraceContext {
  readonly traceId: string
  readonly traceparent: string
  /** `tracestate` belongs to a trace; without that it is dropped. */
  readonly continued: boolean
}

/** Later versions are read as this one, as section 3.2 of the recommendation asks; `ff` is invalid. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(?:-.*)?$/

export function traceContext(came: string | null, draw: () => Draw): TraceContext {
  const match = came === null ? null : TRACEPARENT.exec(came)
  const parent = hex64(draw)
  const [, traceId, flags] = match ?? []
  if (traceId === undefined || flags === undefined || (came?.startsWith('00-') && came.length !== 55)) {
    const made = hex64(draw) + hex64(draw)
    return { traceId: made, traceparent: `00-${made}-${parent}-00`, continued: false }
  }
  return { traceId, traceparent: `00-${traceId}-${parent}-${flags}`, continued: true }
}

/** 16 random hex digits, never all zero. */
export function hex64(draw: () => Draw): string {
  return hex32(draw) + hex32(draw)
}

const hex32 = (draw: () => Draw): string => (Math.floor(draw() * 0xffff_ffff) + 1).toString(16).padStart(8, '0')
