/**
 * A director in the world of virtual time: the production core over SQLite in memory, vantages of the same world, a network that may be cut.
 * It may be evicted, lose its storage, or get it back as it was.
 */
import type { Alert } from '../../../config/alert.ts'
import type { ChangeReply, ChangeRequest, DirectorAnswer, DirectorBase } from '../../../config/director.ts'
import type { EndpointId, VantageId } from '../../../config/ids.ts'
import { endpointId, poolId, releaseId, vantageId } from '../../../config/ids.ts'
import type { Overlay } from '../../../config/overlay.ts'
import type { Release } from '../../../config/release.ts'
import { instant, ms, share } from '../../../config/units.ts'
import { DirectorCore } from '../../../durable-objects/director-core.ts'
import type { DirectorPorts } from '../../../durable-objects/director-ports.ts'
import { WeightsReader } from '../../../durable-objects/read-weights.ts'
import { openDirectorStorage } from '../../../durable-objects/storage/director-storage.ts'
import type { Database } from '../../../durable-objects/storage/vantage-storage.ts'
import { openDatabase } from '../health/open-database.ts'
import { THREE, World } from '../health/world.ts'

/** Where the world's clock begins. */
const EPOCH = 1_795_000_000_000
const HOP = 20

export class DirectorNode {
  readonly world: World
  core: DirectorCore
  database: Database
  alive = true
  clockOff = 0
  alarms = 0
  /** What it wrote into its log. */
  readonly alerts: Alert[] = []
  #life = 0

  constructor(world: World, database: Database = openDatabase()) {
    this.world = world
    this.database = database
    this.core = this.#begin()
    world.director = (question) => this.#hop(() => this.core.exchange(question))
  }

  evict(): void {
    this.core = this.#begin()
  }

  loseStorage(database: Database = openDatabase()): void {
    this.database = database
    this.evict()
  }

  #begin(): DirectorCore {
    this.#life += 1
    const life = this.#life
    const { world } = this
    const ports: DirectorPorts = {
      platform: {
        now: () => instant(EPOCH + world.now + this.clockOff),
        sleep: (length) => world.sleep(length),
        setAlarm: async (at) => {
          world.at(Math.max(world.now, at - EPOCH - this.clockOff), () => {
            if (!this.alive || life !== this.#life) return
            this.alarms += 1
            void core.alarm()
          })
        },
      },
      storage: openDirectorStorage(this.database),
      vantages: {
        take: (name, overlay) => this.#toVantage(name, (node) => node.core.take(name, overlay)),
        held: (name) => this.#toVantage(name, (node) => node.core.held(name)),
      },
      alert: (alert) => void this.alerts.push(alert),
    }
    const core = new DirectorCore(ports)
    core.addPart((hands) => new WeightsReader(hands, { platform: ports.platform, bucket: world.files.seenBy('director') }))
    return core
  }

  async #toVantage<T>(name: VantageId, call: (node: ReturnType<World['node']>) => Promise<T>): Promise<T> {
    const node = this.world.node(name)
    if (!node.alive || this.world.cut.has(`director-${name}`)) {
      await this.world.sleep(60_000)
      throw new Error('unreachable')
    }
    return this.#hop(() => call(node))
  }

  async #hop<T>(call: () => Promise<T>): Promise<T> {
    await this.world.sleep(HOP)
    if (!this.alive) throw new Error('the director is gone')
    const reply = await call()
    await this.world.sleep(HOP)
    return reply === undefined ? reply : JSON.parse(JSON.stringify(reply))
  }

  /** A change through the door, in virtual time. */
  async change(changes: ChangeRequest['changes'], more: Partial<ChangeRequest> = {}): Promise<ChangeReply> {
    return this.settled(this.core.change({ changes, by: 'ann', door: 'cli', reason: 'a test', ...more }))
  }

  /** Lets time pass until the work is done. */
  async settled<T>(work: Promise<T>): Promise<T> {
    let done = false
    const end = (): void => {
      done = true
    }
    work.then(end, end)
    for (let step = 0; step < 2000 && !done; step += 1) await this.world.run(10)
    return work
  }

  async exchange(question: unknown): Promise<DirectorAnswer> {
    return this.core.exchange(question)
  }
}

export const BASE: DirectorBase = {
  hash: 'base',
  pools: [
    {
      id: poolId('shop'),
      endpoints: [
        { id: endpointId('east'), cloud: 'aws', region: 'us-east-1', weight: 1, drain: false },
        { id: endpointId('west'), cloud: 'aws', region: 'us-west-2', weight: 1, drain: false },
        { id: endpointId('south'), cloud: 'gcp', region: 'sa-east1', weight: 2, drain: true },
      ],
    },
  ],
  releases: [releaseOf('checkout')],
  vantages: THREE.map(vantageId),
}

export function releaseOf(id: string, changes: Partial<Release> = {}): Release {
  return {
    id: releaseId(id),
    tracks: { stable: { pool: poolId('shop') }, canary: { pool: poolId('shop') } },
    key: { kind: 'client-address' },
    steps: [0.01, 0.1, 0.5].map((weight) => ({ weight: share(weight), pause: ms(60_000), approval: false })),
    analysis: {
      minimumSample: 500,
      errorMargin: share(0.005),
      slowFactor: 2,
      hardErrorShare: share(0.25),
      patience: ms(3_600_000),
    },
    rollback: 'instant',
    onDeploy: 'keep',
    ...changes,
  }
}

/** A world with a director that every vantage has talked to. */
export async function withDirector(
  base: DirectorBase = BASE,
  seed = 1,
): Promise<{ readonly world: World; readonly director: DirectorNode }> {
  const world = new World(THREE, ['east', 'west', 'south'], seed)
  world.base = { ...world.base, hash: base.hash, director: base }
  const director = new DirectorNode(world)
  await world.start()
  return { world, director }
}

/** What each vantage tells isolates. */
export const told = async (world: World): Promise<readonly (Overlay | undefined)[]> =>
  Promise.all(
    [...world.nodes.values()].map(async (node) => {
      const reply = await node.core.sync(node.name, { base: world.base.hash, active: true, wantsProbation: [] })
      return reply.kind === 'snapshot' ? reply.snapshot.overlay : undefined
    }),
  )

export const weightsOf = (overlay: Overlay | undefined): Readonly<Record<EndpointId, number>> | undefined =>
  overlay?.weights[poolId('shop')]
