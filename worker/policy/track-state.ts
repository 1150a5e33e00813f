/** What isolates keep for the tracks of a release on one route: the counters of each region, and which endpoints both tracks have. */
import type { WeightedPool } from '../../config/action.ts'
import type { Base, Pool, Route } from '../../config/base.ts'
import type { EndpointKey } from '../../config/ids.ts'
import type { Release } from '../../config/release.ts'
import { newTrackCounter, type TrackCounter } from './track-counts.ts'

/** Of the endpoints of one region, on one track. */
export interface RegionCounters {
  readonly asked: TrackCounter
  /** Copies; of the canary alone. */
  readonly mirrored?: TrackCounter
}

/** The counters of each endpoint of a pool; undefined where the route has no release. New ones are put into `counters`. */
export function regionCounters(
  route: Route,
  weighted: WeightedPool,
  counters: TrackCounter[],
): ((region: string) => RegionCounters) | undefined {
  const release = releaseOf(route)
  if (release === undefined) return undefined
  const made = new Map<string, RegionCounters>()
  // A mirror of the route is on neither.
  if (weighted !== release.canary && weighted !== release.stable) return undefined
  const track = weighted === release.canary ? 'canary' : 'stable'
  const about = { release: release.id, track, route: route.id } as const
  return (region) => {
    const held = made.get(region)
    if (held !== undefined) return held
    const asked = newTrackCounter({ ...about, region, mirrored: false })
    const mirrored = track === 'canary' ? newTrackCounter({ ...about, region, mirrored: true }) : undefined
    counters.push(asked, ...(mirrored === undefined ? [] : [mirrored]))
    const both = { asked, ...(mirrored === undefined ? {} : { mirrored }) }
    made.set(region, both)
    return both
  }
}

/**
 * Of a canary: the endpoints that stable has as well, with other headers or in another pool. What fails there on the canary alone is the canary's
 * doing, and must not take the endpoint from stable.
 */
export function sharedEndpoints(base: Base, route: Route, weighted: WeightedPool, pool: Pool): ReadonlySet<EndpointKey> | undefined {
  const release = releaseOf(route)
  if (release === undefined || weighted !== release.canary) return undefined
  const stable = base.pools.find(({ id }) => id === release.stable.pool)
  const keys = new Set(stable?.endpoints.map(({ key }) => key) ?? [])
  return new Set(pool.endpoints.flatMap(({ key }) => (keys.has(key) ? [key] : [])))
}

function releaseOf({ action }: Route) {
  if (action.kind !== 'forward' || action.release === undefined) return undefined
  const [stable] = action.pools
  return stable === undefined ? undefined : { ...action.release, stable }
}

export type Releases = ReadonlyMap<Release['id'], Release>

export const releasesOf = ({ releases = [] }: Base): Releases => new Map(releases.map((release) => [release.id, release]))
