/**
 * What all vantages counted since the last look: the director's difference of counters that only grow. A message that is lost loses nothing; a
 * vantage that begins anew begins at nothing; one that is heard for the first time by this director says what was before, which is not counted.
 */
import type { TrackCounts } from '../../config/director.ts'
import type { ReleaseId, VantageId } from '../../config/ids.ts'
import type { Incarnation } from '../../config/snapshot.ts'
import type { Stratum, TrackSample } from './guess-from-stable.ts'
import { trackName } from './parse-tracks.ts'

interface Heard {
  readonly incarnation: Incarnation
  readonly totals: ReadonlyMap<string, TrackCounts>
}

const NOTHING: TrackSample = { attempts: 0, failed: 0, latency: [] }

export class TrackWindow {
  readonly #heard = new Map<VantageId, Heard>()
  #window = new Map<string, TrackCounts>()

  hear(from: VantageId, incarnation: Incarnation, tracks: readonly TrackCounts[]): void {
    const held = this.#heard.get(from)
    const isSame = held?.incarnation.createdAt === incarnation.createdAt && held.incarnation.bootCount === incarnation.bootCount
    const totals = new Map(isSame ? held?.totals : [])
    for (const counts of tracks) {
      const name = trackName(counts)
      const before = totals.get(name)
      totals.set(name, counts)
      const more = held === undefined ? undefined : differenceOf(before, counts)
      if (more !== undefined) this.#window.set(name, addCounts(this.#window.get(name), more))
    }
    this.#heard.set(from, { incarnation, totals })
  }

  /** Ends the window: what was counted in it, and a new one begins. */
  take(): readonly TrackCounts[] {
    const counts = [...this.#window.values()]
    this.#window = new Map()
    return counts
  }
}

/** Undefined when a counter has gone back, which none of the same start does: it is where counting goes on from. */
function differenceOf(before: TrackCounts | undefined, now: TrackCounts): TrackCounts | undefined {
  if (before === undefined) return now
  const attempts = now.attempts - before.attempts
  const failed = now.failed - before.failed
  const latency = now.latency.map((count, at) => count - (before.latency[at] ?? 0))
  return attempts < 0 || failed < 0 || failed > attempts || latency.some((count) => count < 0)
    ? undefined
    : { ...now, attempts, failed, latency }
}

function addCounts(held: TrackCounts | undefined, more: TrackCounts): TrackCounts {
  if (held === undefined) return more
  const buckets = Math.max(held.latency.length, more.latency.length)
  const latency = Array.from({ length: buckets }, (_, at) => (held.latency[at] ?? 0) + (more.latency[at] ?? 0))
  return { ...held, attempts: held.attempts + more.attempts, failed: held.failed + more.failed, latency }
}

/** The strata of one release: its stable beside its canary, or beside what was only mirrored to it. */
export function strataOf(counts: readonly TrackCounts[], release: ReleaseId, mirrored: boolean): readonly Stratum[] {
  const strata = new Map<string, { stable: TrackSample; canary: TrackSample }>()
  for (const row of counts) {
    const counted = row.release === release && row.mirrored === (row.track === 'canary' && mirrored)
    if (!counted || row.attempts === 0) continue
    const name = `${row.route} in ${row.region}`
    const held = strata.get(name) ?? { stable: NOTHING, canary: NOTHING }
    strata.set(name, { ...held, [row.track]: row })
  }
  return [...strata].map(([name, { stable, canary }]) => ({ name, stable: sampleOf(stable), canary: sampleOf(canary) }))
}

const sampleOf = ({ attempts, failed, latency }: TrackSample): TrackSample => ({ attempts, failed, latency })
