/** W3C Trace Context: a trace that came is continued with a parent of ours, any other begins here, not sampled. */

export interface TraceContext {
  readonly traceId: string
  readonly traceparent: string
  /** `tracestate` belongs to a trace; without that it is dropped. */
  readonly continued: boolean
}

/** Later versions are read as this one, as section 3.2 of the recommendation asks; `ff` is invalid. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(?:-.*)?$/
/** Of version 00, which has nothing behind its flags. */
const LENGTH_OF_00 = 55

/** `random`: 32 hex digits, for the ids that are made here. */
export function traceContext(came: string | undefined, random: string): TraceContext {
  const parent = random.slice(16)
  if (came !== undefined && !(came.startsWith('00-') && came.length !== LENGTH_OF_00)) {
    const [, traceId, flags] = TRACEPARENT.exec(came) ?? []
    if (traceId !== undefined) return { traceId, traceparent: `00-${traceId}-${parent}-${flags}`, continued: true }
  }
  return { traceId: random, traceparent: `00-${random}-${parent}-00`, continued: false }
}

/** A UUID's 32 hex digits. */
export const hex32 = (uuid: string): string =>
  uuid.slice(0, 8) + uuid.slice(9, 13) + uuid.slice(14, 18) + uuid.slice(19, 23) + uuid.slice(24)
