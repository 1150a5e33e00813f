/**
 * Reads a set of public keys (RFC 7517 section 5), wherever it comes from: an issuer's endpoint, a configuration, a snapshot. A key that is
 * private, weak or not for signatures is left out and said; a set without a usable key is none, so that it never replaces a good one.
 */
import type { PublicJwk } from './key-set.ts'
import { type KeyOrigin, readKey } from './keys/read-key.ts'
import { isRecord } from './parse-snapshot.ts'
import { err, ok, type Result } from './result.ts'
import { bytes } from './units.ts'

/** Longest document that is read. Large ones carry chains of certificates, which are left out. */
export const KEY_SET_BYTES_MAX = bytes(256 * 1024)
/** Keys of one issuer: the largest have about a dozen. */
export const KEYS_MAX = 32

export interface KeySetReading {
  /** Never empty, in the order of the set. */
  readonly keys: readonly PublicJwk[]
  /** What was left out. */
  readonly dropped: readonly DroppedKey[]
}

export interface DroppedKey {
  /** Its place in the set. */
  readonly at: number
  readonly kid?: string
  /** For people; nothing of the key itself. */
  readonly why: string
}

/** `raw`: parsed JSON. An error says why there is nothing to use. */
export function readKeySet(raw: unknown, from: KeyOrigin): Result<KeySetReading, string> {
  if (!isRecord(raw) || !Array.isArray(raw['keys'])) return err('it is no key set: an object with a list "keys" is expected')
  const listed: readonly unknown[] = raw['keys']
  const read = listed.slice(0, KEYS_MAX).map((each) => readKey(each, from))
  const good = read.map((each) => (each.ok ? each.value : undefined))
  const dropped: DroppedKey[] = []
  const keys: PublicJwk[] = []
  for (const [at, each] of read.entries()) {
    const why = each.ok ? ambiguity(each.value, good, at) : each.error
    if (each.ok && why === undefined) keys.push(each.value)
    else if (why !== undefined && why !== REPEATED) dropped.push({ at, ...kidOf(listed[at]), why })
  }
  if (listed.length > KEYS_MAX) dropped.push({ at: KEYS_MAX, why: `${listed.length} keys, of which the first ${KEYS_MAX} are read` })
  return keys.length === 0 ? err(nothingUsable(dropped)) : ok({ keys, dropped })
}

/** `text`: the document, as its endpoint serves it. */
export function readKeySetText(text: string): Result<KeySetReading, string> {
  if (text.length > KEY_SET_BYTES_MAX) return err(`it is longer than ${KEY_SET_BYTES_MAX} bytes`)
  try {
    return readKeySet(JSON.parse(text), 'endpoint')
  } catch {
    return err('it is not JSON')
  }
}

/** The same key once more is no harm, and is not said. */
const REPEATED = 'repeated'

/** A `kid` that two keys of one kind have names neither (RFC 7517 section 4.5). */
function ambiguity(key: PublicJwk, keys: readonly (PublicJwk | undefined)[], at: number): string | undefined {
  const namesakes = keys.flatMap((other, place) =>
    other !== undefined && place !== at && isNamesake(other, key) ? [{ other, place }] : [],
  )
  if (namesakes.some(({ other }) => !isSame(other, key))) return 'another key has its kid'
  return namesakes.some(({ other, place }) => place < at && other.alg === key.alg) ? REPEATED : undefined
}

/** Without a `kid` only the same key is one. */
const isNamesake = (other: PublicJwk, key: PublicJwk): boolean =>
  other.kty === key.kty && other.kid === key.kid && (key.kid !== undefined || isSame(other, key))

/** Whatever `alg` each says. */
const isSame = (a: PublicJwk, b: PublicJwk): boolean =>
  (['kty', 'crv', 'x', 'y', 'n', 'e', 'k'] as const).every((member) => a[member] === b[member])

function nothingUsable(dropped: readonly DroppedKey[]): string {
  if (dropped.length === 0) return 'it has no key'
  const whys = [...new Set(dropped.map(({ why }) => why))]
  return `it has no usable key: ${whys.slice(0, WHYS_MAX).join('; ')}`
}

const WHYS_MAX = 3

const kidOf = (raw: unknown): { readonly kid?: string } =>
  isRecord(raw) && typeof raw['kid'] === 'string' ? { kid: raw['kid'].slice(0, KID_SHOWN) } : {}

const KID_SHOWN = 64
