/**
 * Who of a pool gets which share of the requests, and which share another endpoint gets when the pool is changed: computed from the steering,
 * without dice. Where the steering asks who the client is, each place counts alike, because a configuration does not know where clients are.
 */
import type { Base, Endpoint, Pool } from '../../config/base.ts'
import type { EndpointId } from '../../config/ids.ts'
import type { PlanBase } from '../../config/operator-documents.ts'
import { nearness, type UnitVector, unitVector } from '../../worker/policy/distance.ts'
import { poolLevels } from '../../worker/policy/steering/pool-levels.ts'
import { type PoolSteering, poolSteering, type Ranks } from '../../worker/policy/steering/pool-steering.ts'
import { spreadLevels } from '../../worker/policy/steering/spread-levels.ts'

/** Shares of requests by endpoint; what is missing of 1 is answered by nobody. */
export type Shares = ReadonlyMap<EndpointId, number>

/** One priority with what it carries, and its endpoints that can take a request. */
interface Level {
  readonly part: number
  readonly endpoints: readonly Endpoint[]
}

/** A client as far as the steering tells clients apart. */
type Audience =
  | { readonly kind: 'anybody' }
  | { readonly kind: 'at'; readonly at: UnitVector }
  | { readonly kind: 'ranks'; readonly ranks: Ranks }

export type IsOut = (endpoint: Endpoint) => boolean

const NOBODY_IS_OUT: IsOut = () => false

/** `isOut`: who cannot be reached; drains and weights are the pool's own. */
export function sharesOf(base: PlanBase, pool: Pool, isOut: IsOut = NOBODY_IS_OUT): Shares {
  const audiences = audiencesOf(base, pool)
  const levels = levelsOf(pool, isOut)
  const shares = new Map<EndpointId, number>()
  for (const audience of audiences) {
    for (const { part, endpoints } of levels) {
      for (const [id, share] of within(pool, endpoints, audience)) shares.set(id, (shares.get(id) ?? 0) + (share * part) / audiences.length)
    }
  }
  return shares
}

/**
 * The share of requests that another endpoint takes. With affinity these are the keys that change their endpoint; where requests are drawn,
 * the least that has to move for the new shares.
 */
export function movedShare(
  before: { readonly base: PlanBase; readonly pool: Pool },
  after: { readonly base: PlanBase; readonly pool: Pool },
): number {
  const [from, to] = [audiencesOf(before.base, before.pool), audiencesOf(after.base, after.pool)]
  // Other kinds of clients are told apart before than after: only the totals can be compared.
  if (from.length !== to.length) return distance(sharesOf(before.base, before.pool), sharesOf(after.base, after.pool))
  const [levels, newLevels] = [levelsOf(before.pool, NOBODY_IS_OUT), levelsOf(after.pool, NOBODY_IS_OUT)]
  const moved = from.map((audience, index) => {
    const other = to[index] ?? audience
    if (before.pool.steering === 'affinity' && after.pool.steering === 'affinity') return 1 - keptKeys(levels, newLevels)
    return distance(totals(before.pool, levels, audience), totals(after.pool, newLevels, other))
  })
  return moved.reduce((sum, each) => sum + each, 0) / moved.length
}

/** What is assumed where the steering alone does not say it, for people. */
export function basisOf({ steering }: Pool): string | undefined {
  switch (steering) {
    case 'nearest':
      return 'each country counted alike'
    case 'map':
      return 'each list of the map counted alike'
    case 'latency':
      return 'as if all were equally fast'
    case 'listed':
    case 'weighted':
    case 'affinity':
      return undefined
    default:
      return steering satisfies never
  }
}

const takesRequests = ({ drain, weight }: Endpoint): boolean => !drain && weight > 0

function levelsOf(pool: Pool, isOut: IsOut): readonly Level[] {
  const there = pool.endpoints.filter((endpoint) => takesRequests(endpoint) && !isOut(endpoint))
  const levels = poolLevels(pool)
  if (levels === undefined) {
    const first = Math.min(...there.map(({ priority }) => priority))
    return [{ part: 1, endpoints: there.filter(({ priority }) => priority === first) }]
  }
  const within = levels.capacity.map((_, level) =>
    there.filter(({ id }) => levels.of[pool.endpoints.findIndex((each) => each.id === id)] === level),
  )
  const told = within.map((endpoints, level) => {
    const capacity = levels.capacity[level] ?? 0
    const carried = endpoints.reduce((sum, each) => sum + (each.capacity ?? each.weight), 0)
    const healthy = capacity === 0 ? 0 : carried / capacity
    const { healthThreshold = 0, minimumHealthy = 0 } = levels.settings
    return { healthy, ready: healthy, isEnough: healthy >= healthThreshold && endpoints.length >= minimumHealthy }
  })
  const loads = spreadLevels(told, levels.settings)
  const parts = within.map((endpoints, level) => (endpoints.length === 0 ? 0 : (loads[level]?.percent ?? 0)))
  const total = parts.reduce((sum, part) => sum + part, 0)
  // Nobody is in by the thresholds: the first priority that has somebody takes all.
  const first = within.findIndex((endpoints) => endpoints.length > 0)
  return within.map((endpoints, level) => ({ endpoints, part: total > 0 ? (parts[level] ?? 0) / total : level === first ? 1 : 0 }))
}

function audiencesOf(base: PlanBase, pool: Pool): readonly Audience[] {
  // Of a base it reads `countries` alone.
  const steering = poolSteering(base as Base, pool)
  switch (steering.kind) {
    case 'listed':
    case 'weighted':
    case 'latency':
    case 'affinity':
      return [ANYBODY]
    case 'nearest':
      return steering.countries.size === 0 ? [ANYBODY] : [...steering.countries.values()].map((at) => ({ kind: 'at', at }))
    case 'map':
      return mapAudiences(steering)
    default:
      return steering satisfies never
  }
}

const ANYBODY: Audience = { kind: 'anybody' }

function mapAudiences({ countries, continents, otherwise }: Extract<PoolSteering, { kind: 'map' }>): readonly Audience[] {
  return [...countries.values(), ...continents.values(), otherwise].map((ranks) => ({ kind: 'ranks', ranks }))
}

/** Of one priority: `endpoints` can all take a request. */
function within(pool: Pool, endpoints: readonly Endpoint[], audience: Audience): readonly (readonly [EndpointId, number])[] {
  const [first] = endpoints
  if (first === undefined) return []
  switch (pool.steering) {
    case 'weighted':
    case 'affinity': {
      const total = endpoints.reduce((sum, { weight }) => sum + weight, 0)
      return endpoints.map(({ id, weight }) => [id, weight / total] as const)
    }
    case 'latency':
      return endpoints.map(({ id }) => [id, 1 / endpoints.length] as const)
    case 'listed':
      return [[first.id, 1]]
    case 'nearest':
    case 'map': {
      const costs = endpoints.map((endpoint) => costFor(pool, endpoint, audience))
      const best = endpoints[costs.indexOf(Math.min(...costs))] ?? first
      return [[best.id, 1]]
    }
    default:
      return pool.steering satisfies never
  }
}

/** As `in-order.ts` sorts them: without coordinates last, ties as listed. */
function costFor(pool: Pool, endpoint: Endpoint, audience: Audience): number {
  switch (audience.kind) {
    case 'anybody':
      return 0
    case 'at':
      return endpoint.coordinates === undefined ? 2 : -nearness(audience.at, unitVector(endpoint.coordinates))
    case 'ranks':
      return audience.ranks[pool.endpoints.findIndex(({ id }) => id === endpoint.id)] ?? pool.endpoints.length
    default:
      return audience satisfies never
  }
}

function totals(pool: Pool, levels: readonly Level[], audience: Audience): Shares {
  return new Map(
    levels.flatMap(({ part, endpoints }) => within(pool, endpoints, audience).map(([id, share]) => [id, share * part] as const)),
  )
}

/** Half of what the shares differ by: each request that moves leaves one endpoint and comes to another, or to nobody. */
function distance(before: Shares, after: Shares): number {
  const sum = (shares: Shares): number => [...shares.values()].reduce((total, share) => total + share, 0)
  const kept = [...before].reduce((total, [id, share]) => total + Math.min(share, after.get(id) ?? 0), 0)
  return Math.max(sum(before), sum(after)) - kept
}

/**
 * Rendezvous hashing draws for each endpoint a time that is exponential with its weight as the rate, and the earliest takes the key. An endpoint
 * keeps a key when it is the earliest by both weights, and that is exponential again: 1 / (1 + Σ max(w_j / w_i, w'_j / w'_i)) over the others.
 */
function keptKeys(before: readonly Level[], after: readonly Level[]): number {
  return before.reduce((sum, level, index) => {
    const other = after[index]
    return other === undefined ? sum : sum + Math.min(level.part, other.part) * keptWithin(level.endpoints, other.endpoints)
  }, 0)
}

function keptWithin(before: readonly Endpoint[], after: readonly Endpoint[]): number {
  const [weights, newWeights] = [before, after].map((endpoints) => new Map(endpoints.map(({ id, weight }) => [id, weight])))
  if (weights === undefined || newWeights === undefined) return 0
  const names = new Set([...weights.keys(), ...newWeights.keys()])
  return [...names].reduce((sum, name) => {
    const [own, ownNew] = [weights.get(name) ?? 0, newWeights.get(name) ?? 0]
    if (own === 0 || ownNew === 0) return sum
    const others = [...names].filter((other) => other !== name)
    return (
      sum +
      1 /
        (1 + others.reduce((rivals, other) => rivals + Math.max((weights.get(other) ?? 0) / own, (newWeights.get(other) ?? 0) / ownNew), 0))
    )
  }, 0)
}
