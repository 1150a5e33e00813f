/** What the director shows operators: what is in force and whose word it is, how far a change has spread, what came before. Plain data over RPC. */
import type { AuditEntry, ChangeReply, ChangeRequest, Difference, DirectorBase, Door } from './director.ts'
import type { ReleaseId, VantageId } from './ids.ts'
import type { Judgement } from './judgement.ts'
import type { OverlayOrder, ReleaseOrder } from './overlay.ts'
import type { DurationMs } from './units.ts'

/** Who holds an entry, the first before the second, and both before the bundle. */
export const OWNERS = ['operator', 'release', 'weights.json'] as const
export type Owner = (typeof OWNERS)[number]

export interface DirectorView {
  readonly format: 1
  readonly order: OverlayOrder
  /** `order.revision`: what `If-Match` wants. 0: nobody has changed anything yet. */
  readonly revision: number
  /** Each owner's word about each field, also those that a higher owner overrules. */
  readonly entries: readonly EntryView[]
  /** Every field that is not the bundle's now, those of `emergency` first. */
  readonly drift: readonly Difference[]
  /** What `emergency.json` takes away, as vantages say: over everything else. Absent one version back. */
  readonly emergency?: readonly Difference[]
  readonly releases: readonly ReleaseView[]
  readonly spread: SpreadView
  /** The bundle that is judged against first. */
  readonly bases: readonly { readonly hash: string; readonly seenAgo: DurationMs; readonly current: boolean }[]
  readonly kept: KeptView
  /** What went wrong, or waits for somebody, the newest first, at most 20. */
  readonly problems: readonly { readonly ago: DurationMs; readonly text: string }[]
}

export interface EntryView {
  /** As in `Difference`. */
  readonly field: string
  readonly value: string | number
  readonly owner: Owner
  readonly by: string
  readonly door: Door
  readonly reason: string
  /** ISO 8601, of the director's clock. */
  readonly at: string
  /** What would be in force without it; absent when nothing is known of it. */
  readonly replaced?: string | number
  /** Ends by itself after so long. */
  readonly expiresIn?: DurationMs
  /** It names something that no base has: it does nothing. */
  readonly inert?: true
  /** Somebody's word that goes before it: it does nothing meanwhile. */
  readonly overruledBy?: Owner
}

/** Where a release stands, for people. A release that the bundle has and nobody has started is `idle`. */
export interface ReleaseView {
  readonly release: ReleaseId
  readonly phase: ReleasePhase
  /** From 0; of so many. Absent while it is idle. */
  readonly step?: number
  readonly steps: number
  readonly since?: DurationMs
  readonly order: ReleaseOrder
  /** What it waits for, and the last judgement in words. */
  readonly explanation?: string
  /** Of this run, the newest first: the last one, and each that differed from the one before it. At most 10. */
  readonly judgements?: readonly JudgementView[]
  /** A bundle came while it was in force (`onDeploy: flag`): somebody has to look at it. */
  readonly flagged?: string
  readonly inert?: true
}

export interface JudgementView extends Judgement {
  readonly ago: DurationMs
  /** From 0. */
  readonly step: number
}

/** What the engine tells of a release. */
export type ReleaseNews = Pick<ReleaseView, 'explanation' | 'judgements'>

export const RELEASE_PHASES = [
  'idle',
  'running',
  'waiting-approval',
  'held',
  'paused',
  'rolling-back',
  'rolled-back',
  'completed',
  'killed',
] as const
export type ReleasePhase = (typeof RELEASE_PHASES)[number]

/** Who has what: progress while a change spreads. */
export interface SpreadView {
  readonly revision: number
  readonly vantages: readonly { readonly vantage: VantageId; readonly holds?: number; readonly heardAgo?: DurationMs }[]
}

/** Storage is bounded: what is over goes, the oldest first. */
export interface KeptView {
  /** Revisions that can be reverted to. */
  readonly revisions: number
  readonly revisionsMax: number
  readonly auditLines: number
  readonly auditLinesMax: number
}

/** A page of what came before, the newest first. */
export interface PageRequest {
  /** Below this revision, or below this line of the audit. Absent: from the newest on. */
  readonly before?: number
  /** 1 to 200; default 50. */
  readonly limit?: number
}

export interface Page<Entry> {
  readonly entries: readonly Entry[]
  /** `before` of the next page; absent on the last. */
  readonly next?: number
}

/** A revision that can be reverted to. */
export interface RevisionView extends Omit<AuditEntry, 'id'> {
  /** Whether it is in force now. */
  readonly current: boolean
}

/** The part of the director that operators' doors call. Every method may throw when the object is unreachable. */
export interface DirectorForOperators {
  /** All changes or none. Refuses whatever is no `ChangeRequest`, with all that is wrong with it. */
  change(request: ChangeRequest): Promise<ChangeReply>
  view(): Promise<DirectorView>
  revisions(page: PageRequest): Promise<Page<RevisionView>>
  /** What is kept of the audit trail; page by page it is its export. */
  audit(page: PageRequest): Promise<Page<AuditEntry>>
  /** What an operator's door knows of the bundle: a director that no vantage has told yet judges names by it. */
  learn(base: DirectorBase): Promise<void>
}
