/**
 * What a certificate says (RFC 5280 section 4.1), read from its DER and not judged. A malformed one, or one that says something twice, is not
 * read at all: two readers of it may disagree.
 */
import { hexOf } from '../../../config/hex.ts'
import { type Instant, instant } from '../../../config/units.ts'
import { booleanOf, type Element, elementsOf, expectTag, Malformed, oidOf, only, sameOctets, smallOf, TAG } from './der.ts'

export interface Certificate {
  readonly der: Uint8Array
  /** 3 for all that have extensions. */
  readonly version: number
  /** Lower-case hex digits without leading zeros. */
  readonly serial: string
  /** Names as DER, compared octet by octet. */
  readonly issuer: Uint8Array
  readonly subject: Uint8Array
  readonly notBefore: Instant
  readonly notAfter: Instant
  /** Object identifier of how it is signed. */
  readonly signedWith: string
  readonly key: PublicKeyFacts
  /** By object identifier. */
  readonly extensions: ReadonlyMap<string, Extension>
}

export interface Extension {
  readonly critical: boolean
  /** DER. */
  readonly value: Uint8Array
}

export interface PublicKeyFacts {
  /** SubjectPublicKeyInfo as DER. */
  readonly info: Uint8Array
  readonly algorithm: string
  /** Of an RSA modulus. */
  readonly bits?: number
  /** Object identifier of a named curve. */
  readonly curve?: string
}

export const EXTENSION = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
} as const

export const RSA = '1.2.840.113549.1.1.1'
export const EC = '1.2.840.10045.2.1'

/** Undefined when it is malformed. It never throws, whatever the octets. */
export function parseCertificate(der: Uint8Array): Certificate | undefined {
  return orUndefined(() => read(der))
}

/** What `read` makes, or undefined where it meets something malformed. */
export function orUndefined<Value>(read: () => Value): Value | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof Malformed) return undefined
    throw error
  }
}

const VERSION_TAG = 0xa0
const EXTENSIONS_TAG = 0xa3
/** Unique identifiers, which nothing reads (RFC 5280 section 4.1.2.8). */
const UNIQUE_TAGS = [0x81, 0x82, 0xa1, 0xa2]

function read(der: Uint8Array): Certificate {
  const [body, algorithm, signature, ...beyond] = elementsOf(only(der, TAG.sequence).content)
  if (body === undefined || algorithm === undefined || beyond.length > 0) throw new Malformed('not the parts of a certificate')
  const parts = elementsOf(expectTag(body, TAG.sequence).content)
  const [first] = parts
  const versioned = first?.tag === VERSION_TAG
  const version = versioned ? smallOf(only(first.content, TAG.integer)) + 1 : 1
  const [serial, signedWith, issuer, validity, subject, info, ...optional] = versioned ? parts.slice(1) : parts
  if (issuer === undefined || subject === undefined || signedWith === undefined) throw new Malformed('cut short')
  // The one that is signed and the one beside it must agree (RFC 5280 section 4.1.1.2).
  if (!sameOctets(signedWith.whole, algorithm.whole)) throw new Malformed('two signature algorithms')
  const signs = oidOf(elementsOf(expectTag(signedWith, TAG.sequence).content)[0])
  expectOneEncoding(expectTag(signature, TAG.bitString).content, signs)
  const [notBefore, notAfter] = elementsOf(expectTag(validity, TAG.sequence).content)
  return {
    der,
    version,
    serial: hexOf(expectTag(serial, TAG.integer).content).replace(/^0+(?=.)/, ''),
    issuer: expectTag(issuer, TAG.sequence).whole,
    subject: expectTag(subject, TAG.sequence).whole,
    notBefore: momentOf(notBefore),
    notAfter: momentOf(notAfter),
    signedWith: signs,
    key: keyOf(expectTag(info, TAG.sequence)),
    extensions: extensionsOf(optional),
  }
}

const ECDSA_SIGNATURES = '1.2.840.10045.4.'

/**
 * Signatures are not signed: one that can be written in two ways gives a certificate two fingerprints. Whole octets, and for ECDSA two numbers
 * as DER writes them. (That an ECDSA signature has a twin of its own cannot be seen here.)
 */
function expectOneEncoding([unused, ...octets]: Uint8Array, algorithm: string): void {
  if (unused !== 0) throw new Malformed('a signature with unused bits')
  if (!algorithm.startsWith(ECDSA_SIGNATURES)) return
  const numbers = elementsOf(only(Uint8Array.from(octets), TAG.sequence).content)
  const plain = numbers.every(
    ({ tag, content: [first = 0x80, second = 0x80] }) => tag === TAG.integer && first < 0x80 && (first > 0 || second >= 0x80),
  )
  if (numbers.length !== 2 || !plain) throw new Malformed('an ECDSA signature')
}

function extensionsOf(optional: readonly Element[]): ReadonlyMap<string, Extension> {
  const extensions = new Map<string, Extension>()
  for (const part of optional) {
    if (UNIQUE_TAGS.includes(part.tag)) continue
    for (const each of elementsOf(only(expectTag(part, EXTENSIONS_TAG).content, TAG.sequence).content)) {
      const [id, ...rest] = elementsOf(expectTag(each, TAG.sequence).content)
      const [flag, value = flag] = rest
      const name = oidOf(id)
      if (extensions.has(name) || flag === undefined || rest.length > 2) throw new Malformed(`extension ${name}`)
      extensions.set(name, { critical: rest.length === 2 && booleanOf(flag), value: expectTag(value, TAG.octetString).content })
    }
  }
  return extensions
}

function keyOf({ content, whole }: Element): PublicKeyFacts {
  const [algorithm, key] = elementsOf(content)
  const [id, parameters] = elementsOf(expectTag(algorithm, TAG.sequence).content)
  const name = oidOf(id)
  const info = whole
  if (name === EC) return { info, algorithm: name, curve: oidOf(parameters) }
  if (name !== RSA) return { info, algorithm: name }
  // After the octet that counts unused bits.
  const [modulus] = elementsOf(only(expectTag(key, TAG.bitString).content.subarray(1), TAG.sequence).content)
  const digits = hexOf(expectTag(modulus, TAG.integer).content).replace(/^0+/, '')
  return { info, algorithm: name, bits: digits.length * 4 - Math.clz32(Number.parseInt(digits[0] ?? '0', 16)) + 28 }
}

const MOMENT = /^(\d{2}|\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/

/** UTCTime means 1950 to 2049 (RFC 5280 section 4.1.2.5.1). */
function momentOf(element: Element | undefined): Instant {
  const [, year = '', ...rest] = MOMENT.exec(String.fromCharCode(...(element?.content ?? []))) ?? []
  const short = element?.tag === TAG.utcTime && year.length === 2
  if (!short && (element?.tag !== TAG.generalizedTime || year.length !== 4)) throw new Malformed('a moment that is none')
  const whole = short ? Number(year) + (Number(year) < 50 ? 2000 : 1900) : Number(year)
  const [month = 0, day, hour, minute, second] = rest.map(Number)
  return instant(Date.UTC(whole, month - 1, day, hour, minute, second))
}
