/** One isolate's surroundings in virtual time: a platform, a colo's cache, vantages and KV that answer, throw, hang or lie. */
import type { Base } from '../../../config/base.ts'
import { type EndpointKey, endpointKey, routeId, type VantageId, vantageId } from '../../../config/ids.ts'
import { KNOWN_OVERLAY_KEY } from '../../../config/known-overlay.ts'
import type { Emergency, Overlay } from '../../../config/overlay.ts'
import type { AttemptReport, SyncReply, SyncRequest, VantageBase } from '../../../config/report.ts'
import type { EndpointHealth, HealthSnapshot, Verdict } from '../../../config/snapshot.ts'
import { instant, ms, share } from '../../../config/units.ts'
import type { Evidence } from '../../../worker/policy/evidence.ts'
import type { Platform } from '../../../worker/ports.ts'
import type { HealthPorts } from '../../../worker/snapshot/ports.ts'
import { makeHealthSource } from '../../../worker/snapshot/snapshot-source.ts'
import type { HealthSource, HeldHealth, PassiveHealth } from '../../../worker/snapshot-port.ts'
import { dice } from '../../seed.ts'
import { testBase } from '../../workerd/gateway/base.ts'

export { makeCryptoImmediate } from './immediate-crypto.ts'

export const EAST = endpointKey('east')
export const WEST = endpointKey('west')

export type Manner = 'answers' | 'throws' | 'throws at once' | 'hangs' | 'rubbish' | 'busy'

/** What several isolates of one colo share, and the clock. */
export class Colo {
  now = 1_795_000_000_000
  readonly entries = new Map<string, { readonly body: string; readonly until: number }>()
  manner: Manner = 'answers'
  knownGood: unknown = null
  knownGoodManner: Manner = 'answers'
  /** The entry of what is in force. */
  knownOverlay: string | null = null
  readonly vantages = new Map<VantageId, FakeVantage>()
  readonly deferred: Promise<unknown>[] = []
  #timers: { readonly at: number; readonly order: number; readonly wake: () => void }[] = []
  #order = 0
  readonly #random = dice(5)

  constructor() {
    for (const name of ['wnam', 'weur', 'apac']) this.vantages.set(vantageId(name), new FakeVantage(this, vantageId(name)))
  }

  vantage(name: string): FakeVantage {
    return this.vantages.get(vantageId(name)) as FakeVantage
  }

  behaveAll(manner: Manner): void {
    for (const vantage of this.vantages.values()) vantage.manner = manner
  }

  all(change: (vantage: FakeVantage) => void): void {
    for (const vantage of this.vantages.values()) change(vantage)
  }

  wakeAfter(length: number, wake: () => void): () => void {
    this.#order += 1
    const timer = { at: this.now + Math.max(0, length), order: this.#order, wake }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer)
    }
  }

  sleep(length: number): Promise<void> {
    return new Promise((resolve) => void this.wakeAfter(length, resolve))
  }

  draw() {
    return this.#random()
  }

  async run(length: number): Promise<void> {
    const end = this.now + length
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve))
      this.#timers.sort((a, b) => a.at - b.at || a.order - b.order)
      const next = this.#timers[0]
      if (next === undefined || next.at > end) break
      this.#timers.shift()
      this.now = Math.max(this.now, next.at)
      next.wake()
    }
    this.now = end
  }

  /** Does as the manner says; `value` is what an honest one would say. */
  async behave<T>(manner: Manner, value: () => T | Promise<T>, latency = 2): Promise<T> {
    if (manner === 'hangs') return new Promise<T>(() => {})
    await this.sleep(latency)
    if (manner === 'throws') throw new Error('broken')
    if (manner === 'rubbish') return RUBBISH[Math.floor(this.draw() * RUBBISH.length)] as T
    return value()
  }
}

export const RUBBISH: readonly unknown[] = [
  null,
  undefined,
  42,
  'snapshot',
  [],
  {},
  { kind: 'snapshot' },
  { kind: 'snapshot', snapshot: { format: 1, endpoints: { east: { verdict: 'gone' } } }, next: 'soon', probation: 7 },
  { kind: 'same', next: Number.NaN, probation: null },
  { kind: 'busy', retryAfter: -1 },
  { kind: 'need-base' },
]

export class FakeVantage {
  readonly #colo: Colo
  readonly name: VantageId
  manner: Manner = 'answers'
  seq = 1
  verdict: Verdict = 'up'
  localRoutesDown: readonly string[] = []
  overlay: Overlay | undefined
  emergency: Emergency | undefined
  known = new Set<string>(['hash'])
  readonly syncs: SyncRequest[] = []
  readonly reports: AttemptReport[] = []
  permits: readonly EndpointKey[] = []
  learnt: VantageBase[] = []

  constructor(colo: Colo, name: VantageId) {
    this.#colo = colo
    this.name = name
  }

  turn(verdict: Verdict): void {
    this.verdict = verdict
    this.seq += 1
  }

  snapshot(): HealthSnapshot {
    const health = (verdict: Verdict): EndpointHealth => ({
      verdict,
      stoodFor: ms(5000),
      local: 'up',
      routesDown: [],
      localRoutesDown: [],
      reasons: [],
    })
    return {
      format: 1,
      vantage: this.name,
      incarnation: { createdAt: 1, bootCount: 1 },
      seq: this.seq,
      endpoints: { [EAST]: { ...health(this.verdict), localRoutesDown: this.localRoutesDown.map(routeId) }, [WEST]: health('up') },
      retryScale: share(1),
      ...(this.overlay === undefined ? {} : { overlay: this.overlay }),
      ...(this.emergency === undefined ? {} : { emergency: this.emergency }),
    }
  }

  /** Says this from now on. */
  publish(said: { readonly overlay?: Overlay | undefined; readonly emergency?: Emergency | undefined }): void {
    Object.assign(this, said)
    this.seq += 1
  }

  stub() {
    if (this.manner === 'throws at once') throw new Error('no stub')
    return {
      learn: (_self: VantageId, base: VantageBase) =>
        this.#colo.behave(this.manner, () => {
          this.learnt.push(base)
          this.known.add(base.hash)
        }),
      sync: (_self: VantageId, request: SyncRequest) => {
        this.syncs.push(request)
        return this.#colo.behave<SyncReply>(this.manner, () => this.#answer(request), 20)
      },
      report: (_self: VantageId, report: AttemptReport) =>
        this.#colo.behave(this.manner, () => {
          if (this.manner === 'busy') return { kind: 'busy' as const, retryAfter: ms(2000) }
          if (!this.known.has(report.base)) return { kind: 'need-base' as const }
          this.reports.push(report)
          return { kind: 'taken' as const }
        }),
    }
  }

  #answer({ base, held, active, wantsProbation }: SyncRequest): SyncReply {
    if (this.manner === 'busy') return { kind: 'busy', retryAfter: ms(2000) }
    if (!this.known.has(base)) return { kind: 'need-base' }
    const next = ms(active ? 1000 : 5000)
    const probation = wantsProbation.filter((key) => this.permits.includes(key))
    return held?.vantage === this.name && held.seq === this.seq
      ? { kind: 'same', next, probation }
      : { kind: 'snapshot', snapshot: this.snapshot(), next, probation }
  }
}

export class FakeIsolate {
  readonly source: HealthSource
  readonly platform: Platform
  readonly ejected = new Set<EndpointKey>()
  wants: readonly EndpointKey[] = []
  readonly #colo: Colo

  constructor(colo: Colo, secret?: string, passive: Partial<PassiveHealth> = {}) {
    this.#colo = colo
    const cache: HealthPorts['cache'] = {
      match: async (url) => {
        const entry = colo.entries.get(url)
        return colo.behave<Response | undefined>(colo.manner, () =>
          entry === undefined || entry.until <= colo.now ? undefined : new Response(entry.body),
        )
      },
      put: async (url, response) => {
        const age = Number(/max-age=(\d+)/.exec(response.headers.get('cache-control') ?? '')?.[1])
        const body = await response.text()
        await colo.behave(colo.manner, () => void colo.entries.set(url, { body, until: colo.now + age * 1000 }))
      },
    }
    this.source = makeHealthSource({
      base: {
        hash: 'hash',
        targets: [],
        pools: testBase({ endpoints: ['east', 'west'].map((id) => ({ id, origin: `https://${id}.test` })) }).pools,
        health: { vantages: [...colo.vantages.keys()], holdDown: { base: ms(30_000), factor: 4, max: ms(600_000), memory: ms(600_000) } },
      } as unknown as Base,
      passive: { isEjected: (_route, endpoint) => this.ejected.has(endpoint), wantsProbation: () => this.wants, ...passive },
      vantage: (name) => colo.vantage(name).stub(),
      cache,
      readKnownGood: () => colo.behave(colo.knownGoodManner, () => colo.knownGood),
      readEntry: (name) => colo.behave(colo.knownGoodManner, () => (name === KNOWN_OVERLAY_KEY ? colo.knownOverlay : null)),
      secret,
    })
    this.platform = {
      now: () => instant(colo.now),
      draw: () => colo.draw(),
      sleep: (length) => colo.sleep(length),
      wakeAfter: (length, wake) => colo.wakeAfter(length, wake),
      fetch: async () => new Response(),
      uuid: () => '00000000-0000-4000-8000-000000000000',
      defer: (work) => void colo.deferred.push(work.catch((error) => Promise.reject(error))),
    }
  }

  /** One request: what it is given, and how long it waited. */
  async request(): Promise<{ readonly held: HeldHealth; readonly waited: number }> {
    const from = this.#colo.now
    const pinned = this.source.pin({ latitude: 48.8, longitude: 2.3 }, this.platform)
    if (!(pinned instanceof Promise)) return { held: pinned, waited: 0 }
    let held: HeldHealth | undefined
    let at = from
    void pinned.then((value) => {
      held = value
      at = this.#colo.now
    })
    while (held === undefined && this.#colo.now - from < 5000) await this.#colo.run(1)
    if (held === undefined) throw new Error('a request waited for 5 s')
    return { held, waited: at - from }
  }

  record(evidence: readonly Evidence[], ejected = false): void {
    this.source.record({ requests: 1, attempts: Math.max(1, evidence.length), evidence, ejected }, this.platform)
  }

  outcome(endpoint: EndpointKey, result: Evidence['result'], probation = false): Evidence {
    return {
      route: routeId('shop'),
      endpoint,
      at: instant(this.#colo.now),
      result,
      phase: result === 'succeeded' ? 'answered' : 'timeout',
      network: '192.0.2.0',
      probation,
    }
  }
}

/** A request each 100 ms. */
export async function serve(
  isolate: FakeIsolate,
  colo: Colo,
  length: number,
  seen: (request: Awaited<ReturnType<FakeIsolate['request']>>) => void = () => {},
): Promise<void> {
  const end = colo.now + length
  while (colo.now < end) {
    seen(await isolate.request())
    await colo.run(100)
  }
}
