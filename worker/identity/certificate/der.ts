/**
 * Reads DER (ITU-T X.690) as strictly as it is defined: what has two encodings has one here, and everything else is malformed. It throws
 * `Malformed`, which `parse-certificate.ts` makes a value of.
 */

export class Malformed extends Error {}

export interface Element {
  /** Class, form and number in one octet; numbers above 30 occur in no certificate. */
  readonly tag: number
  readonly content: Uint8Array
  /** With tag and length. */
  readonly whole: Uint8Array
}

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
} as const

/** Octets of a length that takes more than one: 16 MiB are more than any certificate. */
const LENGTH_OCTETS_MAX = 3

/** The elements that stand one after another in some octets. */
export function elementsOf(octets: Uint8Array): readonly Element[] {
  const found: Element[] = []
  let at = 0
  while (at < octets.length) {
    const element = elementAt(octets, at)
    found.push(element)
    at += element.whole.length
  }
  return found
}

/** The one element that some octets are. */
export function only(octets: Uint8Array, tag: number): Element {
  const [element, ...more] = elementsOf(octets)
  if (element === undefined || more.length > 0) throw new Malformed('not one element')
  return expectTag(element, tag)
}

export function expectTag(element: Element | undefined, tag: number): Element {
  if (element?.tag !== tag) throw new Malformed(`tag ${element?.tag} in place of ${tag}`)
  return element
}

function elementAt(octets: Uint8Array, at: number): Element {
  const tag = octetAt(octets, at)
  if ((tag & 0x1f) === 0x1f) throw new Malformed('a tag of many octets')
  const first = octetAt(octets, at + 1)
  const count = first < 0x80 ? 0 : first & 0x7f
  if (first === 0x80 || count > LENGTH_OCTETS_MAX) throw new Malformed('an indefinite or enormous length')
  let length = count === 0 ? first : 0
  for (let index = 0; index < count; index += 1) length = length * 256 + octetAt(octets, at + 2 + index)
  if (count > 0 && (length < 0x80 || length < 256 ** (count - 1))) throw new Malformed('a length in more octets than it needs')
  const start = at + 2 + count
  if (start + length > octets.length) throw new Malformed('a length past the end')
  return { tag, content: octets.subarray(start, start + length), whole: octets.subarray(at, start + length) }
}

function octetAt(octets: Uint8Array, at: number): number {
  const octet = octets[at]
  if (octet === undefined) throw new Malformed('cut short')
  return octet
}

/** In dotted form. */
export function oidOf(element: Element | undefined): string {
  const { content } = expectTag(element, TAG.oid)
  const numbers: number[] = []
  let number = 0
  for (const [index, octet] of content.entries()) {
    number = number * 128 + (octet & 0x7f)
    if (number > Number.MAX_SAFE_INTEGER / 256) throw new Malformed('an enormous number in an object identifier')
    if (octet >= 0x80) {
      if (index === content.length - 1) throw new Malformed('an object identifier that is cut short')
      continue
    }
    numbers.push(number)
    number = 0
  }
  const [first] = numbers
  if (first === undefined) throw new Malformed('an empty object identifier')
  const root = Math.min(2, Math.floor(first / 40))
  return [root, first - root * 40, ...numbers.slice(1)].join('.')
}

export function booleanOf(element: Element): boolean {
  const { content } = expectTag(element, TAG.boolean)
  const [octet] = content
  if (content.length !== 1 || (octet !== 0x00 && octet !== 0xff)) throw new Malformed('a boolean that is neither')
  return octet === 0xff
}

/** A whole number that is not negative and below 2^31. */
export function smallOf({ content }: Element): number {
  if (content.length === 0 || content.length > 4 || octetAt(content, 0) >= 0x80) throw new Malformed('a number out of bounds')
  return content.reduce((sum, octet) => sum * 256 + octet, 0)
}

const ASCII = /^[\x20-\x7e]*$/

/** An IA5String. Controls, NUL among them, are in no name that means what it seems to. */
export function asciiOf(content: Uint8Array): string {
  const text = String.fromCharCode(...content)
  if (!ASCII.test(text)) throw new Malformed('a name with octets that are no letters')
  return text
}

export const sameOctets = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((octet, index) => octet === b[index])
