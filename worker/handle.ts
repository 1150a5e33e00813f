/** The life of one request. Each stage is called once, and what it returns narrows what the next may assume. */

import type { GatewayErrorCode } from '../config/errors.ts'
import { answerLocally, answerPreflight, failOnPurpose, refuseLocally, type Taken } from './answer-locally.ts'
import type { FaultGate } from './fault-gate.ts'
import { forward } from './forward/forward.ts'
import { passBody } from './forward/pass-body.ts'
import { NO_BODY, readBody } from './forward/replay-body.ts'
import { sendMirrors } from './forward/send-mirrors.ts'
import { handOverSocket } from './hand-over-socket.ts'
import { isServed } from './inbound/path-policy.ts'
import type { InboundRules } from './inbound/read-inbound.ts'
import { readInbound } from './inbound/read-inbound.ts'
import { injectFault } from './inject-fault.ts'
import { type Isolate, takeHealth } from './isolate.ts'
import { bodyRules, makePlan } from './make-plan.ts'
import { type FinishedRequest, reportBody, reportRequest } from './observe/report-request.ts'
import { edgeHealth, HEALTH_PATH } from './operator/edge-health.ts'
import { drawPool } from './policy/draw-pool.ts'
import { matchRoute, type RouteMatch } from './policy/match-route.ts'
import { takeTrial } from './policy/pick-probation.ts'
import { isPinned } from './policy/replay-rule.ts'
import { rewrite } from './policy/rewrite.ts'
import { type RouteState, routeState } from './policy/route-state.ts'
import type { Platform } from './ports.ts'
import { affinityCookie } from './reply/affinity-cookie.ts'
import { dressFor, dressReply } from './reply/dress-reply.ts'
import { finishReply } from './reply/finish-reply.ts'
import { localReply } from './reply/local-reply.ts'
import type { HealthSource, HeldHealth } from './snapshot-port.ts'

export interface GatewayRuntime {
  readonly isolate: Isolate
  readonly inbound: InboundRules
  readonly health: HealthSource
  readonly faultGate: FaultGate
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
  const held = runtime.health.pin(inbound.place, platform)
  const health = held instanceof Promise ? await held : held
  takeHealth(runtime.isolate, health, inbound.receivedAt)
  if (inbound.path === HEALTH_PATH) return edgeHealth(runtime.isolate.base, health)
  const preflight = answerPreflight(request, inbound, runtime, platform)
  if (preflight !== undefined) return preflight
  const matched = matchRoute(runtime.isolate.table, inbound, request.headers)
  if (matched.kind !== 'route') return localReply(UNMATCHED[matched.kind], inbound.requestId, inbound.headers.grpc)
  const { route } = matched
  const taken = { request, inbound, route }
  if (route.action.kind !== 'forward') return answerLocally(route.action, taken, runtime, platform)
  const weighted = drawPool(route.action, isPinned(route, inbound.method), platform.draw())
  if (weighted === undefined) return refuseLocally('ERR_NO_WEIGHT', taken, runtime, platform)
  if (weighted.pool === undefined) return answerLocally(weighted.reply, taken, runtime, platform)
  if (weighted.redirect !== undefined) return answerLocally(weighted.redirect, taken, runtime, platform)
  const state = routeState(runtime.isolate.gateway, route, weighted, inbound.receivedAt)
  return serve(taken, { state, health }, runtime, platform)
}

/** The route sends the request to one of its pools, and the answer back. */
async function serve(taken: Taken, { state, health }: Serving, runtime: GatewayRuntime, platform: Platform) {
  const { request, inbound, route } = taken
  const { requestId } = inbound
  const { grpc } = inbound.headers
  const dress = dressFor(state.responseEdits, route.cors, request)
  const rewritten = state.rewrite === undefined ? undefined : rewrite(state.rewrite, inbound, route.paths)
  if (rewritten !== undefined && !isServed(rewritten.path, route)) return refuseLocally('ERR_BAD_REQUEST_PATH', taken, runtime, platform)
  const fault = route.faults === undefined ? undefined : await injectFault(route.faults, taken, runtime.faultGate, platform)
  if (fault?.abort !== undefined) return failOnPurpose(fault.abort, taken, runtime, platform)
  if (fault !== undefined && request.signal.aborted) return dressReply(localReply('ERR_CLIENT_GONE', requestId, grpc), dress)
  // An injected delay takes nothing from the time of the endpoints, or it would be blamed on them.
  const begun = fault === undefined ? inbound : { ...inbound, receivedAt: platform.now() }
  const body =
    !mayHaveBody(inbound.method) || request.body === null
      ? NO_BODY
      : await readBody(request, inbound.headers.contentLength, bodyRules(inbound, route))
  if (body === undefined) return dressReply(localReply('ERR_CLIENT_GONE', requestId, grpc), dress)
  const plan = makePlan(begun, { route: state, health, body, headers: request.headers, newKey: platform.uuid }, runtime.health)
  if (plan.probation !== undefined) takeTrial(plan.probation, inbound.receivedAt, runtime.health.takeProbation)
  const outbound = rewritten === undefined ? { request, inbound, body } : { request, inbound, body, rewritten }
  const forwarded = await forward(outbound, plan, platform)
  const mirrored =
    route.mirrors === undefined || forwarded.code === 'ERR_CLIENT_GONE'
      ? 0
      : sendMirrors(outbound, { ...runtime, mirrors: route.mirrors, plan }, platform)
  const finished: FinishedRequest = { forwarded, inbound, plan, rewritten, mirrored, delayed: fault?.delay }
  reportRequest(finished, runtime, platform)
  if (forwarded.kind === 'gave-up') return dressReply(localReply(forwarded.code, requestId, grpc), dress)
  const { fact, answer, ledger } = forwarded
  const replyBody = passBody(forwarded, route, platform, (news) => reportBody(news, fact, finished, { ...runtime, platform }))
  const { relayWebSockets: settings } = route
  const response = settings === undefined ? answer.response : handOverSocket({ forwarded, inbound, settings }, runtime, platform)
  return finishReply(response, replyBody, {
    requestId,
    endpoint: fact.candidate.endpoint.id,
    attempts: ledger.attempts.length,
    code: forwarded.code,
    saysWho: runtime.isolate.base.replies.routingHeaders,
    cookie: plan.steerBy === undefined ? undefined : affinityCookie(plan),
    dress,
  })
}

interface Serving {
  readonly state: RouteState
  readonly health: HeldHealth
}
