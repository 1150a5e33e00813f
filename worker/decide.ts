/**
 * What becomes of a request that has been read, as far as that is decided before an endpoint is chosen. `handle` does it, `explain` tells it;
 * here nothing is sent and nothing is written down.
 */
import type { ForwardAction, HeaderEdits, HeaderPair, RedirectAction, ReplyAction, WeightedPool } from '../config/action.ts'
import type { Route } from '../config/base.ts'
import type { GatewayErrorCode } from '../config/errors.ts'
import { KEYS_PATH } from '../config/forwarded-identity.ts'
import type { Draw, DurationMs } from '../config/units.ts'
import type { ArrivingRequest, Inbound } from './inbound/read-inbound.ts'
import { HEALTH_PATH } from './operator/edge-health.ts'
import { admit, type Refused } from './policy/admit.ts'
import { preflightHeaders, readPreflight } from './policy/cors.ts'
import { drawPool } from './policy/draw-pool.ts'
import type { Identity } from './policy/identity.ts'
import { MatchRequest } from './policy/match-request.ts'
import { matchRoute, type RouteMatch } from './policy/match-route.ts'
import { redirectLocation } from './policy/redirect.ts'
import { isPinned } from './policy/replay-rule.ts'
import type { RouteTable } from './policy/route-table.ts'

export type Decision =
  | { readonly kind: 'edge-health' }
  | { readonly kind: 'edge-keys' }
  | { readonly kind: 'unmatched'; readonly code: GatewayErrorCode }
  | (LocalDecision & Audited)
  | ForwardDecision

/** `wouldRefuse`: it comes in only because somebody wants to see who would be refused. */
interface Audited {
  readonly wouldRefuse?: Refused
}

export interface ForwardDecision extends Audited {
  readonly kind: 'forward'
  readonly route: Route
  readonly action: ForwardAction
  readonly weighted: WeightedPool
}

/** A route took it, and no endpoint is asked. */
export type LocalDecision =
  /** The route cannot do with it what it says. */
  | { readonly kind: 'refused'; readonly route: Route; readonly code: GatewayErrorCode }
  /** Who sent it may not have it. */
  | { readonly kind: 'denied'; readonly route: Route; readonly refused: Refused }
  | LimitedDecision
  /** By a fault of the route, with the status that its operator chose. */
  | { readonly kind: 'failed-on-purpose'; readonly route: Route; readonly status: number }
  /** `method`: of the request that it asks about. */
  | { readonly kind: 'preflight'; readonly route: Route; readonly method: string; readonly headers: readonly HeaderPair[] }
  | { readonly kind: 'redirected'; readonly route: Route; readonly status: number; readonly location: string }
  | { readonly kind: 'replied'; readonly route: Route; readonly reply: ReplyAction }

/** It may come in, and comes too often. */
export interface LimitedDecision {
  readonly kind: 'limited'
  readonly route: Route
  readonly code: GatewayErrorCode
  /** For operators. */
  readonly reason: string
  readonly retryAfter: DurationMs | undefined
  /** What the answer says of the limits. */
  readonly told: HeaderEdits | undefined
  /** Has a line in the log, whatever the sample. */
  readonly logged: boolean
}

const UNMATCHED = {
  'no-route': { kind: 'unmatched', code: 'ERR_NO_ROUTE' },
  'unknown-host': { kind: 'unmatched', code: 'ERR_UNKNOWN_HOST' },
  'ambiguous-path': { kind: 'unmatched', code: 'ERR_BAD_REQUEST_PATH' },
} as const satisfies Record<Exclude<RouteMatch['kind'], 'route'>, Decision>
/** A route for its certificate may take it once the certificate is known. */
const TOO_EARLY: Decision = { kind: 'unmatched', code: 'ERR_TOO_EARLY' }
const EDGE_HEALTH: Decision = { kind: 'edge-health' }
const EDGE_KEYS: Decision = { kind: 'edge-keys' }

/** What is decided about: a request that was read, and who sent it. */
export interface Asking {
  readonly request: Pick<ArrivingRequest, 'headers'>
  readonly inbound: Inbound
  readonly identity: Identity | undefined
}

export function decide(asking: Asking, table: RouteTable, roll: () => Draw): Decision {
  const { request, inbound, identity } = asking
  if (inbound.path === HEALTH_PATH) return EDGE_HEALTH
  if (inbound.path === KEYS_PATH) return EDGE_KEYS
  const preflight = decidePreflight(asking, table)
  if (preflight !== undefined) return preflight
  const asked = new MatchRequest(inbound, request.headers, identity)
  const matched = matchRoute(table, asked)
  if (matched.kind === 'no-route' && identity?.certificate.kind === 'early') return TOO_EARLY
  if (matched.kind !== 'route') return UNMATCHED[matched.kind]
  const { route } = matched
  if (identity !== undefined || route.admission !== undefined) {
    const admission = admit(route, asked, table.rulesOf)
    if (admission.kind === 'refused') return { kind: 'denied', route, refused: admission }
    if (admission.wouldRefuse !== undefined) return { ...act(route, inbound, roll), wouldRefuse: admission.wouldRefuse }
  }
  return act(route, inbound, roll)
}

function act(route: Route, inbound: Inbound, roll: () => Draw): LocalDecision | ForwardDecision {
  const { action } = route
  if (action.kind === 'redirect') return redirected(action, route, inbound)
  if (action.kind === 'reply') return { kind: 'replied', route, reply: action }
  const weighted = drawPool(action, isPinned(route, inbound.method), roll())
  if (weighted === undefined) return { kind: 'refused', route, code: 'ERR_NO_WEIGHT' }
  if (weighted.pool === undefined) return { kind: 'replied', route, reply: weighted.reply }
  return weighted.redirect === undefined ? { kind: 'forward', route, action, weighted } : redirected(weighted.redirect, route, inbound)
}

function redirected(action: RedirectAction, route: Route, inbound: Inbound): LocalDecision {
  return { kind: 'redirected', route, status: action.status, location: redirectLocation(action, inbound, route.paths) }
}

/**
 * The edge's own word on a preflight, by the route that would take the request itself: a route for PUT is not one for OPTIONS. Undefined
 * when it is none, or when that route leaves CORS to its endpoints.
 */
function decidePreflight({ request: { headers }, inbound, identity }: Asking, table: RouteTable): Decision | undefined {
  const asked = readPreflight(inbound.method, headers)
  if (asked === undefined) return undefined
  const matched = matchRoute(table, new MatchRequest({ ...inbound, method: asked.method }, headers, identity))
  if (matched.kind !== 'route' || matched.route.cors === undefined) return undefined
  return { kind: 'preflight', route: matched.route, method: asked.method, headers: preflightHeaders(matched.route.cors, asked) }
}
