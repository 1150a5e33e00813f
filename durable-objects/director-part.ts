/**
 * Owners of changes beside operators, and what they may do: the reading of weights.json and the release engine are parts of the director. They
 * hear what vantages say, have a turn each second, and write through the same book as everybody else. What they decide is their own.
 */
import type { Alert, Severity } from '../config/alert.ts'
import type { ChangeReply, DirectorBase, JudgedStep } from '../config/director.ts'
import type { ReleaseNews } from '../config/director-view.ts'
import type { EndpointId, PoolId, ReleaseId, VantageId } from '../config/ids.ts'
import type { OverlayOrder } from '../config/overlay.ts'
import type { Instant, Share } from '../config/units.ts'
import type { DirectorState, ReleaseState } from './policy/director-state.ts'
import type { KnownNames } from './policy/known-names.ts'

/** All may throw, reject or hang: the director catches and goes on. */
export interface DirectorPart {
  /** What a vantage says each second, as it came: it may be a version apart, so the part parses what is its own. */
  readonly hear?: (question: Readonly<Record<string, unknown>>, from: VantageId, now: Instant) => void
  /** Each second while a gateway is alive. Not waited for longer than that second: a part guards itself against its own overlap. */
  readonly beat?: (now: Instant) => Promise<void>
  /** Names of releases that may go no further, or `*` for everything that gives traffic. */
  readonly frozen?: (now: Instant) => readonly string[]
  /** What it knows of a release, for people. */
  readonly tells?: (release: ReleaseId, now: Instant) => ReleaseNews | undefined
  /** What it waits for or has done, for people: shown with the problems of the director. */
  readonly says?: (now: Instant) => readonly string[]
}

/** What the director hands to a part. */
export interface DirectorHands {
  /** False while nothing may be changed: storage that cannot be read, vantages that have not said what they hold, or a start so new that nobody has said what is frozen. Try with the next beat. */
  readonly isReady: () => boolean
  /** Bundles that serve now, the current one first. */
  readonly bases: () => readonly DirectorBase[]
  readonly names: () => KnownNames
  readonly order: () => OverlayOrder
  readonly state: () => DirectorState
  /** Union of what every part says. */
  readonly frozen: () => readonly string[]
  /** The whole layer of weights.json, in place of what earlier files said. Its names are the reader's to check: what is none of a base is inert. */
  readonly applyFile: (file: FileLayer) => ChangeReply
  /** Next states of releases, as one revision with door `release`. Those that are not named stay; one that is undefined goes back to nothing. */
  readonly moveReleases: (states: ReadonlyMap<ReleaseId, ReleaseState | undefined>, reason: string) => ChangeReply
  /** Kept over restarts, JSON, at most a row of the storage; beside the revisions. Both may throw. */
  readonly recall: (name: string) => unknown
  readonly remember: (name: string, value: unknown) => void
  readonly problem: (text: string) => void
  /** A judgement that is news: into the audit trail and the log. May throw. */
  readonly note: (judged: JudgedStep, severity: Severity, text: string) => void
  /** Into the log. */
  readonly alert: (alert: Pick<Alert, 'severity' | 'release' | 'text'>) => void
}

export interface FileLayer {
  readonly by: string
  readonly reason: string
  readonly weights: readonly { readonly pool: PoolId; readonly endpoint: EndpointId; readonly weight: number }[]
  readonly shares: readonly { readonly release: ReleaseId; readonly weight: Share }[]
  /** The revision that it was written for: another one in force is a conflict. */
  readonly ifMatch?: number
  /** Of the object, one for each put: what was applied once is done, and not done again. */
  readonly id: string
}
