/** How much may wait at the endpoints of a pool, and whose requests are shed first when they are full. */

export const PRIORITY_CLASSES = ['high', 'normal', 'low'] as const
/** Of a route: `low` is shed first, `high` last. */
export type PriorityClass = (typeof PRIORITY_CLASSES)[number]

/** Attempts of one isolate that have no head yet: nothing is counted across isolates. */
export interface PoolLimits {
  /** At all endpoints of the pool together; no attempt is begun above it. Absent: no limit. */
  readonly concurrency?: number
  /** True: requests are also shed while every endpoint is over the limit that the isolate has found for it. */
  readonly adaptive: boolean
  /** Those of the routes that use the pool, the highest first: it alone may use the limits whole. */
  readonly classes: readonly PriorityClass[]
}
