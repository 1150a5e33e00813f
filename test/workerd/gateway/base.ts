/** A base by hand, complete, for tests that say only what matters to them. */
import type { ForwardAction, WeightedPool } from '../../../config/action.ts'
import type { Base, Endpoint, Pool, Route } from '../../../config/base.ts'
import { endpointId, endpointKey, poolId, routeId, vantageId } from '../../../config/ids.ts'
import type { MatchOrder } from '../../../config/match.ts'
import { compileRegex } from '../../../config/regex/compile-regex.ts'
import type { RegexProgram } from '../../../config/regex/program.ts'
import type { RetrySettings } from '../../../config/resilience.ts'
import { bytes, type Instant, ms, seconds, share } from '../../../config/units.ts'
import { newGatewayState, type RouteState, routeState } from '../../../worker/policy/route-state.ts'

export interface BaseParts {
  readonly endpoints: readonly (Partial<Omit<Endpoint, 'id'>> & { readonly id: string; readonly origin: string })[]
  readonly pool?: Partial<Pool>
  readonly route?: Partial<Route>
  readonly order?: MatchOrder
  readonly routes?: readonly (Partial<Omit<Route, 'id'>> & { readonly id: string })[]
}

export function testBase({ endpoints, pool, route, routes, order = 'most-specific' }: BaseParts): Base {
  return {
    format: 1,
    hash: '0123456789abcdef',
    pools: [{ ...POOL, ...pool, endpoints: endpoints.map(testEndpoint) }],
    routes: (routes ?? [{ id: 'all' }]).map((each) => ({ ...ROUTE, ...route, ...each, id: routeId(each.id) })),
    health: { vantages: [vantageId('weur')], holdDown: { base: seconds(30), factor: 4, max: seconds(600), memory: seconds(600) } },
    targets: [],
    replies: { routingHeaders: true },
    inbound: { headersMax: bytes(32 * 1024), hopsMax: 3 },
    matching: { order },
    regexes: [...new Set((routes ?? []).flatMap(sourcesOf))].map(compiled),
  }
}

const sourcesOf = ({ paths = [], headers = [], query = [], cookies = [], claims = [] }: Partial<Omit<Route, 'id'>>): readonly string[] =>
  [...paths, ...headers, ...query, ...cookies, ...claims].flatMap((match) => (match.kind === 'regex' ? [match.value] : []))

/** An expression as the configuration would compile it. */
export function compiled(source: string): RegexProgram {
  const reading = compileRegex(source)
  if ('value' in reading) return reading.value
  throw new Error(`${source}: expected ${reading.expected}${reading.suggestion === undefined ? '' : ` (${reading.suggestion})`}`)
}

export function testEndpoint(given: BaseParts['endpoints'][number]): Endpoint {
  return {
    key: endpointKey(`key of ${given.id}`),
    basePath: '',
    cloud: 'aws',
    region: 'us-east-1',
    mesh: 'none',
    priority: 0,
    weight: 1,
    drain: false,
    headers: [],
    ...given,
    id: endpointId(given.id),
  }
}

/** The action of a route with one pool. */
export function toPool(name: string): ForwardAction {
  return { kind: 'forward', pools: [{ pool: poolId(name), weight: 1 }] }
}

/** The pools that a route names; none when it asks no endpoint. */
export const poolsOf = ({ action }: Route): readonly WeightedPool[] =>
  action.kind !== 'forward' ? [] : action.release === undefined ? action.pools : [...action.pools, action.release.canary]

/** What an isolate that starts now knows of the first pool of the first route. */
export function firstState(base: Base, now: Instant, gateway = newGatewayState(base)): RouteState {
  const [route] = base.routes
  const [weighted] = route === undefined ? [] : poolsOf(route)
  if (route === undefined || weighted === undefined) throw new Error('a base whose first route has no pool')
  return routeState(gateway, route, weighted, now)
}

const POOL: Pool = {
  id: poolId('pool'),
  endpoints: [],
  steering: 'listed',
  outlier: {
    mode: 'enforced',
    consecutiveConnect: 2,
    consecutiveOther: 3,
    window: seconds(10),
    attemptsMin: 20,
    shareAbovePool: share(0.2),
  },
  retryBudget: { share: share(0.2), window: seconds(10), perSecond: 1 },
  slowStart: seconds(30),
}

export const RETRY: RetrySettings = {
  attemptsMax: 3,
  statuses: [502, 503, 504],
  rescue: true,
  leave: 'region',
  retryAfterMax: seconds(300),
  backoff: { base: ms(5), max: ms(20), min: ms(0) },
}

const ROUTE: Route = {
  id: routeId('all'),
  action: toPool('pool'),
  hosts: ['shop.test'],
  paths: [{ kind: 'prefix', value: '/' }],
  methods: [],
  headers: [],
  priority: 'normal',
  writes: 'follow-verdict',
  idempotencyKey: false,
  timeouts: { request: seconds(5), attempt: ms(300), slow: 'race', idle: seconds(30) },
  retry: RETRY,
  replayMax: bytes(64 * 1024),
  bufferUpTo: bytes(0),
}
