/** Answers that a route gives by itself, without asking an endpoint, with their line in the log. */
import type { RedirectAction, ReplyAction } from '../config/action.ts'
import type { Route } from '../config/base.ts'
import { ERRORS, type GatewayErrorCode } from '../config/errors.ts'
import type { GatewayRuntime } from './handle.ts'
import type { Inbound } from './inbound/read-inbound.ts'
import { reportLocal } from './observe/report-local.ts'
import { redirect } from './policy/redirect.ts'
import type { Platform } from './ports.ts'
import { localReply } from './reply/local-reply.ts'

/** A request with the route that took it. */
export interface Taken {
  readonly inbound: Inbound
  readonly route: Route
}

export function answerLocally(action: RedirectAction | ReplyAction, taken: Taken, runtime: GatewayRuntime, platform: Platform): Response {
  switch (action.kind) {
    case 'redirect': {
      const found = redirect(action, taken.inbound, taken.route.paths)
      if (found.kind === 'loop') return refuseLocally('ERR_REDIRECT_LOOP', taken, runtime, platform)
      reportLocal({ ...taken, action: 'redirected', status: action.status }, runtime, platform)
      return new Response(null, { status: action.status, headers: { location: found.location } })
    }
    case 'reply':
      reportLocal({ ...taken, action: 'replied', status: action.status }, runtime, platform)
      return new Response(action.body ?? null, { status: action.status, headers: action.headers.map(([name, value]) => [name, value]) })
    default:
      return action satisfies never
  }
}

/** The route took the request, and cannot do with it what it says. */
export function refuseLocally(code: GatewayErrorCode, taken: Taken, runtime: GatewayRuntime, platform: Platform): Response {
  reportLocal({ ...taken, action: 'refused', status: ERRORS[code].status, code }, runtime, platform)
  return localReply(code, taken.inbound.requestId, taken.inbound.headers.grpc)
}
