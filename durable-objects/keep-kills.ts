/** Watches canaries and writes down which were taken away, so that a start of all vantages while the director is gone gives none of them back. */
import type { Instant } from '../config/units.ts'
import type { Kills } from './policy/guard-canaries.ts'
import type { VantageStorage } from './ports.ts'
import type { VantageState } from './vantage-state.ts'
import { watchCanaries } from './watch-canaries.ts'

export class KillKeeper {
  readonly #state: VantageState
  readonly #storage: VantageStorage
  #written: Kills

  constructor(state: VantageState, storage: VantageStorage) {
    this.#state = state
    this.#storage = storage
    this.#written = state.kills
  }

  /** True when something was taken away or given back. */
  watch(now: Instant): boolean {
    const isOther = watchCanaries(this.#state, now)
    this.#keep(now)
    return isOther
  }

  /** What could not be written is tried again with the next beat. */
  #keep(now: Instant): void {
    const { kills } = this.#state
    if (kills === this.#written) return
    try {
      this.#storage.writeKills([...kills.values()])
      this.#written = kills
    } catch (error) {
      this.#state.problems.add(`Which canaries were taken away could not be written: ${String(error)}`, now)
    }
  }
}
