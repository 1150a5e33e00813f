/**
 * What this isolate knows of routes and endpoints beside the configuration: the state that the folds of this folder change. Losing it
 * costs a few attempts to find out again, never a wrong answer: an isolate that starts has it empty.
 */
import type { HeaderEdits, Rewrite, WeightedPool } from '../../config/action.ts'
import type { Base, Endpoint, HoldDownSettings, Pool, Route } from '../../config/base.ts'
import type { EndpointKey, PoolId, RouteId } from '../../config/ids.ts'
import { part } from '../../config/limits.ts'
import { type Instant, instant, ms } from '../../config/units.ts'
import { type UnitVector, unitVector } from './distance.ts'
import { bothEdits } from './edit-headers.ts'
import { type EndpointLoad, newEndpointLoad } from './endpoint-load.ts'
import { type Hedging, newHedging } from './hedge.ts'
import { type RouteLimits, routeLimits } from './limits.ts'
import { type Mirroring, newMirroring } from './mirror.ts'
import { newOutlier, type Outlier } from './outlier.ts'
import { newRetryBudget, type RetryBudget } from './retry-budget.ts'
import { bothRewrites } from './rewrite.ts'
import { hashText } from './steering/by-hash.ts'
import { heardOf } from './steering/colo-latency.ts'
import { type HeardLatency, newPeakLatency, type PeakLatency } from './steering/peak-latency.ts'
import { type PoolLevels, poolLevels } from './steering/pool-levels.ts'
import { type PoolSteering, poolSteering } from './steering/pool-steering.ts'
import { newTally, type Tally } from './tally.ts'
import type { TrackCounter } from './track-counts.ts'
import { type RegionCounters, type Releases, regionCounters, releasesOf, sharedEndpoints } from './track-state.ts'

/** An endpoint as a whole, in whichever pools and routes it serves. */
export interface EndpointState {
  readonly key: EndpointKey
  readonly load: EndpointLoad
  /** Falls by connect-class failures, or when two routes and two client networks say so. */
  readonly outlier: Outlier
  /** Its place in each route that has had a request. */
  readonly candidates: Candidate[]
  /** When this isolate last permitted itself a trial, no vantage being there to permit one. */
  ownTrialAt: Instant
  /** It has said that it is being drained, to two routes and two client networks: nothing goes there until then. */
  drainsUntil: Instant
}

/** One endpoint of a route's pool. */
export interface Candidate {
  readonly endpoint: Endpoint
  /** Its place in the pool, in order of the file. */
  readonly index: number
  /** Its name as a number, for affinity. */
  readonly seed: number
  readonly state: EndpointState
  readonly route: RouteState
  /** On this route alone. */
  readonly outlier: Outlier
  /** Attempts decided in the last 2 s; the failed are marked. What the rescue rule reads. */
  readonly decided: Tally
  /** Attempts that may wait there for this route to begin another; absent: no limit. */
  readonly concurrencyMax?: number
  /** How fast it answers this route; only where the pool steers by latency. */
  readonly peak?: PeakLatency
  /** It has asked for a pause by `Retry-After` that another endpoint did not need. */
  pausedUntil: Instant
  /** The last client network to hear from it that it has no room. */
  noRoom?: { readonly network: string; readonly at: Instant }
  /** It has said to this route that it is being drained: nothing goes there until then. */
  drainsUntil: Instant
  /** The client network that heard it. */
  drainHeardBy?: string
  /** Every body is looked after until then: it has broken one. */
  bodySuspectUntil: Instant
  /** When the next body is to be looked after. */
  bodyLookAt: Instant
  /** Since when a body is being held that has not come whole; 0 when none is. */
  bodyHeldSince: Instant
  /** None is held until then unless the route asks for it: they are slow by nature. */
  bodySlowUntil: Instant
  /** Watched bodies broken in a row; a head proves nothing about what follows it. */
  brokenInRow: number
  /** Where it stands on the globe, when known. */
  readonly place?: UnitVector
  /** Of its track in its region; only where the route has a release. */
  readonly counters?: RegionCounters
}

/** One pool of a route: another pool of it has other endpoints, and its own share of failures. */
export interface RouteState {
  readonly route: Route
  /** As the route names it. */
  readonly weighted: WeightedPool
  /** The route's and then the pool's; absent when nothing changes. */
  readonly requestEdits?: readonly HeaderEdits[]
  readonly responseEdits?: readonly HeaderEdits[]
  readonly rewrite?: Rewrite
  readonly pool: Pool
  readonly holdDown: HoldDownSettings
  readonly steering: PoolSteering
  /** Absent: nothing is shed. */
  readonly limits?: RouteLimits
  /** Absent: its priorities stand by. */
  readonly levels?: PoolLevels
  /** In order of the file. */
  readonly candidates: readonly Candidate[]
  /** Shared by the routes of a pool. */
  readonly budget: RetryBudget
  readonly hedging?: Hedging
  /** Of a canary: the endpoints that stable has as well. */
  readonly shared?: ReadonlySet<EndpointKey>
}

export interface GatewayState {
  readonly base: Base
  readonly states: Map<WeightedPool, RouteState>
  /** Of each route that has had a request, its pools that have had one. */
  readonly routes: Map<RouteId, RouteState[]>
  readonly endpoints: Map<EndpointKey, EndpointState>
  readonly budgets: Map<string, RetryBudget>
  readonly mirroring: Mirroring
  readonly steerings: Map<PoolId, PoolSteering>
  readonly releases: Releases
  /** What other isolates of the colo have seen of latencies. */
  readonly heard: Map<string, HeardLatency>
  /** Of the tracks that have had a request. */
  readonly trackCounters: TrackCounter[]
}

/** Over which time the rescue rule looks back. */
const DECIDED_WINDOW = ms(2000)

export const newGatewayState = (base: Base): GatewayState => ({
  base,
  states: new Map(),
  routes: new Map(),
  endpoints: new Map(),
  budgets: new Map(),
  mirroring: newMirroring(base),
  steerings: new Map(),
  releases: releasesOf(base),
  heard: new Map(),
  trackCounters: [],
})

/** Made with the first request of a route to that pool: an isolate rarely sees all of a thousand. */
export function routeState(gateway: GatewayState, route: Route, weighted: WeightedPool, now: Instant): RouteState {
  const held = gateway.states.get(weighted)
  return held ?? newRouteState(gateway, route, weighted, now)
}

function newRouteState(gateway: GatewayState, route: Route, weighted: WeightedPool, now: Instant): RouteState {
  const pool = gateway.base.pools.find((each) => each.id === weighted.pool)
  if (pool === undefined) throw new Error(`route ${route.id} names the pool ${weighted.pool}, which is not in the base`)
  const candidates: Candidate[] = []
  const levels = poolLevels(pool)
  const limits = routeLimits(pool, route.priority)
  const countersOf = regionCounters(route, weighted, gateway.trackCounters)
  const shared = sharedEndpoints(gateway.base, route, weighted, pool)
  const made: RouteState = {
    route,
    weighted,
    ...filtersOf(route, weighted),
    pool,
    holdDown: gateway.base.health.holdDown,
    steering: steeringOf(gateway, pool),
    ...(levels === undefined ? {} : { levels }),
    ...(limits === undefined ? {} : { limits }),
    candidates,
    budget: budgetOf(gateway, pool),
    ...(route.hedge === undefined ? {} : { hedging: newHedging(route.hedge, now) }),
    ...(shared === undefined ? {} : { shared }),
  }
  for (const [index, endpoint] of pool.endpoints.entries()) {
    const state = endpointState(gateway, endpoint, pool, now)
    const place = endpoint.coordinates === undefined ? undefined : unitVector(endpoint.coordinates)
    const candidate: Candidate = {
      endpoint,
      index,
      seed: hashText(endpoint.id),
      state,
      route: made,
      outlier: newOutlier(pool.outlier.window),
      decided: newTally(DECIDED_WINDOW),
      pausedUntil: instant(0),
      drainsUntil: instant(0),
      bodySuspectUntil: instant(0),
      bodyHeldSince: instant(0),
      bodySlowUntil: instant(0),
      bodyLookAt: instant(0),
      brokenInRow: 0,
      ...(place === undefined ? {} : { place }),
      ...(endpoint.concurrency === undefined ? {} : { concurrencyMax: part(endpoint.concurrency, limits?.share ?? 1) }),
      ...(pool.steering === 'latency' ? { peak: newPeakLatency(now, heardOf(gateway, route.id, endpoint.key)) } : {}),
      ...(countersOf === undefined ? {} : { counters: countersOf(endpoint.region) }),
    }
    candidates.push(candidate)
    state.candidates.push(candidate)
  }
  gateway.states.set(weighted, made)
  gateway.routes.set(route.id, [...(gateway.routes.get(route.id) ?? []), made])
  return made
}

function filtersOf(route: Route, weighted: WeightedPool): Pick<RouteState, 'requestEdits' | 'responseEdits' | 'rewrite'> {
  const requestEdits = bothEdits(route.requestHeaders, weighted.requestHeaders)
  const responseEdits = bothEdits(route.responseHeaders, weighted.responseHeaders)
  const rewrite = bothRewrites(route.rewrite, weighted.rewrite)
  return {
    ...(requestEdits === undefined ? {} : { requestEdits }),
    ...(responseEdits === undefined ? {} : { responseEdits }),
    ...(rewrite === undefined ? {} : { rewrite }),
  }
}

function budgetOf(gateway: GatewayState, pool: Pool): RetryBudget {
  const held = gateway.budgets.get(pool.id)
  if (held !== undefined) return held
  const made = newRetryBudget(pool.retryBudget)
  gateway.budgets.set(pool.id, made)
  return made
}

function steeringOf(gateway: GatewayState, pool: Pool): PoolSteering {
  const held = gateway.steerings.get(pool.id)
  if (held !== undefined) return held
  const made = poolSteering(gateway.base, pool)
  gateway.steerings.set(pool.id, made)
  return made
}

function endpointState(gateway: GatewayState, endpoint: Endpoint, pool: Pool, now: Instant): EndpointState {
  const held = gateway.endpoints.get(endpoint.key)
  if (held !== undefined) return held
  const made: EndpointState = {
    key: endpoint.key,
    load: newEndpointLoad(now),
    outlier: newOutlier(pool.outlier.window),
    candidates: [],
    ownTrialAt: instant(Number.NEGATIVE_INFINITY),
    drainsUntil: instant(0),
  }
  gateway.endpoints.set(endpoint.key, made)
  return made
}
