/**
 * The director's book of revisions: what is in force, and the one way in which it changes. Operators, weights.json, the release engine, the end
 * of a drain and a deploy all write through `commit`. What could not be written down is not in force.
 */
import type { AuditEntry, Difference } from '../config/director.ts'
import type { Overlay, OverlayOrder } from '../config/overlay.ts'
import { type Instant, instant } from '../config/units.ts'
import type { DirectorStorage, KeptDirector, Once } from './director-ports.ts'
import { composeOverlay } from './policy/compose-overlay.ts'
import { compareStates } from './policy/director-fields.ts'
import { type DirectorState, NOTHING_WISHED, type Said } from './policy/director-state.ts'
import type { KnownNames } from './policy/known-names.ts'
import { latestMoment, shiftMoments } from './policy/shift-moments.ts'

export class RevisionBook {
  readonly #storage: DirectorStorage
  #order: OverlayOrder
  #state: DirectorState
  #latest: Instant
  names: KnownNames

  constructor(storage: DirectorStorage, kept: KeptDirector, names: KnownNames) {
    this.#storage = storage
    this.#order = kept.order
    this.#state = kept.state
    this.#latest = latestMoment(kept.state)
    this.names = names
  }

  get order(): OverlayOrder {
    return this.#order
  }

  get state(): DirectorState {
    return this.#state
  }

  /** Each moment of the clock passes here: when it was set back, what ends by itself keeps the length that was left. */
  passTime(now: Instant): void {
    if (now < this.#latest) this.#state = shiftMoments(this.#state, now - this.#latest)
    this.#latest = now
  }

  overlay(now: Instant): Overlay {
    return composeOverlay(this.#state, this.#order, now)
  }

  differences(after: DirectorState, now: Instant): readonly Difference[] {
    return compareStates(this.#state, after, this.names, now)
  }

  /** What has changed since a revision; since the bundle, when that one is not kept. */
  differencesSince(revision: number, now: Instant): readonly Difference[] {
    return compareStates(this.#storage.stateAt(revision) ?? NOTHING_WISHED, this.#state, this.names, now)
  }

  /** Puts `after` in force as the next revision, or nothing when it is what is in force. Throws when it cannot be written: then nothing has changed. */
  commit(after: DirectorState, said: Said, { once, epoch, revision }: CommitOptions = {}): readonly Difference[] {
    if (after === this.#state) return []
    const differences = this.differences(after, said.at)
    const order = { epoch: epoch ?? this.#order.epoch, revision: revision ?? this.#order.revision + 1 }
    const { by, door, reason, at } = said
    const entry: Omit<AuditEntry, 'id'> = { revision: order.revision, at: isoTime(at), by, door, reason, differences }
    this.#storage.commit({ order, state: after, entry, ...(once === undefined ? {} : { once }) })
    this.#order = order
    this.#state = after
    return differences
  }
}

export interface CommitOptions {
  readonly once?: Once
  /** Of a takeover: what vantages held was of another epoch. */
  readonly epoch?: number
  readonly revision?: number
}

export const isoTime = (at: Instant): string => new Date(instant(at)).toISOString()
