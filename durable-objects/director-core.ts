/**
 * The director: holds what operators want, in numbered revisions, and tells vantages. Made of ports, so that a simulator runs it in virtual
 * time; `director.ts` gives it the real ones. What it decides stands in `policy/`.
 *
 * Further owners of changes (the reading of weights.json, the release engine) are `DirectorPart`s: they get the book and write through
 * `commit`, like everybody else.
 */
import type { AuditEntry, ChangeDefect, ChangeReply, ChangeRequest, DirectorAnswer, DirectorForOperators } from '../config/director.ts'
import type { DirectorView, Page, PageRequest, RevisionView } from '../config/director-view.ts'
import type { VantageId } from '../config/ids.ts'
import { parseChangeRequest, parsePage } from '../config/parse-change.ts'
import { parseDirectorBase, parseQuestion } from '../config/parse-director.ts'
import { after, type Instant, instant, ms } from '../config/units.ts'
import { AUDIT_LINES_MAX, type DirectorPorts, REVISIONS_MAX } from './director-ports.ts'
import { driftOf } from './policy/director-fields.ts'
import type { Said } from './policy/director-state.ts'
import { foldChanges } from './policy/fold-changes.ts'
import { type BasesFold, isAlive, lackedBases, learnDirectorBase, nameBase, servingBases } from './policy/fold-director-bases.ts'
import { endDrains, nextEnd } from './policy/fold-drains.ts'
import { knownNames } from './policy/known-names.ts'
import { viewEntries, viewReleases } from './policy/view-entries.ts'
import { ProblemList } from './problem-list.ts'
import { RevisionBook } from './revision-book.ts'
import { Takeover } from './take-over.ts'
import { VantageTeller } from './tell-vantages.ts'

/** From one alarm to the next, while a gateway is alive. */
const BEAT = ms(1000)
/** An alarm waits this long for its parts; what is slower goes on beside the next one. */
const BEAT_WORK_MAX = ms(900)
/** An alarm this late is taken for dead and armed again by whoever calls. */
const OVERDUE_AFTER = ms(2000)

/** An owner of changes beside operators. Both methods may reject or hang. */
export interface DirectorPart {
  /** What a vantage says each second, as it came: it may be a version apart. */
  readonly hear?: (question: unknown, from: VantageId, now: Instant) => void
  /** Each second while a gateway is alive. */
  readonly beat?: (now: Instant) => Promise<void>
  /** What `emergency.json` freezes, where the part knows of it. */
  readonly frozen?: (now: Instant) => readonly string[]
}

export class DirectorCore implements DirectorForOperators {
  readonly #ports: DirectorPorts
  readonly #broken: string | undefined
  readonly #teller: VantageTeller
  readonly #takeover: Takeover
  readonly #parts: DirectorPart[] = []
  #bases: BasesFold
  #alarmAt: Instant | undefined
  /** For the parts. */
  readonly book: RevisionBook
  readonly problems = new ProblemList()

  constructor(ports: DirectorPorts) {
    const now = ports.platform.now()
    const kept = ports.storage.begin(now)
    this.#ports = ports
    this.#broken = kept.broken
    this.#bases = kept.bases
    this.book = new RevisionBook(ports.storage, kept, knownNames(servingBases(kept.bases, now)))
    this.#teller = new VantageTeller(ports, this.book)
    this.#takeover = new Takeover(ports, this.book, this.problems)
    if (kept.broken !== undefined) this.problems.add(kept.broken, now)
  }

  addPart(part: DirectorPart): void {
    this.#parts.push(part)
  }

  async change(raw: ChangeRequest): Promise<ChangeReply> {
    const request = parseChangeRequest(raw)
    if (!request.ok) return { kind: 'refused', defects: request.error }
    await this.#settle()
    const now = await this.#enter()
    const obstacle = this.#broken ?? this.#takeover.obstacle()
    if (obstacle !== undefined) return refuse('a director that knows what is in force', obstacle)
    const reply = this.#fold(request.value, now)
    if (reply.kind === 'done') void this.#teller.tell(this.#vantages())
    return reply
  }

  #fold({ changes, by, door, reason, ...request }: ChangeRequest, now: Instant): ChangeReply {
    const { book } = this
    const done = request.id === undefined ? undefined : this.#ports.storage.revisionOfChange(request.id)
    if (done !== undefined) return { kind: 'done', revision: done, differences: this.#entryOf(done)?.differences ?? [] }
    const { revision } = book.order
    if (request.ifMatch !== undefined && request.ifMatch !== revision)
      return { kind: 'conflict', revision, differences: book.differencesSince(request.ifMatch, now) }
    const said: Said = { by, door, reason, at: now }
    const folded = foldChanges(book.state, changes, {
      said,
      names: book.names,
      stateAt: (asked) => this.#ports.storage.stateAt(asked),
      salt: `${book.order.epoch.toString(36)}.${revision + 1}`,
      frozen: this.#parts.flatMap((part) => part.frozen?.(now) ?? []),
    })
    if (!folded.ok) return { kind: 'refused', defects: folded.error }
    if (request.dryRun === true) return { kind: 'done', revision, differences: book.differences(folded.value, now) }
    try {
      const differences = book.commit(folded.value, said, request.id === undefined ? {} : { id: request.id })
      return { kind: 'done', revision: book.order.revision, differences }
    } catch (error) {
      this.problems.add(`A revision could not be written: ${String(error)}`, now)
      return refuse('a change that can be written down', String(error))
    }
  }

  #entryOf(revision: number): AuditEntry | undefined {
    return this.#ports.storage.revisions(revision + 1, 1).find((entry) => entry.revision === revision)
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
    for (const part of this.#parts) this.#guard('hear', () => part.hear?.(raw, from, now))
    await this.#wakeWhenDead(now)
    const needs = lackedBases(this.#bases, bases)
    return this.#takeover.isBehind(holds) ? { overlay: this.book.overlay(now), needs } : { needs }
  }

  async learn(raw: unknown): Promise<void> {
    const now = await this.#enter()
    const base = parseDirectorBase(raw)
    if (base === undefined) throw new Error('not a base of this version')
    this.#setBases(learnDirectorBase(this.#bases, base, ms(0), now), now)
    await this.#wakeWhenDead(now)
  }

  async view(): Promise<DirectorView> {
    const now = await this.#enter()
    const { state, names, order } = this.book
    return {
      format: 1,
      order,
      revision: order.revision,
      entries: viewEntries(state, names, now),
      drift: driftOf(state, names, now),
      releases: viewReleases(state, names, now),
      spread: this.#teller.spread(this.#vantages(), now),
      bases: this.#bases.known.map(({ base, seenAt }) => ({
        hash: base.hash,
        seenAgo: ms(Math.max(0, now - seenAt)),
        current: base.hash === this.#bases.current,
      })),
      kept: { ...this.#counts(), revisionsMax: REVISIONS_MAX, auditLinesMax: AUDIT_LINES_MAX },
      problems: this.problems.show(now),
    }
  }

  async revisions(page: PageRequest): Promise<Page<RevisionView>> {
    await this.#enter()
    const { before, limit } = parsePage(page)
    const entries = this.#ports.storage.revisions(before, limit + 1)
    const shown = entries.slice(0, limit).map(({ id: _, ...entry }) => ({ ...entry, current: entry.revision === this.book.order.revision }))
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
      this.#alarmAt = undefined
      await this.#wakeWhenDead(now)
      await this.#beat(now)
    } catch (error) {
      this.problems.add(`An alarm failed: ${String(error)}`, platform.now())
    }
  }

  async #beat(now: Instant): Promise<void> {
    this.book.passTime(now)
    this.#guard('end of drains', () => this.#endDrains(now))
    const work = [this.#settle(), this.#teller.tell(this.#vantages()), ...this.#parts.map(async (part) => part.beat?.(now))]
    const caught = work.map((part) => part.catch((error) => this.problems.add(`Part of a beat failed: ${String(error)}`, now)))
    await Promise.race([Promise.all(caught), this.#ports.platform.sleep(BEAT_WORK_MAX)])
    await this.#teller.tell(this.#vantages())
  }

  #endDrains(now: Instant): void {
    const { book } = this
    if (this.#broken !== undefined) return
    book.commit(endDrains(book.state, now), { by: 'director', door: 'expiry', reason: 'its time was over', at: now })
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
    this.book.names = knownNames(servingBases(bases, now))
    this.#guard('keeping of bases', () => this.#ports.storage.saveBases(bases))
  }

  #vantages(): readonly VantageId[] {
    const current = this.#bases.known.find(({ base }) => base.hash === this.#bases.current) ?? this.#bases.known[0]
    return current?.base.vantages ?? []
  }

  #counts(): { readonly revisions: number; readonly auditLines: number } {
    return this.#broken === undefined ? this.#ports.storage.counts() : { revisions: 0, auditLines: 0 }
  }

  #guard(what: string, work: () => void): void {
    try {
      work()
    } catch (error) {
      this.problems.add(`The ${what} failed: ${String(error)}`, this.#ports.platform.now())
    }
  }

  /** Every call passes here: the clock is looked at, and an alarm that has died is armed again. */
  async #enter(): Promise<Instant> {
    const now = this.#ports.platform.now()
    this.book.passTime(now)
    await this.#wakeWhenDead(now)
    return now
  }

  async #wakeWhenDead(now: Instant): Promise<void> {
    const next = this.#nextBeat(now)
    if (next === undefined) return
    const armed = this.#alarmAt
    // One that is late is dead; one that is far off was armed for the end of a drain, or by a clock that has been set back.
    if (armed !== undefined && armed > now - OVERDUE_AFTER && armed <= next) return
    try {
      await this.#ports.platform.setAlarm(next)
      this.#alarmAt = next
    } catch (error) {
      this.#alarmAt = undefined
      this.problems.add(`The alarm could not be armed: ${String(error)}`, now)
    }
  }

  /** A second from now while a gateway is alive; else when the next drain ends. */
  #nextBeat(now: Instant): Instant | undefined {
    if (isAlive(this.#bases, now)) return after(now, BEAT)
    const end = nextEnd(this.book.state)
    return end === undefined ? undefined : instant(Math.max(end, now + BEAT))
  }
}

const refuse = (expected: string, found: string): ChangeReply => ({
  kind: 'refused',
  defects: [{ path: [], expected, found } satisfies ChangeDefect],
})

const pageOf = <Entry>(entries: readonly Entry[], next: number | undefined): Page<Entry> =>
  next === undefined ? { entries } : { entries, next }
