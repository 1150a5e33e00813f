/**
 * What a vantage holds in memory, in one record, so that probes, reports, peers and publishing work on the same thing. Made from
 * storage at each start; what must outlive the object is written back by `write-behind.ts`.
 */
import type { HoldDownSettings, ProbeTarget } from '../config/base.ts'
import type { EndpointKey, IsolateId, KeySetKey, VantageId } from '../config/ids.ts'
import type { KeySetSource } from '../config/key-set.ts'
import type { HeldOverlay } from '../config/overlay.ts'
import type { HealthSnapshot, Incarnation } from '../config/snapshot.ts'
import type { VantageCounters } from '../config/status.ts'
import { type Instant, ms, type Share, share } from '../config/units.ts'
import { holdDownOf, type KnownBase, keySourcesOf, targetsOf, vantagesOf } from './policy/fold-bases.ts'
import { type EmergencyFold, NEVER_READ } from './policy/fold-emergency.ts'
import { type EndpointFold, UNKNOWN_ENDPOINT } from './policy/fold-endpoint.ts'
import { type KeySetFold, NEVER_FETCHED } from './policy/fold-key-set.ts'
import type { Peer } from './policy/fold-peer.ts'
import { NEVER_PROBED } from './policy/fold-probe.ts'
import { type Kills, NO_KILLS } from './policy/guard-canaries.ts'
import { TrackBook } from './policy/track-book.ts'
import { TrafficWindow } from './policy/traffic-window.ts'
import type { Vote } from './policy/vote.ts'
import type { Kept, KeptTransition } from './ports.ts'
import { ProblemList } from './problem-list.ts'

/** Used until a base says otherwise; nothing is voted before that. */
const HOLD_DOWN: HoldDownSettings = { base: ms(30_000), factor: 4, max: ms(600_000), memory: ms(600_000) }

export class VantageState {
  self: VantageId | undefined
  incarnation: Incarnation
  readonly startedAt: Instant
  bases: readonly KnownBase[] = []
  targets: ReadonlyMap<EndpointKey, ProbeTarget> = new Map()
  vantages: readonly VantageId[] = []
  holdDown: HoldDownSettings = HOLD_DOWN
  readonly folds: Map<EndpointKey, EndpointFold>
  /** Whose keys are fetched. */
  keySources: ReadonlyMap<KeySetKey, KeySetSource> = new Map()
  readonly keySets: Map<KeySetKey, KeySetFold>
  readonly window = new TrafficWindow()
  readonly tracks = new TrackBook()
  /** Canaries that are taken away by this vantage's own word. */
  kills: Kills = NO_KILLS
  readonly peers = new Map<VantageId, Peer>()
  readonly reports: Map<IsolateId, number>
  transitions: KeptTransition[]
  /** Not yet written. */
  newTransitions: KeptTransition[] = []
  /** Of the own message. */
  messageSeq = 0
  abstains = false
  ownVotes: ReadonlyMap<EndpointKey, Vote> = new Map()
  retryScale: Share = share(1)
  snapshot: HealthSnapshot | undefined
  /** What operators want, as last heard of. It never ages. */
  overlay: HeldOverlay | undefined
  /** What takes traffic away without a director. */
  emergency: EmergencyFold = NEVER_READ
  /** A peer has read something else than this vantage: the bucket is looked at. */
  doubtsEmergency = false
  /** When an isolate last asked. */
  syncedAt: Instant | undefined
  directorHeardAt: Instant | undefined
  /** Why the last question was not answered. */
  directorSilent: string | undefined
  readonly problems = new ProblemList()
  readonly counters: { -readonly [Name in keyof VantageCounters]-?: number } = {
    syncs: 0,
    refused: 0,
    reports: 0,
    repeated: 0,
    probes: 0,
    probesFailed: 0,
    exchanges: 0,
    exchangesFailed: 0,
    alarms: 0,
    rowsWritten: 0,
    lastKnownGoodWritten: 0,
    keyFetches: 0,
    keyFetchesFailed: 0,
    emergencyReads: 0,
  }

  constructor(kept: Kept, now: Instant) {
    this.self = kept.self
    this.incarnation = kept.incarnation
    this.startedAt = now
    this.reports = new Map(kept.reports)
    this.transitions = [...kept.transitions]
    this.folds = new Map([...kept.folds].map(([key, fold]) => [key, afterRestart(fold, now)]))
    this.keySets = new Map(kept.keySets)
    this.setBases(kept.bases)
    this.overlay = kept.overlay
    if (kept.emergency !== undefined) this.emergency = { held: kept.emergency, seen: kept.emergency.emergency.etag }
    if (kept.kills !== undefined && kept.kills.length > 0) this.kills = new Map(kept.kills.map((kill) => [kill.release, kill]))
    if (kept.problem !== undefined) this.problems.add(kept.problem, now)
  }

  setBases(bases: readonly KnownBase[]): void {
    const same = bases.length === this.bases.length && bases.every((known, index) => known.base === this.bases[index]?.base)
    this.bases = bases
    if (same) return
    this.targets = targetsOf(bases)
    this.vantages = vantagesOf(bases)
    this.holdDown = holdDownOf(bases) ?? HOLD_DOWN
    this.keySources = keySourcesOf(bases)
    for (const key of this.keySets.keys()) if (!this.keySources.has(key)) this.keySets.delete(key)
    for (const key of this.folds.keys()) if (!this.targets.has(key)) this.folds.delete(key)
  }

  fold(endpoint: EndpointKey): EndpointFold {
    return this.folds.get(endpoint) ?? UNKNOWN_ENDPOINT
  }

  keySet(key: KeySetKey): KeySetFold {
    return this.keySets.get(key) ?? NEVER_FETCHED
  }

  knowsBase(hash: string): boolean {
    return this.bases.some((known) => known.base.hash === hash)
  }

  /** Whether some version of the gateway that is still about counts this vantage among its own. */
  isWanted(): boolean {
    return this.bases.some((known) => known.base.vantages.includes(this.self as VantageId))
  }
}

/** Facets, holds and verdicts survive a restart; streaks and the count of own probes do not: the object votes after two new ones. */
function afterRestart(fold: EndpointFold, now: Instant): EndpointFold {
  const { settled, probe } = fold
  return {
    ...fold,
    probe: { ...NEVER_PROBED, facet: probe.facet, since: probe.since },
    ...(settled === undefined ? {} : { settled: { ...settled, undecidedSince: now } }),
  }
}
