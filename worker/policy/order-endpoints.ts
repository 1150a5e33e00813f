/**
 * Which endpoint takes the next attempt. The order is made one step at a time, from what is true at that step: the first candidate of
 * a request costs one pass over its endpoints, and a rescue sees the ejections that happened meanwhile.
 */
import type { Draw, Instant } from '../../config/units.ts'
import { nearness, type UnitVector } from './distance.ts'
import { inFlight } from './endpoint-load.ts'
import type { HeldHealth } from './held-health.ts'
import { ramp } from './ramp.ts'
import type { Candidate, RouteState } from './route-state.ts'
import { type EndpointStanding, standing, TIERS } from './standing.ts'

/** What an order depends on beside the moment and the dice. */
export interface OrderFacts {
  readonly route: RouteState
  readonly health: HeldHealth
  readonly client?: UnitVector
}

export type Pick =
  | { readonly kind: 'picked'; readonly candidate: Candidate; readonly standing: EndpointStanding }
  /** Every candidate has been passed over; `panic`: not one of the pool could take a request of its own right. */
  | { readonly kind: 'none' }

const NONE: Pick = { kind: 'none' }

/**
 * The best candidate for which `passOver` does not hold. Out means out while one endpoint of the pool is routable, whether or not it is
 * passed over here; when none is, verdicts and ejections are ignored (panic).
 */
export function pickEndpoint(facts: OrderFacts, passOver: (candidate: Candidate) => boolean, now: Instant, draw: Draw): Pick {
  let best: EndpointStanding | undefined
  let panic = true
  let inBest: Candidate[] = []
  for (const candidate of facts.route.candidates) {
    const stands = standing(candidate, facts.health, now)
    if (stands.tier < TIERS.out) panic = false
    if (stands.tier === TIERS.never || (best !== undefined && stands.tier > best.tier) || passOver(candidate)) continue
    if (best === undefined || stands.tier < best.tier) {
      best = stands
      inBest = [candidate]
    } else {
      inBest.push(candidate)
    }
  }
  if (best === undefined || (best.tier === TIERS.out && !panic)) return NONE
  const candidate = steer(facts, inBest, now, draw)
  return candidate === undefined ? NONE : { kind: 'picked', candidate, standing: standing(candidate, facts.health, now) }
}

/** True when no endpoint of the pool could take a request of its own right. */
export const isPanic = (facts: OrderFacts, now: Instant): boolean =>
  facts.route.candidates.every((candidate) => standing(candidate, facts.health, now).tier >= TIERS.out)

/** The whole order, for people: each step as the requests would take it. */
export function orderEndpoints(facts: OrderFacts, now: Instant, draw: () => Draw): readonly Pick[] {
  const order: Pick[] = []
  const taken = new Set<Candidate>()
  for (;;) {
    const step = pickEndpoint(facts, (candidate) => taken.has(candidate), now, draw())
    if (step.kind === 'none') return order
    taken.add(step.candidate)
    order.push(step)
  }
}

/** Among candidates of one tier: the best priority, then what the pool's steering says. */
function steer(facts: OrderFacts, tier: readonly Candidate[], now: Instant, draw: Draw): Candidate | undefined {
  if (tier.length === 1) return tier[0]
  const first = Math.min(...tier.map((candidate) => candidate.endpoint.priority))
  const equals = tier.filter((candidate) => candidate.endpoint.priority === first)
  const ramps = relativeRamps(equals, facts.health, now)
  const { steering } = facts.route.pool
  switch (steering) {
    case 'listed':
      return throughRamps(equals, ramps, draw)
    case 'nearest':
      return nearest(facts.client, equals, ramps, draw)
    case 'weighted':
      return weighted(equals, ramps, now, draw)
    default:
      return steering satisfies never
  }
}

/** A pool that has just started as a whole does not ramp: against whom? */
function relativeRamps(candidates: readonly Candidate[], health: HeldHealth, now: Instant): readonly number[] {
  const ramps = candidates.map((candidate) => ramp(candidate, health, now))
  const fullest = Math.max(...ramps)
  return fullest === 1 ? ramps : ramps.map((share) => share / fullest)
}

/** In order, but a ramping endpoint lets the rest of its share pass on to the next. */
function throughRamps(ordered: readonly Candidate[], ramps: readonly number[], draw: Draw): Candidate | undefined {
  let rest: number = draw
  for (const [index, candidate] of ordered.entries()) {
    const share = ramps[index] ?? 1
    if (rest < share) return candidate
    rest = (rest - share) / (1 - share)
  }
  return ordered[0]
}

function nearest(
  client: UnitVector | undefined,
  equals: readonly Candidate[],
  ramps: readonly number[],
  draw: Draw,
): Candidate | undefined {
  if (client === undefined) return throughRamps(equals, ramps, draw)
  // Without coordinates: after all that have some, as listed. `sort` is stable.
  const order = equals.map((candidate, index) => ({ index, near: candidate.place === undefined ? -2 : nearness(client, candidate.place) }))
  order.sort((a, b) => b.near - a.near)
  const sorted = order.flatMap(({ index }) => equals[index] ?? [])
  return throughRamps(
    sorted,
    order.map(({ index }) => ramps[index] ?? 1),
    draw,
  )
}

/**
 * Drawn by weight; those of the drawn one's weight then stand for each other, and of two the one with fewer attempts waiting takes it. The
 * drawn one takes it when they are equal, so that an idle pool keeps its weights; latency is not asked, for the nearest would take all.
 */
function weighted(equals: readonly Candidate[], ramps: readonly number[], now: Instant, draw: Draw): Candidate | undefined {
  const weights = equals.map((candidate, index) => candidate.endpoint.weight * (ramps[index] ?? 1))
  const sum = weights.reduce((total, weight) => total + weight, 0)
  let rest = draw * sum
  for (const [index, candidate] of equals.entries()) {
    const weight = weights[index] ?? 0
    if (rest >= weight) {
      rest -= weight
      continue
    }
    const alike = equals.filter((_, other) => other !== index && weights[other] === weight)
    // What is left of the draw within this weight is uniform again.
    const rival = alike[Math.floor((rest / weight) * alike.length)]
    return rival !== undefined && inFlight(rival.state.load, now) < inFlight(candidate.state.load, now) ? rival : candidate
  }
  return equals[equals.length - 1]
}
