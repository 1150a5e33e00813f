/** What the operators' API answers about changes: documents of format 1, for the command line, the console and scripts. Every time in them is a length. */
import type { Base, Steering } from './base.ts'
import type { AuditEntry, Difference } from './director.ts'
import type { DirectorView, EntryView, Page, ReleaseView, RevisionView, SpreadView } from './director-view.ts'
import type { EndpointId, PoolId } from './ids.ts'

/** What `GET weights` and `GET drains` have in common: the names that may be changed, and how far the last change has come. */
interface Changeable {
  readonly format: 1
  /** What `If-Match` wants. */
  readonly revision: number
  readonly pools: readonly PoolWeights[]
  readonly spread: SpreadView
  /** What is wrong with the director, the newest first. */
  readonly problems: DirectorView['problems']
  readonly emergency?: DirectorView['emergency']
}

export interface PoolWeights {
  readonly id: PoolId
  readonly steering: Steering
  readonly endpoints: readonly EndpointWeight[]
  /** What operators say of its weights is not in force: by it no endpoint would have one. */
  readonly leftAside?: true
}

export interface EndpointWeight {
  readonly id: EndpointId
  readonly cloud: string
  readonly region: string
  /** By the configuration of the gateway that answered. */
  readonly bundle: number
  readonly inForce: number
  /** By the configuration, or by operators: of the endpoint, its region or its cloud. One version back by the configuration alone. */
  readonly drained: boolean
}

export interface WeightsDocument extends Changeable {
  /** Everybody's word about weights, also where somebody goes before. */
  readonly entries: readonly EntryView[]
}

export interface DrainsDocument extends Changeable {
  readonly entries: readonly EntryView[]
}

export interface ReleasesDocument {
  readonly format: 1
  readonly revision: number
  readonly releases: readonly ReleaseView[]
  readonly entries: readonly EntryView[]
  readonly spread: SpreadView
  readonly problems: DirectorView['problems']
  readonly emergency?: DirectorView['emergency']
}

export interface DriftDocument {
  readonly format: 1
  readonly revision: number
  readonly drift: readonly Difference[]
  /** Pools of which the weights among them are not in force, as in `PoolWeights`. Absent where there are none. */
  readonly leftAside?: readonly PoolId[]
}

export type RevisionsDocument = Page<RevisionView> & { readonly format: 1 }
export type AuditDocument = Page<AuditEntry> & { readonly format: 1 }

/** What of a base `meridian plan` compares: without what is computed from the rest, and without values of headers that are set. */
export type PlanBase = Pick<Base, (typeof PLAN_FIELDS)[number]>

export const PLAN_FIELDS = [
  'hash',
  'pools',
  'routes',
  'releases',
  'health',
  'targets',
  'inbound',
  'replies',
  'matching',
  'countries',
] as const

export interface PlanBaseDocument {
  readonly format: 1
  readonly base: PlanBase
}

/** A change that was made, or with `dryRun` would be. */
export interface ChangedDocument {
  readonly format: 1
  readonly revision: number
  readonly dryRun: boolean
  readonly differences: readonly Difference[]
}

/** Problem details (RFC 9457) of a change that was not made. */
export interface ChangeProblem {
  readonly type: 'about:blank'
  readonly title: string
  readonly status: number
  readonly detail: string
  /** 400 and 422: all that is wrong, each with its place in the body. */
  readonly defects?: readonly { readonly path: string; readonly expected: string; readonly found: string; readonly suggestion?: string }[]
  /** 412: the one in force, and what has changed since the one that was named. */
  readonly revision?: number
  readonly differences?: readonly Difference[]
}
