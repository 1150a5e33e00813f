/**
 * Brings the isolate's snapshot up to date: L1, then L2, sometimes L3, and L4 when there is nothing else. Runs beside requests, one at a
 * time by a timestamp; a request that needs a snapshot now watches what is held, never this work.
 */
import type { EndpointKey, IsolateId, VantageId } from '../../config/ids.ts'
import { parseLastKnownGood } from '../../config/parse-snapshot.ts'
import type { SyncReply, SyncRequest } from '../../config/report.ts'
import type { EndpointHealth, HealthSnapshot } from '../../config/snapshot.ts'
import { after, type DurationMs, type Instant, ms } from '../../config/units.ts'
import { parseLatencies } from '../policy/steering/colo-latency.ts'
import type { Platform } from '../ports.ts'
import type { Vantages } from './ask-vantages.ts'
import { attempt } from './bounded.ts'
import { hash } from './choose-vantage.ts'
import type { ColoCache } from './colo-cache.ts'
import { FRESH_FOR, type Held, within } from './held.ts'
import type { KnownOverlay } from './known-overlay.ts'
import type { HealthPorts } from './ports.ts'
import type { KeySync } from './sync-keys.ts'

/** Between two looks at the colo's cache, which costs next to nothing, while there are requests. */
const LOOK_EVERY = ms(250)
/** One refresh of a colo in so long: a little less than the second after which vantages have news. */
const REFRESH_LEASE = ms(900)
/** While it is held a vantage is not asked by this isolate, unless it wants a permit. */
const SYNC_EVERY = ms(1000)
/** Longest pause after failures; each doubles it. */
const BACK_OFF_MAX = ms(8000)
/** A refresh that has not finished by then went away with its request. */
const REFRESH_MAX = ms(4000)
/** The isolate counts as active so long after a request. */
const ACTIVE_FOR = ms(2000)
/** A cold isolate that lost the lease looks so often for what the winner brings. */
const COLD_LOOKS = 4
const COLD_LOOK_EVERY = ms(20)
const PERMIT_LIVES = ms(2000)
const KNOWN_GOOD_TIMEOUT = ms(1000)
const KNOWN_GOOD_EVERY = ms(30_000)
/** One isolate in five may ask a second vantage at once, and goes past the colo's lease when it wants a permit. */
const ONE_IN = 5

export interface RefreshDeps {
  readonly ports: HealthPorts
  readonly isolate: IsolateId
  readonly held: Held
  readonly vantages: Vantages
  readonly colo: ColoCache
  readonly keys: KeySync
  readonly known: KnownOverlay
}

export class Refresher {
  readonly #deps: RefreshDeps
  readonly #permits = new Map<EndpointKey, Instant>()
  readonly #isOneInFive: boolean
  #lookAt: Instant | undefined
  #syncAt: Instant | undefined
  #runningUntil: Instant | undefined
  #pause = SYNC_EVERY
  #requestAt: Instant | undefined
  #knownGoodAt: Instant | undefined
  /** What the last refresh did not bring. */
  #missed = { health: false, keys: false }

  constructor(deps: RefreshDeps) {
    this.#deps = deps
    this.#isOneInFive = hash(deps.isolate) % ONE_IN === 0
  }

  /** The isolate is active as long as requests come. */
  noteRequest(now: Instant): void {
    this.#requestAt = now
  }

  /** Whether a request at `now` should start a refresh. */
  isDue(now: Instant): boolean {
    return (this.#lookAt === undefined || now >= this.#lookAt || this.#lookAt - now > BACK_OFF_MAX) && !this.isRunning(now)
  }

  /**
   * A cold request may wait for it: it is under way, and what is lacking is not what the last one did not bring either. While nobody answers, or an
   * issuer has no keys, no request waits in vain.
   */
  isPromising(now: Instant): boolean {
    const { held, keys } = this.#deps
    const { health, keys: noKeys } = this.#missed
    return this.isRunning(now) && ((!health && held.isCold(now)) || (!noKeys && keys.held.lacks(now)))
  }

  /** Requests had better wait a moment: health is old, or keys are missing that tokens may need. */
  isLacking(now: Instant): boolean {
    const { held, keys } = this.#deps
    return held.isCold(now) || keys.held.lacks(now)
  }

  isRunning(now: Instant): boolean {
    return this.#runningUntil !== undefined && now < this.#runningUntil && this.#runningUntil - now <= REFRESH_MAX
  }

  holdsPermit(endpoint: EndpointKey, now: Instant): boolean {
    const until = this.#permits.get(endpoint)
    return until !== undefined && now <= until && until - now <= PERMIT_LIVES
  }

  /** Uses up a permit. */
  takePermit(endpoint: EndpointKey, now: Instant): boolean {
    const held = this.holdsPermit(endpoint, now)
    this.#permits.delete(endpoint)
    return held
  }

  /** Never rejects. `urgent` goes past the colo's lease: there is news. */
  async run(platform: Platform, urgent = false): Promise<void> {
    const now = platform.now()
    this.#runningUntil = after(now, REFRESH_MAX)
    this.#lookAt = after(now, ms(LOOK_EVERY * (0.8 + 0.4 * platform.draw())))
    try {
      await Promise.all([this.#refresh(platform, urgent), this.#deps.keys.readKnown(platform)])
    } catch {
      // A bug in the health plane must not cost a request; passive health goes on.
      this.#lookAt = after(platform.now(), BACK_OFF_MAX)
    } finally {
      this.#runningUntil = undefined
      const { held, keys } = this.#deps
      const now = platform.now()
      this.#missed = { health: held.isCold(now), keys: keys.held.lacks(now) }
    }
  }

  async #refresh(platform: Platform, urgent: boolean): Promise<void> {
    const { held, colo } = this.#deps
    if (!urgent) {
      await this.#look(platform)
      const now = platform.now()
      if (!this.#wantsSync(platform, now)) return
      if (!this.#goesPastLease(platform, now) && !(await colo.takeLease('refresh', REFRESH_LEASE, platform))) return this.#await(platform)
    }
    await this.#sync(platform)
    await Promise.all([held.snapshot === undefined ? this.#readKnownGood(platform) : undefined, this.#deps.known.readStore(platform)])
  }

  async #look(platform: Platform): Promise<void> {
    const { ports, held, colo, keys, known } = this.#deps
    const [shared] = await Promise.all([colo.read(platform), known.look(platform)])
    if (shared !== undefined && this.#isOurs(shared.snapshot)) {
      const { snapshot, latencies, age } = shared
      const now = platform.now()
      if (latencies !== undefined) ports.passive.latencies?.hear(parseLatencies(latencies), after(now, ms(-age)), now)
      held.take(snapshot, now, { age, word: colo.isSigned ? 'signed' : 'unsigned' })
      held.answered(after(now, ms(-age)))
      // What is older than a second is better than nothing, and no reason not to ask. From now, not from its writing: isolates must not ask in step.
      if (age < SYNC_EVERY) this.#syncAt = after(now, SYNC_EVERY)
    }
    if (keys.needs(held.snapshot, platform.now())) await keys.look(platform)
  }

  /** Another isolate of this colo is asking: a cold one looks for what it brings. */
  async #await(platform: Platform): Promise<void> {
    for (let look = 1; look <= COLD_LOOKS && this.isLacking(platform.now()); look += 1) {
      await platform.sleep(COLD_LOOK_EVERY)
      await this.#look(platform)
    }
  }

  async #sync(platform: Platform): Promise<void> {
    const { vantages } = this.#deps
    const first = vantages.choose(platform.now())
    if (first === undefined) return
    if (await this.#syncWith(first, platform)) return
    const second = this.#isOneInFive ? vantages.choose(platform.now(), first) : undefined
    if (second !== undefined && (await this.#syncWith(second, platform))) return
    const now = platform.now()
    this.#pause = ms(Math.min(BACK_OFF_MAX, this.#pause * 2))
    this.#syncAt = after(now, ms(this.#pause * (0.5 + 0.5 * platform.draw())))
  }

  /** True when the vantage said something, be it that it is busy. */
  async #syncWith(vantage: VantageId, platform: Platform): Promise<boolean> {
    const reply = await this.#deps.vantages.sync(vantage, this.#request(vantage, platform.now()), platform)
    if (reply === undefined || reply.kind === 'need-base') return false
    const now = platform.now()
    this.#deps.held.answered(now)
    if (reply.kind === 'busy') {
      this.#syncAt = after(now, reply.retryAfter)
      return true
    }
    this.#pause = SYNC_EVERY
    this.#syncAt = after(now, reply.next)
    for (const endpoint of reply.probation) this.#permits.set(endpoint, after(now, PERMIT_LIVES))
    await this.#takeIn(reply, now, platform)
    return true
  }

  async #takeIn(reply: Extract<SyncReply, { kind: 'same' | 'snapshot' }>, now: Instant, platform: Platform): Promise<void> {
    const { ports, held, colo, keys, known } = this.#deps
    if (reply.kind === 'snapshot') {
      if (!this.#isOurs(reply.snapshot)) return
      held.take(reply.snapshot, now)
    } else held.confirm(now)
    await keys.take(reply.keySets, held.snapshot, platform)
    const told = held.told(platform.now())
    const latencies = ports.passive.latencies?.tell(platform.now())
    await Promise.all([told === undefined ? undefined : colo.write(told, latencies, platform), known.write(platform)])
  }

  #request(vantage: VantageId, now: Instant): SyncRequest {
    const { whole: snapshot } = this.#deps.held
    const held = snapshot?.vantage === vantage ? { vantage, incarnation: snapshot.incarnation, seq: snapshot.seq } : undefined
    return {
      base: this.#deps.ports.base.hash,
      active: this.#isActive(now),
      wantsProbation: this.#wantsProbation(now),
      ...(held === undefined ? {} : { held }),
      ...this.#deps.keys.ask(now),
    }
  }

  #wantsSync(platform: Platform, now: Instant): boolean {
    if (this.#syncAt === undefined || now >= this.#syncAt || this.#syncAt - now > 60_000) return true
    return this.#pause === SYNC_EVERY && this.#syncAt - now <= SYNC_EVERY && this.#goesPastLease(platform, now)
  }

  /** Permits are not shared through the cache, so whoever wants one must ask; not all at once. Nor are keys, but with the secret. */
  #goesPastLease(platform: Platform, now: Instant): boolean {
    if (this.#deps.keys.isDue(this.#deps.held.snapshot, now)) return true
    return this.#deps.ports.passive.wantsProbation(now).length > 0 && platform.draw() * ONE_IN < 1
  }

  #wantsProbation(now: Instant): readonly EndpointKey[] {
    const { snapshot } = this.#deps.held
    // What only the asked vantage holds down is restored by probation as well: nobody else would ever try it.
    const shown = Object.entries<EndpointHealth>(snapshot?.endpoints ?? {}).flatMap(([key, health]) =>
      health.verdict === 'down' || health.local === 'down' || health.routesDown.length + health.localRoutesDown.length > 0
        ? [key as EndpointKey]
        : [],
    )
    return [...new Set([...this.#deps.ports.passive.wantsProbation(now), ...shown])]
  }

  async #readKnownGood(platform: Platform): Promise<void> {
    const now = platform.now()
    if (this.#knownGoodAt !== undefined && within(this.#knownGoodAt, now, KNOWN_GOOD_EVERY)) return
    this.#knownGoodAt = now
    const snapshot = parseLastKnownGood(await attempt(this.#deps.ports.readKnownGood, KNOWN_GOOD_TIMEOUT, platform))
    // How old it is nobody can say: it is used, and said to be stale.
    if (snapshot !== undefined && this.#isOurs(snapshot)) this.#deps.held.take(snapshot, platform.now(), { age: FRESH_FOR, word: 'none' })
  }

  #isOurs(snapshot: HealthSnapshot): boolean {
    return this.#deps.ports.base.health.vantages.includes(snapshot.vantage)
  }

  #isActive(now: Instant): boolean {
    return this.#requestAt !== undefined && within(this.#requestAt, now, ACTIVE_FOR as DurationMs)
  }
}
