/** Reads what isolates and vantages count of the tracks of releases. A row without sane numbers is left out: it must not spoil what the others say. */
import { LATENCY_BOUNDS, type TrackCounts } from '../../config/director.ts'
import { isRecord } from '../../config/parse-snapshot.ts'
import { isName } from './parse-base.ts'

/** Rows that are read and kept: routes with a release times their regions and tracks. Beyond it the canary is judged by those that came first. Some 2 MB. */
export const TRACK_ROWS_MAX = 2048

/** Never fails: what is no list is an empty one, which is what a version before says. */
export function parseTracks(raw: unknown): readonly TrackCounts[] {
  return Array.isArray(raw) ? raw.slice(0, TRACK_ROWS_MAX).filter(isTrackCounts) : []
}

function isTrackCounts(raw: unknown): raw is TrackCounts {
  if (!isRecord(raw) || !isName(raw['release']) || !isName(raw['route']) || !isRegion(raw['region'])) return false
  if ((raw['track'] !== 'stable' && raw['track'] !== 'canary') || typeof raw['mirrored'] !== 'boolean') return false
  const { attempts, failed, latency } = raw
  if (!isCount(attempts) || !isCount(failed) || failed > attempts) return false
  if (raw['begun'] !== undefined && !isCount(raw['begun'])) return false
  return Array.isArray(latency) && latency.length <= LATENCY_BOUNDS.length + 1 && latency.every(isCount)
}

const isRegion = (raw: unknown): boolean => typeof raw === 'string' && raw.length <= 256
const isCount = (raw: unknown): raw is number => Number.isSafeInteger(raw) && (raw as number) >= 0

/** Who is counted: one row. */
export const trackName = ({ release, track, route, region, mirrored }: Omit<TrackCounts, 'attempts' | 'failed' | 'latency'>): string =>
  JSON.stringify([release, track, route, region, mirrored])
