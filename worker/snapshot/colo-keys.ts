/**
 * L1 of keys: what isolates of one colo share of the keys of issuers, so that a cold one has them while no vantage answers. Whoever forged an
 * entry could sign tokens, so it is signed with the secret SNAPSHOT_KEY; without it nothing is written, and nothing is read.
 */
import { KEYS_GOOD_FOR, type KeySetNews } from '../../config/key-set.ts'
import { keysDocument, keysSecret, parseKeysDocument } from '../../config/known-keys.ts'
import { type DurationMs, ms } from '../../config/units.ts'
import type { Platform } from '../ports.ts'
import { attempt } from './bounded.ts'
import { CACHE_TIMEOUT, CLOCKS_APART, coloUrl, entry } from './colo-cache.ts'
import { Mac } from './mac.ts'
import type { HealthPorts } from './ports.ts'

/** Longest that MAC and moment are together. */
const HEAD_MAX = 100

export interface SharedKeys {
  /** As old as they are by now. */
  readonly news: readonly KeySetNews[]
  /** Since it was written. */
  readonly age: DurationMs
}

export class ColoKeys {
  readonly #ports: Pick<HealthPorts, 'cache' | 'base'>
  readonly #mac: Mac | undefined

  constructor(ports: Pick<HealthPorts, 'cache' | 'base' | 'secret'>) {
    this.#ports = ports
    this.#mac = ports.secret === undefined || ports.cache === undefined ? undefined : new Mac(keysSecret(ports.secret))
  }

  /** What the colo has; undefined when there is nothing that can be believed. */
  async read(platform: Platform): Promise<SharedKeys | undefined> {
    const mac = this.#mac
    if (mac === undefined) return undefined
    const text = await attempt(async () => (await this.#ports.cache?.match(this.#url))?.text(), CACHE_TIMEOUT, platform)
    const [said = '', moment = ''] = text?.slice(0, HEAD_MAX).split('\n', 2) ?? []
    const signed = text?.slice(said.length + 1) ?? ''
    if (text === undefined || (await attempt(() => mac.isOf(signed, said), CACHE_TIMEOUT, platform)) !== true) return undefined
    const passed = platform.now() - Number.parseInt(moment, 10)
    // Of a clock that is off nothing is known.
    if (!(passed > -CLOCKS_APART && passed < KEYS_GOOD_FOR)) return undefined
    const age = ms(Math.max(0, passed))
    const news = parseKeysDocument(signed.slice(moment.length + 1))
    return { news: news.map((each) => ({ ...each, age: ms(each.age + age) })), age }
  }

  async write(news: readonly KeySetNews[], platform: Platform): Promise<void> {
    const mac = this.#mac
    if (mac === undefined) return
    const signed = `${platform.now()}\n${keysDocument(news)}`
    const put = async (): Promise<void> =>
      this.#ports.cache?.put(this.#url, entry(`${await mac.sign(signed)}\n${signed}`, KEYS_GOOD_FOR / 1000))
    await attempt(put, CACHE_TIMEOUT, platform)
  }

  get #url(): string {
    return coloUrl(this.#ports.base, 'keys')
  }
}
