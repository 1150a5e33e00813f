/**
 * What all vantages counted since the last look: the director's difference of counters that only grow. A message that is lost loses nothing; a
 * vantage that begins anew begins at nothing; one that is heard for the first time by this director says what was before, which is not counted, and
 * neither is what a row that was silent then had counted before.
 */
import type { TrackCounts } from '../../config/director.ts'
import type { ReleaseId, VantageId } from '../../config/ids.ts'
import { compareOrder, type Incarnation } from '../../config/snapshot.ts'
import { between, type Instant, ms } from '../../config/units.ts'
import type { Stratum, TrackSample } from './guess-from-stable.ts'
import { TRACK_ROWS_MAX, trackName } from './parse-tracks.ts'

interface Heard {
  readonly incarnation: Incarnation
  /** When this director heard of the vantage for the first time. */
  readonly since: Instant
  readonly totals: ReadonlyMap<string, TrackCounts>
}

/** A message is under way for less, and a row that is told of has changed within twice as much. */
const UNDER_WAY_MAX = ms(15_000)

const NOTHING: TrackSample = { attempts: 0, failed: 0, latency: [] }

export class TrackWindow {
  readonly #heard = new Map<VantageId, Heard>()
  #window = new Map<string, TrackCounts>()

  /** `tracks`: the rows that have changed lately, each with all that was counted since the vantage's start. */
  hear(from: VantageId, incarnation: Incarnation, tracks: readonly TrackCounts[], now: Instant): void {
    const held = this.#heard.get(from)
    const order = held === undefined ? 1 : compareOrder({ incarnation, seq: 0 }, { incarnation: held.incarnation, seq: 0 })
    // A twin that is no more, or a message of it that was under way.
    if (order < 0) return
    const totals = new Map(order === 0 ? held?.totals : [])
    if (isLate(totals, tracks)) return
    const since = held?.since ?? now
    for (const counts of tracks) {
      const name = trackName(counts)
      const before = totals.get(name)
      const isNews = held !== undefined && (before !== undefined || !isOlder(counts, since, now))
      const more = isNews ? differenceOf(before, counts) : undefined
      // Set anew, so that what was silent longest is the first.
      totals.delete(name)
      totals.set(name, counts)
      if (more !== undefined) this.#window.set(name, addCounts(this.#window.get(name), more))
    }
    for (const name of totals.keys()) {
      if (totals.size <= TRACK_ROWS_MAX) break
      totals.delete(name)
    }
    this.#heard.set(from, { incarnation, since, totals })
  }

  /** Ends the window: what was counted in it, and a new one begins. */
  take(): readonly TrackCounts[] {
    const counts = [...this.#window.values()]
    this.#window = new Map()
    return counts
  }
}

/** It had begun, and was silent, when its vantage was heard for the first time. One version back nobody says when a row began. */
const isOlder = ({ begun }: TrackCounts, since: Instant, now: Instant): boolean =>
  begun !== undefined && begun > between(since, now) + UNDER_WAY_MAX

/** It was under way for longer than the one after it: what it says has been counted. */
function isLate(totals: ReadonlyMap<string, TrackCounts>, tracks: readonly TrackCounts[]): boolean {
  const changes = tracks.map((counts) => counts.attempts - (totals.get(trackName(counts))?.attempts ?? -1))
  return changes.some((change) => change < 0) && changes.every((change) => change <= 0)
}

/** A row that has gone back was forgotten by its vantage, and has begun anew. */
function differenceOf(before: TrackCounts | undefined, now: TrackCounts): TrackCounts {
  if (before === undefined) return now
  const attempts = now.attempts - before.attempts
  const failed = now.failed - before.failed
  const latency = now.latency.map((count, at) => count - (before.latency[at] ?? 0))
  const wentBack = attempts < 0 || failed < 0 || failed > attempts || latency.some((count) => count < 0)
  return wentBack ? now : { ...now, attempts, failed, latency }
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
  // Of more than can be remembered those count that say most.
  return [...strata]
    .map(([name, { stable, canary }]) => ({ name, stable: sampleOf(stable), canary: sampleOf(canary) }))
    .sort((a, b) => b.canary.attempts - a.canary.attempts || b.stable.attempts - a.stable.attempts)
}

const sampleOf = ({ attempts, failed, latency }: TrackSample): TrackSample => ({ attempts, failed, latency })
