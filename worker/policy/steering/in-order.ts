/** Kinds of steering that have an order: as listed, by distance, by the client's country. The first takes all that it may. */
import type { Draw, Instant } from '../../../config/units.ts'
import { nearness, type UnitVector } from '../distance.ts'
import type { HeldHealth } from '../held-health.ts'
import { ramp } from '../ramp.ts'
import type { Candidate } from '../route-state.ts'

/** A pool that has just started as a whole does not ramp: against whom? Nor does one that comes back as a whole from nothing. */
export function relativeRamps(candidates: readonly Candidate[], health: HeldHealth, now: Instant): readonly number[] {
  const ramps = candidates.map((candidate) => ramp(candidate, health, now))
  const fullest = Math.max(...ramps)
  if (fullest === 1) return ramps
  return ramps.map((share) => (fullest === 0 ? 1 : share / fullest))
}

/** In order, but a ramping endpoint lets the rest of its share pass on to the next. */
export function throughRamps(ordered: readonly Candidate[], ramps: readonly number[], draw: Draw): Candidate | undefined {
  let rest: number = draw
  for (const [index, candidate] of ordered.entries()) {
    const share = ramps[index] ?? 1
    if (rest < share) return candidate
    rest = (rest - share) / (1 - share)
  }
  return ordered[0]
}

export function nearest(
  client: UnitVector | undefined,
  equals: readonly Candidate[],
  ramps: readonly number[],
  draw: Draw,
): Candidate | undefined {
  if (client === undefined) return throughRamps(equals, ramps, draw)
  // Without coordinates: after all that have some, as listed.
  const far = equals.map((candidate) => (candidate.place === undefined ? 2 : -nearness(client, candidate.place)))
  return lowestFirst(far, equals, ramps, draw)
}

/** `ranks` by the candidate's place in the pool. */
export function ranked(
  ranks: readonly number[],
  equals: readonly Candidate[],
  ramps: readonly number[],
  draw: Draw,
): Candidate | undefined {
  const order = equals.map(({ index }) => ranks[index] ?? ranks.length)
  return lowestFirst(order, equals, ramps, draw)
}

/** By `costs`, which stand beside the candidates as the ramps do; `sort` is stable. */
function lowestFirst(costs: readonly number[], equals: readonly Candidate[], ramps: readonly number[], draw: Draw): Candidate | undefined {
  const order = [...equals.keys()].sort((a, b) => (costs[a] ?? 0) - (costs[b] ?? 0))
  const sorted = order.flatMap((index) => equals[index] ?? [])
  return throughRamps(
    sorted,
    order.map((index) => ramps[index] ?? 1),
    draw,
  )
}
