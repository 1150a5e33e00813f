/**
 * One vantage: probes, takes reports, exchanges votes, serves snapshots. Made of ports, so that a simulator runs it in virtual
 * time; `vantage.ts` gives it the real ones. What it decides stands in `policy/`.
 */
import type { EndpointKey, VantageId } from '../config/ids.ts'
import type { Overlay, OverlayOrder } from '../config/overlay.ts'
import type { AttemptReport, ReportReply, SyncReply, SyncRequest, VantageBase, VantageForIsolates } from '../config/report.ts'
import type { VantageStatus } from '../config/status.ts'
import { after, between, type DurationMs, type Instant, instant, ms } from '../config/units.ts'
import { isVantage } from '../config/vantages.ts'
import { composeStatus } from './compose-status.ts'
import { KeyFetcher } from './fetch-keys.ts'
import { formVerdicts } from './form-verdicts.ts'
import { KillKeeper } from './keep-kills.ts'
import { KnownGoodWriter } from './known-good-writer.ts'
import { KnownKeysWriter } from './known-keys-writer.ts'
import { KnownOverlayWriter } from './known-overlay-writer.ts'
import { forgetBases, learnBase, seeBase } from './policy/fold-bases.ts'
import { type FoldRules, foldProbeResult, mayTry } from './policy/fold-endpoint.ts'
import { parseBase } from './policy/parse-base.ts'
import { parseReport } from './policy/parse-report.ts'
import { FULL_BUCKET, takeToken } from './policy/token-bucket.ts'
import type { PeerMessage } from './policy/vote.ts'
import type { VantagePorts } from './ports.ts'
import { EmergencyReader } from './read-emergency.ts'
import { ProbeRunner, type ProbeSubject } from './run-probes.ts'
import { judgeTraffic, takeReport } from './take-report.ts'
import { DirectorTalk } from './talk-to-director.ts'
import { PeerTalk } from './talk-to-peers.ts'
import { tellIsolateKeys } from './tell-isolate-keys.ts'
import { VantageState } from './vantage-state.ts'
import { WriteBehind } from './write-behind.ts'

/** From one alarm to the next. */
const BEAT = ms(1000)
/** An alarm waits this long for its probes and peers; what is slower goes on beside the next one. */
const BEAT_WORK_MAX = ms(900)
/** An alarm this late is taken for dead and armed again by whoever calls. */
const OVERDUE_AFTER = ms(2000)
/** Until the next `sync` of an isolate with requests, and of an idle one. */
const SYNC_ACTIVE = ms(1000)
const SYNC_IDLE = ms(5000)
/** Until the next `sync` of an isolate that waits for keys that are being fetched. */
const SYNC_SOON = ms(300)
/** A refused isolate comes back after one to four seconds: the refused ones must not come back together. */
const BUSY_MIN = ms(1000)
const BUSY_SPREAD = ms(3000)
/** One probation request an endpoint in so long. */
const PERMIT_INTERVAL = ms(1000)

export class VantageCore implements VantageForIsolates {
  readonly #ports: VantagePorts
  readonly #state: VantageState
  readonly #probes: ProbeRunner
  readonly #talk: PeerTalk
  readonly #director: DirectorTalk
  readonly #emergency: EmergencyReader
  readonly #kills: KillKeeper
  readonly #keys: KeyFetcher
  readonly #writer: WriteBehind
  readonly #knownGood: KnownGoodWriter
  readonly #knownKeys: KnownKeysWriter
  readonly #knownOverlay: KnownOverlayWriter
  readonly #permits = new Map<EndpointKey, Instant>()
  readonly #buckets = { sync: FULL_BUCKET, report: FULL_BUCKET }
  #alarmAt: Instant | undefined

  constructor(ports: VantagePorts) {
    const now = ports.platform.now()
    this.#ports = ports
    this.#state = new VantageState(ports.storage.begin(now), now)
    this.#probes = new ProbeRunner(ports)
    this.#writer = new WriteBehind(ports.storage, this.#state)
    this.#knownGood = new KnownGoodWriter(ports)
    this.#knownKeys = new KnownKeysWriter(ports)
    this.#knownOverlay = new KnownOverlayWriter(ports)
    this.#keys = new KeyFetcher(this.#state, ports.platform, (at) => this.#tellOfKeys(at))
    this.#talk = new PeerTalk(this.#state, ports, () => this.#refresh(ports.platform.now()))
    this.#kills = new KillKeeper(this.#state, ports.storage)
    this.#emergency = new EmergencyReader(this.#state, ports, (isOther) => {
      this.#refresh(ports.platform.now())
      if (isOther) void this.#talk.tellAll()
    })
    this.#director = new DirectorTalk(this.#state, ports, () => this.#refresh(ports.platform.now()))
  }

  async learn(self: VantageId, base: VantageBase): Promise<void> {
    const now = await this.#enter(self)
    const parsed = parseBase(base)
    if (parsed === undefined) throw new Error('not a base of this version')
    if (!this.#state.knowsBase(parsed.hash)) this.#state.setBases(learnBase(this.#state.bases, parsed, now, now))
    this.#keys.begin(now)
    await this.#wakeWhenDead(now)
  }

  async sync(self: VantageId, request: SyncRequest): Promise<SyncReply> {
    // Before any work: what an empty bucket saves is the alarm's time.
    if (!this.#take('sync')) return this.#busy()
    const state = this.#state
    const now = await this.#enter(self)
    state.counters.syncs += 1
    state.syncedAt = now
    if (!state.knowsBase(request.base)) return { kind: 'need-base' }
    state.setBases(seeBase(state.bases, request.base, now))
    if (state.snapshot === undefined) this.#refresh(now)
    const snapshot = state.snapshot
    if (snapshot === undefined) return { kind: 'busy', retryAfter: BUSY_MIN }
    const told = tellIsolateKeys(request, { state, keys: this.#keys, now })
    const next = told.soon ? SYNC_SOON : request.active ? SYNC_ACTIVE : SYNC_IDLE
    const probation = request.wantsProbation.filter((endpoint) => this.#permit(endpoint, now))
    const { held } = request
    const same =
      held?.vantage === snapshot.vantage &&
      held.seq === snapshot.seq &&
      held.incarnation.createdAt === snapshot.incarnation.createdAt &&
      held.incarnation.bootCount === snapshot.incarnation.bootCount
    return same ? { kind: 'same', next, probation, ...told.news } : { kind: 'snapshot', snapshot, next, probation, ...told.news }
  }

  async report(self: VantageId, report: AttemptReport): Promise<ReportReply> {
    if (!this.#take('report')) return this.#busy()
    const now = await this.#enter(self)
    const parsed = parseReport(report)
    if (parsed === undefined) throw new Error('not a report of this version')
    if (!this.#state.knowsBase(parsed.base)) return { kind: 'need-base' }
    this.#state.setBases(seeBase(this.#state.bases, parsed.base, now))
    if (takeReport(this.#state, parsed, this.#rules(self), now)) this.#refresh(now)
    return { kind: 'taken' }
  }

  /** What a peer says of everything it probes; the answer is the own message. Of any shape: the peer may be a version apart. */
  async exchange(self: VantageId, message: unknown): Promise<PeerMessage> {
    const now = await this.#enter(self)
    const answer = this.#talk.answer(message)
    // The message may have brought the first base.
    await this.#wakeWhenDead(now)
    return answer
  }

  /** The director tells what operators want. */
  async take(self: VantageId, overlay: unknown): Promise<OverlayOrder | undefined> {
    await this.#enter(self)
    return this.#director.take(overlay)
  }

  /** The director asks what is in force here, when it may have lost it. */
  async held(self: VantageId): Promise<Overlay | undefined> {
    await this.#enter(self)
    return this.#director.held()
  }

  /** Called by the watchdog: the alarm is armed again when it has died. */
  async wake(self: VantageId): Promise<void> {
    await this.#enter(self)
  }

  async status(self: VantageId): Promise<VantageStatus> {
    const now = await this.#enter(self)
    this.#refresh(now)
    return composeStatus(this.#state, now)
  }

  /** Never rejects: an alarm that fails six times is dead. */
  async alarm(): Promise<void> {
    const { platform } = this.#ports
    const state = this.#state
    try {
      state.counters.alarms += 1
      if (state.self === undefined || !state.isWanted()) return
      await this.#arm(platform.now())
      await this.#beat(state.self)
    } catch (error) {
      state.problems.add(`An alarm failed: ${String(error)}`, platform.now())
    }
  }

  async #beat(self: VantageId): Promise<void> {
    const { platform } = this.#ports
    const state = this.#state
    const now = platform.now()
    state.setBases(forgetBases(state.bases, now))
    judgeTraffic(state, this.#rules(self), now)
    this.#refresh(now)
    this.#keys.begin(now)
    const work = [
      this.#probes.round(self, this.#subjects(self), BEAT),
      this.#talk.tellAll(),
      this.#director.ask(self),
      this.#emergency.beat(),
      this.#knownGood.write(state, now),
      this.#knownKeys.write(state, now),
      this.#knownOverlay.write(state, now),
    ]
    const done = Promise.all(
      work.map((part) => part.catch((error) => state.problems.add(`Part of a beat failed: ${String(error)}`, platform.now()))),
    )
    await Promise.race([done, platform.sleep(BEAT_WORK_MAX)])
    this.#refresh(platform.now())
    this.#writer.flush(state, platform.now())
  }

  /** Everything that is said follows from what is held; peers hear at once when the own votes changed, or a canary was taken away. */
  #refresh(now: Instant): void {
    if (this.#state.self === undefined) return
    void this.#emergency.doubt()
    const killed = this.#kills.watch(now)
    if (formVerdicts(this.#state, now) || killed) void this.#talk.tellAll()
  }

  /** Other keys: isolates see it by the snapshot, peers hear at once. */
  #tellOfKeys(now: Instant): void {
    this.#refresh(now)
    if (this.#state.self !== undefined) void this.#talk.tellAll()
  }

  #subjects(self: VantageId): ReadonlyMap<EndpointKey, ProbeSubject> {
    const state = this.#state
    return new Map(
      [...state.targets].map(([key, { monitor }]) => [
        key,
        {
          monitor,
          fold: () => state.fold(key).probe,
          take: (result) => {
            const now = this.#ports.platform.now()
            state.counters.probes += 1
            if (result.kind === 'failed') state.counters.probesFailed += 1
            const before = state.fold(key)
            const folded = foldProbeResult(before, result, { ...this.#rules(self), monitor }, now)
            if (state.targets.has(key)) state.folds.set(key, folded)
            if (folded.probe.facet !== before.probe.facet || folded.watched !== before.watched) this.#refresh(now)
            return folded.probe
          },
        } satisfies ProbeSubject,
      ]),
    )
  }

  #rules(self: VantageId): FoldRules {
    return { self, holdDown: this.#state.holdDown }
  }

  #permit(endpoint: EndpointKey, now: Instant): boolean {
    const last = this.#permits.get(endpoint)
    const passed = last === undefined ? PERMIT_INTERVAL : Math.abs(between(last, now))
    if (!this.#state.targets.has(endpoint) || passed < PERMIT_INTERVAL || !mayTry(this.#state.fold(endpoint), now)) return false
    this.#permits.set(endpoint, now)
    return true
  }

  /** Every call passes here: the object learns its name, refuses another's, and wakes up when its alarm has died. */
  async #enter(self: VantageId): Promise<Instant> {
    const { platform } = this.#ports
    if (!isVantage(self)) throw new Error(`${String(self).slice(0, 40)} is no vantage: the platform has no such location hint`)
    const state = this.#state
    if (state.self !== undefined && state.self !== self) throw new Error(`this is the vantage ${state.self}, not ${self}`)
    const now = platform.now()
    if (state.self === undefined) this.#learnName(self, now)
    await this.#wakeWhenDead(now)
    return now
  }

  #take(kind: 'sync' | 'report'): boolean {
    const { taken, bucket } = takeToken(this.#buckets[kind], this.#ports.platform.now())
    this.#buckets[kind] = bucket
    if (!taken) this.#state.counters.refused += 1
    return taken
  }

  #busy(): { readonly kind: 'busy'; readonly retryAfter: DurationMs } {
    return { kind: 'busy', retryAfter: ms(BUSY_MIN + BUSY_SPREAD * this.#ports.platform.draw()) }
  }

  #learnName(self: VantageId, now: Instant): void {
    this.#state.self = self
    try {
      this.#ports.storage.writeName(self)
    } catch (error) {
      this.#state.problems.add(`The name could not be written: ${String(error)}`, now)
    }
  }

  async #wakeWhenDead(now: Instant): Promise<void> {
    const dead = this.#alarmAt === undefined || Math.abs(between(this.#alarmAt, now)) > OVERDUE_AFTER
    if (dead && this.#state.isWanted()) await this.#arm(instant(now - BEAT))
  }

  /** Never rejects: a call that finds the alarm unarmed tries again. */
  async #arm(from: Instant): Promise<void> {
    const at = after(from, BEAT)
    try {
      await this.#ports.platform.setAlarm(at)
      this.#alarmAt = at
    } catch (error) {
      this.#alarmAt = undefined
      this.#state.problems.add(`The alarm could not be armed: ${String(error)}`, from)
    }
  }
}
