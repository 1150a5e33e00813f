/**
 * A priority that is being drained as a whole lets go of its requests on the same straight line as one of its endpoints would: what it gives up
 * goes to the next one, where there is one in the same tier. Else standby endpoints would get nothing until the end, and then everything.
 */
import { type Draw, draw as drawn, type Instant } from '../../../config/units.ts'
import { type AppliedOverlay, drainShare } from '../apply-overlay.ts'
import type { Candidate } from '../route-state.ts'

export interface Stayed {
  /** All of one priority. */
  readonly equals: readonly Candidate[]
  /** What is left of the draw: uniform again. */
  readonly rest: Draw
}

/** `tier`: of one standing, of any priorities, one candidate at least. */
export function leavePriority(tier: readonly Candidate[], { endpoints }: AppliedOverlay, now: Instant, draw: Draw): Stayed {
  let left = tier
  let rest = draw
  for (;;) {
    const first = Math.min(...left.map(({ endpoint }) => endpoint.priority))
    const equals = left.filter(({ endpoint }) => endpoint.priority === first)
    const later = left.filter(({ endpoint }) => endpoint.priority !== first)
    const kept = Math.max(...equals.map(({ endpoint }) => keptBy(endpoints.get(endpoint.id), now)))
    if (later.length === 0 || kept === 1) return { equals, rest }
    if (rest < kept) return { equals, rest: drawn(rest / kept) }
    rest = drawn((rest - kept) / (1 - kept))
    left = later
  }
}

const keptBy = (applied: Parameters<typeof drainShare>[0] | undefined, now: Instant): number =>
  applied === undefined ? 1 : drainShare(applied, now)
