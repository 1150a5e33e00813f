/**
 * L0: the snapshot that the isolate holds, and how old it is. Ages count from the last time that somebody confirmed it, by this
 * isolate's own clock.
 */
import { compareOrder, type HealthSnapshot, newer } from '../../config/snapshot.ts'
import { after, type DurationMs, type Instant, ms } from '../../config/units.ts'
import type { HealthAge, HeldHealth } from '../snapshot-port.ts'

/** Younger is fresh. */
export const FRESH_FOR = ms(10_000)
/** Older is ignored: by then passive health knows more. */
export const STALE_FOR = ms(600_000)
/** Without an answer for so long the isolate permits itself probation requests. */
export const SILENT_AFTER = ms(10_000)
/** An older snapshot makes a request wait a moment for a newer one. */
export const COLD_AFTER = ms(5000)

export class Held {
  #snapshot: HealthSnapshot | undefined
  #receivedAt: Instant | undefined
  #confirmedAt: Instant | undefined
  #answeredAt: Instant | undefined
  #view: HeldHealth = { age: 'none', silent: true }

  get snapshot(): HealthSnapshot | undefined {
    return this.#snapshot
  }

  /** Takes a snapshot that is `age` old at most. An older one of the same vantage changes nothing, nor does another's that was confirmed earlier. */
  take(snapshot: HealthSnapshot, now: Instant, age: DurationMs = ms(0)): void {
    const kept = newer(this.#snapshot, snapshot)
    if (kept !== snapshot) return
    const isOther = this.#snapshot !== undefined && this.#snapshot.vantage !== snapshot.vantage
    if (isOther && age > 0 && this.#confirmedAt !== undefined && within(this.#confirmedAt, now, age)) return
    const same = this.#snapshot !== undefined && this.#snapshot.vantage === snapshot.vantage && compareOrder(this.#snapshot, snapshot) === 0
    if (!same) {
      this.#snapshot = snapshot
      this.#receivedAt = now
    }
    this.confirm(after(now, ms(-age)))
  }

  /** What is held is what the vantage would say now. */
  confirm(at: Instant): void {
    if (isLater(at, this.#confirmedAt)) this.#confirmedAt = at
  }

  /** A vantage said something, whatever it was. */
  answered(at: Instant): void {
    if (isLater(at, this.#answeredAt)) this.#answeredAt = at
  }

  isCold(now: Instant): boolean {
    return this.#confirmedAt === undefined || !within(this.#confirmedAt, now, COLD_AFTER)
  }

  /** The same object as long as nothing changed. */
  view(now: Instant): HeldHealth {
    const age = this.#age(now)
    const silent = this.#answeredAt === undefined || !within(this.#answeredAt, now, SILENT_AFTER)
    const view = this.#view
    if (view.age === age && view.silent === silent && view.snapshot === this.#snapshot) return view
    this.#view = {
      age,
      silent,
      ...(this.#snapshot === undefined ? {} : { snapshot: this.#snapshot }),
      ...(this.#receivedAt === undefined ? {} : { receivedAt: this.#receivedAt }),
    }
    return this.#view
  }

  #age(now: Instant): HealthAge {
    if (this.#confirmedAt === undefined) return 'none'
    if (within(this.#confirmedAt, now, FRESH_FOR)) return 'fresh'
    return within(this.#confirmedAt, now, STALE_FOR) ? 'stale' : 'too-old'
  }
}

/** What is further back than anything that comes is old was taken before the clock was set back. */
const isLater = (at: Instant, held: Instant | undefined): boolean => held === undefined || at > held || held - at > 2 * FRESH_FOR

/** Less than `length` ago. After the clock was set back by much, what was confirmed "in the future" counts as old. */
export const within = (at: Instant, now: Instant, length: DurationMs): boolean => now - at < length && at - now < length
