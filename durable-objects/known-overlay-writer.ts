/**
 * Keeps what is in force in KV, for cold isolates that no vantage answers: an entry without an end of life, since an overlay never ages. Whose turn
 * it is, is as with the last known good health.
 */
import type { InForce } from '../config/overlay.ts'
import type { HealthSnapshot } from '../config/snapshot.ts'
import { between, type Instant, ms } from '../config/units.ts'
import { withinTime } from './bounded.ts'
import { isLowest } from './known-good-writer.ts'
import type { VantagePorts } from './ports.ts'
import type { VantageState } from './vantage-state.ts'

/** An unchanged entry is written again so often: another vantage may have written an older one over it. */
const WRITE_EVERY = ms(600_000)
/** Two entries are not closer than that: KV takes one write a second and key, and readers cache for 30 s anyway. */
const WRITE_APART = ms(2000)
/** By then a vantage that has just started knows what the director and `emergency.json` say, if they can be had. */
const SETTLES_IN = ms(10_000)
const WRITE_TIMEOUT = ms(5000)

export class KnownOverlayWriter {
  readonly #ports: Pick<VantagePorts, 'platform' | 'lastKnownGood'>
  #written: { readonly at: Instant; readonly content: string } | undefined
  #writing = false

  constructor(ports: Pick<VantagePorts, 'platform' | 'lastKnownGood'>) {
    this.#ports = ports
  }

  /** Writes what is due when it is this vantage's turn. Never rejects. */
  async write(state: VantageState, now: Instant): Promise<void> {
    const { snapshot } = state
    if (snapshot === undefined || this.#writing || !this.#isDue(snapshot, state, now) || !isLowest(state, now)) return
    this.#writing = true
    this.#written = { at: now, content: contentOf(snapshot) }
    try {
      await withinTime(this.#ports.lastKnownGood.writeOverlay(inForceOf(snapshot)), WRITE_TIMEOUT, this.#ports.platform)
    } catch (error) {
      this.#written = { at: now, content: 'none' }
      state.problems.add(`What is in force was not written to KV: ${String(error)}`, now)
    } finally {
      this.#writing = false
    }
  }

  /** Nothing is written over what a former life may have left, until there is something, or there was in this life. */
  #isDue(snapshot: HealthSnapshot, { startedAt }: VantageState, now: Instant): boolean {
    if (Math.abs(between(startedAt, now)) < SETTLES_IN) return false
    const written = this.#written
    if (written === undefined) return snapshot.overlay !== undefined || snapshot.emergency !== undefined
    const passed = Math.abs(between(written.at, now))
    return passed >= WRITE_EVERY || (passed >= WRITE_APART && written.content !== contentOf(snapshot))
  }
}

const inForceOf = ({ overlay, emergency }: HealthSnapshot): InForce => ({
  ...(overlay === undefined ? {} : { overlay }),
  emergencies: emergency === undefined ? [] : [emergency],
})

/** Without how long drains have been going. */
const contentOf = ({ overlay, emergency }: HealthSnapshot): string => JSON.stringify([overlay?.order, emergency])
