/**
 * What the control plane needs of the world. `platform.ts` gives the real one; a simulator gives its own and runs the same
 * vantages in virtual time. Nothing behind these ports decides anything.
 */
import type { Monitor } from '../config/base.ts'
import type { DirectorQuestion, TrackKill } from '../config/director.ts'
import type { EndpointKey, IsolateId, KeySetKey, VantageId } from '../config/ids.ts'
import type { KeySetNews } from '../config/key-set.ts'
import type { HeldOverlay, InForce } from '../config/overlay.ts'
import type { HealthSnapshot, Incarnation, Verdict } from '../config/snapshot.ts'
import type { Bytes, Draw, DurationMs, Instant } from '../config/units.ts'
import type { Bucket } from './bucket-port.ts'
import type { KnownBase } from './policy/fold-bases.ts'
import type { HeldEmergency } from './policy/fold-emergency.ts'
import type { EndpointFold, HeldReason } from './policy/fold-endpoint.ts'
import type { KeySetFold } from './policy/fold-key-set.ts'
import type { ProbeResult } from './policy/probe-result.ts'

export type { ProbePhase, ProbeResult } from './policy/probe-result.ts'

export interface ControlPlatform {
  readonly now: () => Instant
  readonly draw: () => Draw
  readonly sleep: (length: DurationMs) => Promise<void>
  /** One probe from here. Never rejects: every failure is a `ProbeResult`. Ends within the monitor's timeout. */
  readonly probe: (monitor: Monitor) => Promise<ProbeResult>
  /** Reads a document of an issuer, never cached, redirects not followed. Never rejects: every failure is a value. */
  readonly fetchDocument: (question: DocumentQuestion) => Promise<DocumentAnswer>
  /** Arms the one alarm; a later call replaces it. */
  readonly setAlarm: (at: Instant) => Promise<void>
  /** Ends this instance at once: a newer one of the same name lives. */
  readonly abandon: (why: string) => void
}

export interface DocumentQuestion {
  readonly url: string
  readonly timeout: DurationMs
  /** Of the body; a longer one is a failure. */
  readonly bytesMax: Bytes
  /** Of the answer that is held (RFC 9110 section 13.1.2). */
  readonly etag?: string
}

export type DocumentAnswer =
  | { readonly kind: 'fetched'; readonly text: string; readonly etag?: string }
  /** Nothing has changed since the answer with this tag. */
  | { readonly kind: 'same' }
  /** For people. */
  | { readonly kind: 'failed'; readonly detail: string }

/** The other vantages. `exchange` may reject or hang; the caller bounds it. */
export interface Peers<Message> {
  readonly exchange: (peer: VantageId, message: Message) => Promise<Message>
}

/** The one director. May reject or hang; the caller bounds it, and parses the answer. */
export interface DirectorPort {
  readonly exchange: (question: DirectorQuestion) => Promise<unknown>
}

/** Helpers with six connections each, numbered from 0, near the vantage `self`. May reject or hang; the caller bounds it. */
export interface Probers {
  readonly probe: (self: VantageId, prober: number, monitors: readonly Monitor[]) => Promise<readonly ProbeResult[]>
}

/** KV, for isolates that no vantage answers and for the watchdog. May reject or hang; the caller bounds it. */
export interface LastKnownGoodStore {
  readonly write: (snapshot: HealthSnapshot) => Promise<void>
  /** Kept until it would be too old to count. Absent without the secret that signs it: then nothing is kept. */
  readonly writeKeys?: ((news: KeySetNews) => Promise<void>) | undefined
  /** Kept without an end of life; signed where there is a secret. */
  readonly writeOverlay: (inForce: InForce) => Promise<void>
  readonly writeVantages: (vantages: readonly VantageId[]) => Promise<void>
}

/** The object's own storage: synchronous, and gone only when the platform lost it. Every method may throw. */
export interface VantageStorage {
  /** Reads what is kept, or starts anew when it cannot be read; counts this start, and has written that or says so. Never throws. */
  readonly begin: (now: Instant) => Kept
  readonly readIncarnation: () => Incarnation | undefined
  readonly writeIncarnation: (incarnation: Incarnation) => void
  readonly writeName: (self: VantageId) => void
  readonly writeOverlay: (held: HeldOverlay) => void
  /** Undefined: there is none any more. */
  readonly writeEmergency: (held: HeldEmergency | undefined) => void
  readonly writeKills: (kills: readonly TrackKill[]) => void
  /** Writes all or nothing; returns the rows written. */
  readonly save: (changes: Changes) => number
}

export interface Kept {
  readonly incarnation: Incarnation
  readonly self?: VantageId
  readonly bases: readonly KnownBase[]
  readonly folds: ReadonlyMap<EndpointKey, EndpointFold>
  /** The oldest first. */
  readonly transitions: readonly KeptTransition[]
  readonly keySets: ReadonlyMap<KeySetKey, KeySetFold>
  /** The last report of each isolate that was heard lately. */
  readonly reports: readonly (readonly [IsolateId, number])[]
  /** What operators wanted when it was last heard. */
  readonly overlay?: HeldOverlay
  /** What `emergency.json` said when it was last read. */
  readonly emergency?: HeldEmergency
  /** Canaries that it had taken away. */
  readonly kills?: readonly TrackKill[]
  /** Why the storage was emptied, when it was. */
  readonly problem?: string
}

/** Transitions kept for people. */
export const TRANSITIONS_MAX = 200

export interface KeptTransition {
  readonly at: Instant
  readonly endpoint: EndpointKey
  readonly from: Verdict
  readonly to: Verdict
  readonly reasons: readonly HeldReason[]
}

export interface Changes {
  /** All of them, when they changed. */
  readonly bases?: readonly KnownBase[]
  readonly folds: readonly (readonly [EndpointKey, EndpointFold])[]
  readonly gone: readonly EndpointKey[]
  readonly transitions: readonly KeptTransition[]
  readonly reports?: readonly (readonly [IsolateId, number])[]
  /** Those that changed. */
  readonly keySets?: readonly (readonly [KeySetKey, KeySetFold])[]
  readonly keySetsGone?: readonly KeySetKey[]
}

export interface VantagePorts {
  readonly platform: ControlPlatform
  readonly storage: VantageStorage
  readonly peers: Peers<unknown>
  readonly probers: Probers
  readonly lastKnownGood: LastKnownGoodStore
  readonly director: DirectorPort
  readonly bucket: Bucket
}
