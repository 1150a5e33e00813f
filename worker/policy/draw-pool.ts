/** Which pool of a route takes a request: drawn by weight, but for writes that have a home. Endpoints are drawn later, within it. */
import type { ForwardAction, WeightedPool } from '../../config/action.ts'
import type { Draw } from '../../config/units.ts'

/** Undefined when no pool has a weight: the route takes requests and sends them nowhere. */
export function drawPool({ pools, homePool }: ForwardAction, pinned: boolean, draw: Draw): WeightedPool | undefined {
  if (pinned && homePool !== undefined) return pools.find(({ pool }) => pool === homePool)
  const [first] = pools
  if (pools.length === 1) return first !== undefined && first.weight > 0 ? first : undefined
  let rest = draw * totalWeight(pools)
  for (const each of pools) {
    rest -= each.weight
    if (rest < 0) return each
  }
  // What rounding left over belongs to the last that takes any.
  return pools.findLast(({ weight }) => weight > 0)
}

export const totalWeight = (pools: readonly WeightedPool[]): number => pools.reduce((sum, { weight }) => sum + weight, 0)
