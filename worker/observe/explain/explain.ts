/**
 * What the gateway would do with a request, and why, by the functions of the request path and from what this isolate holds. Nothing is
 * sent, charged, used up or written down.
 */
import type { Route } from '../../../config/base.ts'
import { ERRORS, type GatewayErrorCode } from '../../../config/errors.ts'
import type { ExplainedDecision, ExplainedLimit, ExplainedRequest, Explanation } from '../../../config/explanation.ts'
import { after, type Draw, type Instant, ms } from '../../../config/units.ts'
import { type Decision, decide, type LocalDecision } from '../../decide.ts'
import type { FaultGate } from '../../fault-gate.ts'
import type { OutboundRequest } from '../../forward/outbound-request.ts'
import { type BodyRules, declaredLength, mayHaveBody, NO_BODY, type OutboundBody } from '../../forward/replay-body.ts'
import type { Sealing } from '../../forward/seal-request.ts'
import type { Identify } from '../../identity/identify.ts'
import { isServed } from '../../inbound/path-policy.ts'
import { type ArrivingRequest, type Inbound, type InboundRules, readInbound } from '../../inbound/read-inbound.ts'
import { decideFault } from '../../inject-fault.ts'
import { type Isolate, takeHealth } from '../../isolate.ts'
import { bodyRules, makePlan } from '../../make-plan.ts'
import { shownInForce } from '../../policy/apply-overlay.ts'
import { bothEdits } from '../../policy/edit-headers.ts'
import type { Identity } from '../../policy/identity.ts'
import { MatchRequest } from '../../policy/match-request.ts'
import { peekRouteState } from '../../policy/peek-route-state.ts'
import { retryScale } from '../../policy/retry-budget.ts'
import { rewrite } from '../../policy/rewrite.ts'
import { hasRoom } from '../../policy/socket-rules.ts'
import type { Platform } from '../../ports.ts'
import type { ReleaseKeyPort } from '../../recognise-signed.ts'
import { affinityCookie } from '../../reply/affinity-cookie.ts'
import { dressFor } from '../../reply/dress-reply.ts'
import { grpcStatusFor } from '../../reply/grpc-reply.ts'
import { mirrorsOf } from '../../serve-on-track.ts'
import type { HealthSource, HeldHealth } from '../../snapshot-port.ts'
import { isReleased, takeTrack } from '../../take-track.ts'
import { tellEndpoints } from '../../tell-endpoints.ts'
import { copyRoute } from './copy-route.ts'
import { explainAdmission } from './explain-admission.ts'
import { explainAnswer } from './explain-answer.ts'
import { explainLimits, explainPoolRate } from './explain-limits.ts'
import { explainMatching } from './explain-matching.ts'
import { explainMirrors } from './explain-mirrors.ts'
import { firstOutgoing, showOutgoing } from './explain-outgoing.ts'
import { explainPlan } from './explain-plan.ts'

/** As much of the gateway as explaining needs. */
export interface ExplainRuntime {
  readonly isolate: Isolate
  readonly inbound: InboundRules
  readonly health: Pick<HealthSource, 'pin' | 'holdsProbation'>
  readonly identify?: Identify | undefined
  readonly edge?: Sealing | undefined
  readonly faultGate: FaultGate
  readonly releaseKey?: ReleaseKeyPort | undefined
}

export interface Explained {
  readonly explanation: Explanation
  /** The first attempt, as it would be sent; absent when none would be. */
  readonly outgoing?: OutboundRequest
}

interface Told {
  readonly decision: ExplainedDecision
  /** Of the pool with which it begins. */
  readonly limits?: readonly ExplainedLimit[]
  readonly outgoing?: OutboundRequest
}

export async function explain(request: ArrivingRequest, runtime: ExplainRuntime, real: Platform): Promise<Explained> {
  const draws: Draw[] = []
  const roll = (): Draw => {
    const drawn = real.draw()
    draws.push(drawn)
    return drawn
  }
  const platform = { ...real, draw: roll }
  const read = readInbound(request, runtime.inbound, platform)
  const { base, table } = runtime.isolate
  const health = await runtime.health.pin(read.ok ? read.value.place : {}, platform)
  const about = {
    format: 1 as const,
    base: base.hash,
    request: showRequest(request, read),
    health: showHealth(health, platform.now()),
    draws,
  }
  if (!read.ok) return { explanation: { ...about, decision: asCall(refused(read.error.code), read.error.grpc) } }
  takeHealth(runtime.isolate, health, read.value.receivedAt)
  const identity = await runtime.identify?.(request, read.value, platform)
  const inbound = identity?.query === undefined ? read.value : { ...read.value, query: identity.query }
  const asking = { request, inbound, identity }
  const decision = decide(asking, table, roll)
  const ofUse = explainLimits(decision, asking)
  const asked = new MatchRequest(inbound, request.headers, identity)
  const matching = explainMatching(table, asked, request.headers, decision)
  // A preflight is answered before anybody is asked who they are.
  const taker = 'route' in decision && decision.kind !== 'preflight' ? decision.route : undefined
  const admission = explainAdmission(table, taker, asked)
  const told = await tell(decision, { request, inbound, health, identity }, runtime, platform)
  const limits = [...(ofUse ?? []), ...(told.limits ?? [])]
  return {
    explanation: {
      ...about,
      ...(identity?.query === undefined ? {} : { request: withQuery(about.request, identity.query) }),
      matching,
      ...(admission === undefined ? {} : { admission }),
      ...(limits.length === 0 ? {} : { limits }),
      decision: asCall(told.decision, inbound.headers.grpc),
    },
    ...(told.outgoing === undefined ? {} : { outgoing: told.outgoing }),
  }
}

interface Asked {
  readonly request: ArrivingRequest
  readonly inbound: Inbound
  readonly health: HeldHealth
  readonly identity: Identity | undefined
}

function tell(decision: Decision, asked: Asked, runtime: ExplainRuntime, platform: Platform): Told | Promise<Told> {
  switch (decision.kind) {
    case 'edge-health':
    case 'edge-keys':
      return { decision }
    case 'unmatched':
      return { decision: refused(decision.code) }
    case 'forward':
      return tellForward(decision, asked, runtime, platform)
    default:
      return { decision: tellLocal(decision, asked.request) }
  }
}

function tellLocal(decision: LocalDecision, request: ArrivingRequest): ExplainedDecision {
  const { route } = decision
  const answer = explainAnswer(dressFor(bothEdits(route.responseHeaders, undefined), route.cors, request), false)
  switch (decision.kind) {
    case 'refused':
      return refused(decision.code, route)
    case 'denied':
      return { ...refused(decision.refused.code, route), reason: decision.refused.reason }
    case 'limited':
      return { ...refused(decision.code, route), reason: decision.reason }
    case 'failed-on-purpose':
      return { ...refused('ERR_FAULT_INJECTED', route), status: decision.status }
    case 'preflight':
      return { kind: 'preflight', route: route.id, headers: decision.headers }
    case 'redirected':
      return { ...decision, route: route.id, answer }
    case 'replied':
      return { kind: 'replied', route: route.id, status: decision.reply.status, headers: decision.reply.headers, answer }
    default:
      return decision satisfies never
  }
}

/** A call is refused as its clients understand it (`reply/grpc-reply.ts`). */
const asCall = (decision: ExplainedDecision, grpc: string | undefined): ExplainedDecision =>
  grpc === undefined || decision.kind !== 'refused' ? decision : { ...decision, status: 200, grpcStatus: grpcStatusFor(decision.code) }

const refused = (code: GatewayErrorCode, route?: Route): Extract<ExplainedDecision, { kind: 'refused' }> => {
  const { status, detail } = ERRORS[code]
  return { kind: 'refused', code, status, detail, ...(route === undefined ? {} : { route: route.id }) }
}

async function tellForward(
  { route, action, weighted }: Extract<Decision, { kind: 'forward' }>,
  { request, inbound, health, identity }: Asked,
  runtime: ExplainRuntime,
  platform: Platform,
): Promise<Told> {
  const { gateway } = runtime.isolate
  const stateOf = (one: typeof weighted) => copyRoute(peekRouteState(gateway, route, one, inbound.receivedAt))
  const parts = { health, releases: gateway.releases, key: runtime.releaseKey, stateOf }
  const tracked = isReleased(action) ? await takeTrack({ request, inbound, identity }, action, parts, platform) : undefined
  const state = tracked?.state ?? stateOf(weighted)
  const rewritten = state.rewrite === undefined ? inbound : rewrite(state.rewrite, inbound, route.paths)
  if (rewritten !== inbound && !isServed(rewritten.path, route)) return { decision: refused('ERR_BAD_REQUEST_PATH', route) }
  const fault = route.faults && (await decideFault(route.faults, { request, inbound, route }, runtime.faultGate, platform.draw))
  if (fault?.abort !== undefined) return { decision: { ...refused('ERR_FAULT_INJECTED', route), status: fault.abort } }
  const telling = route.admission?.identity === undefined ? undefined : await tellEndpoints(route, identity, runtime.edge)
  if (telling === 'unsigned') return { decision: refused('ERR_IDENTITY_UNSIGNED', route) }
  const begun = { ...inbound, receivedAt: after(inbound.receivedAt, fault?.delay ?? ms(0)) }
  const body = assumedBody(inbound, bodyRules(inbound, route))
  const known = { headers: request.headers, identity, tracked }
  const plan = makePlan(begun, { ...known, route: state, health, body, newKey: platform.uuid }, runtime.health)
  const { told, first } = explainPlan({ plan, action, body: body.kind, method: inbound.method }, begun.receivedAt, platform.draw)
  const limits = explainPoolRate(state)
  if (first === undefined) return { decision: { ...refused(told.ending, route), plan: told }, limits }
  const outgoing = firstOutgoing({ request, inbound, body, rewritten, told: telling?.told }, plan, first)
  const decision = {
    kind: 'forwarded' as const,
    route: route.id,
    plan: told,
    outgoing: showOutgoing(request.headers, outgoing, first.candidate.endpoint, telling?.told),
    mirrors: explainMirrors(mirrorsOf(route, plan), { safe: plan.safe, body: plan.body, webSocket: inbound.headers.webSocket }),
    ...(fault?.delay === undefined ? {} : { delayed: fault.delay }),
    ...socketOf(inbound, route, runtime.isolate),
    answer: explainAnswer(
      dressFor(state.responseEdits, route.cors, request),
      tracked?.cookie !== undefined || (plan.steerBy !== undefined && affinityCookie(plan) !== undefined),
    ),
  }
  return { decision, limits, outgoing }
}

function socketOf({ headers, receivedAt }: Inbound, { relayWebSockets }: Route, { sockets }: Isolate) {
  if (!headers.webSocket) return {}
  if (relayWebSockets === undefined) return { socket: 'handed-over' as const }
  return { socket: hasRoom(sockets, receivedAt) ? ('relayed' as const) : ('too-many' as const) }
}

/** A body is known by its headers alone. One without a length is taken to be small enough to be kept, where it would be kept at all. */
function assumedBody({ method, headers }: Inbound, { replayMax, maybeAgain }: BodyRules): OutboundBody {
  if (!mayHaveBody(method)) return NO_BODY
  const length = declaredLength(headers.contentLength)
  if (length === undefined && !headers.dropped.includes('transfer-encoding')) return NO_BODY
  return (length === undefined ? maybeAgain : length <= replayMax)
    ? { kind: 'kept', content: new Uint8Array() }
    : { kind: 'streamed', stream: new ReadableStream(), sent: Promise.resolve(true) }
}

function showRequest({ method, url }: ArrivingRequest, read: ReturnType<typeof readInbound>): ExplainedRequest {
  if (!read.ok) return { method, url }
  const { scheme, authority, host, path, query, address, place, headers } = read.value
  return {
    method,
    url,
    read: {
      scheme,
      authority,
      host,
      path,
      query,
      stripped: [...new Set(headers.dropped)],
      ...(address === undefined ? {} : { address }),
      ...(place.colo === undefined ? {} : { colo: place.colo }),
    },
  }
}

/** Without the tokens that were in it, as it goes on. */
const withQuery = ({ url, read, ...rest }: ExplainedRequest, query: string): ExplainedRequest => ({
  ...rest,
  url: url.replace(/\?.*$/, () => query),
  ...(read === undefined ? {} : { read: { ...read, query } }),
})

function showHealth(health: HeldHealth, now: Instant): Explanation['health'] {
  const { age, silent, snapshot, applied } = health
  return {
    age,
    silent,
    retryScale: retryScale(health),
    ...(snapshot === undefined ? {} : { vantage: snapshot.vantage }),
    ...(applied === undefined ? {} : { inForce: shownInForce(applied, now) }),
  }
}
