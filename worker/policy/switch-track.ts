/** Whether a request that begins on the canary has gone on to stable, whether it may, and to whom. */
import type { Draw, Instant } from '../../config/units.ts'
import { hasAnswer } from './classify-outcome.ts'
import type { AttemptFact, Ledger } from './ledger.ts'
import { type Pick, pickEndpoint } from './order-endpoints.ts'
import { isTried } from './pick-elsewhere.ts'
import type { Plan } from './plan.ts'
import type { Candidate } from './route-state.ts'

/** It is on stable for good, whatever it began with. */
export function hasSwitched({ attempts }: { readonly attempts: readonly { readonly candidate: Candidate }[] }, { stable }: Plan): boolean {
  if (stable === undefined) return false
  for (const { candidate } of attempts) if (candidate.route.weighted === stable.route.weighted) return true
  return false
}

/** A write that the canary may have seen is not given to stable as well, whatever the route says of its endpoints: their code is not the same. */
export const maySwitch = ({ attempts }: Ledger, { safe }: Plan): boolean => safe || attempts.every(wasUnsent)

const wasUnsent = ({ outcome }: AttemptFact): boolean => outcome !== undefined && 'originSaw' in outcome && outcome.originSaw === 'no'

/**
 * Whom stable would have asked in the first place: what fails on a canary is most often its code, and its load should go where it would have been.
 * An endpoint of both tracks that gave no answer is asked again only when there is no other.
 */
export function pickOnStable(stable: Plan, ledger: Ledger, now: Instant, draw: Draw): Pick {
  const pick = pickEndpoint(stable, (candidate) => isTried(ledger, candidate) || isMute(ledger, candidate), now, draw)
  return pick.kind === 'picked' ? pick : pickEndpoint(stable, (candidate) => isTried(ledger, candidate), now, draw)
}

const isMute = ({ attempts }: Ledger, { endpoint: { key } }: Candidate): boolean =>
  attempts.some(({ candidate, outcome }) => candidate.endpoint.key === key && !(outcome !== undefined && hasAnswer(outcome)))
