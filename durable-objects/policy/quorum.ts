/**
 * Decides what the fresh votes on one endpoint amount to. Memoryless: vantages that know the same votes say the same, in
 * whatever order they learned them. What is said while the votes do not suffice is `settle-verdict.ts`'s.
 */
import type { RouteId } from '../../config/ids.ts'
import type { Facet, Proof, Vote } from './vote.ts'

/** One vantage may be wrong about the world; two seldom are about the same thing at once. */
const DOWN_VOTES_MIN = 2
/** Successes, quorum-wide and within 2 s, without any failure, that outweigh failing probes. */
export const PROOF_SUCCESSES_MIN = 5

export type Outcome = 'up' | 'down' | 'suspect' | 'undecided'

/** `votes` are those of fresh vantages that do not abstain, one each; `configured` counts all vantages of the gateway. */
export function quorum(votes: readonly Vote[], configured: number): Outcome {
  if (configured === 1) return single(votes)
  if (votes.length * 2 < configured) return 'undecided'
  if (trafficIsDown(votes)) return 'down'
  const probe = majority(votes.map((vote) => vote.probe))
  if (probe === 'down') return isProven(votes.map((vote) => vote.proof)) ? 'suspect' : 'down'
  return probe
}

/** Whether the quorum holds the endpoint down for one route. Undecided means no. */
export function routeIsDown(votes: readonly Vote[], route: RouteId, configured: number): boolean {
  const down = votes.filter((vote) => vote.routesDown.includes(route)).length
  if (configured === 1) return down > 0
  const contrary = votes.filter((vote) => vote.routesUp.includes(route)).length
  return votes.length * 2 >= configured && down >= DOWN_VOTES_MIN && down > contrary
}

function single(votes: readonly Vote[]): Outcome {
  const own = votes[0]
  if (own === undefined) return 'undecided'
  if (own.traffic === 'down') return 'down'
  if (own.probe === 'down') return isProven([own.proof]) ? 'suspect' : 'down'
  return own.probe === 'up' ? 'up' : 'undecided'
}

function majority(facets: readonly Facet[]): Outcome {
  const down = facets.filter((facet) => facet === 'down').length
  const up = facets.filter((facet) => facet === 'up').length
  if (down >= DOWN_VOTES_MIN && down > up) return 'down'
  return up > down ? 'up' : 'undecided'
}

/**
 * Traffic that fails at vantages whose probes pass is about something behind the ingress: only vantages with traffic can see
 * it, and they decide among themselves. Where the probes fail as well, it is about reaching the endpoint, which every vantage
 * can judge: then it needs more than half of all of them, or one unreachable continent would take the endpoint from the others.
 */
function trafficIsDown(votes: readonly Vote[]): boolean {
  const down = votes.filter((vote) => vote.traffic === 'down')
  const up = votes.filter((vote) => vote.traffic === 'up').length
  const behindTheIngress = down.filter((vote) => vote.probe !== 'down').length
  if (behindTheIngress >= DOWN_VOTES_MIN && down.length > up) return true
  return down.length >= DOWN_VOTES_MIN && down.length * 2 > votes.length
}

function isProven(proofs: readonly Proof[]): boolean {
  const succeeded = proofs.reduce((sum, proof) => sum + proof.succeeded, 0)
  return succeeded >= PROOF_SUCCESSES_MIN && proofs.every((proof) => proof.failed === 0)
}
