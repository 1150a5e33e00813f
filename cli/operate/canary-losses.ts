/** Who would lose the canary by a change: whatever the verb, each region's share before and after the differences. */
import type { Difference } from '../../config/director.ts'
import type { ReleaseView } from '../../config/director-view.ts'
import { percentOf } from './render-releases.ts'

/** Lines for people; none: no region's share falls. */
export function canaryLosses(
  { release, order, phase }: Pick<ReleaseView, 'release' | 'order' | 'phase'>,
  differences: readonly Difference[],
): readonly string[] {
  const before: Shares = { weight: order.weight, killed: order.killed, regions: new Map(Object.entries(order.regions ?? {})) }
  const after = sharesAfter(before, `releases.${release}.`, differences)
  const places = [...new Set([...before.regions.keys(), ...after.regions.keys(), ELSEWHERE])]
  const isKilled = after.killed && !before.killed
  // A run has a salt of its own: also where its share is larger, most of those whom weights.json gave the canary go back.
  const isDrawnAnew = phase === 'idle' && order.weight > 0 && !isKilled && places.some((place) => shareIn(after, place) > 0)
  if (isDrawnAnew)
    return [`  ${release}: ${percentOf(order.weight)} of clients have the canary by weights.json, and it is drawn anew who has it`]
  if (!isKilled && places.every((place) => shareIn(after, place) >= shareIn(before, place))) return []
  const [most, left] = [before, after].map((shares) => Math.max(...places.map((place) => shareIn(shares, place))))
  const isRegional = before.regions.size + after.regions.size > 0
  const now = isRegional ? `up to ${percentOf(most ?? 0)} of clients of a region` : `${percentOf(most ?? 0)} of clients`
  if (left === 0)
    return [`  ${release}: ${now} have the canary, and go back to stable${isKilled ? ', those with an override as well' : ''}`]
  if (!isRegional) return [`  ${release}: ${percentOf(most ?? 0)} → ${percentOf(left ?? 0)} of clients have the canary`]
  return [
    `  ${release}: ${now} have the canary, and up to ${percentOf(left ?? 0)} would`,
    ...places
      .filter((place) => shareIn(after, place) < shareIn(before, place))
      .map((place) => `    ${place.padEnd(18)} ${percentOf(shareIn(before, place))} → ${percentOf(shareIn(after, place))}`),
  ]
}

/** Regions that neither names. */
const ELSEWHERE = 'elsewhere'

interface Shares {
  readonly weight: number
  readonly killed: boolean
  /** Empty: `weight` is everywhere. */
  readonly regions: ReadonlyMap<string, number>
}

function shareIn({ weight, killed, regions }: Shares, place: string): number {
  if (killed) return 0
  return regions.size === 0 ? weight : (regions.get(place) ?? 0)
}

const REGION = /^regions\.(.+)\.weight$/

function sharesAfter(before: Shares, prefix: string, differences: readonly Difference[]): Shares {
  let { weight, killed } = before
  const regions = new Map(before.regions)
  for (const { field, after } of differences.filter((each) => each.field.startsWith(prefix))) {
    const name = field.slice(prefix.length)
    const [, region] = REGION.exec(name) ?? []
    if (name === 'weight') weight = typeof after === 'number' ? after : 0
    else if (name === 'killed') killed = after !== undefined
    else if (region !== undefined && typeof after === 'number') regions.set(region, after)
    else if (region !== undefined) regions.delete(region)
  }
  return { weight, killed, regions }
}
