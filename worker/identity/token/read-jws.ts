/**
 * Reads a signed token (RFC 7515 section 3.1) before anything of it is believed, more strictly than libraries do: one spelling of each part,
 * no member twice, no header that brings a key or changes what is signed. Whether its signature is good is left to `verify-jws.ts`.
 */
import { err, ok, type Result } from '../../../config/result.ts'
import { isCanonical, textOf } from './base64url-text.ts'
import { type JsonObject, readStrictJson } from './strict-json.ts'

/** A header that is in order. */
export interface JoseHeader {
  readonly algorithm: string
  readonly kid: string | undefined
  readonly type: string | undefined
  readonly members: JsonObject
}

/** Headers that are in order, by how they are written: an issuer writes the same one before thousands of tokens. */
export type KnownHeaders = ReadonlyMap<string, JoseHeader>

/** A text with its header, which is in order. */
export interface SignedText {
  readonly token: string
  readonly header: JoseHeader
  /** Both in base64url. */
  readonly head: string
  readonly body: string
}

/** A signed text that says something, as JSON. */
export interface UnverifiedJws extends SignedText {
  readonly payload: JsonObject
}

interface Reading {
  /** Headers that bring a key and may. */
  readonly allowed?: ReadonlySet<string>
  readonly known?: KnownHeaders
}

/** An error is for operators: it repeats nothing of the token. */
export function readJws(token: string, reading: Reading = {}): Result<UnverifiedJws, string> {
  const read = readSigned(token, reading)
  if (!read.ok) return read
  const { header, head, body } = read.value
  const payload = jsonIn(body)
  return payload === undefined
    ? err('its payload is no JSON object in UTF-8 with each name once and numbers that a double holds')
    : ok({ token, header, head, body, payload })
}

/** The same, whatever is signed. */
export function readSigned(token: string, { allowed = NOTHING, known = NONE_KNOWN }: Reading = {}): Result<SignedText, string> {
  const parts = token.split('.')
  const [head, body, signature] = parts
  if (head === undefined || body === undefined || signature === undefined || parts.length !== 3)
    return err('it is no signed JWT of three parts')
  const before = known.get(head)
  if (!(before !== undefined || isCanonical(head)) || !(body === '' || isCanonical(body)) || !isCanonical(signature))
    return err('a part of it is not in canonical base64url')
  if (before !== undefined) return ok({ token, header: before, head, body })
  const read = readHeader(head, allowed)
  return read.ok ? ok({ token, header: read.value, head, body }) : read
}

const NOTHING: ReadonlySet<string> = new Set()
const NONE_KNOWN: KnownHeaders = new Map()

function readHeader(head: string, allowed: ReadonlySet<string>): Result<JoseHeader, string> {
  const members = jsonIn(head)
  if (members === undefined) return err('its header is no JSON object in UTF-8 with each name once and numbers that a double holds')
  const flaw = flawOfHeader(members, allowed)
  if (flaw !== undefined) return err(flaw)
  const { alg, kid, typ } = members as { readonly alg: string; readonly kid?: string; readonly typ?: string }
  return ok({ algorithm: alg, kid, type: typ, members })
}

function jsonIn(part: string): JsonObject | undefined {
  const text = textOf(part)
  return text === undefined ? undefined : readStrictJson(text)
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
