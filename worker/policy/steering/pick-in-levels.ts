/**
 * The pick in a pool that spreads over its priorities: who can take a request is asked first, as always; among the best of those the priority
 * is drawn by what each has to carry, and the pool's steering picks within it.
 */
import { type Draw, draw as drawn, type Instant } from '../../../config/units.ts'
import type { OrderFacts, Pick } from '../order-endpoints.ts'
import { ramp } from '../ramp.ts'
import type { Candidate } from '../route-state.ts'
import { type EndpointStanding, isFull, leastOf, standing, TIERS, type Tier, weightOf } from '../standing.ts'
import type { PoolLevels } from './pool-levels.ts'
import { type LevelLoad, spreadLevels } from './spread-levels.ts'
import { steer } from './steer.ts'

const NONE: Pick = { kind: 'none' }
const FULL: Pick = { kind: 'full' }

export function pickInLevels(
  facts: OrderFacts & { readonly levels: PoolLevels },
  passOver: (candidate: Candidate) => boolean,
  now: Instant,
  draw: Draw,
): Pick {
  const { candidates } = facts.route
  const { levels } = facts
  const stands = candidates.map((candidate) => standing(candidate, facts.health, now))
  const loads = levelLoads(facts, stands, now)
  const least = leastOf(stands)
  let best: Tier = TIERS.never
  let inBest: Candidate[] = []
  for (const [index, candidate] of candidates.entries()) {
    const tier = tierIn(stands[index], loads[levels.of[index] ?? 0], least)
    if (tier === TIERS.never || tier > best || passOver(candidate)) continue
    if ((stands[index]?.tier ?? 0) >= TIERS.spared && isFull(candidate, now)) continue
    if (tier < best) inBest = []
    best = tier
    inBest.push(candidate)
  }
  const first = inBest[0]
  if (first === undefined) return NONE
  if (best === TIERS.full) return FULL
  const chosen = drawLevel(inBest, { levels, loads }, draw)
  const picked = steer(facts, chosen.candidates, now, chosen.rest)
  return picked === undefined || !chosen.spilled ? (picked ?? NONE) : { ...picked, reason: 'spilled' }
}

/** What is out takes part in the panic of its priority, and of the pool; what an emergency spares in that of the pool alone. `least`: of the pool. */
function tierIn(stands: EndpointStanding | undefined, load: LevelLoad | undefined, least: Tier): Tier {
  if (stands === undefined) return TIERS.never
  if (stands.tier < TIERS.spared) return stands.tier
  if (stands.tier === TIERS.out && load?.panic === true) return TIERS.routable
  return stands.tier === least ? stands.tier : TIERS.never
}

/**
 * How much each priority has to carry; also what `explain` shows. A weight of operators says who takes more, not who can carry more: what an
 * endpoint can carry stays the file's word, but for one that the file gives no weight. At 0 it is as one that is drained: it is missing.
 */
export function levelLoads(
  { route, health, levels }: OrderFacts & { readonly levels: PoolLevels },
  stands: readonly EndpointStanding[],
  now: Instant,
): readonly LevelLoad[] {
  const tallies = levels.capacity.map((capacity) => ({ capacity, healthy: 0, ready: 0, count: 0 }))
  const ramps = route.candidates.map((candidate) => ramp(candidate, health, now))
  const fullest = Math.max(...ramps.filter((_, index) => isHealthy(stands[index])), 0)
  for (const [index, candidate] of route.candidates.entries()) {
    const { endpoint } = candidate
    const tally = tallies[levels.of[index] ?? 0]
    if (tally === undefined) continue
    const raised = endpoint.weight === 0 ? weightOf(candidate, health) : 0
    const capacity = endpoint.capacity ?? endpoint.weight + raised
    if (raised > 0) tally.capacity += capacity
    if (!isHealthy(stands[index])) continue
    tally.healthy += capacity
    // A pool that starts as a whole does not ramp.
    tally.ready += (capacity * (ramps[index] ?? 1)) / fullest
    tally.count += 1
  }
  const { settings } = levels
  const told = tallies.map(({ capacity, healthy, ready, count }) => {
    const share = capacity === 0 ? 0 : healthy / capacity
    const isEnough = share >= (settings.healthThreshold ?? 0) && count >= (settings.minimumHealthy ?? 0)
    return { healthy: share, ready: capacity === 0 ? 0 : ready / capacity, isEnough }
  })
  return spreadLevels(told, settings)
}

/** Over its limit is full, not ill: its capacity is there. */
const isHealthy = (stands: EndpointStanding | undefined): boolean =>
  stands?.tier === TIERS.routable || stands?.tier === TIERS['over-limit'] || stands?.tier === TIERS.full

interface DrawnLevel {
  readonly candidates: readonly Candidate[]
  /** What is left of the draw within the level's share is uniform again. */
  readonly rest: Draw
  /** A priority before it could have taken the request. */
  readonly spilled: boolean
}

function drawLevel(
  candidates: readonly Candidate[],
  { levels, loads }: { readonly levels: PoolLevels; readonly loads: readonly LevelLoad[] },
  draw: Draw,
): DrawnLevel {
  const levelOf = ({ index }: Candidate): number => levels.of[index] ?? 0
  const there = [...new Set(candidates.map(levelOf))].sort((a, b) => a - b)
  const total = there.reduce((sum, level) => sum + (loads[level]?.percent ?? 0), 0)
  let rest = draw * total
  let chosen = there[0]
  for (const level of there) {
    const percent = loads[level]?.percent ?? 0
    if (rest < percent) {
      chosen = level
      rest /= percent
      break
    }
    rest -= percent
  }
  // Those that only stand by get what a priority before them lets go while it is being drained.
  const standBy = levels.settings.spillOver === undefined
  const within = candidates.filter((candidate) => levelOf(candidate) === chosen || (standBy && levelOf(candidate) > (chosen ?? 0)))
  return { candidates: within, rest: total === 0 ? draw : drawn(Math.min(rest, LARGEST_DRAW)), spilled: chosen !== there[0] }
}

/** Arithmetic may round up to 1, which no draw is. */
const LARGEST_DRAW = 1 - Number.EPSILON
