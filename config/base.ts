/**
 * What `config/gateway.yaml` is compiled to: plain data, bundled with the gateway's Worker, complete (every default is
 * written out) and consistent (every name resolves). Only a deploy changes it. The worker builds its lookup tables from it
 * once, before the first request.
 */
import type { RouteAction, RouteFilters } from './action.ts'
import type { AdmissionBase, RouteAdmission } from './admission.ts'
import type { EdgeCertificate } from './edge-certificate.ts'
import type { EdgeSettings } from './forwarded-identity.ts'
import type { EndpointId, EndpointKey, PoolId, RouteId, VantageId } from './ids.ts'
import type { PoolLimits, PriorityClass } from './limits.ts'
import type { MatchingSettings, RouteConditions } from './match.ts'
import type { OperatorsSettings } from './operators.ts'
import type { RegexProgram } from './regex/program.ts'
import type { Release } from './release.ts'
import type { HedgeSettings, RetrySettings, Timeouts } from './resilience.ts'
import type { SocketRelaySettings } from './socket-relay.ts'
import type { AffinityKey, CountryPlaces, LevelSettings, Steering, SteeringMap } from './steering.ts'
import type { Bytes, DurationMs, Share } from './units.ts'

export type { Steering } from './steering.ts'

export interface Base {
  readonly format: 1
  /** SHA-256 of everything else here, 16 hex digits: two isolates with the same hash decide alike. */
  readonly hash: string
  readonly pools: readonly Pool[]
  /** In order of the file. `RouteTable` applies the precedence. */
  readonly routes: readonly Route[]
  /** Absent: there is none. Where each stands is the director's to say. */
  readonly releases?: readonly Release[]
  readonly health: HealthSettings
  /** Whom to probe, each key once, in order of the file. All that a vantage needs to know of a base. */
  readonly targets: readonly ProbeTarget[]
  readonly inbound: InboundSettings
  readonly replies: ReplySettings
  /** Where countries are, when some pool steers to the nearest: for clients whose coordinates nobody knows. */
  readonly countries?: CountryPlaces
  readonly matching: MatchingSettings
  /** Absent: nothing is demanded of anybody. */
  readonly admission?: AdmissionBase
  /** What the edge calls itself, where some route tells endpoints who sent a request. */
  readonly edge?: EdgeSettings
  /** When certificates end that it presents to endpoints; absent: nobody says. */
  readonly edgeCertificates?: readonly EdgeCertificate[]
  /** Absent: the operators' API answers on every host of the gateway, to who bears the secret. */
  readonly operators?: OperatorsSettings
  /** Every regular expression that something here names, each source once. */
  readonly regexes: readonly RegexProgram[]
}

export interface InboundSettings {
  /** Largest request header block, names and values added up. Default 32 KiB. A larger one is answered 431. */
  readonly headersMax: Bytes
  /** How often a request may have passed this gateway (RFC 8586 `CDN-Loop`) before it is answered 508. Default 3. */
  readonly hopsMax: number
}

export interface ReplySettings {
  /** Each answer says `x-request-id`, `meridian-endpoint` and `meridian-attempts`. Default false: it names the regions to clients. */
  readonly routingHeaders: boolean
}

export interface Pool {
  readonly id: PoolId
  readonly endpoints: readonly Endpoint[]
  readonly steering: Steering
  /** With `steering: affinity`, and only then. */
  readonly affinity?: AffinityKey
  /** With `steering: map`, and only then. */
  readonly map?: SteeringMap
  /** How it spreads over its priorities; absent: they stand by. */
  readonly levels?: LevelSettings
  /** Absent: nothing is limited but by what the isolate finds out, and nothing is shed. */
  readonly limits?: PoolLimits
  readonly outlier: OutlierSettings
  readonly retryBudget: RetryBudgetSettings
  /** How long a restored endpoint takes to come back to its full share. Default 30 s; 0 turns the ramp off. */
  readonly slowStart: DurationMs
}

export interface Endpoint {
  readonly id: EndpointId
  readonly key: EndpointKey
  /** Scheme, host and port, without a trailing slash: `https://ingress.use1.example.com`. */
  readonly origin: string
  /** Prepended to the path of each request: empty, or `/base` without a trailing slash. */
  readonly basePath: string
  readonly cloud: string
  readonly region: string
  /** Where it serves one zone alone. */
  readonly zone?: string
  readonly mesh: MeshPreset
  /** 0 is tried first. */
  readonly priority: number
  /** Relative to the other endpoints of the same priority; 0 takes no traffic, not even when nothing else is left. */
  readonly weight: number
  /** What it can carry, relative to the other endpoints of the pool; absent: its weight. Read where the pool has `levels`. */
  readonly capacity?: number
  /** Attempts of one isolate that may wait here; none is begun above it. Absent: no limit. */
  readonly concurrency?: number
  /** Degrees. Known cloud regions carry theirs; absent when the region is unknown and the file gives none. */
  readonly coordinates?: Coordinates
  /** Taken out on purpose: no new request, probes go on. */
  readonly drain: boolean
  /** Set on every request to this endpoint, names in lower case. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** The binding through which it is asked, which presents a client certificate. Absent: none. */
  readonly clientCertificate?: string
}

export interface Coordinates {
  readonly latitude: number
  readonly longitude: number
}

export const MESH_PRESETS = ['istio', 'linkerd', 'consul', 'kuma', 'appmesh', 'osm', 'tetrate', 'envoy', 'none'] as const
export type MeshPreset = (typeof MESH_PRESETS)[number]

export interface Route extends RouteConditions, RouteFilters {
  /** The route's `name`, or `routes[3]` when it has none. */
  readonly id: RouteId
  readonly action: RouteAction
  /** Absent: what its host demands, and no more. */
  readonly admission?: RouteAdmission
  /** Whose requests are shed first where a pool sheds. Default normal. */
  readonly priority: PriorityClass
  readonly writes: WritesPolicy
  /** With `writes: home`: the one endpoint that takes non-safe methods. */
  readonly home?: EndpointId
  /** True: a client's `Idempotency-Key` permits a second try of a write at the same endpoint. */
  readonly idempotencyKey: boolean
  readonly timeouts: Timeouts
  readonly retry: RetrySettings
  /** Absent: nothing is hedged. */
  readonly hedge?: HedgeSettings
  /** A request body up to this size is kept for another attempt; a larger one is streamed once and not tried again. Default 64 KiB. */
  readonly replayMax: Bytes
  /** A response up to this size is read whole before its head is sent on, so that a break in its middle can be rescued. Default 0: off. */
  readonly bufferUpTo: Bytes
  /** Absent: WebSockets are handed over to the runtime. */
  readonly relayWebSockets?: SocketRelaySettings
}

/**
 * What may be done with a request whose method is not safe (RFC 9110 section 9.2.1):
 * - `follow-verdict`: to the first endpoint in order that is not out; never sent again unless it was provably not sent.
 * - `home`: to one endpoint; while that is out, answered `ERR_HOME_OUT`.
 * - `anywhere`: treated like a safe method, because the route's store is shared by all regions.
 */
export type WritesPolicy = 'follow-verdict' | 'home' | 'anywhere'

export interface RetryBudgetSettings {
  /** Retries allowed as a share of the requests of the window. Default 20 %. */
  readonly share: Share
  /** Default 10 s. */
  readonly window: DurationMs
  /** Allowed a second where the share comes to less. Default 1. */
  readonly perSecond: number
}

/** When an isolate ejects an endpoint by itself, for one route. Envoy calls it outlier detection. */
export interface OutlierSettings {
  /** `detected`: said in the log and the reports, not acted on. Default `enforced`. */
  readonly mode: 'enforced' | 'detected'
  /** Consecutive attributable failures to connect. Default 2. */
  readonly consecutiveConnect: number
  /** Consecutive other attributable failures. Default 3. */
  readonly consecutiveOther: number
  /** Default 10 s. */
  readonly window: DurationMs
  /** Attempts in the window before the share is judged. Default 20. */
  readonly attemptsMin: number
  /** How far the failed share may be above that of the rest of the pool. Default 20 points. */
  readonly shareAbovePool: Share
}

export interface HealthSettings {
  /** Location hints, each a vantage. Default `wnam, enam, weur, eeur, apac`. */
  readonly vantages: readonly VantageId[]
  readonly holdDown: HoldDownSettings
}

/** How long an endpoint that went down stays down at least. Used by vantages and isolates alike. */
export interface HoldDownSettings {
  /** After the first fall. Default 30 s. */
  readonly base: DurationMs
  /** Multiplier for each further fall within `memory`. Default 4. */
  readonly factor: number
  /** Default 10 min. */
  readonly max: DurationMs
  /** Default 10 min. */
  readonly memory: DurationMs
}

/** One endpoint as a vantage sees it. */
export interface ProbeTarget {
  readonly key: EndpointKey
  readonly id: EndpointId
  readonly pool: PoolId
  readonly cloud: string
  readonly region: string
  readonly monitor: Monitor
  /** A pool that steers by latency has it: snapshots say how fast its probes are. */
  readonly latency?: true
}

/**
 * How an endpoint is asked whether it is well. `grpc`: gRPC's own health check, spoken as gRPC-Web, whose trailers come in the body; `tls`: nothing is asked
 * once the handshake is done.
 */
export const MONITOR_KINDS = ['http', 'websocket', 'grpc', 'tls'] as const
export type MonitorKind = (typeof MONITOR_KINDS)[number]

export interface Monitor {
  /** Absent: `http`. With another kind `statuses` and `method` are for vantages one version back, which know none. */
  readonly kind?: Exclude<MonitorKind, 'http'>
  /** With `kind: grpc`: the service that is asked about; empty: the server as a whole. */
  readonly service?: string
  /** What the probes say is shown, and nothing follows from it. */
  readonly monitorOnly?: true
  /** Where to probe, whole: `https://ingress.use1.example.com:15021/healthz/ready`. */
  readonly url: string
  readonly method: 'GET' | 'HEAD'
  /** Names in lower case. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** Default 1 s. */
  readonly interval: DurationMs
  /** Default 800 ms. */
  readonly timeout: DurationMs
  /** Passed probes in a row until the probe facet is up. Default 2. */
  readonly consecutiveUp: number
  /** Failed probes in a row until it is down. Default 2. */
  readonly consecutiveDown: number
  /** Inclusive ranges. Default 200 to 299. */
  readonly statuses: readonly (readonly [from: number, to: number])[]
  /** Must occur in the first 4 KiB of the body, when given. */
  readonly body?: string
  /** The binding of the control Worker that presents a client certificate, where the endpoint itself is probed. Absent: none. */
  readonly clientCertificate?: string
}
