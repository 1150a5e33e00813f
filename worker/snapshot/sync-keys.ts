/**
 * Decides when an isolate asks for keys of issuers beside its turn, and where else it looks for them. It asks vantages only, and so
 * rarely that no number of tokens with unknown keys makes a difference: an issuer's endpoint is never asked from here.
 */

import type { KeySetKey } from '../../config/ids.ts'
import { KEYS_GOOD_FOR, type KeySetNews, type KeySetSource } from '../../config/key-set.ts'
import { KNOWN_KEYS_HELD, keysSecret, knownKeysName, parseKeysDocument } from '../../config/known-keys.ts'
import type { SyncRequest } from '../../config/report.ts'
import { splitEntry } from '../../config/signed-entry.ts'
import type { HealthSnapshot } from '../../config/snapshot.ts'
import { after, type Instant, ms } from '../../config/units.ts'
import type { Platform } from '../ports.ts'
import { attempt } from './bounded.ts'
import { ColoKeys } from './colo-keys.ts'
import { within } from './held.ts'
import { HeldKeys } from './held-keys.ts'
import { Mac } from './mac.ts'
import type { HealthPorts } from './ports.ts'

/** Between two questions for keys that are lacking; doubled by each that brought none. */
const ASK_EVERY = ms(1000)
const ASK_EVERY_MAX = ms(30_000)
/** Whoever was told nothing for so long asks: others of the colo cannot say, without a secret, how old keys are. */
const TOLD_EVERY = ms(150_000)
/** An unknown key makes one question beside its turn in so long, whatever the issuer. */
const WANT_EVERY = ms(30_000)
/** The colo's entry is written again so often, well before anybody has to ask for it; at once with other keys. */
const SHARE_EVERY = ms(60_000)
const KNOWN_EVERY = ms(30_000)
const KNOWN_TIMEOUT = ms(1000)

export type KeySyncPorts = Pick<HealthPorts, 'base' | 'cache' | 'secret' | 'readEntry'>

export class KeySync {
  readonly held: HeldKeys
  readonly #ports: KeySyncPorts
  readonly #colo: ColoKeys
  readonly #mac: Mac | undefined
  readonly #wantedAt = new Map<KeySetKey, Instant>()
  readonly #wanted = new Set<KeySetKey>()
  #extraAt: Instant | undefined
  #askedAt: Instant | undefined
  #toldAt: Instant | undefined
  #pause = ASK_EVERY
  #shared: { readonly at: Instant; readonly versions: string } | undefined
  #knownAt: Instant | undefined

  constructor(ports: KeySyncPorts, sources: readonly KeySetSource[]) {
    this.#ports = ports
    this.held = new HeldKeys(sources)
    this.#colo = new ColoKeys(ports)
    this.#mac = ports.secret === undefined ? undefined : new Mac(keysSecret(ports.secret))
  }

  /** A token names a key that is not held. True when that is worth a question at once. */
  want(key: KeySetKey, now: Instant): boolean {
    const last = this.#wantedAt.get(key)
    if ((last !== undefined && within(last, now, WANT_EVERY)) || !this.held.sources.some((source) => source.key === key)) return false
    this.#wantedAt.set(key, now)
    this.#wanted.add(key)
    return this.#mayAskExtra(now)
  }

  /** Keys are lacking, another version is out, or nobody has said anything for long. */
  needs(snapshot: HealthSnapshot | undefined, now: Instant): boolean {
    if (this.held.sources.length === 0) return false
    return this.#isBehind(snapshot, now) || this.#toldAt === undefined || !within(this.#toldAt, now, TOLD_EVERY)
  }

  /** Worth asking a vantage beside the turn of the colo. */
  isDue(snapshot: HealthSnapshot | undefined, now: Instant): boolean {
    if (this.#wanted.size > 0 && this.#mayAskExtra(now)) return true
    return (this.#askedAt === undefined || !within(this.#askedAt, now, this.#pause)) && this.needs(snapshot, now)
  }

  /** What a question says of keys; whatever is wanted goes with it. */
  ask(now: Instant): Pick<SyncRequest, 'keySets' | 'wantsKeys'> {
    if (this.held.sources.length === 0) return {}
    this.#askedAt = now
    if (this.#wanted.size > 0) this.#extraAt = now
    return { keySets: this.held.versions(), ...(this.#wanted.size === 0 ? {} : { wantsKeys: [...this.#wanted] }) }
  }

  /** Of an answer. Undefined: its vantage is one version back, or too busy. */
  async take(news: readonly KeySetNews[] | undefined, snapshot: HealthSnapshot | undefined, platform: Platform): Promise<void> {
    if (this.held.sources.length === 0) return
    const now = platform.now()
    if (news !== undefined) {
      this.held.take(news, now)
      this.#wanted.clear()
      this.#toldAt = now
    }
    this.#pause = this.#isBehind(snapshot, now) || news === undefined ? ms(Math.min(ASK_EVERY_MAX, this.#pause * 2)) : ASK_EVERY
    if (news !== undefined) await this.#share(platform, now)
  }

  /** Looks at what the colo has. */
  async look(platform: Platform): Promise<void> {
    const shared = await this.#colo.read(platform)
    if (shared === undefined) return
    const now = platform.now()
    const at = after(now, ms(-shared.age))
    this.held.take(shared.news, now)
    if (this.#toldAt === undefined || at > this.#toldAt) this.#toldAt = at
    this.#shared = { at, versions: versionsOf(shared.news) }
  }

  /** What KV has, for keys that are lacking or soon will be. Signed, since whoever may write there must not be able to sign tokens. */
  async readKnown(platform: Platform): Promise<void> {
    const now = platform.now()
    const mac = this.#mac
    if (mac === undefined || (this.#knownAt !== undefined && within(this.#knownAt, now, KNOWN_EVERY))) return
    const keys = this.held.expiring(now)
    if (keys.length === 0) return
    this.#knownAt = now
    await Promise.all(keys.map((key) => attempt(() => this.#readOne(key, mac, platform), KNOWN_TIMEOUT, platform)))
  }

  async #readOne(key: KeySetKey, mac: Mac, platform: Platform): Promise<void> {
    const entry = splitEntry(await this.#ports.readEntry(knownKeysName(key)))
    if (entry === undefined || !(await mac.isOf(entry.document, entry.mac))) return
    // How old it is nobody can say: it counts for a while, and is read again.
    const news = parseKeysDocument(entry.document).filter((each) => each.key === key)
    const unknown = KEYS_GOOD_FOR - KNOWN_KEYS_HELD
    this.held.take(
      news.map((each) => ({ ...each, age: ms(Math.max(unknown, each.age)) })),
      platform.now(),
    )
  }

  async #share(platform: Platform, now: Instant): Promise<void> {
    const news = this.held.tell(now)
    const versions = versionsOf(news)
    const shared = this.#shared
    if (news.length === 0 || (shared?.versions === versions && within(shared.at, now, SHARE_EVERY))) return
    this.#shared = { at: now, versions }
    await this.#colo.write(news, platform)
  }

  #isBehind(snapshot: HealthSnapshot | undefined, now: Instant): boolean {
    const published = snapshot?.keySets
    return this.held.sources.some(({ key }) => {
      const version = published?.[key]
      return this.held.keysOf(key, now) === undefined || (version !== undefined && version !== this.held.versionOf(key))
    })
  }

  #mayAskExtra(now: Instant): boolean {
    return this.#extraAt === undefined || !within(this.#extraAt, now, WANT_EVERY)
  }
}

const versionsOf = (news: readonly KeySetNews[]): string => news.map(({ key, version }) => `${key} ${version}`).join(',')
