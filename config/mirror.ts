/** Copies of a route's requests, as the base says them. Their answers are thrown away. */
import type { WeightedPool } from './action.ts'
import type { DurationMs, Share } from './units.ts'

export interface Mirror {
  /** The pool, in the form in which isolates keep what they know of it on this route. */
  readonly to: WeightedPool
  readonly share: Share
  /** `safe`: GET, HEAD and OPTIONS alone. */
  readonly methods: 'safe' | 'all'
  /** `drop`: without what says who the client is. */
  readonly credentials: 'drop' | 'keep'
  readonly timeout: DurationMs
}
