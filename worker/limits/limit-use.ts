/**
 * Whether somebody may come again: counts a request that may come in for each limit of its host, then of its route. The first that is reached refuses
 * it; those before have counted it all the same. Who is counted is the policy's, how is the counters'.
 */
import type { HeaderEdits } from '../../config/action.ts'
import type { Route } from '../../config/base.ts'
import type { RateLimit, RateLimitScope } from '../../config/rate-limit.ts'
import { type Instant, ms } from '../../config/units.ts'
import type { Asking, Decision, LimitedDecision } from '../decide.ts'
import type { Soon } from '../identity/identify.ts'
import type { Refused } from '../policy/admit.ts'
import { type LimitState, limitHeaders } from '../policy/limit-headers.ts'
import { rateKey } from '../policy/rate-key.ts'
import type { Platform } from '../ports.ts'
import type { Counter, Taken } from './counter.ts'
import type { KeyNames } from './key-names.ts'

export type Use =
  /** `told`: what its answer says of the limits. */
  | { readonly kind: 'within'; readonly told: HeaderEdits | undefined }
  /** `wouldRefuse`: who it comes from would have been refused already, had anybody been. */
  | { readonly kind: 'over'; readonly decision: LimitedDecision; readonly wouldRefuse: Refused | undefined }

/** Undefined when nothing counts the request. */
export type LimitUse = (decision: Decision, asking: Asking, platform: Platform) => Soon<Use> | undefined

export interface LimitPorts {
  readonly counters: Readonly<Record<RateLimitScope, Counter>>
  readonly names: KeyNames
}

export function makeLimitUse(ports: LimitPorts): LimitUse {
  const told = new Map<string, Instant>()
  return (decision, asking, platform) => {
    const limits = limitsOf(decision, asking)
    return limits === undefined ? undefined : count(limits, asking, { ...ports, told }, platform)
  }
}

/** Refusals come by the thousand: of each limit an isolate writes down one a second, and a sample. */
const TOLD_EACH = ms(1000)

interface Counting extends LimitPorts {
  /** When a line about a limit was written last. As many as there are limits. */
  readonly told: Map<string, Instant>
}

/** Whether a line about a limit is due. */
export function isToldOf(id: string, told: Map<string, Instant>, now: Instant): boolean {
  const last = told.get(id)
  if (last !== undefined && now - last < TOLD_EACH && now >= last) return false
  told.set(id, now)
  return true
}

interface Limits {
  readonly route: Route
  readonly all: readonly RateLimit[]
  readonly wouldRefuse: Refused | undefined
}

/** Those of the host first. Undefined when there are none, or the request comes in to nobody. */
export function limitsOf(decision: Decision, { identity }: Pick<Asking, 'identity'>): Limits | undefined {
  if (decision.kind !== 'forward' && decision.kind !== 'redirected' && decision.kind !== 'replied') return undefined
  const { route, wouldRefuse } = decision
  const ofHost = identity?.host.rateLimits
  const ofRoute = route.admission?.rateLimits
  if (ofHost === undefined) return ofRoute === undefined ? undefined : { route, all: ofRoute, wouldRefuse }
  return { route, all: ofRoute === undefined ? ofHost : [...ofHost, ...ofRoute], wouldRefuse }
}

async function count(
  { route, all, wouldRefuse }: Limits,
  asking: Asking,
  { counters, names, told }: Counting,
  platform: Platform,
): Promise<Use> {
  const { request, inbound, identity } = asking
  const states: LimitState[] = []
  for (const limit of all) {
    const key = rateKey(limit.by, { route: route.id, address: inbound.address, identity, headers: request.headers })
    const named = names.nameOf(key === undefined ? 'unknown' : `${limit.by.kind} ${key}`)
    const given = counters[limit.scope].take(limit, named instanceof Promise ? await named : named, platform)
    const taken = given instanceof Promise ? await given : given
    const refused = judge(limit, taken, key === undefined)
    if (refused !== undefined) {
      const logged = isToldOf(limit.id, told, platform.now())
      const decision: LimitedDecision = { kind: 'limited', route, ...refused, logged, told: headersOf(limit, taken, states) }
      return { kind: 'over', decision, wouldRefuse }
    }
    if (limit.headers === 'always' && taken.kind === 'taken') states.push({ limit, ...taken })
  }
  return { kind: 'within', told: limitHeaders(states) }
}

type Refusal = Pick<LimitedDecision, 'code' | 'reason' | 'retryAfter'>

function judge({ id, by, onUnavailable }: RateLimit, taken: Taken, unknown: boolean): Refusal | undefined {
  switch (taken.kind) {
    case 'taken':
      return undefined
    case 'over': {
      const whose = unknown ? `requests of which the ${by.kind} is not known` : `this ${by.kind}`
      return { code: 'ERR_RATE_LIMITED', reason: `limit ${id} of ${whose}`, retryAfter: taken.retryAfter }
    }
    case 'unavailable':
      return onUnavailable === 'allow'
        ? undefined
        : { code: 'ERR_LIMIT_UNAVAILABLE', reason: `limit ${id}: ${taken.why}`, retryAfter: undefined }
    default:
      return taken satisfies never
  }
}

function headersOf(limit: RateLimit, taken: Taken, before: readonly LimitState[]): HeaderEdits | undefined {
  if (limit.headers === 'never' || taken.kind !== 'over') return limitHeaders(before)
  return limitHeaders([...before, { limit, remaining: 0, resetAfter: taken.retryAfter }])
}
