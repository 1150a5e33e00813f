/**
 * Writes back what must outlive the object, at most once a second, and only what changed and matters: rows cost money. Streaks,
 * latencies and ages do not matter; facets, holds, ejections, verdicts and transitions do.
 */
import type { EndpointKey, KeySetKey } from '../config/ids.ts'
import type { Instant } from '../config/units.ts'
import type { KnownBase } from './policy/fold-bases.ts'
import type { EndpointFold, RouteFold } from './policy/fold-endpoint.ts'
import type { KeySetFold } from './policy/fold-key-set.ts'
import type { VantageStorage } from './ports.ts'
import type { VantageState } from './vantage-state.ts'

/** Isolates whose last report number is kept over a restart. */
const REPORTS_KEPT = 256
/** A base's last-seen is written again when it has moved on by so much. */
const SEEN_STEP = 600_000
/** The same for the age of a key set: what is lost of it makes keys older than they are, never younger. */
const CONFIRMED_STEP = 300_000

export class WriteBehind {
  readonly #storage: VantageStorage
  readonly #written = new Map<EndpointKey, string>()
  readonly #writtenKeySets = new Map<KeySetKey, string>()
  #bases = ''

  /** `state` is as it was read: nothing of it needs to be written. */
  constructor(storage: VantageStorage, state: VantageState) {
    this.#storage = storage
    for (const [key, fold] of state.folds) this.#written.set(key, contentOf(fold))
    for (const [key, fold] of state.keySets) this.#writtenKeySets.set(key, keySetContent(fold))
    this.#bases = basesContent(state.bases)
  }

  /** What could not be written is tried again with the next flush. */
  flush(state: VantageState, now: Instant): void {
    const folds = [...state.folds].filter(([key, fold]) => this.#written.get(key) !== contentOf(fold))
    const gone = [...this.#written.keys()].filter((key) => !state.folds.has(key))
    const bases = basesContent(state.bases)
    const keySets = [...state.keySets].filter(([key, fold]) => fold.good && this.#writtenKeySets.get(key) !== keySetContent(fold))
    const keySetsGone = [...this.#writtenKeySets.keys()].filter((key) => !state.keySets.has(key))
    const changes = folds.length + gone.length + state.newTransitions.length + keySets.length + keySetsGone.length
    if (changes === 0 && bases === this.#bases) return
    try {
      const trafficChanged = folds.some(([, fold]) => fold.ejection !== undefined || Object.keys(fold.routes).length > 0)
      state.counters.rowsWritten += this.#storage.save({
        folds,
        gone,
        transitions: state.newTransitions,
        keySets,
        keySetsGone,
        ...(bases === this.#bases ? {} : { bases: state.bases }),
        // A report that ejected or restored something must not be counted twice after a restart; the others may.
        ...(trafficChanged ? { reports: [...state.reports].slice(-REPORTS_KEPT) } : {}),
      })
    } catch (error) {
      state.problems.add(`State could not be written: ${String(error)}`, now)
      return
    }
    for (const [key, fold] of folds) this.#written.set(key, contentOf(fold))
    for (const key of gone) this.#written.delete(key)
    for (const [key, fold] of keySets) this.#writtenKeySets.set(key, keySetContent(fold))
    for (const key of keySetsGone) this.#writtenKeySets.delete(key)
    state.newTransitions = []
    this.#bases = bases
  }
}

function contentOf({ probe, probeReason, ejection, hold, routes, settled }: EndpointFold): string {
  const ejections = [{ ejection, hold }, ...Object.values<RouteFold>(routes)].map((held) => [
    held.ejection?.since,
    held.ejection?.succeeded,
    held.hold,
  ])
  return JSON.stringify([probe.facet, probeReason?.at, ejections, Object.keys(routes), settled?.verdict])
}

const keySetContent = ({ good, place }: KeySetFold): string =>
  JSON.stringify([good?.version, Math.floor((good?.confirmedAt ?? 0) / CONFIRMED_STEP), place?.url])

const basesContent = (bases: readonly KnownBase[]): string =>
  JSON.stringify(bases.map(({ base, learnedAt, seenAt }) => [base.hash, learnedAt, Math.floor(seenAt / SEEN_STEP)]))
