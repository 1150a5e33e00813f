/**
 * Names for keys of limits that may leave the isolate: a digest of 128 bits, so that no address, claim or API key stands in anybody's storage. With a
 * secret nobody can find out the key by trying all of them either.
 */
import { hexOf } from '../../config/hex.ts'
import { BoundedMap } from '../policy/bounded-map.ts'
import { Mac } from '../snapshot/mac.ts'

/** Names that are remembered; each key is at most as long as the next bound. */
const NAMES_MAX = 4096
/** Longer keys are digested each time: they would hold too much memory. */
const KEY_REMEMBERED_MAX = 128
/** Hex digits: 128 bits. */
const NAME_LENGTH = 32

export class KeyNames {
  readonly #names = new BoundedMap<string, string>(NAMES_MAX)
  readonly #mac: Mac | undefined

  constructor(secret: string | undefined) {
    this.#mac = secret === undefined ? undefined : new Mac(secret)
  }

  /** At once for a key that came lately. */
  nameOf(key: string): string | Promise<string> {
    return (key.length <= KEY_REMEMBERED_MAX ? this.#names.get(key) : undefined) ?? this.#digest(key)
  }

  async #digest(key: string): Promise<string> {
    const text = `meridian rate limit\0${key}`
    const digest = this.#mac === undefined ? await sha256(text) : await this.#mac.sign(text)
    const name = digest.slice(0, NAME_LENGTH)
    if (key.length <= KEY_REMEMBERED_MAX) this.#names.set(key, name)
    return name
  }
}

const sha256 = async (text: string): Promise<string> =>
  hexOf(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))))
