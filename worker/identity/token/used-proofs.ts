/** Which proofs were used, for as long as one lives. Each was signed by a client whose token is good: nobody else can fill it. */
import type { DurationMs, Instant } from '../../../config/units.ts'

/** Of a generation. At 300 bytes each they are 6 MB in all; at more than 300 requests a second of one isolate the eldest are forgotten early. */
const COUNT_MAX = 10_000

export class UsedProofs {
  readonly #lives: DurationMs
  #younger = new Set<string>()
  #elder = new Set<string>()
  #since: Instant | undefined

  /** `lives`: how long a proof can be shown, from its first use on. */
  constructor(lives: DurationMs) {
    this.#lives = lives
  }

  /** False when it was used before. */
  use(proof: string, now: Instant): boolean {
    if (this.#since === undefined || now - this.#since >= this.#lives || this.#younger.size >= COUNT_MAX) {
      this.#elder = this.#younger
      this.#younger = new Set()
      this.#since = now
    }
    if (this.#younger.has(proof) || this.#elder.has(proof)) return false
    this.#younger.add(proof)
    return true
  }
}
