/**
 * Finds out, before a director without a revision changes anything, what vantages hold: its storage may have been lost, or be older than what
 * was in force. What they hold is put in force again as a revision of a later epoch; until they were asked, nothing is changed.
 */
import type { VantageId } from '../config/ids.ts'
import { compareOverlays, type Overlay, type OverlayOrder } from '../config/overlay.ts'
import { between, type Instant, ms } from '../config/units.ts'
import { withinTime } from './bounded.ts'
import type { DirectorPorts } from './director-ports.ts'
import type { Said } from './policy/director-state.ts'
import { orderAfter, stateOf, toTakeOver } from './policy/take-over.ts'
import type { ProblemList } from './problem-list.ts'
import type { RevisionBook } from './revision-book.ts'

const ASK_TIMEOUT = ms(900)
/** A vantage that cannot be asked for so long is not waited for, as long as another could. */
const WAITED_FOR = ms(10_000)

export class Takeover {
  readonly #ports: Pick<DirectorPorts, 'platform' | 'vantages'>
  readonly #book: RevisionBook
  readonly #problems: ProblemList
  readonly #answered = new Map<VantageId, Overlay | undefined>()
  #unsettledSince: Instant | undefined
  #asking: Promise<void> | undefined

  constructor(ports: Pick<DirectorPorts, 'platform' | 'vantages'>, book: RevisionBook, problems: ProblemList) {
    this.#ports = ports
    this.#book = book
    this.#problems = problems
    if (book.order.revision === 0) this.#unsettledSince = ports.platform.now()
  }

  /** Why nothing may be changed yet; undefined when it may. */
  obstacle(): string | undefined {
    if (this.#unsettledSince === undefined) return undefined
    return 'it has just begun, or found that vantages hold a later revision, and has not heard from all of them yet: try again in a few seconds'
  }

  /** A vantage holds what this director knows nothing of: it is looked into with the next beat. */
  hear(holds: OverlayOrder | undefined): void {
    if (holds !== undefined && compareOverlays(holds, this.#book.order) > 0) this.#unsettledSince ??= this.#ports.platform.now()
  }

  /** Whether a vantage should get what is in force. */
  isBehind(holds: OverlayOrder | undefined): boolean {
    const { order } = this.#book
    if (order.revision === 0 || this.#unsettledSince !== undefined) return false
    return holds === undefined || compareOverlays(order, holds) > 0
  }

  /** Asks those that have not answered. Never rejects. */
  async settle(vantages: readonly VantageId[]): Promise<void> {
    if (this.#unsettledSince === undefined || vantages.length === 0) return
    // Whoever comes meanwhile waits for the same answers.
    this.#asking ??= this.#askAll(vantages).finally(() => {
      this.#asking = undefined
    })
    await this.#asking
  }

  async #askAll(vantages: readonly VantageId[]): Promise<void> {
    try {
      await Promise.all(vantages.filter((vantage) => !this.#answered.has(vantage)).map((vantage) => this.#ask(vantage)))
      this.#conclude(vantages)
    } catch (error) {
      this.#problems.add(`What vantages hold could not be taken over: ${String(error)}`, this.#ports.platform.now())
    }
  }

  async #ask(vantage: VantageId): Promise<void> {
    const { platform, vantages } = this.#ports
    try {
      this.#answered.set(vantage, await withinTime(vantages.held(vantage), ASK_TIMEOUT, platform))
    } catch {
      // Asked again with the next beat.
    }
  }

  #conclude(vantages: readonly VantageId[]): void {
    const now = this.#ports.platform.now()
    const since = this.#unsettledSince ?? now
    const missing = vantages.filter((vantage) => !this.#answered.has(vantage))
    const waitedEnough = Math.abs(between(since, now)) >= WAITED_FOR && this.#answered.size > 0
    if (missing.length > 0 && !waitedEnough) return
    const { order } = this.#book
    const overlay = toTakeOver(order, [...this.#answered.values()])
    this.#answered.clear()
    if (overlay !== undefined) this.#takeOver(overlay, now)
    if (overlay !== undefined && missing.length > 0) this.#problems.add(`${missing.join(', ')} could not be asked what they hold.`, now)
    this.#unsettledSince = undefined
  }

  #takeOver(overlay: Overlay, now: Instant): void {
    const reason = `taken over from the vantages: they held revision ${overlay.order.revision}, which the director's storage had lost`
    const said: Said = { by: 'director', door: 'takeover', reason, at: now }
    this.#book.commit(stateOf(overlay, said), said, orderAfter(this.#book.order, overlay.order, now))
    this.#problems.add(
      `The director's storage was lost or is older than revision ${overlay.order.revision}, which vantages held: that was put in force again, without its history and without ends of drains.`,
      now,
    )
  }
}
