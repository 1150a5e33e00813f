/**
 * Whether a pool may be sent another request. Counts it once, before its first attempt; what follows from it, a rescue above all, is neither counted nor
 * refused. A request on a canary that may have no more begins on stable, as when nobody of the canary is in.
 */
import type { CountedLimit } from '../../config/rate-limit.ts'
import type { DurationMs, Instant } from '../../config/units.ts'
import type { LimitedDecision } from '../decide.ts'
import type { RouteState } from '../policy/route-state.ts'
import type { Platform } from '../ports.ts'
import type { Tracked } from '../take-track.ts'
import { isToldOf, type LimitPorts } from './limit-use.ts'

/** The pool with which a request begins. */
export interface Beginning {
  readonly state: RouteState
  /** Absent: the route has no release. */
  readonly tracked: Tracked | undefined
}

export type Room = ({ readonly kind: 'room' } & Beginning) | LimitedDecision

/** Asked only where the pool has a rate. */
export type LimitPool = (beginning: Beginning, platform: Platform) => Promise<Room>

export function makeLimitPool(ports: LimitPorts): LimitPool {
  const told = new Map<string, Instant>()
  return async ({ state, tracked }, platform) => {
    const over = await firstOver(state, ports, platform)
    if (over === undefined) return { kind: 'room', state, tracked }
    if (tracked?.stable === undefined) return refusal(state, over, isToldOf(over.limit.id, told, platform.now()))
    const onStable = beginOnStable(tracked)
    const there = await firstOver(onStable.state, ports, platform)
    return there === undefined
      ? { kind: 'room', state: onStable.state, tracked: onStable }
      : refusal(onStable.state, there, isToldOf(there.limit.id, told, platform.now()))
  }
}

interface Over {
  readonly limit: CountedLimit
  /** Of all routes of the pool, not of this class and those below it. */
  readonly whole: boolean
  readonly retryAfter: DurationMs
}

/** The limits before it have counted the request all the same. Whom nobody can count comes in. */
async function firstOver({ limits }: RouteState, { counters, names }: LimitPorts, platform: Platform): Promise<Over | undefined> {
  const counted = limits?.rate ?? []
  for (const [index, limit] of counted.entries()) {
    const key = names.nameOf(limit.id)
    const given = counters[limit.scope].take(limit, key instanceof Promise ? await key : key, platform)
    const taken = given instanceof Promise ? await given : given
    if (taken.kind === 'over') return { limit, whole: index === counted.length - 1, retryAfter: taken.retryAfter }
  }
  return undefined
}

const beginOnStable = ({ stable, state, ...tracked }: Tracked): Tracked => ({
  ...tracked,
  track: { ...tracked.track, canaryOut: true, counted: false },
  state: stable ?? state,
})

const refusal = ({ route }: RouteState, { limit, whole, retryAfter }: Over, logged: boolean): LimitedDecision => ({
  kind: 'limited',
  route,
  code: whole ? 'ERR_OVER_LIMIT' : 'ERR_SHED',
  reason: `rate of ${limit.id}`,
  retryAfter,
  told: undefined,
  logged,
})
