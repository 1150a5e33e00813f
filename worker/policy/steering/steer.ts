/** Among candidates of one tier: the best priority, then what the pool's steering says. Also says why, for the log and for people. */
import type { Draw, Instant } from '../../../config/units.ts'
import type { OrderFacts, Picked } from '../order-endpoints.ts'
import type { Candidate } from '../route-state.ts'
import { standing, weightOf } from '../standing.ts'
import { byHash } from './by-hash.ts'
import { byLatency } from './by-latency.ts'
import { byWeight } from './by-weight.ts'
import { nearest, ranked, relativeRamps, throughRamps } from './in-order.ts'
import { leavePriority } from './leave-priority.ts'

/**
 * Why an endpoint was taken before its equals.
 * - `only`: there was no other of its tier and priority.
 * - `listed`, `nearest`, `drawn` by weight: the order of the pool's steering.
 * - `fast`: of the fastest, the one of two with fewer attempts waiting; `explored`: the small share that tries the others.
 * - `hashed`: the request's key belongs to it; `no-key`: the request has none, so it was drawn by weight.
 * - `country`, `continent`, `otherwise`: which list of the map put it first.
 * - `spilled`: a priority before it has lost capacity and passes a share of its requests on.
 */
export type SteerReason =
  | 'only'
  | 'listed'
  | 'nearest'
  | 'drawn'
  | 'fast'
  | 'explored'
  | 'hashed'
  | 'no-key'
  | 'country'
  | 'continent'
  | 'otherwise'
  | 'spilled'

export interface Steered {
  readonly candidate: Candidate
  readonly reason: SteerReason
}

/** Makes what `pickEndpoint` answers: no other object for a pick that needs none. */
export function steer(facts: OrderFacts, tier: readonly Candidate[], now: Instant, draw: Draw): Picked | undefined {
  const [single] = tier
  if (single === undefined) return undefined
  if (tier.length === 1) return picked(facts, 'only', single, now)
  const { applied } = facts.health
  if (applied !== undefined) {
    const { equals, rest } = leavePriority(tier, applied, now, draw)
    return steerEquals(facts, equals, now, rest)
  }
  const first = Math.min(...tier.map((candidate) => candidate.endpoint.priority))
  return steerEquals(
    facts,
    tier.filter((candidate) => candidate.endpoint.priority === first),
    now,
    draw,
  )
}

/** Of one priority. */
function steerEquals(facts: OrderFacts, equals: readonly Candidate[], now: Instant, draw: Draw): Picked | undefined {
  const ramps = relativeRamps(equals, facts.health, now)
  const { steerBy } = facts
  const { steering } = facts.route
  switch (steering.kind) {
    case 'listed':
      return picked(facts, 'listed', throughRamps(equals, ramps, draw), now)
    case 'nearest': {
      const client = steerBy?.kind === 'client' ? steerBy.at : undefined
      return picked(facts, client === undefined ? 'listed' : 'nearest', nearest(client, equals, ramps, draw), now)
    }
    case 'weighted':
      return picked(facts, 'drawn', byWeight(equals, weighed(facts, equals, ramps), now, draw), now)
    case 'latency': {
      const fast = byLatency(equals, ramps, { health: facts.health, now }, draw)
      return fast === undefined ? undefined : picked(facts, fast.reason, fast.candidate, now)
    }
    case 'affinity':
      return steerBy?.kind === 'key'
        ? picked(facts, 'hashed', byHash(steerBy.hash, equals, weighed(facts, equals, ramps)), now)
        : picked(facts, 'no-key', byWeight(equals, weighed(facts, equals, ramps), now, draw), now)
    case 'map':
      return steerBy?.kind === 'ranks'
        ? picked(facts, steerBy.by, ranked(steerBy.ranks, equals, ramps, draw), now)
        : picked(facts, 'listed', throughRamps(equals, ramps, draw), now)
    default:
      return steering satisfies never
  }
}

/** What each weighs now: beside the candidates, as the ramps are. */
const weighed = ({ health }: OrderFacts, equals: readonly Candidate[], ramps: readonly number[]): readonly number[] =>
  equals.map((candidate, index) => weightOf(candidate, health) * (ramps[index] ?? 1))

function picked({ health }: OrderFacts, reason: SteerReason, candidate: Candidate | undefined, now: Instant): Picked | undefined {
  return candidate === undefined ? undefined : { kind: 'picked', candidate, standing: standing(candidate, health, now), reason }
}
