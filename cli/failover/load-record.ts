/** What the load generator writes down of one request, and what it is told to do. Both cross a process boundary. */
import type { TokenPlan } from './load-tokens.ts'

/** By which an answer says which version of the gateway gave it, where several serve. */
export const VERSION_HEADER = 'x-load-version'

export interface LoadPlan {
  /** `http://127.0.0.1:8787` */
  readonly url: string
  readonly requestsPerSecond: number
  /** The rate grows from nothing over this time: a cold runtime on a busy machine is not what is measured. */
  readonly rampMs: number
  readonly seed: number
  readonly mix: readonly LoadKind[]
  /** Requests bear tokens of this issuer. */
  readonly tokens?: TokenPlan
}

/** One kind of request, drawn by weight. */
export interface LoadKind {
  readonly name: string
  readonly weight: number
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly bodyBytes: number
  /** The gateway may try it again elsewhere: a safe method, or a route whose writes go anywhere. */
  readonly replayable: boolean
}

export interface LoadRecord {
  readonly id: string
  readonly kind: string
  /** When it should have been sent, in ms of the machine's clock. Latency counts from here, so that a late send is not hidden. */
  readonly scheduledAt: number
  /** Time to the end of the body, or to the failure. */
  readonly latencyMs: number
  /** How much later than scheduled it was sent. */
  readonly lateMs: number
  readonly outcome: LoadOutcome
  /** As the gateway says in its answer. */
  readonly attempts?: number
  readonly endpoint?: string
  /** The key of the token that it bore. */
  readonly kid?: string
  /** Of the gateway, where several serve. */
  readonly version?: number
}

export type LoadOutcome =
  | { readonly kind: 'answered'; readonly status: number; readonly code?: string; readonly retryAfter?: string }
  /** The head came, the body did not end as it should. */
  | { readonly kind: 'broken-body'; readonly status: number; readonly problem: string }
  | { readonly kind: 'failed'; readonly problem: string }

export type LoadCommand = { readonly kind: 'start'; readonly plan: LoadPlan } | { readonly kind: 'peek' } | { readonly kind: 'stop' }

/** `peek` and `stop` answer with the records that ended since the last answer. */
export interface LoadReport {
  readonly records: readonly LoadRecord[]
  /** Connections that ended while a request was on them. */
  readonly socketsLost: number
  readonly last: boolean
}
