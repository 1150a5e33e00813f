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

/** `holds`: there is a permit of a vantage for this endpoint. Nothing is used up yet: that is `takeTrial`'s. */
export function pickProbation(
  route: RouteState,
  health: HeldHealth,
  now: Instant,
  holds: (endpoint: EndpointKey, now: Instant) => boolean,
): Candidate | undefined {
  for (const candidate of route.candidates) {
    const { reason } = standing(candidate, health, now)
    // Down from here alone: traffic goes elsewhere, so that only probation can tell the vantage that it is well again.
    if (reason !== 'ejected' && reason !== 'verdict-down' && reason !== 'down-from-here') continue
    if (isEjected(candidate) && !wantsTrial(candidate, now)) continue
    if (holds(candidate.endpoint.key, now)) return candidate
    if (reason === 'ejected' && health.silent && now - candidate.state.ownTrialAt >= OWN_TRIAL_EVERY) return candidate
  }
  return undefined
}

/** The picked one is sent its trial: a permit of a vantage is used up, or else the isolate's own. */
export function takeTrial(candidate: Candidate, now: Instant, take: (endpoint: EndpointKey, now: Instant) => boolean): void {
  if (!take(candidate.endpoint.key, now)) candidate.state.ownTrialAt = now
}
