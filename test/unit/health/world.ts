/**
 * A world in virtual time for the production `VantageCore`: clocks that may be wrong, a network that may be cut, endpoints that fail on a
 * schedule, storage that may be lost. Nothing sleeps; the same seed gives the same run.
 */
import type { HoldDownSettings, Monitor } from '../../../config/base.ts'
import { endpointKey, type VantageId, vantageId } from '../../../config/ids.ts'
import type { KeySetNews } from '../../../config/key-set.ts'
import { knownKeysLife } from '../../../config/known-keys.ts'
import type { InForce } from '../../../config/overlay.ts'
import type { VantageBase } from '../../../config/report.ts'
import type { HealthSnapshot, Verdict } from '../../../config/snapshot.ts'
import { type Draw, type DurationMs, type Instant, instant, ms } from '../../../config/units.ts'
import type { DocumentAnswer, DocumentQuestion, ProbeResult, VantagePorts } from '../../../durable-objects/ports.ts'
import { openVantageStorage } from '../../../durable-objects/storage/vantage-storage.ts'
import { VantageCore } from '../../../durable-objects/vantage-core.ts'
import { dice } from '../../seed.ts'
import { FakeBucket } from './fake-bucket.ts'
import { openDatabase } from './open-database.ts'
import { targetOf } from './probe-target.ts'

export { targetOf } from './probe-target.ts'

export type EndpointState = 'well' | 'refuses' | 'hangs' | 'unavailable'
/** How an endpoint is at a moment of the world, seen from a vantage. */
export type Weather = (at: number, from: VantageId) => EndpointState

export const THREE = ['wnam', 'weur', 'apac']
export const FIVE = ['wnam', 'enam', 'weur', 'eeur', 'apac']
export const REGIONS = ['east', 'west', 'south']

/** A real date, so that clocks set back by minutes stay positive. */
const EPOCH = 1_795_000_000_000
const ROUND_TRIP = 40
export const HOLD: HoldDownSettings = { base: ms(30_000), factor: 4, max: ms(600_000), memory: ms(600_000) }

export class World {
  now = 0
  readonly weather = new Map<string, Weather>()
  readonly cut = new Set<string>()
  readonly nodes = new Map<VantageId, Node>()
  readonly zombies: Node[] = []
  readonly knownGood: { readonly by: VantageId; readonly snapshot: HealthSnapshot }[] = []
  /** What was written to KV of what is in force. */
  readonly knownOverlays: { readonly by: VantageId; readonly at: number; readonly inForce: InForce }[] = []
  base: VantageBase
  /** Answers for issuers of tokens; without it none can be reached. */
  documents: (question: DocumentQuestion, from: VantageId) => DocumentAnswer | 'hangs' = () => ({ kind: 'failed', detail: 'refused' })
  /** The director; most worlds have none. */
  director: (question: unknown) => Promise<unknown> = () => Promise.reject(new Error('no director in this world'))
  readonly files = new FakeBucket()
  /** Key sets in KV; the platform deletes them when their life is over. */
  readonly knownKeys = new Map<string, { readonly news: KeySetNews; readonly until: number }>()
  readonly #random: () => Draw
  #timers: { readonly at: number; readonly order: number; readonly wake: () => void }[] = []
  #order = 0

  constructor(vantages: readonly string[], endpoints: readonly string[], seed = 1, holdDown = HOLD) {
    this.#random = dice(seed)
    this.base = {
      hash: 'base',
      targets: endpoints.map(targetOf),
      vantages: vantages.map(vantageId),
      holdDown,
    }
    for (const name of endpoints) this.weather.set(name, () => 'well')
    for (const name of vantages) this.nodes.set(vantageId(name), new Node(this, vantageId(name)))
  }

  node(name: string): Node {
    const node = this.nodes.get(vantageId(name))
    if (node !== undefined) return node
    throw new Error(`no vantage ${name}`)
  }

  async start(settle = 5000): Promise<void> {
    const first = this.base.vantages[0] as VantageId
    await this.node(first).core.learn(first, this.base)
    await this.run(settle)
  }

  draw(): Draw {
    return this.#random()
  }

  sleep(length: number): Promise<void> {
    return new Promise((resolve) => this.at(this.now + Math.max(0, length), resolve))
  }

  at(moment: number, wake: () => void): void {
    this.#order += 1
    this.#timers.push({ at: moment, order: this.#order, wake })
  }

  /** Lets `length` ms pass. */
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

  verdicts(endpoint: string): readonly Verdict[] {
    return [...this.nodes.values()].filter((node) => node.alive).map((node) => node.verdict(endpoint))
  }

  /** Transitions that each living vantage has seen since `since`, those to and from `unknown` at the start left out by the caller's choice of it. */
  async transitions(
    since = 0,
  ): Promise<readonly { readonly vantage: VantageId; readonly endpoint: string; readonly from: Verdict; readonly to: Verdict }[]> {
    const each = await Promise.all(
      [...this.nodes.values()]
        .filter((node) => node.alive)
        .map(async (node) => {
          const { transitions } = await node.core.status(node.name)
          return transitions
            .filter(({ ago }) => this.now - ago >= since)
            .map(({ endpoint, from, to }) => ({ vantage: node.name, endpoint, from, to }))
        }),
    )
    return each.flat()
  }
}

export class Node {
  readonly name: VantageId
  readonly #world: World
  core: VantageCore
  database = openDatabase()
  alive = true
  /** How wrong its clock is. */
  clockOff = 0
  /** Everything that it probes looks dead from here. */
  networkBroken = false
  alarmAt: number | undefined
  #life = 0

  constructor(world: World, name: VantageId) {
    this.#world = world
    this.name = name
    this.core = this.#begin()
  }

  /** A new instance over the same storage, as after an eviction; the old one is gone. */
  restart(): void {
    this.abandoned.add(this.#life)
    this.core = this.#begin()
  }

  loseStorage(): void {
    this.database = openDatabase()
    this.restart()
  }

  /** A second instance begins; the old one runs on without knowing, and storage tells it nothing until it looks. */
  splitOff(): { readonly zombie: VantageCore; readonly gone: () => boolean } {
    const zombie = this.core
    const life = this.#life
    this.core = this.#begin()
    return { zombie, gone: () => this.abandoned.has(life) }
  }

  readonly abandoned = new Set<number>()

  verdict(endpoint: string): Verdict {
    return this.snapshot?.endpoints[endpointKey(endpoint)]?.verdict ?? 'unknown'
  }

  snapshot: HealthSnapshot | undefined

  async look(): Promise<HealthSnapshot | undefined> {
    const reply = await this.core.sync(this.name, { base: 'base', active: true, wantsProbation: [] })
    if (reply.kind === 'snapshot') this.snapshot = reply.snapshot
    return this.snapshot
  }

  #begin(): VantageCore {
    this.#life += 1
    const life = this.#life
    const world = this.#world
    const here = (): boolean => this.alive && !this.abandoned.has(life)
    const ports: VantagePorts = {
      platform: {
        now: (): Instant => instant(EPOCH + world.now + this.clockOff),
        draw: () => world.draw(),
        sleep: (length: DurationMs) => world.sleep(length),
        probe: (monitor) => this.#probe(monitor),
        fetchDocument: (question) => this.#fetchDocument(question),
        setAlarm: async (at) => {
          // The platform compares the moment with the same clock that the object reads.
          const moment = Math.max(world.now, at - EPOCH - this.clockOff)
          this.alarmAt = moment
          world.at(moment, () => {
            if (here()) void core.alarm()
          })
        },
        abandon: () => void this.abandoned.add(life),
      },
      storage: openVantageStorage(this.database),
      peers: { exchange: (peer, message) => this.#exchange(peer, message, here) },
      bucket: world.files.seenBy(here.name),
      director: { exchange: (question) => world.director(question) },
      probers: {
        probe: async (_self, _prober, monitors) => Promise.all(monitors.map((monitor) => this.#probe(monitor))),
      },
      lastKnownGood: {
        write: async (snapshot) => void world.knownGood.push({ by: this.name, snapshot }),
        writeKeys: async (news) => {
          const life = knownKeysLife(news)
          if (life !== undefined) world.knownKeys.set(news.key, { news, until: world.now + life })
        },
        writeOverlay: async (inForce) => void world.knownOverlays.push({ by: this.name, at: world.now, inForce }),
        writeVantages: async () => {},
      },
    }
    const core = new VantageCore(ports)
    return core
  }

  async #exchange(peer: VantageId, message: unknown, here: () => boolean): Promise<unknown> {
    const world = this.#world
    const copy = JSON.parse(JSON.stringify(message))
    await world.sleep(ROUND_TRIP / 2)
    const node = world.node(peer)
    if (!here()) throw new Error('this instance is gone')
    const isCut = world.cut.has(`${this.name}-${peer}`) || world.cut.has(`${peer}-${this.name}`)
    if (!this.alive || !node.alive || isCut) {
      await world.sleep(60_000)
      throw new Error('unreachable')
    }
    const reply = await node.core.exchange(peer, copy)
    await world.sleep(ROUND_TRIP / 2)
    return JSON.parse(JSON.stringify(reply))
  }

  async #fetchDocument(question: DocumentQuestion): Promise<DocumentAnswer> {
    const world = this.#world
    const answer = world.documents(question, this.name)
    await world.sleep(answer === 'hangs' ? question.timeout : 50)
    return answer === 'hangs' ? { kind: 'failed', detail: `no answer in ${question.timeout} ms` } : answer
  }

  async #probe(monitor: Monitor): Promise<ProbeResult> {
    const world = this.#world
    const name = new URL(monitor.url).hostname
    const state = this.networkBroken ? 'refuses' : (world.weather.get(name)?.(world.now, this.name) ?? 'well')
    const latency = ms(5 + 20 * world.draw())
    await world.sleep(state === 'hangs' ? monitor.timeout : latency)
    if (state === 'well') return { kind: 'passed', status: 200, latency }
    if (state === 'hangs') return { kind: 'failed', phase: 'timeout', latency: monitor.timeout, detail: 'no answer' }
    if (state === 'refuses') return { kind: 'failed', phase: 'connect', latency, detail: 'refused' }
    return { kind: 'failed', phase: 'status', status: 503, latency, detail: 'status 503' }
  }
}

/** A world whose vantages agree already that everything is up. */
export async function started(
  vantages: readonly string[],
  seed = 1,
  endpoints: readonly string[] = REGIONS,
  holdDown = HOLD,
): Promise<World> {
  const world = new World(vantages, endpoints, seed, holdDown)
  await world.start()
  await watch(world, 50, () => {})
  for (const name of endpoints) {
    if (world.verdicts(name).some((verdict) => verdict !== 'up')) throw new Error(`${name} is ${world.verdicts(name)} after the start`)
  }
  return world
}

/** Looks at every living vantage's snapshot, `every` ms, for `length` ms; calls `seen` after each look. */
export async function watch(world: World, length: number, seen: () => void, every = 50): Promise<void> {
  for (let passed = 0; passed < length; passed += every) {
    await world.run(every)
    for (const node of world.nodes.values()) if (node.alive) await node.look()
    seen()
  }
}

/** Milliseconds until `holds`, looked at every 50 ms. Infinity when not within `limit`. */
export async function timeUntil(world: World, holds: () => boolean, limit = 20_000): Promise<number> {
  const from = world.now
  while (world.now - from < limit) {
    await watch(world, 50, () => {})
    if (holds()) return world.now - from
  }
  return Number.POSITIVE_INFINITY
}
