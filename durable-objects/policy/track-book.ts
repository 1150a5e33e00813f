/**
 * What a vantage's isolates have counted of the tracks of releases: counters that only grow, for the director, and the last 10 s, for the
 * vantage's own look at the hard limit. Mutable, because a report touches a few of hundreds of rows.
 */
import type { TrackCounts } from '../../config/director.ts'
import type { ReleaseId } from '../../config/ids.ts'
import { between, type Instant, ms } from '../../config/units.ts'
import { TRACK_ROWS_MAX, trackName } from './parse-tracks.ts'
import { within } from './traffic-window.ts'

const WINDOW = ms(10_000)
/** What peers told before they knew of a run is this old by then. */
const SETTLED_AFTER = ms(2000)
const TOLD_FOR = ms(30_000)
/** When there are too many, a row of which nothing was heard for so long is forgotten; should it come back it begins at nothing. */
const FORGOTTEN_AFTER = ms(3_600_000)
/** Reports of the same half second share an entry. */
const GRAIN = ms(500)

interface Row {
  counts: TrackCounts
  readonly begunAt: Instant
  changedAt: Instant
  recent: readonly { readonly at: Instant; readonly attempts: number; readonly failed: number }[]
}

export class TrackBook {
  readonly #rows = new Map<string, Row>()
  /** Runs of releases, and since when this vantage knows of each. */
  readonly #runs = new Map<ReleaseId, { readonly salt: string; readonly since: Instant }>()

  add(tracks: readonly TrackCounts[], now: Instant): void {
    for (const counts of tracks) this.#addRow(counts, now)
  }

  /** Of another run what was counted before is not the run's own. */
  begin(release: ReleaseId, salt: string, now: Instant): void {
    if (this.#runs.get(release)?.salt !== salt) this.#runs.set(release, { salt, since: now })
  }

  /** Peers have heard of the run as well by now. */
  isSettled(release: ReleaseId, now: Instant): boolean {
    const run = this.#runs.get(release)
    return run !== undefined && !within(run.since, now, SETTLED_AFTER)
  }

  /** Since the start of this object, of what has changed lately: a message that is lost is made good by the next ones. */
  totals(now: Instant): readonly TrackCounts[] {
    return [...this.#rows.values()]
      .filter(({ changedAt }) => within(changedAt, now, TOLD_FOR))
      .map(({ counts, begunAt }) => ({ ...counts, begun: ms(Math.max(0, Math.round(between(begunAt, now)))) }))
  }

  /** Of the last 10 s, without latencies. */
  recent(now: Instant): readonly TrackCounts[] {
    return [...this.#rows.values()].flatMap(({ counts, recent }) => {
      const since = this.#runs.get(counts.release)?.since ?? 0
      const entries = recent.filter(({ at }) => at >= since && within(at, now, WINDOW))
      const attempts = entries.reduce((sum, entry) => sum + entry.attempts, 0)
      return attempts === 0 ? [] : [{ ...counts, latency: [], attempts, failed: entries.reduce((sum, entry) => sum + entry.failed, 0) }]
    })
  }

  #addRow(more: TrackCounts, now: Instant): void {
    const name = trackName(more)
    const held = this.#rows.get(name)
    if (held === undefined && this.#rows.size >= TRACK_ROWS_MAX) this.#forget(now)
    if (held === undefined && this.#rows.size >= TRACK_ROWS_MAX) return
    const recent = (held?.recent ?? []).filter(({ at }) => within(at, now, WINDOW))
    const last = recent.at(-1)
    const shares = last !== undefined && within(last.at, now, GRAIN)
    const entry = {
      at: shares ? last.at : now,
      attempts: more.attempts + (shares ? last.attempts : 0),
      failed: more.failed + (shares ? last.failed : 0),
    }
    this.#rows.set(name, {
      counts: held === undefined ? more : sum(held.counts, more),
      begunAt: held?.begunAt ?? now,
      changedAt: now,
      recent: [...(shares ? recent.slice(0, -1) : recent), entry],
    })
  }

  #forget(now: Instant): void {
    for (const [name, { changedAt }] of this.#rows) if (!within(changedAt, now, FORGOTTEN_AFTER)) this.#rows.delete(name)
  }
}

function sum(a: TrackCounts, b: TrackCounts): TrackCounts {
  const buckets = Math.max(a.latency.length, b.latency.length)
  return {
    ...a,
    attempts: a.attempts + b.attempts,
    failed: a.failed + b.failed,
    latency: Array.from({ length: buckets }, (_, at) => (a.latency[at] ?? 0) + (b.latency[at] ?? 0)),
  }
}
