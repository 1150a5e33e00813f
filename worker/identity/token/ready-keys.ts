/** Keys of issuers as the platform verifies with them: made once for each key and algorithm, because an RSA key may be for several. */
import { importJWK } from 'jose'
import type { PublicJwk } from '../../../config/key-set.ts'

export type VerifyingKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>

/** A key that the platform does not take. */
export const UNFIT = 'unfit'
export type Ready = VerifyingKey | typeof UNFIT

/**
 * By the identity of what it is made of, and forgotten with it. What was made is kept, and not the promise of it: that of another request may
 * never settle, so ten requests that need a new key at once make it ten times.
 */
export class ReadyKeys {
  readonly #made = new WeakMap<PublicJwk, Map<string, Ready>>()

  get(key: PublicJwk, algorithm: string): Ready | undefined {
    return this.#made.get(key)?.get(algorithm)
  }

  /** Never rejects. */
  async make(key: PublicJwk, algorithm: string): Promise<Ready> {
    const imported = await importJWK(key, algorithm).catch(() => UNFIT)
    // Bytes are those of a secret, and no public key's.
    const ready: Ready = imported === UNFIT || imported instanceof Uint8Array ? UNFIT : (imported as VerifyingKey)
    const known = this.#made.get(key)
    if (known === undefined) this.#made.set(key, new Map([[algorithm, ready]]))
    else known.set(algorithm, ready)
    return ready
  }
}
