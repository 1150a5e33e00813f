/** Which pool of a route takes a request: drawn by weight, but for writes that have a home. Endpoints are drawn later, within it. */
import type { ForwardAction, WeightedPool, WeightedReply } from '../../config/action.ts'
import type { Draw } from '../../config/units.ts'

/** Undefined when nothing has a weight: the route takes requests and sends them nowhere. */
export function drawPool(
  { pools, replies, homePool }: ForwardAction,
  pinned: boolean,
  draw: Draw,
): WeightedPool | WeightedReply | undefined {
  if (pinned && homePool !== undefined) return pools.find(({ pool }) => pool === homePool)
  const [first] = pools
  if (pools.length === 1 && replies === undefined) return first !== undefined && first.weight > 0 ? first : undefined
  let rest = draw * (totalWeight(pools) + (replies === undefined ? 0 : totalWeight(replies)))
  for (const each of pools) {
    rest -= each.weight
    if (rest < 0) return each
  }
  for (const each of replies ?? NO_REPLIES) {
    rest -= each.weight
    if (rest < 0) return each
  }
  // What rounding left over belongs to the last that takes any.
  return pools.findLast(({ weight }) => weight > 0) ?? replies?.findLast(({ weight }) => weight > 0)
}

const NO_REPLIES: readonly WeightedReply[] = []

export const totalWeight = (shares: readonly { readonly weight: number }[]): number => shares.reduce((sum, { weight }) => sum + weight, 0)
