/**
 * Which canaries a vantage takes away by itself: those whose hard limit breaks in what it and its peers were told in the last 10 s, those that
 * are down as a whole, and those that a peer has taken away. It only takes: it ends when the director has said otherwise, with another run or
 * with nothing left to take. A canary that everybody is on is left to the director: stable may be gone by then.
 */
import type { TrackCounts, TrackKill } from '../../config/director.ts'
import type { ReleaseId } from '../../config/ids.ts'
import type { Emergency, Overlay, ReleaseOrder } from '../../config/overlay.ts'
import type { Release } from '../../config/release.ts'
import { brokenLimit } from './broken-limit.ts'
import { explainLimit } from './explain-judgement.ts'
import { hasTraffic } from './release-run.ts'

export type Kills = ReadonlyMap<ReleaseId, TrackKill>

export interface Guarded {
  readonly overlay: Overlay | undefined
  readonly releases: ReadonlyMap<ReleaseId, Release>
  /** Of the last 10 s, by this vantage and its peers. */
  readonly counts: readonly TrackCounts[]
  readonly ofPeers: readonly TrackKill[]
  /** Of a pool: true when every endpoint of it is down, and there is one. */
  readonly isDown: (pool: Release['tracks']['canary']['pool']) => boolean
}

export const NO_KILLS: Kills = new Map()

/** The same map when nothing has changed. */
export function guardCanaries(held: Kills, guarded: Guarded): Kills {
  const next = new Map<ReleaseId, TrackKill>()
  for (const [id, order] of Object.entries(guarded.overlay?.releases ?? {}) as [ReleaseId, ReleaseOrder][]) {
    if (!hasTraffic(order)) continue
    const before = held.get(id)
    const kill = before?.salt === order.salt ? before : reasonFor(id, order, guarded)
    if (kill !== undefined) next.set(id, kill)
  }
  const isSame = next.size === held.size && [...next].every(([id, kill]) => held.get(id) === kill)
  return isSame ? held : next
}

function reasonFor(id: ReleaseId, order: ReleaseOrder, { releases, counts, ofPeers, isDown }: Guarded): TrackKill | undefined {
  const peer = ofPeers.find(({ release, salt }) => release === id && salt === order.salt)
  if (peer !== undefined) return peer
  const release = releases.get(id)
  if (release === undefined || isWhole(order)) return undefined
  const kill = (why: string): TrackKill => ({ release: id, salt: order.salt, why })
  const { stable, canary } = release.tracks
  if (stable.pool !== canary.pool && isDown(canary.pool) && !isDown(stable.pool)) return kill('Every endpoint of the canary is down.')
  const counted = counts.filter(({ region, mirrored }) => mirrored || shareIn(order, region) < 1)
  const limit = brokenLimit(counted, release, order.mirror > 0)
  return limit === undefined ? undefined : kill(explainLimit(limit, release.analysis))
}

const shareIn = ({ weight, regions }: ReleaseOrder, region: string): number =>
  regions === undefined ? weight : Object.hasOwn(regions, region) ? (regions[region] ?? 0) : 0

const isWhole = ({ weight, regions, mirror }: ReleaseOrder): boolean =>
  mirror === 0 && (regions === undefined ? weight >= 1 : Object.values(regions).every((each) => each >= 1))

/** Isolates are told as of an emergency: it is over everything else, and what is merged only takes more. */
export function withKills(emergency: Emergency | undefined, kills: Kills): Emergency | undefined {
  if (kills.size === 0) return emergency
  const names = [...kills.keys()].sort()
  const { etag, ...rest } = emergency ?? { etag: 'none', drain: [], weightZero: [], freeze: [], killCanary: [] }
  // Another tag, so that it is taken for other news.
  return {
    ...rest,
    etag: `${etag}, canary taken away: ${names.join(', ')}`.slice(0, 256),
    killCanary: [...new Set([...rest.killCanary, ...names])],
  }
}

/** Two vantages, or a vantage and its peers, have each seen a part. */
export function sumCounts(lists: readonly (readonly TrackCounts[])[]): readonly TrackCounts[] {
  const sums = new Map<string, TrackCounts>()
  for (const row of lists.flat()) {
    const name = JSON.stringify([row.release, row.track, row.route, row.region, row.mirrored])
    const held = sums.get(name)
    sums.set(name, held === undefined ? row : { ...held, attempts: held.attempts + row.attempts, failed: held.failed + row.failed })
  }
  return [...sums.values()]
}
