/**
 * Counts over a sliding window, in a ring of slots. It is changed in place: one is touched by every attempt, and a copy
 * each would be most of the garbage that the request path makes.
 */
import type { DurationMs, Instant } from '../../config/units.ts'

/** Slots in a window: the count forgets in steps of a tenth of it. */
const SLOTS = 10

export interface Tally {
  readonly slotLength: number
  /** Which slot of time each ring place holds; a place with an older one counts nothing. */
  readonly epochs: Float64Array
  readonly total: Float64Array
  readonly marked: Float64Array
}

export interface TallyCount {
  readonly total: number
  /** Those of the total that were marked: the failed of the decided, the retries of the requests. */
  readonly marked: number
}

export function newTally(window: DurationMs): Tally {
  return {
    slotLength: Math.max(1, window / SLOTS),
    epochs: new Float64Array(SLOTS).fill(-1),
    total: new Float64Array(SLOTS),
    marked: new Float64Array(SLOTS),
  }
}

/** Adds one to the total and, when `marked`, to the marked. */
export function addToTally(tally: Tally, marked: boolean, now: Instant): void {
  const place = placeAt(tally, now)
  tally.total[place] = (tally.total[place] ?? 0) + 1
  if (marked) tally.marked[place] = (tally.marked[place] ?? 0) + 1
}

/** Marks one more of what has already been added. */
export function markInTally(tally: Tally, now: Instant): void {
  const place = placeAt(tally, now)
  tally.marked[place] = (tally.marked[place] ?? 0) + 1
}

export function readTally(tally: Tally, now: Instant): TallyCount {
  const newest = Math.floor(now / tally.slotLength)
  let total = 0
  let marked = 0
  for (let place = 0; place < SLOTS; place += 1) {
    const age = newest - (tally.epochs[place] ?? -1)
    if (age < 0 || age >= SLOTS) continue
    total += tally.total[place] ?? 0
    marked += tally.marked[place] ?? 0
  }
  return { total, marked }
}

export function clearTally(tally: Tally): void {
  tally.epochs.fill(-1)
}

function placeAt(tally: Tally, now: Instant): number {
  const epoch = Math.floor(now / tally.slotLength)
  const place = epoch % SLOTS
  if (tally.epochs[place] !== epoch) {
    tally.epochs[place] = epoch
    tally.total[place] = 0
    tally.marked[place] = 0
  }
  return place
}
