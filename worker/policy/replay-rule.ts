import type { Route } from '../../config/base.ts'
import type { ReplayRule } from './plan.ts'

/** RFC 9110 section 9.2.1, without TRACE, which is not served. */
export const isSafe = (method: string): boolean => method === 'GET' || method === 'HEAD' || method === 'OPTIONS'

/** What may follow a failed attempt of this request. */
export function replayRule(method: string, route: Route, hasIdempotencyKey: boolean): ReplayRule {
  const { methods } = route.retry
  if (methods === undefined ? isSafe(method) || route.writes === 'anywhere' : methods.includes(method)) return 'anywhere'
  return route.idempotencyKey && hasIdempotencyKey ? 'same-endpoint' : 'if-unsent'
}

/** A write of a route whose writes have a home: it goes nowhere else, whatever is drawn. */
export const isPinned = (route: Route, method: string): boolean => route.writes === 'home' && !isSafe(method)
