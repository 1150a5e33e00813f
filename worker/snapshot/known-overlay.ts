/**
 * What is in force, kept for isolates that start while no vantage answers. In the colo's cache (L1) for a day: whoever asks a vantage writes it at
 * each change and once a minute, and an isolate looks there with its very first refresh, before a request of it goes anywhere. In KV (L4) without
 * an end: vantages write it, and it is asked for when no vantage answers. What may be believed of it: `config/known-overlay.ts`.
 */

import {
  KNOWN_OVERLAY_KEY,
  KNOWN_OVERLAY_LIVES,
  ofOldEntry,
  overlayDocument,
  overlaySecret,
  parseOverlayDocument,
  takingOnly,
} from '../../config/known-overlay.ts'
import type { InForce } from '../../config/overlay.ts'
import { splitEntry } from '../../config/signed-entry.ts'
import { after, type DurationMs, type Instant, ms } from '../../config/units.ts'
import type { AppliedOverlay } from '../policy/apply-overlay.ts'
import { toldInForce } from '../policy/apply-overlay.ts'
import type { Platform } from '../ports.ts'
import { attempt } from './bounded.ts'
import { CACHE_TIMEOUT, CLOCKS_APART, coloUrl, entry } from './colo-cache.ts'
import { within } from './held.ts'
import { Mac } from './mac.ts'
import type { OverlayInForce } from './overlay-in-force.ts'
import type { HealthPorts } from './ports.ts'

/** An unchanged entry is written again so often by an isolate. */
const WRITE_EVERY = ms(60_000)
/** Between two looks into KV while no vantage answers. */
const STORE_EVERY = ms(30_000)
const STORE_TIMEOUT = ms(1000)
/** Longest that MAC and moment are together. */
const HEAD_MAX = 100

type Ports = Pick<HealthPorts, 'cache' | 'secret' | 'base' | 'readEntry'>

export class KnownOverlay {
  readonly #ports: Ports
  readonly #inForce: OverlayInForce
  readonly #mac: Mac
  #isFound = false
  #storeAt: Instant | undefined
  #written: { readonly applied: AppliedOverlay | undefined; readonly at: Instant } | undefined

  constructor(ports: Ports, inForce: OverlayInForce) {
    this.#ports = ports
    this.#inForce = inForce
    this.#mac = new Mac(overlaySecret(ports.secret ?? ports.base.hash))
  }

  /** What the colo has, for an isolate that has just started. */
  async look(platform: Platform): Promise<void> {
    if (!this.#isFound && !this.#inForce.isHeard) this.#isFound = (await this.#look(platform)) !== undefined
  }

  /** What KV has, while no vantage has been heard. */
  async readStore(platform: Platform): Promise<void> {
    const now = platform.now()
    if (this.#inForce.isHeard || (this.#storeAt !== undefined && within(this.#storeAt, now, STORE_EVERY))) return
    this.#storeAt = now
    const read = await attempt(() => this.#readStore(), STORE_TIMEOUT, platform)
    if (read !== undefined)
      this.#inForce.keep(read, 'store', { at: after(platform.now(), ms(-KNOWN_OVERLAY_LIVES)), signed: this.#hasSecret })
  }

  /** After a vantage's word. A newer overlay that another isolate has left there is taken in, and not written over. */
  async write(platform: Platform): Promise<void> {
    const { applied } = this.#inForce
    const written = this.#written
    const isNothing = applied === undefined && written !== undefined && written.applied === undefined
    if (isNothing || (written !== undefined && written.applied === applied && within(written.at, platform.now(), WRITE_EVERY))) return
    const age = await this.#look(platform)
    const now = platform.now()
    const news = this.#inForce.applied
    this.#written = { applied: news, at: now }
    if (age === undefined ? news === undefined : written?.applied === news && age < WRITE_EVERY) return
    await this.#write(news === undefined ? { emergencies: [] } : toldInForce(news, now), platform)
  }

  /** Takes in what the colo has; how old that is. */
  async #look(platform: Platform): Promise<DurationMs | undefined> {
    const read = await attempt(() => this.#read(), CACHE_TIMEOUT, platform)
    if (read === undefined) return undefined
    const now = platform.now()
    const passed = now - read.writtenAt
    // Of a clock that is off nothing is known.
    const isKnown = passed > -CLOCKS_APART && passed <= KNOWN_OVERLAY_LIVES
    const said = isKnown ? read.inForce : ofOldEntry(read.inForce)
    const age = isKnown ? ms(Math.max(0, passed)) : KNOWN_OVERLAY_LIVES
    this.#inForce.keep(this.#believed(said), 'colo', { at: after(now, ms(-age)), signed: this.#hasSecret })
    return age
  }

  async #read(): Promise<{ readonly inForce: InForce; readonly writtenAt: number } | undefined> {
    const text = await (await this.#ports.cache?.match(this.#url))?.text()
    const [said = '', moment = ''] = text?.slice(0, HEAD_MAX).split('\n', 2) ?? []
    const signed = text?.slice(said.length + 1) ?? ''
    if (text === undefined || !(await this.#mac.isOf(signed, said))) return undefined
    const inForce = parseOverlayDocument(signed.slice(moment.length + 1))
    return inForce === undefined ? undefined : { inForce, writtenAt: Number.parseInt(moment, 10) }
  }

  async #readStore(): Promise<InForce | undefined> {
    const found = splitEntry(await this.#ports.readEntry(KNOWN_OVERLAY_KEY))
    if (found === undefined) return undefined
    const { mac, document } = found
    if (this.#hasSecret && !(await this.#mac.isOf(document, mac))) return undefined
    const inForce = parseOverlayDocument(document)
    return inForce === undefined ? undefined : ofOldEntry(this.#believed(inForce))
  }

  get #hasSecret(): boolean {
    return this.#ports.secret !== undefined
  }

  #believed(inForce: InForce): InForce {
    return this.#hasSecret ? inForce : takingOnly(inForce)
  }

  async #write(inForce: InForce, platform: Platform): Promise<void> {
    const signed = `${platform.now()}\n${overlayDocument(inForce)}`
    const put = async (): Promise<void> =>
      this.#ports.cache?.put(this.#url, entry(`${await this.#mac.sign(signed)}\n${signed}`, KNOWN_OVERLAY_LIVES / 1000))
    await attempt(put, CACHE_TIMEOUT, platform)
  }

  /** An overlay is for every version of the gateway. Without the secret the MAC is a version's own, and so is the entry. */
  get #url(): string {
    const { secret, base } = this.#ports
    return coloUrl(secret === undefined ? base : { hash: 'all' }, 'overlay')
  }
}
