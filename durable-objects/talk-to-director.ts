/**
 * Talks with the director: asks it once a second, tells it what isolates counted, takes what operators want and keeps it. Without a director
 * what is held stays in force; an older overlay never replaces a newer, whoever brings it.
 */
import type { DirectorQuestion } from '../config/director.ts'
import type { VantageId } from '../config/ids.ts'
import { isRecord } from '../config/is-record.ts'
import { compareOverlays, type Overlay, type OverlayOrder } from '../config/overlay.ts'
import { parseOverlay } from '../config/parse-overlay.ts'
import { between, type Instant, ms } from '../config/units.ts'
import { withinTime } from './bounded.ts'
import { ageOverlay } from './policy/age-overlay.ts'
import { emergencyInForce } from './policy/fold-emergency.ts'
import { isName } from './policy/parse-base.ts'
import type { VantagePorts } from './ports.ts'
import type { VantageState } from './vantage-state.ts'

/** An answer that takes longer is given up; the next question says the same. */
const ASK_TIMEOUT = ms(900)
/** A gateway that has not been heard of for so long is gone: the director is asked once a minute, and not once a second. */
const ALIVE_FOR = ms(600_000)
const ASK_SELDOM = ms(60_000)
/** Bases that one question brings: each may be a megabyte. */
const DOCUMENTS_MAX = 4

const saidOf = ({ held }: VantageState['emergency']): Pick<DirectorQuestion, 'emergencySaid'> =>
  held === undefined ? {} : { emergencySaid: { by: held.by, reason: held.reason } }

export class DirectorTalk {
  readonly #state: VantageState
  readonly #ports: VantagePorts
  readonly #onNews: () => void
  #asking = false
  #askedAt: Instant | undefined

  /** `onNews` runs after another overlay was taken. */
  constructor(state: VantageState, ports: VantagePorts, onNews: () => void) {
    this.#state = state
    this.#ports = ports
    this.#onNews = onNews
  }

  /** Asks, when it is time. Never rejects: a director that is gone is what `status` says, and no trouble of the vantage's. */
  async ask(self: VantageId): Promise<void> {
    const { platform } = this.#ports
    const now = platform.now()
    if (this.#asking || !this.#isDue(now)) return
    this.#asking = true
    this.#askedAt = now
    try {
      const lacked = await this.#exchange(this.#compose(self, []))
      // It lacks a base that we know: it gets it now rather than with the next second.
      if (lacked.length > 0) await this.#exchange(this.#compose(self, lacked))
    } catch (error) {
      this.#state.directorSilent = String(error).slice(0, 200)
    } finally {
      this.#asking = false
    }
  }

  /** Pushed by the director. Of any shape: it may be a version apart. Answers with what is held then. */
  take(raw: unknown): OverlayOrder | undefined {
    const overlay = parseOverlay(raw)
    if (overlay === undefined) throw new Error('not an overlay of this version')
    this.#takeIn(overlay)
    return this.#state.overlay?.overlay.order
  }

  held(): Overlay | undefined {
    return ageOverlay(this.#state.overlay, this.#ports.platform.now())
  }

  #isDue(now: Instant): boolean {
    const named = Math.max(...this.#state.bases.map(({ seenAt }) => seenAt))
    const isAlive = now - named < ALIVE_FOR
    return isAlive || this.#askedAt === undefined || Math.abs(between(this.#askedAt, now)) >= ASK_SELDOM
  }

  /** Bases that the director lacks and that we know. */
  async #exchange(question: DirectorQuestion): Promise<readonly string[]> {
    const state = this.#state
    const answer = await withinTime(this.#ports.director.exchange(question), ASK_TIMEOUT, this.#ports.platform)
    if (!isRecord(answer) || !Array.isArray(answer['needs'])) throw new Error('not an answer of this version')
    state.directorHeardAt = this.#ports.platform.now()
    state.directorSilent = undefined
    const { overlay: raw, needs } = answer
    if (raw !== undefined) {
      const overlay = parseOverlay(raw)
      if (overlay === undefined) throw new Error('not an overlay of this version')
      this.#takeIn(overlay)
    }
    const told = new Set(question.documents.map(({ hash }) => hash))
    return needs
      .filter(isName)
      .filter((hash) => !told.has(hash) && state.bases.some(({ base }) => base.hash === hash && base.director !== undefined))
  }

  #compose(self: VantageId, lacked: readonly string[]): DirectorQuestion {
    const state = this.#state
    const now = this.#ports.platform.now()
    const holds = state.overlay?.overlay.order
    const emergency = emergencyInForce(state.emergency, now)
    return {
      format: 1,
      from: self,
      incarnation: state.incarnation,
      ...(holds === undefined ? {} : { holds }),
      bases: state.bases
        .filter(({ base }) => base.director !== undefined)
        .map(({ base, seenAt }) => ({ hash: base.hash, seenAgo: ms(Math.max(0, between(seenAt, now))) })),
      documents: state.bases
        .flatMap(({ base }) => (base.director !== undefined && lacked.includes(base.hash) ? [base.director] : []))
        .slice(0, DOCUMENTS_MAX),
      tracks: state.tracks.totals(now),
      ...(emergency === undefined ? {} : { emergency, ...saidOf(state.emergency) }),
      killed: [...state.kills.values()],
    }
  }

  /** Written down before anybody hears of it: what is in force must be so after a restart as well. */
  #takeIn(overlay: Overlay): void {
    const state = this.#state
    const now = this.#ports.platform.now()
    const held = state.overlay
    if (held !== undefined && compareOverlays(held.overlay.order, overlay.order) >= 0) return
    try {
      this.#ports.storage.writeOverlay({ overlay, at: now })
    } catch (error) {
      state.problems.add(`The overlay could not be written: ${String(error)}`, now)
    }
    state.overlay = { overlay, at: now }
    this.#onNews()
  }
}
