/** HMAC that answers at once, for virtual time. */
import { createHmac } from 'node:crypto'
import { vi } from 'vitest'

/** Web Crypto answers from another thread, whenever that is done; in virtual time HMAC must answer at once. The real one is tested on workerd. Answers what puts it back. */
export function makeCryptoImmediate(): () => void {
  const hmac = (key: unknown, data: unknown) =>
    createHmac('sha256', key as Uint8Array)
      .update(data as Uint8Array)
      .digest()
  const spies = [
    vi.spyOn(crypto.subtle, 'importKey').mockImplementation(async (_format: unknown, key: unknown) => key as never),
    vi.spyOn(crypto.subtle, 'sign').mockImplementation(async (_name, key, data) => new Uint8Array(hmac(key, data)).buffer),
    vi.spyOn(crypto.subtle, 'verify').mockImplementation(async (_name, key, mac, data) => hmac(key, data).equals(mac as Uint8Array)),
  ]
  return () => {
    for (const spy of spies) spy.mockRestore()
  }
}
