/** Who may have faults injected on gated routes: whoever bears a token that the operators' secret has signed. */
import { FAULT_DAYS_MAX, FAULT_KEY_MIN, faultClaim, readFaultToken } from '../config/faults.ts'
import type { Instant } from '../config/units.ts'

export type FaultGate = (token: string, claimed: { readonly host: string; readonly route: string }, now: Instant) => Promise<boolean>

const DAY = 24 * 60 * 60 * 1000

type HmacKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>

/** Opens for tokens of whoever has the secret, for their host and route, until they expire. Without a secret it never opens. */
export function faultGate(secret: string | undefined): FaultGate {
  let key: HmacKey | undefined
  return async (text, { host, route }, now) => {
    const token = readFaultToken(text)
    if (secret === undefined || secret.length < FAULT_KEY_MIN || token === undefined) return false
    const left = token.expires * 1000 - now
    if (left <= 0 || left > FAULT_DAYS_MAX * DAY) return false
    // The key is kept, not the promise of it: a promise of another request may never settle.
    key ??= await crypto.subtle.importKey('raw', encode(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['verify'])
    return crypto.subtle.verify('HMAC', key, fromBase64Url(token.signature), encode(faultClaim(host, route, token.expires)))
  }
}

const encode = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(new TextEncoder().encode(text))

const fromBase64Url = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0))
