/**
 * Configured limits, which are hard, and what is shed because of them. A request is shed before its first attempt and costs no endpoint anything;
 * an attempt after the first that finds everything full is simply not made. The highest class of a pool's routes may use a limit whole, each class
 * below leaves it a part: when all is full for the low ones, the high ones still have room.
 */
import type { Pool } from '../../config/base.ts'
import { limitsOfClass, type PriorityClass, part, shareOf } from '../../config/limits.ts'
import type { CountedLimit } from '../../config/rate-limit.ts'
import type { Instant } from '../../config/units.ts'
import { inFlight } from './endpoint-load.ts'
import type { OrderFacts } from './order-endpoints.ts'
import type { RouteState } from './route-state.ts'
import { type EndpointStanding, standing, TIERS } from './standing.ts'

/** What one route may use of its pool. */
export interface RouteLimits {
  /** Attempts waiting in the whole pool; infinite when nothing is said. */
  readonly poolMax: number
  readonly adaptive: boolean
  /** Share of each limit. */
  readonly share: number
  /** What counts its requests, in order, the last of them for all routes of the pool; absent: nothing does. */
  readonly rate?: readonly CountedLimit[]
}

/** The highest class is shed by no adaptive limit; the others when so much more than the limit waits. */
const OVER_BY: Readonly<Record<PriorityClass, number>> = { high: Number.POSITIVE_INFINITY, normal: 1.5, low: 1 }

export function routeLimits({ id, limits }: Pick<Pool, 'id' | 'limits'>, priority: PriorityClass): RouteLimits | undefined {
  if (limits === undefined) return undefined
  const share = shareOf(limits, priority)
  const rate = limits.rate === undefined ? {} : { rate: limitsOfClass(id, limits, priority) }
  return { poolMax: part(limits.concurrency ?? Number.POSITIVE_INFINITY, share), adaptive: limits.adaptive, share, ...rate }
}

/** As many attempts wait in the pool as this route may have. */
export function isPoolFull({ limits, candidates }: RouteState, now: Instant): boolean {
  if (limits === undefined || limits.poolMax === Number.POSITIVE_INFINITY) return false
  let waiting = 0
  for (const { state } of candidates) waiting += inFlight(state.load, now)
  return waiting >= limits.poolMax
}

/**
 * Whether a request is shed although an endpoint could be asked: every endpoint that is in is over the limit that this isolate has found
 * for it, and the class of the route yields. A limit at which nothing has gone wrong yet is a guess, and sheds nobody.
 */
export function isShed(facts: OrderFacts, picked: EndpointStanding, now: Instant): boolean {
  const { limits, route, candidates } = facts.route
  if (limits?.adaptive !== true || picked.tier < TIERS['over-limit']) return false
  let waiting = 0
  let limit = 0
  for (const candidate of candidates) {
    if (standing(candidate, facts.health, now).tier > TIERS['over-limit']) continue
    const { load } = candidate.state
    if (!load.limit.isProven) return false
    waiting += inFlight(load, now)
    limit += load.limit.value
  }
  return limit > 0 && waiting >= limit * OVER_BY[route.priority]
}
