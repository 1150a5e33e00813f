/** What is known of a pool of a route, for whoever only wants to look: a route that has had no request yet is not written down as known. */
import type { WeightedPool } from '../../config/action.ts'
import type { Route } from '../../config/base.ts'
import type { Instant } from '../../config/units.ts'
import { type GatewayState, type RouteState, routeState } from './route-state.ts'

export function peekRouteState(gateway: GatewayState, route: Route, weighted: WeightedPool, now: Instant): RouteState {
  const held = gateway.states.get(weighted)
  if (held !== undefined) return held
  // Endpoints are shared by routes: what is known of them counts here as well, but none learns of this one.
  const endpoints = new Map([...gateway.endpoints].map(([key, state]) => [key, { ...state, candidates: [...state.candidates] }]))
  const { budgets, steerings } = gateway
  const own = { states: new Map(), routes: new Map(), trackCounters: [] }
  const scratch = { ...gateway, ...own, endpoints, budgets: new Map(budgets), steerings: new Map(steerings) }
  return routeState(scratch, route, weighted, now)
}
