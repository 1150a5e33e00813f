/**
 * Decides when the isolate reports and sends it: by a jittered timer of 5 to 10 s that requests look at, and at once when there is
 * news, one a colo and 250 ms. Never on the request's path; a report that is not taken is sent again, then dropped.
 */
import type { IsolateId } from '../../config/ids.ts'
import type { AttemptReport } from '../../config/report.ts'
import { after, between, type DurationMs, type Instant, ms } from '../../config/units.ts'
import { AttemptCounts, saidLater } from '../observe/report-attempts.ts'
import type { Platform } from '../ports.ts'
import type { RequestFacts } from '../snapshot-port.ts'
import type { Vantages } from './ask-vantages.ts'
import type { ColoCache } from './colo-cache.ts'
import type { HealthPorts } from './ports.ts'

const TIMER_MIN = ms(5000)
const TIMER_SPREAD = ms(5000)
/** While vantages and traffic disagree about an endpoint, its successes are proof, and proof lasts 2 s. */
const TIMER_DISPUTED = ms(1000)
/** While a canary is asked: one that fails is to be judged within seconds. */
const TIMER_CANARY = ms(2000)
const URGENT_LATE_MAX = ms(100)
const URGENT_LEASE = ms(250)
/** Turns that an urgent report waits for; after that it goes with the timer. */
const URGENT_TURNS = 3
/** Longest that a report is tried again: older counts would pass for new ones. */
const RESENT_FOR = ms(10_000)
/** A sender that has not finished by then has gone away with its request. */
const SENDING_MAX = ms(8000)

export interface ReportDeps {
  readonly ports: Pick<HealthPorts, 'base' | 'passive'>
  readonly isolate: IsolateId
  readonly vantages: Vantages
  readonly colo: ColoCache
  /** Fetches what the vantages made of it. */
  readonly refresh: (platform: Platform) => Promise<void>
  /** Whether successes are wanted as proof. */
  readonly disputed: () => boolean
}

export class ReportSender {
  readonly #deps: ReportDeps
  readonly #counts = new AttemptCounts()
  #nextAt: Instant | undefined
  #sentAt: Instant | undefined
  #sendingUntil: Instant | undefined
  #pending: { readonly report: AttemptReport; readonly madeAt: Instant } | undefined

  constructor(deps: ReportDeps) {
    this.#deps = deps
  }

  record(facts: RequestFacts, platform: Platform): void {
    const now = platform.now()
    const urgent = this.#counts.add(facts, now)
    this.#nextAt ??= after(now, this.#interval(platform))
    const isDue = now >= this.#nextAt || this.#nextAt - now > TIMER_MIN + TIMER_SPREAD
    if (this.#sendingUntil !== undefined && now < this.#sendingUntil && this.#sendingUntil - now <= SENDING_MAX) {
      // News while a report is on its way: the next request carries it.
      if (urgent) this.#nextAt = now
      return
    }
    if (!urgent && !isDue && !this.#isDisputed(now) && !(facts.canary === true && this.#isSilentFor(TIMER_CANARY, now))) return
    this.#sendingUntil = after(now, SENDING_MAX)
    platform.defer(this.#send(urgent, platform))
  }

  /** Never rejects: nothing waits for it but the platform. */
  async #send(urgent: boolean, platform: Platform): Promise<void> {
    try {
      if (urgent && !(await this.#takeTurn(platform))) {
        this.#nextAt = after(platform.now(), TIMER_DISPUTED)
        return
      }
      this.#nextAt = after(platform.now(), this.#interval(platform))
      const taken = await this.#deliver(platform)
      if (urgent && taken) await this.#deps.refresh(platform)
    } catch {
      this.#nextAt = after(platform.now(), this.#interval(platform))
    } finally {
      this.#sendingUntil = undefined
    }
  }

  async #takeTurn(platform: Platform): Promise<boolean> {
    await platform.sleep(ms(URGENT_LATE_MAX * platform.draw()))
    for (let turn = 1; ; turn += 1) {
      if (await this.#deps.colo.takeLease('report', URGENT_LEASE, platform)) return true
      if (turn === URGENT_TURNS) return false
      await platform.sleep(ms(URGENT_LEASE * (0.5 + 0.5 * platform.draw())))
    }
  }

  /** First what was not taken, then what was counted since. */
  async #deliver(platform: Platform): Promise<boolean> {
    const { ports, isolate } = this.#deps
    const now = platform.now()
    this.#sentAt = now
    const kept = this.#pending
    const late = kept === undefined ? ms(0) : between(kept.madeAt, now)
    if (kept !== undefined && late < RESENT_FOR && !(await this.#sendOne(saidLater(kept.report, late), platform))) return false
    this.#pending = undefined
    if (this.#counts.isEmpty) return false
    const report = this.#counts.take(isolate, ports.base.hash, ports.passive, now)
    this.#pending = { report, madeAt: now }
    if (!(await this.#sendOne(report, platform))) return false
    this.#pending = undefined
    return true
  }

  async #sendOne(report: AttemptReport, platform: Platform): Promise<boolean> {
    const vantage = this.#deps.vantages.choose(platform.now())
    if (vantage === undefined) return false
    const reply = await this.#deps.vantages.report(vantage, report, platform)
    if (reply?.kind === 'busy') this.#nextAt = after(platform.now(), reply.retryAfter)
    return reply?.kind === 'taken'
  }

  #isDisputed(now: Instant): boolean {
    return this.#deps.disputed() && this.#isSilentFor(TIMER_DISPUTED, now)
  }

  #isSilentFor(length: DurationMs, now: Instant): boolean {
    return this.#sentAt === undefined || Math.abs(now - this.#sentAt) >= length
  }

  #interval(platform: Platform): DurationMs {
    return ms(TIMER_MIN + TIMER_SPREAD * platform.draw())
  }
}
