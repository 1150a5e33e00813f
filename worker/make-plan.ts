/** Puts together what is fixed about a request before its first attempt. */
import type { Route } from '../config/base.ts'
import { type DurationMs, ms } from '../config/units.ts'
import type { BodyRules, OutboundBody } from './forward/replay-body.ts'
import type { Inbound } from './inbound/read-inbound.ts'
import { parseGrpcTimeout } from './policy/grpc.ts'
import { planHedge } from './policy/hedge.ts'
import type { Identity } from './policy/identity.ts'
import type { HeaderLookup } from './policy/match-request.ts'
import { pickProbation } from './policy/pick-probation.ts'
import type { Plan } from './policy/plan.ts'
import { isSafe, replayRule } from './policy/replay-rule.ts'
import type { RouteState } from './policy/route-state.ts'
import { steerBy } from './policy/steering/steer-by.ts'
import type { HealthSource, HeldHealth } from './snapshot-port.ts'
import type { Tracked } from './take-track.ts'

export interface PlanParts {
  readonly route: RouteState
  readonly health: HeldHealth
  readonly body: OutboundBody
  /** As the client sent them. */
  readonly headers: HeaderLookup
  readonly identity: Identity | undefined
  /** For a client that is given a cookie for affinity. */
  readonly newKey: () => string
  /** Absent: the route has no release. */
  readonly tracked?: Tracked | undefined
}

type Permits = Pick<HealthSource, 'holdsProbation'>

/** Keeping a body of unknown length is of use only when the request may be sent again. */
export const bodyRules = (inbound: Inbound, route: Route): BodyRules => ({
  replayMax: route.replayMax,
  maybeAgain: replayRule(inbound.method, route, inbound.headers.idempotencyKey) !== 'if-unsent',
})

export function makePlan(inbound: Inbound, { route, health, body, headers, identity, newKey, tracked }: PlanParts, source: Permits): Plan {
  const replay = replayRule(inbound.method, route.route, inbound.headers.idempotencyKey)
  const kept = body.kind !== 'streamed'
  const risked = replay === 'anywhere' && kept && !inbound.headers.webSocket
  const probation = risked ? pickProbation(route, health, inbound.receivedAt, source.holdsProbation) : undefined
  const safe = isSafe(inbound.method)
  const hedge = risked && safe && route.hedging !== undefined ? planHedge(route.hedging, inbound.receivedAt) : undefined
  const { place, query, address } = inbound
  const about = { headers, place, query, address, identity }
  const steered = steerBy(route.steering, about, newKey)
  const plan: Plan = {
    route,
    health,
    replay,
    body: kept ? 'kept' : 'streamed',
    safe,
    receivedAt: inbound.receivedAt,
    requestTimeout: shorter(route.route.timeouts.request, parseGrpcTimeout(inbound.headers.grpcTimeout)),
    ...(steered === undefined ? {} : { steerBy: steered }),
    ...(probation === undefined ? {} : { probation }),
    ...(hedge === undefined ? {} : { hedge }),
  }
  if (tracked === undefined) return plan
  const { stable, ...track } = tracked
  if (stable === undefined) return { ...plan, track: track.track }
  const onStable = steerBy(stable.steering, about, newKey)
  const { steerBy: _, probation: __, hedge: ___, ...same } = plan
  const then: Plan = { ...same, route: stable, ...(onStable === undefined ? {} : { steerBy: onStable }) }
  return { ...plan, track: track.track, stable: then }
}

/** What a client gives itself, where that is less than the route gives. */
const shorter = (ours: DurationMs, theirs: DurationMs | undefined): DurationMs => (theirs === undefined ? ours : ms(Math.min(ours, theirs)))
