/**
 * A production isolate in the world of the vantages: asks them over a network with delays, shares a colo's cache, reads KV. A request is one
 * look for the key that its token names; what the client would see of it is its status.
 */

import { createHmac } from 'node:crypto'
import type { Base } from '../../../config/base.ts'
import { issuerId, type VantageId } from '../../../config/ids.ts'
import { keysDocument, keysSecret, knownKeysName } from '../../../config/known-keys.ts'
import type { SyncRequest, VantageForIsolates } from '../../../config/report.ts'
import { writeEntry } from '../../../config/signed-entry.ts'
import type { TokenIssuer } from '../../../config/token-issuer.ts'
import { instant } from '../../../config/units.ts'
import { type KeyRing, keyRing } from '../../../worker/identity/key-ring.ts'
import type { Platform } from '../../../worker/ports.ts'
import { makeHealthSource } from '../../../worker/snapshot/snapshot-source.ts'
import type { HealthSource } from '../../../worker/snapshot-port.ts'
import { JWKS } from './fake-issuer.ts'
import type { World } from './world.ts'

const EPOCH = 1_795_000_000_000
const ROUND_TRIP = 40
export const SECRET = 'secret of the test'

export const ISSUER = {
  id: issuerId('shop-idp'),
  issuer: 'https://id.example.com',
  keys: { kind: 'jwks', key: JWKS.key, url: JWKS.url },
} as unknown as TokenIssuer

/** What the isolates of one place share; where they are, and what of the world they can reach. */
export class Place {
  readonly entries = new Map<string, { readonly body: string; readonly until: number }>()
  vantagesReachable = true
  cacheReachable = true
  /** Signs what is in KV, as the control Worker does. */
  storeSecret = SECRET
  readonly world: World
  readonly near: string

  constructor(world: World, near = 'weur') {
    this.world = world
    this.near = near
  }
}

export interface Answer {
  readonly at: number
  readonly kid: string
  readonly status: 200 | 401 | 503
  readonly waited: number
}

export class KeyedIsolate {
  readonly answers: Answer[] = []
  readonly syncs: { readonly at: number; readonly request: SyncRequest }[] = []
  readonly #place: Place
  readonly #source: HealthSource
  readonly #ring: KeyRing
  readonly #platform: Platform

  /** `secret`: null for an isolate that has none. */
  constructor(place: Place, secret: string | null = SECRET) {
    const { world } = place
    this.#place = place
    const { hash, targets, vantages, holdDown } = world.base
    const source = makeHealthSource({
      base: { hash, targets, health: { vantages, holdDown }, admission: { issuers: [ISSUER], trusts: [], hosts: [] } } as unknown as Base,
      passive: { isEjected: () => false, wantsProbation: () => [] },
      vantage: (name) => this.#vantage(name),
      cache: {
        match: async (url) => {
          await this.#reach(place.cacheReachable, 2)
          const entry = place.entries.get(url)
          return entry === undefined || entry.until <= world.now ? undefined : new Response(entry.body)
        },
        put: async (url, response) => {
          const age = Number(/max-age=(\d+)/.exec(response.headers.get('cache-control') ?? '')?.[1])
          const body = await response.text()
          await this.#reach(place.cacheReachable, 2)
          place.entries.set(url, { body, until: world.now + age * 1000 })
        },
      },
      readKnownGood: async () => null,
      readEntry: async (name) => {
        await world.sleep(20)
        const [entry] = [...world.knownKeys.values()].filter(({ news, until }) => knownKeysName(news.key) === name && until > world.now)
        if (entry === undefined) return null
        const document = keysDocument([entry.news])
        return writeEntry(createHmac('sha256', keysSecret(place.storeSecret)).update(document).digest('hex'), document)
      },
      secret: secret ?? undefined,
    })
    this.#source = source
    this.#ring = keyRing([ISSUER], source)
    this.#platform = {
      now: () => instant(EPOCH + world.now),
      draw: () => world.draw(),
      uuid: () => '00000000-0000-4000-8000-000000000000',
      sleep: (length) => world.sleep(length),
      wakeAfter: (length, wake) => {
        let wanted = true
        world.at(world.now + length, () => {
          if (wanted) wake()
        })
        return () => {
          wanted = false
        }
      },
      fetch: async () => new Response(),
      defer: (work) => void work,
    }
  }

  /** A request whose token names this key; its answer is in `answers` when it is given. */
  async ask(kid: string): Promise<void> {
    const from = this.#place.world.now
    await this.#source.pin({ latitude: 48.8, longitude: 2.3 }, this.#platform)
    const held = this.#ring.held(ISSUER, instant(EPOCH + from))
    const known = held.kind === 'held' && held.keys.some((key) => key.kid === kid)
    if (held.kind === 'held' && !known) this.#ring.noteUnknownKey(ISSUER, this.#platform)
    const status = held.kind === 'none' ? 503 : known ? 200 : 401
    this.answers.push({ at: from, kid, status, waited: this.#place.world.now - from })
  }

  #vantage(name: VantageId): VantageForIsolates {
    // The nearest of Paris is Western Europe; in another place its vantage stands for it.
    const node = this.#place.world.node(name === 'weur' ? this.#place.near : name === this.#place.near ? 'weur' : name)
    const call = async <T>(work: () => Promise<T>): Promise<T> => {
      await this.#reach(this.#place.vantagesReachable, ROUND_TRIP / 2)
      const reply = await work()
      await this.#place.world.sleep(ROUND_TRIP / 2)
      return JSON.parse(JSON.stringify(reply ?? null))
    }
    return {
      learn: (_self, base) => call(() => node.core.learn(node.name, base)),
      sync: (_self, request) => {
        this.syncs.push({ at: this.#place.world.now, request })
        return call(() => node.core.sync(node.name, JSON.parse(JSON.stringify(request))))
      },
      report: (_self, report) => call(() => node.core.report(node.name, report)),
    }
  }

  async #reach(reachable: boolean, length: number): Promise<void> {
    await this.#place.world.sleep(length)
    if (!reachable) await new Promise<never>(() => {})
  }
}
