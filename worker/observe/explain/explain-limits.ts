/** Which limits would count a request, and for whom, and which its pool. Nothing is counted, and nobody is asked what is left. */
import type { ExplainedLimit } from '../../../config/explanation.ts'
import type { RateLimit, RateLimitKey } from '../../../config/rate-limit.ts'
import type { Asking, Decision } from '../../decide.ts'
import { limitsOf } from '../../limits/limit-use.ts'
import { rateKey } from '../../policy/rate-key.ts'
import type { RouteState } from '../../policy/route-state.ts'

/** Of a key that a client may have chosen. */
const KEY_SHOWN = 128

/** Undefined when there is none. */
export function explainLimits(decision: Decision, asking: Asking): readonly ExplainedLimit[] | undefined {
  const limits = limitsOf(decision, asking)
  if (limits === undefined) return undefined
  const { request, inbound, identity } = asking
  const counted = { route: limits.route.id, address: inbound.address, identity, headers: request.headers }
  return limits.all.map((limit) => explainLimit(limit, rateKey(limit.by, counted)))
}

function explainLimit({ id, limit, window, burst, by, scope, onUnavailable }: RateLimit, key: string | undefined): ExplainedLimit {
  const shown = key === undefined ? {} : { key: by.kind === 'header' ? 'hidden' : key.slice(0, KEY_SHOWN) }
  return { limit: id, rate: { limit, window }, burst, scope, onUnavailable, by: showKey(by), ...shown }
}

/** What counts the requests of the pool, in order. */
export const explainPoolRate = ({ pool, limits }: RouteState): readonly ExplainedLimit[] =>
  (limits?.rate ?? []).map(({ id, limit, window, burst, scope }) => ({
    limit: id,
    rate: { limit, window },
    burst,
    scope,
    onUnavailable: 'allow',
    by: 'pool',
    key: pool.id,
  }))

function showKey(by: RateLimitKey): string {
  switch (by.kind) {
    case 'claim':
      return `claim ${by.claim.join('.')}`
    case 'header':
      return `header ${by.name}`
    case 'client':
    case 'identity':
    case 'route':
      return by.kind
    default:
      return by satisfies never
  }
}
