/** How much may wait at the endpoints of a pool and be sent to it, and whose requests are shed first when that is too much. */
import type { CountedLimit } from './rate-limit.ts'

export const PRIORITY_CLASSES = ['high', 'normal', 'low'] as const
/** Of a route: `low` is shed first, `high` last. */
export type PriorityClass = (typeof PRIORITY_CLASSES)[number]

export interface PoolLimits {
  /** Attempts of one isolate that have no head yet, at all endpoints of the pool together; none is begun above it. Absent: no limit. */
  readonly concurrency?: number
  /** Requests of all isolates that count together; what is above is refused before its first attempt. Absent: no limit. */
  readonly rate?: PoolRate
  /** True: requests are also shed while every endpoint is over the limit that the isolate has found for it. */
  readonly adaptive: boolean
  /** Those of the routes that use the pool, the highest first: it alone may use the limits whole. */
  readonly classes: readonly PriorityClass[]
}

export type PoolRate = Omit<CountedLimit, 'id'>

/** Share of a limit that the highest, the next and the lowest class may use. */
const SHARES = [1, 0.8, 0.6] as const

/** Of a class of a pool. */
export const shareOf = ({ classes }: PoolLimits, priority: PriorityClass): number => SHARES[Math.max(0, classes.indexOf(priority))] ?? 1

/** Of a limit; at least one, or a small limit would shut a class out. */
export const part = (limit: number, share: number): number => Math.max(1, Math.floor(limit * share))

/**
 * What counts the requests of a pool for its rate: first those of the lowest class alone, then those of each class together with the lower ones, last
 * all. So a class and those below it never have more than its share, however many come.
 */
export function classLimits(pool: string, { rate, classes }: PoolLimits): readonly CountedLimit[] {
  if (rate === undefined) return []
  const all: CountedLimit = { id: `pool:${pool}`, ...rate }
  const ofLower = classes.slice(1).map((name, index) => {
    const share = SHARES[index + 1] ?? 1
    return { ...all, id: `${all.id}:${name}`, limit: part(rate.limit, share), burst: part(rate.burst, share) }
  })
  return [...ofLower.toReversed(), all]
}

/** Those of them that count a request of this class. */
export function limitsOfClass(pool: string, limits: PoolLimits, priority: PriorityClass): readonly CountedLimit[] {
  const all = classLimits(pool, limits)
  return all.slice(all.length - 1 - Math.max(0, limits.classes.indexOf(priority)))
}
