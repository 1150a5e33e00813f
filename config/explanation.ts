/**
 * What the gateway decides about one request, without sending it: for people, `npx meridian explain` and the operators' API. Plain data;
 * every time in it is a length. Values of headers that authenticate somebody are not in it.
 */
import type { HeaderEdits } from './action.ts'
import type { MeshPreset } from './base.ts'
import type { GatewayErrorCode } from './errors.ts'
import type { ExplainedAdmission } from './explained-admission.ts'
import type { ExplainedTrack } from './explained-track.ts'
import type { EndpointId, EndpointKey, PoolId, RouteId, VantageId } from './ids.ts'
import type { InForce } from './overlay.ts'
import type { RateLimitScope } from './rate-limit.ts'
import type { EndpointHealth } from './snapshot.ts'
import type { VoteStatus } from './status.ts'
import type { DurationMs, Share } from './units.ts'

export interface Explanation {
  readonly format: 1
  /** Hash of the base that decided. */
  readonly base: string
  readonly request: ExplainedRequest
  readonly health: ExplainedHealth
  /** Absent when the request was refused before anything was matched. */
  readonly matching?: ExplainedMatching
  /** Absent where nothing is demanded of anybody. */
  readonly admission?: ExplainedAdmission
  /** What would count it, in order; absent when nothing would. */
  readonly limits?: readonly ExplainedLimit[]
  readonly decision: ExplainedDecision
  /** What dice gave, in the order in which they were asked. The same ones give the same decision. */
  readonly draws: readonly number[]
  /** Vantages that were asked for their votes and did not answer. */
  readonly silentVantages?: readonly { readonly vantage: VantageId; readonly problem: string }[]
}

export interface ExplainedRequest {
  readonly method: string
  /** As it was given, without the tokens that its host looks for in the query. */
  readonly url: string
  /** As it is matched; absent when it is malformed. */
  readonly read?: {
    readonly scheme: 'http' | 'https'
    readonly authority: string
    readonly host: string
    readonly path: string
    /** With its `?`, or empty; without those tokens. */
    readonly query: string
    readonly address?: string
    readonly colo?: string
    /** Headers that end here. */
    readonly stripped: readonly string[]
  }
}

export interface ExplainedHealth {
  readonly age: 'fresh' | 'stale' | 'too-old' | 'none'
  readonly vantage?: VantageId
  /** No vantage has answered for long: the isolate permits itself trials. */
  readonly silent: boolean
  readonly retryScale: Share
  /** What is otherwise than the configuration says; absent: nothing. */
  readonly inForce?: InForce
}

export interface ExplainedMatching {
  /** Which took the request; absent when none did. */
  readonly route?: RouteId
  /** The host pattern whose routes decide; absent when the gateway does not serve the host. */
  readonly host?: string
  /** The path of the route by which it was found. */
  readonly path?: string
  /** Routes that cover the host and did not take it, the nearest first, each with the first thing that kept it from it. */
  readonly others: readonly { readonly route: RouteId; readonly why: string }[]
  /** So many more are not shown. */
  readonly moreOthers: number
}

export interface ExplainedLimit {
  readonly limit: string
  readonly rate: { readonly limit: number; readonly window: DurationMs }
  readonly burst: number
  readonly scope: RateLimitScope
  readonly onUnavailable: 'allow' | 'deny'
  /** `client`, `claim sub`, `header x-api-key`, …; `pool` for the rate of a pool. */
  readonly by: string
  /** Whom it counts; absent where that is not known: all such requests are counted together. Values of headers are `hidden`. */
  readonly key?: string
}

export type ExplainedDecision =
  /** `plan`: of a route that would send it on, and finds nobody. */
  | {
      readonly kind: 'refused'
      readonly code: GatewayErrorCode
      /** Of the answer in HTTP: 200 for a gRPC call, whose outcome is in the next. */
      readonly status: number
      /** Only of a call. */
      readonly grpcStatus?: number
      readonly detail: string
      readonly route?: RouteId
      /** Why, where that is for operators only. */
      readonly reason?: string
      readonly plan?: ExplainedPlan
    }
  /** The edge's own health, which is no route's. */
  | { readonly kind: 'edge-health' }
  /** The keys of the edge's tokens. */
  | { readonly kind: 'edge-keys' }
  /** Answered 204 by the edge, for the route that would take the request itself. */
  | { readonly kind: 'preflight'; readonly route: RouteId; readonly headers: HeaderList }
  | {
      readonly kind: 'redirected'
      readonly route: RouteId
      readonly status: number
      readonly location: string
      readonly answer: ExplainedAnswer
    }
  | {
      readonly kind: 'replied'
      readonly route: RouteId
      readonly status: number
      readonly headers: HeaderList
      readonly answer: ExplainedAnswer
    }
  | {
      readonly kind: 'forwarded'
      readonly route: RouteId
      readonly plan: ExplainedPlan
      readonly outgoing: ExplainedOutgoing
      /** Copies that go to mirrors once the request has its answer. */
      readonly mirrors: readonly ExplainedMirror[]
      /** By a fault of the route, before an endpoint is asked. */
      readonly delayed?: DurationMs
      /** What becomes of the WebSocket that it asks for, when its endpoint gives one. `too-many`: its route relays, and the isolate has enough. */
      readonly socket?: 'relayed' | 'handed-over' | 'too-many'
      readonly answer: ExplainedAnswer
    }

export type HeaderList = readonly (readonly [name: string, value: string])[]

export interface ExplainedPlan {
  /** The route's pools; one of them was drawn. */
  readonly pools: readonly { readonly pool: PoolId; readonly weight: number; readonly share: Share; readonly drawn: boolean }[]
  /** The share of requests that the route answers by itself instead of drawing a pool; absent when there is none. */
  readonly replied?: Share
  /** Absent where the route has no release. */
  readonly release?: ExplainedTrack
  readonly pool: PoolId
  readonly steering: string
  /** No endpoint could take a request of its own right, so verdicts and ejections are ignored. */
  readonly panic: boolean
  /** The next first; those that may take nothing last. */
  readonly candidates: readonly ExplainedCandidate[]
  readonly replay: ExplainedReplay
  readonly timeouts: { readonly request: DurationMs; readonly attempt: DurationMs; readonly idle: DurationMs }
  readonly retry: ExplainedRetry
  readonly hedge?: ExplainedHedge
  /** If each failed in turn, and nobody knew whether the endpoint had seen the request. */
  readonly attempts: readonly PlannedAttempt[]
  /** What the client would get after the last of them. */
  readonly ending: GatewayErrorCode
}

export interface ExplainedReplay {
  readonly rule: 'anywhere' | 'same-endpoint' | 'if-unsent'
  readonly writes: 'follow-verdict' | 'home' | 'anywhere'
  /** `streamed`: too large, or of unknown length and not to be sent again. */
  readonly body: 'none' | 'kept' | 'streamed'
}

export interface ExplainedRetry {
  readonly attemptsMax: number
  readonly statuses: readonly number[]
  /** Of the pool's budget, within its window. */
  readonly requests: number
  readonly retries: number
  readonly mayRetry: boolean
  /** Refused while everybody who was asked lately fails. */
  readonly mayRescue: boolean
}

export interface ExplainedHedge {
  /** After the first attempt was sent; absent while too few have been seen. */
  readonly after?: DurationMs
  /** At which endpoint, as things stand; absent when none is to have one. */
  readonly endpoint?: EndpointId
  /** Hedges that earlier requests have paid for; one is needed. */
  readonly saved: number
}

export interface PlannedAttempt {
  readonly kind: 'probation' | 'first' | 'rescue' | 'hedge' | 'retry'
  readonly endpoint: EndpointId
  /** Why this endpoint before its equals: `listed`, `nearest`, `drawn`, `hashed`, `fast`, …; absent where nothing was chosen. */
  readonly steered?: string
  /** Before it, after the failure of the one before. */
  readonly pause: DurationMs
  /** Absent: it has what is left of the request's time. */
  readonly timeout?: DurationMs
  /** The endpoint is out: a probation attempt, or panic. */
  readonly onTrial: boolean
}

export interface ExplainedCandidate {
  readonly endpoint: EndpointId
  readonly key: EndpointKey
  readonly cloud: string
  readonly region: string
  readonly mesh: MeshPreset
  /** From 1 for the next; absent when it may take nothing. */
  readonly place?: number
  readonly eligible: boolean
  /** `routable`, or what keeps it behind the others or out. */
  readonly standing: string
  readonly priority: number
  readonly weight: number
  /** What the configuration says, where operators have set another weight. */
  readonly fileWeight?: number
  /** Drains of operators that name it, and how long each takes until it is out or back. */
  readonly drains?: readonly { readonly direction: 'out' | 'back'; readonly left: DurationMs }[]
  /** The share of its full load that it takes: less than 1 for a time after it was restored, and while it is drained or comes back. */
  readonly ramp: Share
  /** Of the snapshot; absent when that does not name it or is not used. */
  readonly health?: EndpointHealth
  /** This isolate's own ejections. */
  readonly ejections: readonly ExplainedEjection[]
  /** It has asked for a pause that is not over. */
  readonly pausedFor?: DurationMs
  /** Attempts of this isolate that wait for a head there, and how many may before others are preferred. */
  readonly waiting: number
  readonly limit: number
  /** Long-term average of the time to the head in this isolate; absent before the first answer. */
  readonly latency?: DurationMs
  /** By what its pool's steering chooses. */
  readonly figures: ExplainedFigures
  /** Attempts of this isolate on this route that were decided in the last 2 s. */
  readonly decided: number
  readonly failed: number
  /** One a vantage; absent when they were not asked for. */
  readonly votes?: readonly VoteStatus[]
}

/** What the pool's steering does not ask for is absent. */
export interface ExplainedFigures {
  /** Percent of all requests that its priority has to carry now, and whether verdicts are ignored in it. */
  readonly level?: { readonly percent: number; readonly panic: boolean }
  /** Attempts that may wait there for this route to begin another. */
  readonly concurrencyMax?: number
  /** With `latency`: what an attempt is expected to take, in ms. */
  readonly expected?: number
  /** With `affinity` and a key: 1 for the endpoint that the key belongs to, 2 for where it would go next. */
  readonly hashRank?: number
  /** With `map`: 1 for the most preferred by the client's place. */
  readonly mapRank?: number
  /** With `nearest` and a known client: great-circle distance in km. */
  readonly distance?: number
}

export interface ExplainedEjection {
  /** `route`: for this route alone. */
  readonly scope: 'route' | 'endpoint'
  readonly cause: 'connect' | 'streak' | 'share' | 'body' | 'routes'
  readonly ejectedFor: DurationMs
  /** Until its hold-down is over; 0 when it wants trials. */
  readonly holdFor: DurationMs
  /** Trials passed in a row. */
  readonly passed: number
}

export interface ExplainedMirror {
  readonly pool: PoolId
  readonly share: Share
  /** `sent`: when its share draws it. `never`: of such a request no copy is made; `cannot`: its content has been streamed away. */
  readonly copy: 'sent' | 'never' | 'cannot'
}

/** What the route changes in an answer, whoever made it. */
export interface ExplainedAnswer {
  /** The route's, then the pool's. */
  readonly edits: readonly HeaderEdits[]
  /** What `Access-Control-Allow-Origin` says to this request; `none`: the route has CORS, and this origin is not allowed. Absent: it leaves CORS to its endpoints. */
  readonly allowedOrigin?: string
  /** The client is given a cookie for affinity. */
  readonly givesCookie: boolean
}

export interface ExplainedOutgoing {
  /** Where the first attempt is sent. */
  readonly url: string
  /** Names that the endpoint does not get, or gets with another value, in lower case. */
  readonly removed: readonly string[]
  /** What it gets that the client did not send. Values that authenticate somebody are hidden. */
  readonly set: HeaderList
}
