/**
 * Whether a failed attempt may be rescued. It is refused only when rescuing cannot help: everybody who was asked in the last 2 s fails.
 * Then each request would be sent twice for nothing, and the outage doubled.
 */
import type { Instant } from '../../config/units.ts'
import type { RouteState } from './route-state.ts'
import { readTally } from './tally.ts'

/** Decided attempts of an endpoint before it says anything. */
const DECIDED_MIN = 10
/** Endpoints that must have that many. */
const ENDPOINTS_MIN = 2
const FAILED_SHARE = 0.9

export function mayRescue(route: RouteState, now: Instant): boolean {
  let proven = 0
  for (const candidate of route.candidates) {
    const { total, marked } = readTally(candidate.decided, now)
    if (total === 0) continue
    if (marked < FAILED_SHARE * total) return true
    if (total >= DECIDED_MIN) proven += 1
  }
  return proven < ENDPOINTS_MIN
}
