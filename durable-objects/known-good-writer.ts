/**
 * Keeps the last known good snapshot in KV, for a cold isolate that no vantage answers, and the names of the vantages, for the
 * watchdog. No leader is elected: of the vantages that are heard, the one with the lowest name writes; two that do not hear each
 * other both do, and either entry is good.
 */
import type { HealthSnapshot } from '../config/snapshot.ts'
import { between, type Instant, ms } from '../config/units.ts'
import { withinTime } from './bounded.ts'
import { freshPeers } from './form-verdicts.ts'
import { contentOf } from './policy/compose-snapshot.ts'
import type { VantagePorts } from './ports.ts'
import type { VantageState } from './vantage-state.ts'

/** An unchanged entry is written again so often, long before the platform deletes it. */
const WRITE_EVERY = ms(60_000)
/** A changed one not more often than that: KV takes one write a second and key, and readers cache for 30 s anyway. */
const WRITE_APART = ms(10_000)
const WRITE_TIMEOUT = ms(5000)

export class KnownGoodWriter {
  readonly #ports: Pick<VantagePorts, 'platform' | 'lastKnownGood'>
  #writtenAt: Instant | undefined
  #content = ''
  #vantages = ''
  #writing = false

  constructor(ports: Pick<VantagePorts, 'platform' | 'lastKnownGood'>) {
    this.#ports = ports
  }

  /** Writes when it is due and this vantage's turn. Never rejects. */
  async write(state: VantageState, now: Instant): Promise<void> {
    const { snapshot } = state
    if (snapshot === undefined || this.#writing || !isLowest(state, now) || !this.#isDue(snapshot, now)) return
    this.#writing = true
    this.#writtenAt = now
    try {
      await withinTime(this.#put(state, snapshot), WRITE_TIMEOUT, this.#ports.platform)
      this.#content = contentOf(snapshot)
      state.counters.lastKnownGoodWritten += 1
    } catch (error) {
      state.problems.add(`KV was not written: ${String(error)}`, now)
    } finally {
      this.#writing = false
    }
  }

  async #put(state: VantageState, snapshot: HealthSnapshot): Promise<void> {
    const vantages = state.vantages.join(' ')
    if (vantages !== this.#vantages) {
      await this.#ports.lastKnownGood.writeVantages(state.vantages)
      this.#vantages = vantages
    }
    await this.#ports.lastKnownGood.write(snapshot)
  }

  #isDue(snapshot: HealthSnapshot, now: Instant): boolean {
    if (this.#writtenAt === undefined) return Object.values(snapshot.endpoints).some(({ verdict }) => verdict !== 'unknown')
    const passed = Math.abs(between(this.#writtenAt, now))
    return passed >= WRITE_EVERY || (passed >= WRITE_APART && this.#content !== contentOf(snapshot))
  }
}

/** Of those that are heard, the one with the lowest name writes. */
export const isLowest = (state: VantageState, now: Instant): boolean => {
  const heard = freshPeers(state, now).map(({ message }) => message.from)
  return state.self !== undefined && heard.every((peer) => peer > (state.self as string))
}
