/** Which fault is injected into a request, if any. It is decided before an endpoint is chosen: a fault is nobody's failure. */
import type { Faults } from '../../config/faults.ts'
import type { Draw, DurationMs, Instant } from '../../config/units.ts'

export interface Fault {
  readonly delay: DurationMs | undefined
  /** The status of the answer that is given instead of an endpoint's. */
  readonly abort: number | undefined
}

/** `open`: the gate was passed, or there is none. A delay and an abort are drawn apart: both may come. */
export function chooseFault(faults: Faults, open: boolean, now: Instant, draws: readonly [delay: Draw, abort: Draw]): Fault | undefined {
  if (!open || hasEnded(faults, now)) return undefined
  const delay = faults.delay !== undefined && draws[0] < faults.delay.share ? faults.delay.length : undefined
  const abort = faults.abort !== undefined && draws[1] < faults.abort.share ? faults.abort.status : undefined
  return delay === undefined && abort === undefined ? undefined : { delay, abort }
}

/** Neither an end nor a gate is no fault: `check` refuses it, and so does this. */
export const hasEnded = ({ expires, gated }: Faults, now: Instant): boolean => (expires === undefined ? !gated : now >= expires)
