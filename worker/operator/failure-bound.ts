/** How often somebody may fail at the operators' door before nobody of their network is looked at for a while: guessing must not be quick. */
import { type DurationMs, type Instant, seconds } from '../../config/units.ts'

/** Failures at once. A person mistypes a few times; a script that has lost its token is told so. */
const BURST = 10
/** After so long one more is forgiven. */
const FORGIVES: DurationMs = seconds(6)
/** Networks that are remembered, the eldest forgotten first: whoever has more of them than that is not held up here. */
const NETWORKS_MAX = 1000

interface Failures {
  readonly count: number
  readonly at: Instant
}

export class FailureBound {
  readonly #networks = new Map<string, Failures>()

  /** Whether somebody of that network is looked at. */
  admits(network: string, now: Instant): boolean {
    return this.#count(network, now) <= BURST - 1
  }

  note(network: string, now: Instant): void {
    const count = this.#count(network, now) + 1
    this.#networks.delete(network)
    this.#networks.set(network, { count, at: now })
    const [eldest] = this.#networks.keys()
    if (this.#networks.size > NETWORKS_MAX && eldest !== undefined) this.#networks.delete(eldest)
  }

  /** What has not been forgiven yet. */
  #count(network: string, now: Instant): number {
    const held = this.#networks.get(network)
    return held === undefined ? 0 : Math.max(0, held.count - (now - held.at) / FORGIVES)
  }
}

/** Seconds until a next try is looked at, at the longest. */
export const FAILURE_RETRY_AFTER = FORGIVES / 1000
