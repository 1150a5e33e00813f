/** Text in base64url (RFC 4648 section 5), in the one spelling that its bytes have: in another it would be another token with the same signature. */

const LETTERS = /^[A-Za-z0-9_-]+$/
/** Last letters whose bits beyond the last byte are zero, after groups of four and one or two letters more. */
const LAST_OF_TWO = 'AQgw'
const LAST_OF_THREE = 'AEIMQUYcgkosw048'

/** RFC 4648 section 3.5. */
export function isCanonical(part: string): boolean {
  if (!LETTERS.test(part)) return false
  switch (part.length % 4) {
    case 0:
      return true
    case 2:
      return LAST_OF_TWO.includes(part.charAt(part.length - 1))
    case 3:
      return LAST_OF_THREE.includes(part.charAt(part.length - 1))
    default:
      return false
  }
}

const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII.
const ASCII = /^[\x00-\x7f]*$/

/** Of a canonical part. Undefined where its bytes are no UTF-8. Most tokens are ASCII, and cost no bytes. */
export function textOf(part: string): string | undefined {
  const letters = atob(part.replaceAll('-', '+').replaceAll('_', '/'))
  if (ASCII.test(letters)) return letters
  try {
    return DECODER.decode(Uint8Array.from(letters, (letter) => letter.charCodeAt(0)))
  } catch {
    return undefined
  }
}
