/**
 * Whether this request is sent to an endpoint that is out, to find out whether it is well again. Only one that can be sent again
 * elsewhere is risked. Vantages give the permits; when none has answered for long, the isolate gives itself one a second.
 */
import type { EndpointKey } from '../../config/ids.ts'
import type { Instant } from '../../config/units.ts'
import type { HeldHealth } from './held-health.ts'
import type { Candidate, RouteState } from './route-state.ts'
import { isEjected, standing, wantsTrial } from './standing.ts'

/** Between two trials that the isolate permits itself, in ms. */
const OWN_TRIAL_EVERY = 1000

/** `take` uses up a permit of a vantage, when there is one. */
export function pickProbation(
  route: RouteState,
  health: HeldHealth,
  now: Instant,
  take: (endpoint: EndpointKey, now: Instant) => boolean,
): Candidate | undefined {
  for (const candidate of route.candidates) {
    const { reason } = standing(candidate, health, now)
    // Down from here alone: traffic goes elsewhere, so that only probation can tell the vantage that it is well again.
    if (reason !== 'ejected' && reason !== 'verdict-down' && reason !== 'down-from-here') continue
    if (isEjected(candidate) && !wantsTrial(candidate, now)) continue
    if (take(candidate.endpoint.key, now)) return candidate
    if (reason === 'ejected' && health.silent && now - candidate.state.ownTrialAt >= OWN_TRIAL_EVERY) {
      candidate.state.ownTrialAt = now
      return candidate
    }
  }
  return undefined
}
