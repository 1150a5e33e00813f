/** Signs what isolates read from KV. Whether it is believed is theirs to say. */
import { hexOf } from '../config/hex.ts'

type HmacKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>

/** HMAC-SHA-256 in hex digits. */
export function signer(secret: string): (text: string) => Promise<string> {
  let key: HmacKey | undefined
  return async (text) => {
    key ??= await crypto.subtle.importKey('raw', encode(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
    return hexOf(new Uint8Array(await crypto.subtle.sign('HMAC', key, encode(text))))
  }
}

const encode = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(new TextEncoder().encode(text))
