/** The one alarm of an object that has work at times: armed for the next of it, and armed again by whoever calls when it has died. */
import type { Instant } from '../config/units.ts'
import { ms } from '../config/units.ts'
import type { ControlPlatform } from './ports.ts'

/** An alarm this late is taken for dead. */
const OVERDUE_AFTER = ms(2000)

export class BeatAlarm {
  readonly #platform: Pick<ControlPlatform, 'setAlarm'>
  readonly #next: (now: Instant) => Instant | undefined
  readonly #onTrouble: (text: string, now: Instant) => void
  #at: Instant | undefined

  /** `next`: when there is work again; undefined when there is none. */
  constructor(
    platform: Pick<ControlPlatform, 'setAlarm'>,
    next: (now: Instant) => Instant | undefined,
    onTrouble: (text: string, now: Instant) => void,
  ) {
    this.#platform = platform
    this.#next = next
    this.#onTrouble = onTrouble
  }

  /** It has rung: the next one is armed before any work is done. */
  async rang(now: Instant): Promise<void> {
    this.#at = undefined
    await this.keep(now)
  }

  /** Never rejects: a call that finds it unarmed tries again. */
  async keep(now: Instant): Promise<void> {
    const next = this.#next(now)
    if (next === undefined) return
    // One that is late is dead; one that is far off was armed for other work, or by a clock that has been set back.
    if (this.#at !== undefined && this.#at > now - OVERDUE_AFTER && this.#at <= next) return
    try {
      await this.#platform.setAlarm(next)
      this.#at = next
    } catch (error) {
      this.#at = undefined
      this.#onTrouble(`The alarm could not be armed: ${String(error)}`, now)
    }
  }
}
