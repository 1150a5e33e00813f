/**
 * The figures by which a pool's steering would choose among its endpoints for one request, for people. The same functions as the choice itself: what
 * is shown is what decides.
 */
import type { ExplainedFigures } from '../../../config/explanation.ts'
import type { Instant } from '../../../config/units.ts'
import { nearness } from '../distance.ts'
import type { OrderFacts } from '../order-endpoints.ts'
import { ramp } from '../ramp.ts'
import type { Candidate } from '../route-state.ts'
import { standing, weightOf } from '../standing.ts'
import { hashDistance } from './by-hash.ts'
import { expectedLatency } from './peak-latency.ts'
import { levelLoads } from './pick-in-levels.ts'

const EARTH_RADIUS_KM = 6371

/** For each endpoint of the pool, in order of the file. */
export function explainSteering(facts: OrderFacts, now: Instant): readonly ExplainedFigures[] {
  const { candidates, levels } = facts.route
  const stands = candidates.map((candidate) => standing(candidate, facts.health, now))
  const loads = levels === undefined ? undefined : levelLoads({ ...facts, levels }, stands, now)
  const hashRanks = ranksByHash(facts, now)
  return candidates.map((candidate, index) => {
    const level = loads?.[levels?.of[index] ?? 0]
    const expected = candidate.peak === undefined ? undefined : expectedLatency(candidate, facts.health, now)
    const hashRank = hashRanks?.get(candidate)
    return {
      ...(level === undefined ? {} : { level }),
      ...(candidate.concurrencyMax === undefined ? {} : { concurrencyMax: candidate.concurrencyMax }),
      ...(expected === undefined ? {} : { expected }),
      ...(hashRank === undefined ? {} : { hashRank }),
      ...placeFigures(facts, candidate),
    }
  })
}

function ranksByHash({ route, health, steerBy }: OrderFacts, now: Instant): ReadonlyMap<Candidate, number> | undefined {
  if (steerBy?.kind !== 'key') return undefined
  const distances = route.candidates
    .filter((candidate) => weightOf(candidate, health) > 0)
    .map((candidate) => ({
      candidate,
      distance: hashDistance(steerBy.hash, candidate, weightOf(candidate, health) * ramp(candidate, health, now)),
    }))
  distances.sort((a, b) => a.distance - b.distance)
  return new Map(distances.map(({ candidate }, index) => [candidate, index + 1]))
}

function placeFigures({ steerBy }: OrderFacts, { index, place }: Candidate): ExplainedFigures {
  if (steerBy?.kind === 'ranks') return { mapRank: (steerBy.ranks[index] ?? steerBy.ranks.length) + 1 }
  if (steerBy?.kind !== 'client' || place === undefined) return {}
  // Rounding may leave the cosine a hair above 1.
  return { distance: Math.round(EARTH_RADIUS_KM * Math.acos(Math.min(1, Math.max(-1, nearness(steerBy.at, place))))) }
}
