/**
 * Which endpoint takes the next attempt. The order is made one step at a time, from what is true at that step: the first candidate of
 * a request costs one pass over its endpoints, and a rescue sees the ejections that happened meanwhile.
 */
import type { Draw, Instant } from '../../config/units.ts'
import type { HeldHealth } from './held-health.ts'
import { isPoolFull } from './limits.ts'
import type { Candidate, RouteState } from './route-state.ts'
import { type EndpointStanding, isFull, leastOf, standing, TIERS, type Tier } from './standing.ts'
import { pickInLevels } from './steering/pick-in-levels.ts'
import { type SteerReason, steer } from './steering/steer.ts'
import type { SteerBy } from './steering/steer-by.ts'

/** What an order depends on beside the moment and the dice. */
export interface OrderFacts {
  readonly route: RouteState
  readonly health: HeldHealth
  /** What of the request steers it. */
  readonly steerBy?: SteerBy
}

export type Pick =
  | Picked
  /** Every candidate has been passed over; `panic`: not one of the pool could take a request of its own right. */
  | { readonly kind: 'none' }
  /** Of those that are in and not passed over, none may have another attempt. */
  | { readonly kind: 'full' }

export interface Picked {
  readonly kind: 'picked'
  readonly candidate: Candidate
  readonly standing: EndpointStanding
  readonly reason: SteerReason
}

const NONE: Pick = { kind: 'none' }
const FULL: Pick = { kind: 'full' }

/**
 * The best candidate for which `passOver` does not hold. Out means out while one endpoint of the pool is routable, whether or not it is
 * passed over here; when none is, those are asked that an emergency spares, and when there are none of them either, verdicts and ejections are
 * ignored (panic).
 */
export function pickEndpoint(facts: OrderFacts, passOver: (candidate: Candidate) => boolean, now: Instant, draw: Draw): Pick {
  const { levels, limits } = facts.route
  if (limits !== undefined && isPoolFull(facts.route, now)) return FULL
  if (levels !== undefined) return pickInLevels({ ...facts, levels }, passOver, now, draw)
  let best: EndpointStanding | undefined
  let least: Tier = TIERS.never
  let inBest: Candidate[] = []
  for (const candidate of facts.route.candidates) {
    const stands = standing(candidate, facts.health, now)
    if (stands.tier < least) least = stands.tier
    if (stands.tier === TIERS.never || (best !== undefined && stands.tier > best.tier) || passOver(candidate)) continue
    if (best === undefined || stands.tier < best.tier) {
      best = stands
      inBest = [candidate]
    } else {
      inBest.push(candidate)
    }
  }
  if (best === undefined || (best.tier >= TIERS.spared && best.tier > least)) return NONE
  if (best.tier === TIERS.full) return FULL
  if (best.tier >= TIERS.spared && limits !== undefined) inBest = inBest.filter((candidate) => !isFull(candidate, now))
  return steer(facts, inBest, now, draw) ?? (limits === undefined ? NONE : FULL)
}

/** True when no endpoint of the pool could take a request of its own right. */
export const isPanic = (facts: OrderFacts, now: Instant): boolean => leastTier(facts, now) >= TIERS.spared

/** Of the pool. */
export const leastTier = ({ route, health }: OrderFacts, now: Instant): Tier =>
  leastOf(route.candidates.map((candidate) => standing(candidate, health, now)))

/** The whole order, for people: each step as the requests would take it. */
export function orderEndpoints(facts: OrderFacts, now: Instant, draw: () => Draw): readonly Pick[] {
  const order: Pick[] = []
  const taken = new Set<Candidate>()
  for (;;) {
    const step = pickEndpoint(facts, (candidate) => taken.has(candidate), now, draw())
    if (step.kind !== 'picked') return order
    taken.add(step.candidate)
    order.push(step)
  }
}
