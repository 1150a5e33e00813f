/** Signs what isolates share, and checks it: HMAC-SHA-256 in hex digits. */
import { hexOf } from '../../config/hex.ts'

type HmacKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>

export class Mac {
  readonly #secret: string
  #key: HmacKey | undefined

  constructor(secret: string) {
    this.#secret = secret
  }

  async sign(text: string): Promise<string> {
    return hexOf(new Uint8Array(await crypto.subtle.sign('HMAC', await this.#hmacKey(), encode(text))))
  }

  async isOf(text: string, mac: string): Promise<boolean> {
    const bytes = fromHex(mac)
    return bytes !== undefined && (await crypto.subtle.verify('HMAC', await this.#hmacKey(), bytes, encode(text)))
  }

  /** The key is kept, not the promise of it: a promise of another request may never settle. */
  async #hmacKey(): Promise<HmacKey> {
    if (this.#key !== undefined) return this.#key
    this.#key = await crypto.subtle.importKey('raw', encode(this.#secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify'])
    return this.#key
  }
}

const encode = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(new TextEncoder().encode(text))

function fromHex(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[0-9a-f]{64}$/.test(text)) return undefined
  return Uint8Array.from({ length: 32 }, (_, index) => Number.parseInt(text.slice(2 * index, 2 * index + 2), 16))
}
