/**
 * Signs the tokens of the edge (ADR 0018), and publishes the keys by which they are verified. Keys are secrets of the Worker: the same for the
 * life of an isolate, read with the first token. Without a sound one nothing is signed: what needs a token is refused before an endpoint is asked.
 */
import { base64url } from 'jose'
import { writePayload } from '../policy/edge-token.ts'
import { RecentTokens } from '../policy/recent-tokens.ts'
import type { Platform } from '../ports.ts'

/** As the Worker's environment names them. */
export interface EdgeSecrets {
  /** Signs. A private JWK, P-256, as JSON. */
  readonly EDGE_SIGNING_KEY?: string
  /** Published beside it: the next one, or the last. */
  readonly EDGE_SIGNING_KEY_NEXT?: string
}

export interface EdgeSigner {
  /** Whether there is a key to sign with; at once, but for the first time. Never rejects. */
  readonly ready: () => boolean | Promise<boolean>
  /** A token about this: at once, where one was signed for it lately. Only while it is ready. */
  readonly sign: (about: string, platform: Platform) => string | Promise<string>
  /** What stands in the way, for operators. It says nothing of what a secret holds. */
  readonly problems: () => Promise<readonly string[]>
  /** The public keys, the signing one first; undefined without a sound one. */
  readonly keySet: () => Promise<{ readonly keys: readonly PublishedKey[] } | undefined>
}

export interface PublishedKey {
  readonly kty: 'EC'
  readonly crv: 'P-256'
  readonly x: string
  readonly y: string
  readonly kid: string
  readonly alg: 'ES256'
  readonly use: 'sig'
}

type SigningKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>

interface HeldKey {
  readonly key: SigningKey
  readonly published: PublishedKey
  /** Of every token that it signs, in base64url. */
  readonly head: string
}

type Reading = { readonly key: HeldKey } | { readonly problem: string }

export function edgeSigner(secrets: EdgeSecrets): EdgeSigner {
  const recent = new RecentTokens()
  // What is read is kept, not the promise of it: a promise of another request may never settle.
  let signing: Reading | undefined
  let next: Reading | undefined
  const readSigning = async () => (signing ??= await readKey('EDGE_SIGNING_KEY', secrets.EDGE_SIGNING_KEY))
  const readNext = async () => (next ??= await readKey('EDGE_SIGNING_KEY_NEXT', secrets.EDGE_SIGNING_KEY_NEXT))
  const hasNext = secrets.EDGE_SIGNING_KEY_NEXT !== undefined && secrets.EDGE_SIGNING_KEY_NEXT !== ''
  return {
    ready: () => (signing === undefined ? readSigning().then(isKey) : isKey(signing)),
    sign(about, platform) {
      const now = platform.now()
      const held = recent.get(about, now)
      if (held !== undefined) return held
      if (signing === undefined || !('key' in signing)) throw new Error('nothing to sign with')
      return signToken(signing.key, writePayload(about, now, platform.uuid())).then((token) => {
        recent.put(about, token, now)
        return token
      })
    },
    async problems() {
      const readings = hasNext ? [await readSigning(), await readNext()] : [await readSigning()]
      return readings.flatMap((reading) => ('problem' in reading ? [reading.problem] : []))
    },
    async keySet() {
      const first = await readSigning()
      if (!('key' in first)) return undefined
      const second = hasNext ? await readNext() : undefined
      const keys = [first.key.published]
      if (second !== undefined && 'key' in second && second.key.published.kid !== keys[0]?.kid) keys.push(second.key.published)
      return { keys }
    },
  }
}

const isKey = (reading: Reading): boolean => 'key' in reading

/** For how long verifiers may keep the keys, in seconds: a key is published for longer before it signs (docs/operations.md). */
export const KEYS_CACHED = 300

async function signToken({ key, head }: HeldKey, payload: string): Promise<string> {
  const signed = `${head}.${encodeText(payload)}`
  const signature = await crypto.subtle.sign(ES256, key, utf8.encode(signed))
  return `${signed}.${encode(signature)}`
}

const utf8 = new TextEncoder()
const CURVE = { name: 'ECDSA', namedCurve: 'P-256' } as const
const ES256 = { name: 'ECDSA', hash: 'SHA-256' } as const

async function readKey(name: string, secret: string | undefined): Promise<Reading> {
  if (secret === undefined || secret === '') return { problem: `the secret ${name} is not set: no token of the edge can be signed` }
  const jwk = readJwk(secret)
  if (jwk === undefined) return { problem: `the secret ${name} is no private JWK of the curve P-256, as JSON` }
  try {
    const key = await crypto.subtle.importKey('jwk', { ...jwk, kty: 'EC', crv: 'P-256' }, CURVE, false, ['sign'])
    const { x, y } = jwk
    // RFC 7638: the members that make the key, in order of their names, without a space.
    const digest = await crypto.subtle.digest('SHA-256', utf8.encode(`{"crv":"P-256","kty":"EC","x":"${x}","y":"${y}"}`))
    const kid = encode(digest)
    const head = encodeText(JSON.stringify({ alg: 'ES256', typ: 'JWT', kid }))
    if (!(await fits(key, { x, y }))) return { problem: `the secret ${name} is no key: its numbers do not fit together` }
    return { key: { key, head, published: { kty: 'EC', crv: 'P-256', x, y, kid, alg: 'ES256', use: 'sig' } } }
  } catch {
    return { problem: `the secret ${name} is no key: its numbers do not fit together` }
  }
}

/** 32 bytes in base64url. */
const COORDINATE = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/

function readJwk(text: string): { readonly x: string; readonly y: string; readonly d: string } | undefined {
  let raw: unknown
  try {
    raw = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof raw !== 'object' || raw === null) return undefined
  const { kty, crv, x, y, d } = raw as Record<string, unknown>
  if (kty !== 'EC' || crv !== 'P-256') return undefined
  return isCoordinate(x) && isCoordinate(y) && isCoordinate(d) ? { x, y, d } : undefined
}

const isCoordinate = (value: unknown): value is string => typeof value === 'string' && COORDINATE.test(value)

/** Whether what is published verifies what is signed: not every runtime looks when it imports. */
async function fits(key: SigningKey, { x, y }: { readonly x: string; readonly y: string }): Promise<boolean> {
  const sample = utf8.encode('meridian')
  const verifying = await crypto.subtle.importKey('jwk', { kty: 'EC', crv: 'P-256', x, y }, CURVE, false, ['verify'])
  return crypto.subtle.verify(ES256, verifying, await crypto.subtle.sign(ES256, key, sample), sample)
}

const encode = (bytes: ArrayBuffer): string => base64url.encode(new Uint8Array(bytes))

/** Base64url without padding (RFC 7515 section 2) of ASCII: the library makes bytes of it first, which costs three times as much. */
const encodeText = (text: string): string => btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
