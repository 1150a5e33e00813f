/** What the director needs of the world: its own storage and the vantages. A simulator gives its own and runs the same director in virtual time. */
import type { Alert } from '../config/alert.ts'
import type { AuditEntry } from '../config/director.ts'
import type { VantageId } from '../config/ids.ts'
import type { Overlay, OverlayOrder } from '../config/overlay.ts'
import type { Instant } from '../config/units.ts'
import type { DirectorState } from './policy/director-state.ts'
import type { BasesFold } from './policy/fold-director-bases.ts'
import type { ControlPlatform } from './ports.ts'

/** Revisions that one can go back to. A state is some KiB, at most a megabyte. */
export const REVISIONS_MAX = 200
/** Lines of the audit trail: years of a quiet gateway. Who wants more exports it page by page before. */
export const AUDIT_LINES_MAX = 10_000

/** From so many on the view asks for the export. */
export const AUDIT_LINES_FULL = 9000

export interface DirectorPorts {
  readonly platform: Pick<ControlPlatform, 'now' | 'sleep' | 'setAlarm'>
  readonly storage: DirectorStorage
  readonly vantages: VantagesOfDirector
  /** Into the log, for whoever is on call. Never throws. */
  readonly alert: (alert: Alert) => void
}

/** May reject or hang; the caller bounds it. */
export interface VantagesOfDirector {
  /** Tells a vantage at once; it answers what it holds then. */
  readonly take: (vantage: VantageId, overlay: Overlay) => Promise<OverlayOrder | undefined>
  /** What a vantage holds. */
  readonly held: (vantage: VantageId) => Promise<Overlay | undefined>
}

/** Synchronous. Every method but `begin` may throw. */
export interface DirectorStorage {
  readonly begin: (now: Instant) => KeptDirector
  /** All of it or nothing. */
  readonly commit: (revision: NewRevision) => void
  /** A line of the audit trail that belongs to no revision. */
  readonly note: (entry: Omit<AuditEntry, 'id'>) => void
  readonly saveBases: (bases: BasesFold) => void
  readonly stateAt: (revision: number) => DirectorState | undefined
  /** What was done under that id. */
  readonly doneUnder: (once: Once) => { readonly revision: number; readonly asked?: string } | undefined
  /** Of the revisions that are kept, the newest first. */
  readonly revisions: (before: number, limit: number) => readonly AuditEntry[]
  readonly audit: (before: number, limit: number) => readonly AuditEntry[]
  /** Facts of the director's parts. */
  readonly recall: (name: string) => unknown
  readonly remember: (name: string, value: unknown) => void
  readonly counts: () => { readonly revisions: number; readonly auditLines: number }
}

export interface KeptDirector {
  /** Revision 0: nobody has changed anything, or all that was is lost. */
  readonly order: OverlayOrder
  readonly state: DirectorState
  readonly bases: BasesFold
  /** Why nothing may be changed: what is stored cannot be read. */
  readonly broken?: string
}

export interface NewRevision {
  readonly order: OverlayOrder
  readonly state: DirectorState
  readonly entry: Omit<AuditEntry, 'id'>
  readonly once?: Once
}

/** A change that is done once, however often it arrives. */
export interface Once {
  readonly id: string
  /** Under which the same was written before ids said whose they are. */
  readonly formerId?: string
  /** What was asked for under the id: something else is none of it. */
  readonly asked: string
}
