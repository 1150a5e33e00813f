/**
 * The director: holds what operators want, in numbered revisions, and tells vantages. Made of ports, so that a simulator runs it in virtual
 * time; `director.ts` gives it the real ones. What it decides stands in `policy/`.
 * Owners of changes beside operators (the reading of weights.json, the release engine) are parts: `director-part.ts`.
 */
import type { AuditEntry, ChangeReply, ChangeRequest, DirectorAnswer, DirectorBase, DirectorForOperators } from '../config/director.ts'
import type { DirectorView, Page, PageRequest, RevisionView } from '../config/director-view.ts'
import type { VantageId } from '../config/ids.ts'
import { parseChangeRequest, parsePage } from '../config/parse-change.ts'
import { parseDirectorBase, parseQuestion } from '../config/parse-director.ts'
import { ok } from '../config/result.ts'
import { after, type Instant, instant, ms } from '../config/units.ts'
import { askOnce } from './ask-once.ts'
import { BeatAlarm } from './beat-alarm.ts'
import { composeView } from './compose-view.ts'
import { makeHands } from './director-hands.ts'
import type { DirectorHands, DirectorPart } from './director-part.ts'
import type { DirectorPorts } from './director-ports.ts'
import { HeardEmergency } from './heed-emergency.ts'
import type { Said } from './policy/director-state.ts'
import { endByTime, nextEnd } from './policy/end-by-time.ts'
import { foldChanges } from './policy/fold-changes.ts'
import { type BasesFold, isAlive, lackedBases, learnDirectorBase, nameBase, servingBases } from './policy/fold-director-bases.ts'
import { foldDeploy } from './policy/fold-layers.ts'
import { knownNames } from './policy/known-names.ts'
import { ProblemList } from './problem-list.ts'
import { RevisionBook } from './revision-book.ts'
import { ReleaseRunner } from './run-releases.ts'
import { Takeover } from './take-over.ts'
import { VantageTeller } from './tell-vantages.ts'
import { ChangeWriter } from './write-changes.ts'

/** From one alarm to the next, while a gateway is alive. */
const BEAT = ms(1000)
/** An alarm waits this long for its parts; what is slower goes on beside the next one. */
const BEAT_WORK_MAX = ms(900)

export class DirectorCore implements DirectorForOperators {
  readonly #ports: DirectorPorts
  readonly #broken: string | undefined
  readonly #teller: VantageTeller
  readonly #takeover: Takeover
  readonly #writer: ChangeWriter
  readonly #emergency: HeardEmergency
  readonly #parts: DirectorPart[]
  #bases: BasesFold
  /** What the current bundle does with what is in force is done. */
  #isDeployed = true
  #serving: readonly DirectorBase[] = []
  readonly #alarm: BeatAlarm
  readonly #book: RevisionBook
  readonly #problems = new ProblemList()

  constructor(ports: DirectorPorts) {
    const now = ports.platform.now()
    const kept = ports.storage.begin(now)
    this.#ports = ports
    this.#emergency = new HeardEmergency(now)
    this.#parts = [this.#emergency]
    this.#alarm = new BeatAlarm(
      ports.platform,
      (at) => this.#nextBeat(at),
      (text, at) => this.#problems.add(text, at),
    )
    this.#broken = kept.broken
    this.#bases = kept.bases
    this.#book = new RevisionBook(ports.storage, kept, knownNames([]))
    this.#lookAround(now)
    this.#teller = new VantageTeller(ports, this.#book)
    this.#takeover = new Takeover(ports, this.#book, this.#problems)
    this.#writer = new ChangeWriter({
      storage: ports.storage,
      book: this.#book,
      problems: this.#problems,
      obstacle: () => this.#obstacle(),
      onWritten: () => void this.#teller.tell(this.#vantages()),
    })
    if (kept.broken !== undefined) this.#problems.add(kept.broken, now)
    this.addPart((hands) => new ReleaseRunner(hands))
  }

  /** Called once for each part, before anything else. */
  addPart(make: (hands: DirectorHands) => DirectorPart): void {
    this.#parts.push(make(this.#hands()))
  }

  #hands(): DirectorHands {
    const now = (): Instant => this.#ports.platform.now()
    return makeHands({
      now,
      book: this.#book,
      ports: this.#ports,
      writer: this.#writer,
      isReady: () => this.#obstacle() === undefined && !this.#emergency.isDeaf(now()),
      bases: () => servingBases(this.#bases, now()),
      frozen: () => this.#frozen(now()),
      problem: (text) => this.#problems.add(text, now()),
    })
  }

  async change(raw: ChangeRequest): Promise<ChangeReply> {
    const request = parseChangeRequest(raw)
    if (!request.ok) return { kind: 'refused', defects: request.error }
    await this.#settle()
    const now = await this.#enter()
    const { changes, by, door, reason, id, ...rest } = request.value
    const options = { ...rest, ...(id === undefined ? {} : { once: askOnce(id, request.value) }) }
    const book = this.#book
    const scene = {
      names: book.names,
      stateAt: (revision: number) => this.#ports.storage.stateAt(revision),
      salt: `${book.order.epoch.toString(36)}.${book.order.revision + 1}`,
      frozen: this.#frozen(now),
    }
    return this.#writer.write({ by, door, reason, at: now }, (state, said) => foldChanges(state, changes, { ...scene, said }), options)
  }

  /** Why nothing may be changed. */
  #obstacle(): string | undefined {
    return this.#broken ?? this.#takeover.obstacle()
  }

  #frozen(now: Instant): readonly string[] {
    return this.#parts.flatMap((part) => part.frozen?.(now) ?? [])
  }

  /** What a vantage says each second. Of any shape: it may be a version apart. */
  async exchange(raw: unknown): Promise<DirectorAnswer> {
    const now = await this.#enter()
    const question = parseQuestion(raw)
    if (question === undefined) throw new Error('not a question of this version')
    const { from, holds, bases, documents } = question
    for (const base of [...documents].reverse()) {
      const named = bases.find(({ hash }) => hash === base.hash)
      this.#setBases(learnDirectorBase(this.#bases, base, named?.seenAgo ?? ms(0), now), now)
    }
    for (const { hash, seenAgo } of bases) this.#setBases(nameBase(this.#bases, hash, seenAgo, now), now)
    this.#teller.hear(from, holds, now)
    this.#takeover.hear(holds)
    for (const part of this.#parts)
      this.#guard('hearing of a vantage', () => part.hear?.(raw as Readonly<Record<string, unknown>>, from, now))
    await this.#alarm.keep(now)
    const needs = lackedBases(this.#bases, bases)
    return this.#takeover.isBehind(holds) ? { overlay: this.#book.overlay(now), needs } : { needs }
  }

  async learn(raw: unknown): Promise<void> {
    const now = await this.#enter()
    const base = parseDirectorBase(raw)
    if (base === undefined) throw new Error('not a base of this version')
    this.#setBases(learnDirectorBase(this.#bases, base, ms(0), now), now)
    await this.#alarm.keep(now)
  }

  async view(): Promise<DirectorView> {
    const now = await this.#enter()
    return composeView(
      {
        book: this.#book,
        bases: this.#bases,
        spread: this.#teller.spread(this.#vantages(), now),
        counts: this.#broken === undefined ? this.#ports.storage.counts() : { revisions: 0, auditLines: 0 },
        emergency: this.#emergency.told(),
        said: this.#parts.flatMap((part) => part.says?.(now) ?? []),
        news: (release) => this.#parts.map((part) => part.tells?.(release, now)).find((news) => news !== undefined),
        problems: this.#problems.show(now),
      },
      now,
    )
  }

  async revisions(page: PageRequest): Promise<Page<RevisionView>> {
    await this.#enter()
    const { before, limit } = parsePage(page)
    const entries = this.#ports.storage.revisions(before, limit + 1)
    const shown = entries
      .slice(0, limit)
      .map(({ id: _, ...entry }) => ({ ...entry, current: entry.revision === this.#book.order.revision }))
    return pageOf(shown, entries.length > limit ? shown.at(-1)?.revision : undefined)
  }

  async audit(page: PageRequest): Promise<Page<AuditEntry>> {
    await this.#enter()
    const { before, limit } = parsePage(page)
    const entries = this.#ports.storage.audit(before, limit + 1)
    const shown = entries.slice(0, limit)
    return pageOf(shown, entries.length > limit ? shown.at(-1)?.id : undefined)
  }

  /** Called by the watchdog: the alarm is armed again when it has died. */
  async wake(): Promise<void> {
    await this.#enter()
  }

  /** Never rejects: an alarm that fails six times is dead. */
  async alarm(): Promise<void> {
    const { platform } = this.#ports
    try {
      const now = platform.now()
      await this.#alarm.rang(now)
      await this.#beat(now)
    } catch (error) {
      this.#problems.add(`An alarm failed: ${String(error)}`, platform.now())
    }
  }

  async #beat(now: Instant): Promise<void> {
    this.#lookAround(now)
    this.#guard('end of what has its time', () => this.#endByTime(now))
    this.#guard('deploy', () => this.#deployLate(now))
    const work = [this.#settle(), this.#teller.tell(this.#vantages()), ...this.#parts.map(async (part) => part.beat?.(now))]
    const caught = work.map((part) => part.catch((error) => this.#problems.add(`Part of a beat failed: ${String(error)}`, now)))
    await Promise.race([Promise.all(caught), this.#ports.platform.sleep(BEAT_WORK_MAX)])
    await this.#teller.tell(this.#vantages())
  }

  #endByTime(now: Instant): void {
    const said: Said = { by: 'director', door: 'expiry', reason: 'its time was over', at: now }
    if (endByTime(this.#book.state, now) !== this.#book.state) this.#writer.write(said, (state) => ok(endByTime(state, now)), {})
  }

  /** Reads what vantages hold, when this director may lack something. Never rejects. */
  #settle(): Promise<void> {
    return this.#broken === undefined ? this.#takeover.settle(this.#vantages()) : Promise.resolve()
  }

  #setBases(bases: BasesFold, now: Instant): void {
    const before = this.#bases
    this.#bases = bases
    const isNews = bases.current !== before.current || bases.known.some(({ base }, index) => base !== before.known[index]?.base)
    if (!isNews) return
    this.#lookAround(now)
    if (before.current !== undefined && bases.current !== before.current) this.#isDeployed = false
    this.#guard('deploy', () => this.#deploy(now))
    this.#guard('keeping of bases', () => this.#keepBases())
  }

  /** A bundle whose coming is not written down as yet comes anew after a restart. */
  #keepBases(): void {
    if (this.#isDeployed) this.#ports.storage.saveBases(this.#bases)
  }

  /** Time passes: the clock may have been set, and bundles are forgotten that nobody names any more. */
  #lookAround(now: Instant): void {
    this.#book.passTime(now)
    const serving = servingBases(this.#bases, now)
    if (serving.length === this.#serving.length && serving.every((base, index) => base === this.#serving[index])) return
    this.#serving = serving
    this.#book.names = knownNames(serving)
  }

  /** Another bundle is current: what is in force stays, goes or is pointed at, as it says itself. Tried again each second until it is written. */
  #deploy(now: Instant): void {
    const base = servingBases(this.#bases, now)[0]
    if (this.#isDeployed || base === undefined) return
    const said: Said = { by: 'director', door: 'deploy', reason: `the bundle ${base.hash} has come`, at: now }
    this.#isDeployed = this.#writer.write(said, (state) => ok(foldDeploy(state, base)), {}).kind === 'done'
  }

  #deployLate(now: Instant): void {
    if (this.#isDeployed) return
    this.#deploy(now)
    this.#keepBases()
  }

  #vantages(): readonly VantageId[] {
    const current = this.#bases.known.find(({ base }) => base.hash === this.#bases.current) ?? this.#bases.known[0]
    return current?.base.vantages ?? []
  }

  #guard(what: string, work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#problems.add(`The ${what} failed: ${String(error)}`, this.#ports.platform.now())
    }
  }

  /** Every call passes here: the clock is looked at, and an alarm that has died is armed again. */
  async #enter(): Promise<Instant> {
    const now = this.#ports.platform.now()
    this.#lookAround(now)
    await this.#alarm.keep(now)
    return now
  }

  /** A second from now while a gateway is alive; else when the next drain or weight ends. */
  #nextBeat(now: Instant): Instant | undefined {
    if (isAlive(this.#bases, now)) return after(now, BEAT)
    const end = nextEnd(this.#book.state)
    return end === undefined ? undefined : instant(Math.max(end, now + BEAT))
  }
}

const pageOf = <Entry>(entries: readonly Entry[], next: number | undefined): Page<Entry> =>
  next === undefined ? { entries } : { entries, next }
