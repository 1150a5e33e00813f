/** The life of one request. Each stage is called once, and what it returns narrows what the next may assume. */

import type { GatewayErrorCode } from '../config/errors.ts'
import { answerLocally, refuseLocally } from './answer-locally.ts'
import { forward } from './forward/forward.ts'
import { passBody } from './forward/pass-body.ts'
import { NO_BODY, readBody } from './forward/replay-body.ts'
import type { InboundRules } from './inbound/read-inbound.ts'
import { readInbound } from './inbound/read-inbound.ts'
import { type Isolate, takeHealth } from './isolate.ts'
import { bodyRules, makePlan } from './make-plan.ts'
import { reportBody, reportRequest } from './observe/report-request.ts'
import { edgeHealth, HEALTH_PATH } from './operator/edge-health.ts'
import { drawPool } from './policy/draw-pool.ts'
import { matchRoute, type RouteMatch } from './policy/match-route.ts'
import { takeTrial } from './policy/pick-probation.ts'
import { isPinned } from './policy/replay-rule.ts'
import { routeState } from './policy/route-state.ts'
import type { Platform } from './ports.ts'
import { affinityCookie } from './reply/affinity-cookie.ts'
import { finishReply } from './reply/finish-reply.ts'
import { localReply } from './reply/local-reply.ts'
import type { HealthSource } from './snapshot-port.ts'

export interface GatewayRuntime {
  readonly isolate: Isolate
  readonly inbound: InboundRules
  readonly health: HealthSource
  readonly log: (line: string) => void
}

/** Content of these has no meaning (RFC 9110 sections 9.3.1 and 9.3.2), and the platform sends none: it is left behind. */
const mayHaveBody = (method: string): boolean => method !== 'GET' && method !== 'HEAD'

const UNMATCHED = {
  'no-route': 'ERR_NO_ROUTE',
  'unknown-host': 'ERR_UNKNOWN_HOST',
  'ambiguous-path': 'ERR_BAD_REQUEST_PATH',
} as const satisfies Record<Exclude<RouteMatch['kind'], 'route'>, GatewayErrorCode>

export async function handle(request: Request, runtime: GatewayRuntime, platform: Platform): Promise<Response> {
  const read = readInbound(request, runtime.inbound, platform)
  if (!read.ok) return localReply(read.error.code, read.error.requestId, read.error.grpc)
  const inbound = read.value
  const { requestId } = inbound
  const { grpc } = inbound.headers
  const held = runtime.health.pin(inbound.place, platform)
  const health = held instanceof Promise ? await held : held
  takeHealth(runtime.isolate, health, inbound.receivedAt)
  if (inbound.path === HEALTH_PATH) return edgeHealth(runtime.isolate.base, health)
  const matched = matchRoute(runtime.isolate.table, inbound, request.headers)
  if (matched.kind !== 'route') return localReply(UNMATCHED[matched.kind], requestId, grpc)
  const { action } = matched.route
  if (action.kind !== 'forward') return answerLocally(action, { inbound, route: matched.route }, runtime, platform)
  const weighted = drawPool(action, isPinned(matched.route, inbound.method), platform.draw())
  if (weighted === undefined) return refuseLocally('ERR_NO_WEIGHT', { inbound, route: matched.route }, runtime, platform)
  const route = routeState(runtime.isolate.gateway, matched.route, weighted, inbound.receivedAt)
  const body =
    !mayHaveBody(inbound.method) || request.body === null
      ? NO_BODY
      : await readBody(request, inbound.headers.contentLength, bodyRules(inbound, matched.route))
  if (body === undefined) return localReply('ERR_CLIENT_GONE', requestId, grpc)
  const plan = makePlan(inbound, { route, health, body, headers: request.headers, newKey: platform.uuid }, runtime.health)
  if (plan.probation !== undefined) takeTrial(plan.probation, inbound.receivedAt, runtime.health.takeProbation)
  const forwarded = await forward({ request, inbound, body }, plan, platform)
  const finished = { forwarded, inbound, plan }
  reportRequest(finished, runtime, platform)
  if (forwarded.kind === 'gave-up') return localReply(forwarded.code, requestId, grpc)
  const { fact, answer, ledger } = forwarded
  const replyBody = passBody(forwarded, matched.route, platform, (news) => reportBody(news, fact, finished, { ...runtime, platform }))
  return finishReply(answer.response, replyBody, {
    requestId,
    endpoint: fact.candidate.endpoint.id,
    attempts: ledger.attempts.length,
    code: forwarded.code,
    saysWho: runtime.isolate.base.replies.routingHeaders,
    cookie: plan.steerBy === undefined ? undefined : affinityCookie(plan),
  })
}
