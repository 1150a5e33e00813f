/** Text that holds certificates (RFC 7468): blocks between `BEGIN` and `END`, with explanations around them. */

export interface PemBlock {
  /** `CERTIFICATE`, `PRIVATE KEY`. */
  readonly label: string
  /** Without white space; empty when what stands there is no base64. */
  readonly base64: string
}

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \1-----/g
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/

/** In order of the text. Undefined when a block begins and does not end. */
export function readPem(text: string): readonly PemBlock[] | undefined {
  const blocks = [...text.matchAll(BLOCK)].map(([, label = '', body = '']) => {
    const base64 = body.replace(/\s+/g, '')
    return { label, base64: BASE64.test(base64) ? base64 : '' }
  })
  return text.split('-----BEGIN').length - 1 === blocks.length ? blocks : undefined
}
