/** The life of one request. Each stage is called once, and what it returns narrows what the next may assume. */

import type { Route } from '../config/base.ts'
import { answerLocally, type Read } from './answer-locally.ts'
import { decide } from './decide.ts'
import type { FaultGate } from './fault-gate.ts'
import { forward } from './forward/forward.ts'
import { passBody } from './forward/pass-body.ts'
import { mayHaveBody, NO_BODY, readBody } from './forward/replay-body.ts'
import type { Sealing } from './forward/seal-request.ts'
import { sendMirrors } from './forward/send-mirrors.ts'
import { handOverSocket } from './hand-over-socket.ts'
import { edgeKeys } from './identity/edge-keys.ts'
import type { Identify } from './identity/identify.ts'
import { isServed } from './inbound/path-policy.ts'
import type { InboundRules } from './inbound/read-inbound.ts'
import { readInbound } from './inbound/read-inbound.ts'
import { injectFault } from './inject-fault.ts'
import { type Isolate, takeHealth } from './isolate.ts'
import type { LimitPool } from './limits/limit-pool.ts'
import type { LimitUse } from './limits/limit-use.ts'
import { bodyRules, makePlan } from './make-plan.ts'
import { type FinishedRequest, reportBody, reportRequest } from './observe/report-request.ts'
import { edgeHealth } from './operator/edge-health.ts'
import { takeTrial } from './policy/pick-probation.ts'
import { rewrite } from './policy/rewrite.ts'
import { type RouteState, routeState } from './policy/route-state.ts'
import type { Platform } from './ports.ts'
import type { ReleaseKeyPort } from './recognise-signed.ts'
import { refuseEarly } from './refuse-early.ts'
import { affinityCookie } from './reply/affinity-cookie.ts'
import { dressFor, dressReply } from './reply/dress-reply.ts'
import { finishReply } from './reply/finish-reply.ts'
import { localReply } from './reply/local-reply.ts'
import { mirrorsOf, toldTrack, trackFor } from './serve-on-track.ts'
import type { HealthSource, HeldHealth } from './snapshot-port.ts'
import type { Tracked } from './take-track.ts'
import { tellEndpoints } from './tell-endpoints.ts'

export interface GatewayRuntime {
  readonly isolate: Isolate
  readonly inbound: InboundRules
  readonly health: HealthSource
  /** Absent where nothing is demanded of anybody. */
  readonly identify?: Identify | undefined
  /** Absent where nobody is counted. */
  readonly limitUse?: LimitUse | undefined
  /** Absent where no pool has a rate. */
  readonly limitPool?: LimitPool | undefined
  /** Absent where no route tells endpoints who sent a request. */
  readonly edge?: Sealing | undefined
  readonly faultGate: FaultGate
  /** Signs and checks cookies and overrides of releases. Absent: nobody is moved by either. */
  readonly releaseKey?: ReleaseKeyPort | undefined
  readonly log: (line: string) => void
}

export async function handle(request: Request, runtime: GatewayRuntime, platform: Platform): Promise<Response> {
  const read = readInbound(request, runtime.inbound, platform)
  if (!read.ok) return refuseEarly({ request, ...read.error }, runtime, platform)
  const held = runtime.health.pin(read.value.place, platform)
  const health = held instanceof Promise ? await held : held
  takeHealth(runtime.isolate, health, read.value.receivedAt)
  const found = runtime.identify?.(request, read.value, platform)
  const identity = found instanceof Promise ? await found : found
  const inbound = identity?.query === undefined ? read.value : { ...read.value, query: identity.query }
  const asking = { request, inbound, identity }
  const decision = decide(asking, runtime.isolate.table, platform.draw)
  const counted = runtime.limitUse?.(decision, asking, platform)
  const use = counted instanceof Promise ? await counted : counted
  if (use?.kind === 'over') return answerLocally(use.decision, { ...asking, wouldRefuse: use.wouldRefuse }, runtime, platform)
  const told = use?.told
  switch (decision.kind) {
    case 'edge-health':
      return edgeHealth(runtime.isolate.base, health)
    case 'edge-keys':
      return edgeKeys(runtime.edge?.signer, inbound)
    case 'unmatched': {
      const { requestId, headers } = inbound
      return refuseEarly({ request, code: decision.code, requestId, grpc: headers.grpc, inbound }, runtime, platform)
    }
    case 'forward': {
      const { route, weighted } = decision
      const taken = decision.action.release === undefined ? undefined : trackFor(decision, { ...asking, health }, runtime, platform)
      const tracked = taken instanceof Promise ? await taken : taken
      const state = tracked?.state ?? routeState(runtime.isolate.gateway, route, weighted, inbound.receivedAt)
      const read = { request, inbound, identity, told, wouldRefuse: decision.wouldRefuse }
      if (state.limits?.rate === undefined || runtime.limitPool === undefined)
        return serve(read, { route, state, health, tracked }, runtime, platform)
      const room = await runtime.limitPool({ state, tracked }, platform)
      if (room.kind === 'limited') return answerLocally({ ...room, told }, read, runtime, platform)
      return serve(read, { route, state: room.state, health, tracked: room.tracked }, runtime, platform)
    }
    default:
      return answerLocally(decision, { request, inbound, identity, told, wouldRefuse: decision.wouldRefuse }, runtime, platform)
  }
}

/** The route sends the request to one of its pools, and the answer back. */
async function serve(read: Read, { route, state, health, tracked }: Serving, runtime: GatewayRuntime, platform: Platform) {
  const { request, inbound, told } = read
  const { requestId } = inbound
  const { grpc } = inbound.headers
  const dress = dressFor(told === undefined ? state.responseEdits : [...(state.responseEdits ?? []), told], route.cors, request)
  const rewritten = state.rewrite === undefined ? undefined : rewrite(state.rewrite, inbound, route.paths)
  if (rewritten !== undefined && !isServed(rewritten.path, route))
    return answerLocally({ kind: 'refused', route, code: 'ERR_BAD_REQUEST_PATH' }, read, runtime, platform)
  const fault = route.faults === undefined ? undefined : await injectFault(route.faults, { ...read, route }, runtime.faultGate, platform)
  if (fault?.abort !== undefined) return answerLocally({ kind: 'failed-on-purpose', route, status: fault.abort }, read, runtime, platform)
  if (fault !== undefined && request.signal.aborted) return answerLocally(goneOf(route), read, runtime, platform)
  const tells = route.admission?.identity === undefined ? undefined : tellEndpoints(route, read.identity, runtime.edge)
  const telling = tells instanceof Promise ? await tells : tells
  if (telling === 'unsigned') return answerLocally({ kind: 'refused', route, code: 'ERR_IDENTITY_UNSIGNED' }, read, runtime, platform)
  const body =
    !mayHaveBody(inbound.method) || request.body === null
      ? NO_BODY
      : await readBody(request, inbound.headers.contentLength, bodyRules(inbound, route))
  if (body === undefined) return answerLocally(goneOf(route), read, runtime, platform)
  // Neither an injected delay nor a slow upload takes anything from the time of the endpoints, or it would be blamed on them.
  const begun = fault === undefined && body.kind === 'none' ? inbound : { ...inbound, receivedAt: platform.now() }
  const { headers } = request
  const parts = { route: state, health, body, headers, identity: read.identity, newKey: platform.uuid, tracked }
  const plan = makePlan(begun, parts, runtime.health)
  if (plan.probation !== undefined) takeTrial(plan.probation, inbound.receivedAt, runtime.health.takeProbation)
  const plain = rewritten === undefined ? { request, inbound, body } : { request, inbound, body, rewritten }
  const outbound = telling === undefined ? plain : { ...plain, ...telling }
  const forwarded = await forward(outbound, plan, platform)
  const mirrors = tracked === undefined ? route.mirrors : mirrorsOf(route, plan)
  const mirrored =
    mirrors === undefined || forwarded.code === 'ERR_CLIENT_GONE' ? 0 : sendMirrors(outbound, { ...runtime, mirrors, plan }, platform)
  const finished: FinishedRequest = { forwarded, inbound, plan, rewritten, mirrored, delayed: fault?.delay, admitted: read }
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
    track: tracked === undefined ? undefined : { cookie: tracked.cookie, told: toldTrack(plan, fact) },
    dress,
  })
}

/** The client went before an endpoint was asked. */
const goneOf = (route: Route) => ({ kind: 'refused', route, code: 'ERR_CLIENT_GONE' }) as const

interface Serving {
  readonly route: Route
  readonly state: RouteState
  readonly health: HeldHealth
  /** Absent: the route has no release. */
  readonly tracked: Tracked | undefined
}
