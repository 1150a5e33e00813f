/**
 * Reads a signed token (RFC 7515 section 3.1) before anything of it is believed, more strictly than libraries do: one spelling of each part,
 * no member twice, no header that brings a key or changes what is signed. Whether its signature is good is left to `verify-jws.ts`.
 */
import { base64url } from 'jose'
import { err, ok, type Result } from '../../../config/result.ts'
import { type JsonObject, readStrictJson } from './strict-json.ts'

/** A header that is in order, and what it is the header of. */
export interface SignedText {
  readonly token: string
  readonly algorithm: string
  readonly kid: string | undefined
  readonly type: string | undefined
  readonly header: JsonObject
  /** In base64url. */
  readonly body: string
}

/** A signed text that says something, as JSON. */
export interface UnverifiedJws extends SignedText {
  readonly payload: JsonObject
}

/** An error is for operators: it repeats nothing of the token. `allowed`: headers that bring a key and may. */
export function readJws(token: string, allowed: ReadonlySet<string> = NOTHING): Result<UnverifiedJws, string> {
  const read = readSigned(token, allowed)
  if (!read.ok) return read
  const payload = readStrictJson(base64url.decode(read.value.body))
  return payload === undefined
    ? err('its payload is no JSON object with each name once and numbers that a double holds')
    : ok({ ...read.value, payload })
}

/** The same, whatever is signed. */
export function readSigned(token: string, allowed: ReadonlySet<string> = NOTHING): Result<SignedText, string> {
  const parts = token.split('.')
  const [head, body, signature] = parts
  if (head === undefined || body === undefined || signature === undefined || parts.length !== 3)
    return err('it is no signed JWT of three parts')
  if (!isCanonical(head) || !(body === '' || isCanonical(body)) || !isCanonical(signature))
    return err('a part of it is not in canonical base64url')
  const header = readStrictJson(base64url.decode(head))
  if (header === undefined) return err('its header is no JSON object with each name once and numbers that a double holds')
  const flaw = flawOfHeader(header, allowed)
  if (flaw !== undefined) return err(flaw)
  const { alg, kid, typ } = header as { readonly alg: string; readonly kid?: string; readonly typ?: string }
  return ok({ token, algorithm: alg, kid, type: typ, header, body })
}

const NOTHING: ReadonlySet<string> = new Set()

const PART = /^[A-Za-z0-9_-]+$/
/** Last letters whose bits beyond the last byte are zero, of parts that have two or three letters beyond a group of four. */
const LAST_OF_TWO = /[AQgw]$/
const LAST_OF_THREE = /[AEIMQUYcgkosw048]$/

/** RFC 4648 section 3.5: another spelling of the same bytes would be another token with the same signature. */
function isCanonical(part: string): boolean {
  if (!PART.test(part)) return false
  switch (part.length % 4) {
    case 0:
      return true
    case 2:
      return LAST_OF_TWO.test(part)
    case 3:
      return LAST_OF_THREE.test(part)
    default:
      return false
  }
}

/** Those that say where the key is, or bring it (RFC 8725 section 3.10): keys come from the issuer's set and from nowhere else. */
const BRINGS_KEY = ['jku', 'jwk', 'x5u', 'x5c'] as const
/** What nobody here understands (RFC 7515 section 4.1.11, RFC 7797), and the headers of encryption. */
const NOT_UNDERSTOOD = ['crit', 'b64', 'enc', 'zip'] as const

const KID_MAX = 256

function flawOfHeader(header: JsonObject, allowed: ReadonlySet<string>): string | undefined {
  const { alg, kid, typ, cty } = header
  if (typeof alg !== 'string' || alg === '') return 'its alg is missing or no text'
  for (const name of BRINGS_KEY) if (header[name] !== undefined && !allowed.has(name)) return `its header brings a key: ${name}`
  for (const name of NOT_UNDERSTOOD) if (header[name] !== undefined) return `its header has ${name}`
  if (kid !== undefined && (typeof kid !== 'string' || kid.length > KID_MAX)) return `its kid is no text of at most ${KID_MAX} characters`
  if (typ !== undefined && typeof typ !== 'string') return 'its typ is no text'
  return cty === undefined ? undefined : 'it holds another token: cty'
}
