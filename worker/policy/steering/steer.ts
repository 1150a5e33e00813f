/** Among candidates of one tier: the best priority, then what the pool's steering says. Also says why, for the log and for people. */
import type { Draw, Instant } from '../../../config/units.ts'
import type { OrderFacts } from '../order-endpoints.ts'
import type { Candidate } from '../route-state.ts'
import { byHash } from './by-hash.ts'
import { byLatency } from './by-latency.ts'
import { byWeight } from './by-weight.ts'
import { nearest, ranked, relativeRamps, throughRamps } from './in-order.ts'

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

export function steer(facts: OrderFacts, tier: readonly Candidate[], now: Instant, draw: Draw): Steered | undefined {
  const [single] = tier
  if (single === undefined) return undefined
  if (tier.length === 1) return { candidate: single, reason: 'only' }
  const first = Math.min(...tier.map((candidate) => candidate.endpoint.priority))
  const equals = tier.filter((candidate) => candidate.endpoint.priority === first)
  const ramps = relativeRamps(equals, facts.health, now)
  const { steerBy } = facts
  const { steering } = facts.route
  switch (steering.kind) {
    case 'listed':
      return because('listed', throughRamps(equals, ramps, draw))
    case 'nearest': {
      const client = steerBy?.kind === 'client' ? steerBy.at : undefined
      return because(client === undefined ? 'listed' : 'nearest', nearest(client, equals, ramps, draw))
    }
    case 'weighted':
      return because('drawn', byWeight(equals, ramps, now, draw))
    case 'latency':
      return byLatency(equals, ramps, { health: facts.health, now }, draw)
    case 'affinity':
      return steerBy?.kind === 'key'
        ? because('hashed', byHash(steerBy.hash, equals, ramps))
        : because('no-key', byWeight(equals, ramps, now, draw))
    case 'map':
      return steerBy?.kind === 'ranks'
        ? because(steerBy.by, ranked(steerBy.ranks, equals, ramps, draw))
        : because('listed', throughRamps(equals, ramps, draw))
    default:
      return steering satisfies never
  }
}

const because = (reason: SteerReason, candidate: Candidate | undefined): Steered | undefined =>
  candidate === undefined ? undefined : { candidate, reason }
