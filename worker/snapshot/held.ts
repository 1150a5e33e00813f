/**
 * L0: the snapshot that the isolate holds, and how old it is. Ages count from the last time that somebody confirmed it, by this
 * isolate's own clock.
 */
import { compareOrder, type HealthSnapshot, newer } from '../../config/snapshot.ts'
import { after, type DurationMs, type Instant, ms } from '../../config/units.ts'
import type { OverlaidBase } from '../policy/apply-overlay.ts'
import type { HealthAge, HeldHealth } from '../snapshot-port.ts'
import { OverlayInForce } from './overlay-in-force.ts'

/** Younger is fresh. */
export const FRESH_FOR = ms(10_000)
/** Older is ignored: by then passive health knows more. */
export const STALE_FOR = ms(600_000)
/** Without an answer for so long the isolate permits itself probation requests. */
export const SILENT_AFTER = ms(10_000)
/** An older snapshot makes a request wait a moment for a newer one. */
export const COLD_AFTER = ms(5000)

/** Where a snapshot came from. */
export interface Came {
  /** How old it is at most. */
  readonly age: DurationMs
  /** What its word on what is in force is worth: `signed` comes from a vantage itself or with a MAC of the secret; `none`: it says nothing of it. */
  readonly word: 'signed' | 'unsigned' | 'none'
}

const FROM_A_VANTAGE: Came = { age: ms(0), word: 'signed' }

export class Held {
  /** What operators want otherwise: held apart from the health, which ages. */
  readonly inForce: OverlayInForce
  #snapshot: HealthSnapshot | undefined
  #receivedAt: Instant | undefined
  #confirmedAt: Instant | undefined
  #answeredAt: Instant | undefined
  #isWhole = false
  #view: HeldHealth = { age: 'none', silent: true }

  get snapshot(): HealthSnapshot | undefined {
    return this.#snapshot
  }

  constructor(base: OverlaidBase) {
    this.inForce = new OverlayInForce(base)
  }

  /**
   * Takes a snapshot. An older one of the same vantage changes nothing, nor does another's that was confirmed earlier; its overlay may be the newest
   * all the same.
   */
  take(snapshot: HealthSnapshot, now: Instant, { age, word }: Came = FROM_A_VANTAGE): void {
    const at = after(now, ms(-age))
    const source = word === 'none' ? undefined : { at, signed: word === 'signed' }
    if (source !== undefined) this.inForce.hearOverlay(snapshot.overlay, source)
    const kept = newer(this.#snapshot, snapshot)
    if (kept !== snapshot) return
    const isOther = this.#snapshot !== undefined && this.#snapshot.vantage !== snapshot.vantage
    if (isOther && age > 0 && this.#confirmedAt !== undefined && within(this.#confirmedAt, now, age)) return
    const same = isSame(this.#snapshot, snapshot) && (this.#isWhole || source === undefined)
    if (!same) {
      this.#snapshot = snapshot
      this.#receivedAt = now
      this.#isWhole = source !== undefined
    }
    if (source !== undefined && !same) this.inForce.hear(snapshot, source)
    this.confirm(at)
  }

  /** What may be answered `same`: not what came without a word on what is in force, nor with one that a vantage itself has to confirm. */
  get whole(): HealthSnapshot | undefined {
    return this.#isWhole && !this.inForce.isUnsigned ? this.#snapshot : undefined
  }

  /** As it is told on to the others of the colo: with the newest overlay, and its drains as far as they are now. */
  told(now: Instant): HealthSnapshot | undefined {
    if (this.#snapshot === undefined) return undefined
    const { overlay: _, ...health } = this.#snapshot
    const overlay = this.inForce.told(now)
    return overlay === undefined ? health : { ...health, overlay }
  }

  /** What is held is what the vantage would say now. */
  confirm(at: Instant): void {
    if (isLater(at, this.#confirmedAt)) this.#confirmedAt = at
    if (this.#isWhole && this.#snapshot !== undefined) this.inForce.confirm(this.#snapshot.vantage, at)
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
    const { applied } = this.inForce
    if (view.age === age && view.silent === silent && view.snapshot === this.#snapshot && view.applied === applied) return view
    this.#view = {
      age,
      silent,
      ...(this.#snapshot === undefined ? {} : { snapshot: this.#snapshot }),
      ...(this.#receivedAt === undefined ? {} : { receivedAt: this.#receivedAt }),
      ...(applied === undefined ? {} : { applied }),
    }
    return this.#view
  }

  #age(now: Instant): HealthAge {
    if (this.#confirmedAt === undefined) return 'none'
    if (within(this.#confirmedAt, now, FRESH_FOR)) return 'fresh'
    return within(this.#confirmedAt, now, STALE_FOR) ? 'stale' : 'too-old'
  }
}

const isSame = (held: HealthSnapshot | undefined, arrived: HealthSnapshot): boolean =>
  held !== undefined && held.vantage === arrived.vantage && compareOrder(held, arrived) === 0

/** What is further back than anything that comes is old was taken before the clock was set back. */
const isLater = (at: Instant, held: Instant | undefined): boolean => held === undefined || at > held || held - at > 2 * FRESH_FOR

/** Less than `length` ago. After the clock was set back by much, what was confirmed "in the future" counts as old. */
export const within = (at: Instant, now: Instant, length: DurationMs): boolean => now - at < length && at - now < length
