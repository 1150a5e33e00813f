/**
 * Names for keys of limits that may leave the isolate: a digest of 128 bits, so that no address, claim or API key stands in anybody's storage. With a
 * secret nobody can find out the key by trying all of them either.
 */
import { BoundedMap } from '../policy/bounded-map.ts'

/** Names that are remembered; each key is at most as long as the next bound. */
const NAMES_MAX = 4096
/** Longer keys are digested each time: they would hold too much memory. */
const KEY_REMEMBERED_MAX = 128
const NAME_BYTES = 16

type HmacKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>

export class KeyNames {
  readonly #names = new BoundedMap<string, string>(NAMES_MAX)
  readonly #secret: string | undefined
  #key: HmacKey | undefined

  constructor(secret: string | undefined) {
    this.#secret = secret
  }

  /** At once for a key that came lately. */
  nameOf(key: string): string | Promise<string> {
    return (key.length <= KEY_REMEMBERED_MAX ? this.#names.get(key) : undefined) ?? this.#digest(key)
  }

  async #digest(key: string): Promise<string> {
    const digest = new Uint8Array(await this.#sign(`meridian rate limit\0${key}`), 0, NAME_BYTES)
    const name = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
    if (key.length <= KEY_REMEMBERED_MAX) this.#names.set(key, name)
    return name
  }

  async #sign(text: string): Promise<ArrayBuffer> {
    const bytes = new TextEncoder().encode(text)
    if (this.#secret === undefined) return crypto.subtle.digest('SHA-256', bytes)
    const algorithm = { name: 'HMAC', hash: 'SHA-256' }
    this.#key ??= await crypto.subtle.importKey('raw', new TextEncoder().encode(this.#secret), algorithm, false, ['sign'])
    return crypto.subtle.sign('HMAC', this.#key, bytes)
  }
}
