/**
 * The only module-level state of the data plane: what this isolate has learnt. Losing it is safe. Routes are made again from the base,
 * health comes with the next snapshot, and an ejection is found out again by two or three attempts, which are rescued.
 */
import type { Base } from '../config/base.ts'
import type { EndpointKey } from '../config/ids.ts'
import type { Instant } from '../config/units.ts'
import { type Audit, newAudit } from './observe/audit.ts'
import { learnVerdicts } from './policy/learn.ts'
import { type GatewayState, newGatewayState, type RouteState } from './policy/route-state.ts'
import { makeRouteTable, type RouteTable } from './policy/route-table.ts'
import { newSocketsHeld, type SocketsHeld } from './policy/socket-rules.ts'
import { isEjected, wantsTrial } from './policy/standing.ts'
import { hearLatencies, tellLatencies } from './policy/steering/colo-latency.ts'
import { takeTrackCounts } from './policy/track-counts.ts'
import type { HeldHealth, PassiveHealth, SharedLatencies } from './snapshot-port.ts'

export interface Isolate {
  readonly base: Base
  readonly table: RouteTable
  readonly gateway: GatewayState
  /** The snapshot whose verdicts have been folded in. */
  lastHealth: HeldHealth | undefined
  /** WebSockets that are relayed here. */
  readonly sockets: SocketsHeld
  /** What has been said of requests that would be refused. */
  readonly audit: Audit
  /** What has been said of requests that no route has had. */
  readonly refusals: Audit
  /** What has been said of requests whose sender may not have what they ask for. */
  readonly denials: Audit
}

export const newIsolate = (base: Base): Isolate => ({
  base,
  table: makeRouteTable(base),
  gateway: newGatewayState(base),
  lastHealth: undefined,
  sockets: newSocketsHeld(),
  audit: newAudit(),
  refusals: newAudit(),
  denials: newAudit(),
})

/** Lets a snapshot end ejections; a comparison when it is the one already known. */
export function takeHealth(isolate: Isolate, health: HeldHealth, now: Instant): void {
  if (isolate.lastHealth === health) return
  isolate.lastHealth = health
  if (health.snapshot !== undefined && health.age === 'fresh') learnVerdicts(isolate.gateway, health.snapshot, now)
}

export function passiveHealth(isolate: Isolate): PassiveHealth {
  return {
    isEjected: (route, endpoint) => isolate.gateway.routes.get(route)?.some((state) => holdsEjected(state, endpoint)) ?? false,
    wantsProbation: (now) => wanting(isolate.gateway, now),
    takeTracks: () => takeTrackCounts(isolate.gateway.trackCounters),
    ...(isolate.base.pools.some(({ steering }) => steering === 'latency') ? { latencies: sharedLatencies(isolate.gateway) } : {}),
  }
}

const sharedLatencies = (gateway: GatewayState): SharedLatencies => ({
  tell: (now) => tellLatencies(gateway, now),
  hear: (told, at, now) => hearLatencies(gateway, told, at, now),
})

/** What a canary alone says of an endpoint that stable has as well is no word about the route. */
const holdsEjected = ({ candidates, shared }: RouteState, endpoint: EndpointKey): boolean =>
  shared?.has(endpoint) !== true && candidates.some((each) => each.endpoint.key === endpoint && isEjected(each))

function wanting(gateway: GatewayState, now: Instant): readonly EndpointKey[] {
  const keys: EndpointKey[] = []
  for (const { key, candidates } of gateway.endpoints.values()) if (candidates.some((each) => wantsTrial(each, now))) keys.push(key)
  return keys
}
