/** Reads base64url without padding (RFC 4648 section 5), in its one canonical spelling: two spellings of one key would be two keys. */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const VALUES: ReadonlyMap<string, number> = new Map([...ALPHABET].map((letter, value) => [letter, value]))
const LETTER_BITS = 6

/** The bytes, or undefined for any other letter, for a length that no bytes have, and for bits left over that are not zero. */
export function readBase64Url(text: string): Uint8Array | undefined {
  if (text.length % 4 === 1) return undefined
  const read = new Uint8Array(Math.floor((text.length * LETTER_BITS) / 8))
  let held = 0
  let bits = 0
  let at = 0
  for (const letter of text) {
    const value = VALUES.get(letter)
    if (value === undefined) return undefined
    held = (held << LETTER_BITS) | value
    bits += LETTER_BITS
    if (bits < 8) continue
    bits -= 8
    read[at] = held >> bits
    at += 1
    held &= (1 << bits) - 1
  }
  return held === 0 ? read : undefined
}

/** As a number, the first byte the highest. */
export const toNumber = (bytes: Uint8Array): bigint => bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
