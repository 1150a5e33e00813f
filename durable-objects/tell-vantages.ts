/**
 * Tells every vantage what is in force, at once when it changes, and remembers who holds what. Who could not be told asks by itself each
 * second; nothing is lost by a push that is.
 */

import type { SpreadView } from '../config/director-view.ts'
import type { VantageId } from '../config/ids.ts'
import { compareOverlays, type OverlayOrder } from '../config/overlay.ts'
import { type Instant, ms } from '../config/units.ts'
import { withinTime } from './bounded.ts'
import type { DirectorPorts } from './director-ports.ts'
import type { RevisionBook } from './revision-book.ts'

/** A push that takes longer is given up. */
const PUSH_TIMEOUT = ms(900)

interface Heard {
  readonly holds: OverlayOrder | undefined
  readonly at: Instant
}

export class VantageTeller {
  readonly #ports: Pick<DirectorPorts, 'platform' | 'vantages'>
  readonly #book: RevisionBook
  readonly #heard = new Map<VantageId, Heard>()
  /** Vantages that are being spoken to. */
  readonly #speaking = new Set<VantageId>()

  constructor(ports: Pick<DirectorPorts, 'platform' | 'vantages'>, book: RevisionBook) {
    this.#ports = ports
    this.#book = book
  }

  hear(vantage: VantageId, holds: OverlayOrder | undefined, now: Instant): void {
    this.#heard.set(vantage, { holds, at: now })
  }

  /** Tells those that hold less than what is in force. Never rejects. */
  async tell(vantages: readonly VantageId[]): Promise<void> {
    if (this.#book.order.revision === 0) return
    await Promise.all(vantages.map((vantage) => this.#push(vantage)))
  }

  async #push(vantage: VantageId): Promise<void> {
    if (this.#speaking.has(vantage)) return
    const { platform, vantages } = this.#ports
    this.#speaking.add(vantage)
    try {
      // What has become of the book meanwhile goes with the next round.
      while (!this.#holdsAll(vantage)) {
        const holds = await withinTime(vantages.take(vantage, this.#book.overlay(platform.now())), PUSH_TIMEOUT, platform)
        this.hear(vantage, holds, platform.now())
        if (holds === undefined) return
      }
    } catch {
      // It asks by itself.
    } finally {
      this.#speaking.delete(vantage)
    }
  }

  #holdsAll(vantage: VantageId): boolean {
    const holds = this.#heard.get(vantage)?.holds
    return holds !== undefined && compareOverlays(holds, this.#book.order) >= 0
  }

  spread(vantages: readonly VantageId[], now: Instant): SpreadView {
    const { epoch, revision } = this.#book.order
    return {
      revision,
      vantages: vantages.map((vantage) => {
        const heard = this.#heard.get(vantage)
        if (heard === undefined) return { vantage }
        const heardAgo = ms(Math.max(0, now - heard.at))
        // A revision of another epoch is none of ours.
        return heard.holds?.epoch === epoch ? { vantage, holds: heard.holds.revision, heardAgo } : { vantage, heardAgo }
      }),
    }
  }
}
