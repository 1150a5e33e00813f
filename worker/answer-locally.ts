/** Answers that a route gives by itself, without asking an endpoint, with their line in the log. */
import type { RedirectAction, ReplyAction } from '../config/action.ts'
import type { Route } from '../config/base.ts'
import { ERRORS, type GatewayErrorCode } from '../config/errors.ts'
import type { GatewayRuntime } from './handle.ts'
import type { Inbound } from './inbound/read-inbound.ts'
import { reportLocal } from './observe/report-local.ts'
import { preflightHeaders, readPreflight } from './policy/cors.ts'
import { bothEdits } from './policy/edit-headers.ts'
import { matchRoute } from './policy/match-route.ts'
import { redirectLocation } from './policy/redirect.ts'
import type { Platform } from './ports.ts'
import { dressFor, dressReply } from './reply/dress-reply.ts'
import { localReply } from './reply/local-reply.ts'

/** A request with the route that took it. */
export interface Taken {
  readonly request: Request
  readonly inbound: Inbound
  readonly route: Route
}

export function answerLocally(action: RedirectAction | ReplyAction, taken: Taken, runtime: GatewayRuntime, platform: Platform): Response {
  const { inbound, route } = taken
  const { status } = action
  switch (action.kind) {
    case 'redirect': {
      const location = redirectLocation(action, inbound, route.paths)
      reportLocal({ inbound, route, action: 'redirected', status }, runtime, platform)
      return dressed(new Response(null, { status, headers: { location } }), taken)
    }
    case 'reply': {
      reportLocal({ inbound, route, action: 'replied', status }, runtime, platform)
      const headers = action.headers.map(([name, value]): [string, string] => [name, value])
      return dressed(new Response(action.body ?? null, { status, headers }), taken)
    }
    default:
      return action satisfies never
  }
}

/** The route took the request, and cannot do with it what it says. */
export function refuseLocally(code: GatewayErrorCode, taken: Taken, runtime: GatewayRuntime, platform: Platform): Response {
  const { inbound, route } = taken
  reportLocal({ inbound, route, action: 'refused', status: ERRORS[code].status, code }, runtime, platform)
  return dressed(localReply(code, inbound.requestId, inbound.headers.grpc), taken)
}

/** What a fault of the route answers instead of an endpoint, with the status that its operator chose. */
export function failOnPurpose(status: number, taken: Taken, runtime: GatewayRuntime, platform: Platform): Response {
  const { inbound, route } = taken
  reportLocal({ inbound, route, action: 'failed-on-purpose', status, code: 'ERR_FAULT_INJECTED' }, runtime, platform)
  return dressed(localReply('ERR_FAULT_INJECTED', inbound.requestId, inbound.headers.grpc, status), taken)
}

/** With what the route changes in its answers; no pool has been asked. */
const dressed = (response: Response, { request, route }: Taken): Response =>
  dressReply(response, dressFor(bothEdits(route.responseHeaders, undefined), route.cors, request))

/**
 * The edge's own word on a preflight, by the route that would take the request itself: a route for PUT is not one for OPTIONS. Undefined
 * when it is none, or when that route leaves CORS to its endpoints.
 */
export function answerPreflight(request: Request, inbound: Inbound, runtime: GatewayRuntime, platform: Platform): Response | undefined {
  const asked = readPreflight(inbound.method, request.headers)
  if (asked === undefined) return undefined
  const matched = matchRoute(runtime.isolate.table, { ...inbound, method: asked.method }, request.headers)
  if (matched.kind !== 'route' || matched.route.cors === undefined) return undefined
  const { route } = matched
  reportLocal({ inbound, route, action: 'preflight', status: 204 }, runtime, platform)
  const headers = preflightHeaders(matched.route.cors, asked).map(([name, value]): [string, string] => [name, value])
  return new Response(null, { status: 204, headers })
}
