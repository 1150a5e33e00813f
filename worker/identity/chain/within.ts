/** Whether one name lies within another, for each kind of name that can be constrained (RFC 5280 section 4.2.1.10). */
import { hexOf } from '../../../config/hex.ts'
import { asciiOf, elementsOf, expectTag, oidOf, only, TAG } from '../certificate/der.ts'

/** `example.com` takes itself and all below it, `.example.com` only what is below it, the empty name everything. */
export function dnsWithin(name: string, base: string): boolean {
  const domain = base.toLowerCase()
  if (domain === '') return true
  return domain.startsWith('.') ? name.endsWith(domain) && name.length > domain.length : name === domain || name.endsWith(`.${domain}`)
}

/** A wildcard stands for all below it: `*.example.com` for `a.example.com` too. */
export const dnsOverlaps = (name: string, base: string): boolean =>
  dnsWithin(name, base) || (name.startsWith('*.') && `.${base.toLowerCase().replace(/^\./, '')}`.endsWith(name.slice(1)))

const AUTHORITY = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?([^/?#@]*)/i

/** `example.com` takes that host alone, `.example.com` all below it. A URI without a host is within nothing, and one with an address neither. */
export function uriWithin(uri: string, base: string): boolean {
  const host = hostOf(uri)
  return host !== undefined && hostWithin(host, base)
}

function hostOf(uri: string): string | undefined {
  const host = AUTHORITY.exec(uri)?.[1]?.replace(/:\d*$/, '').toLowerCase()
  return host === undefined || host === '' || host.startsWith('[') || /^[\d.]+$/.test(host) ? undefined : host
}

function hostWithin(host: string, base: string): boolean {
  const domain = base.toLowerCase()
  return domain.startsWith('.') ? host.endsWith(domain) && host.length > domain.length : host === domain
}

/** `ann@example.com` takes that mailbox, `example.com` every mailbox of that host, `.example.com` those of the hosts below it. */
export function emailWithin(address: string, base: string): boolean {
  const at = address.lastIndexOf('@')
  const host = address.slice(at + 1).toLowerCase()
  const baseAt = base.lastIndexOf('@')
  if (baseAt < 0) return at > 0 && hostWithin(host, base)
  return address.slice(0, at) === base.slice(0, baseAt) && host === base.slice(baseAt + 1).toLowerCase()
}

/** `base`: address and mask, 8 or 32 octets. */
export function networkHolds(address: Uint8Array, base: Uint8Array): boolean {
  if (base.length !== address.length * 2) return false
  return address.every((octet, index) => ((octet ^ (base[index] ?? 0)) & (base[address.length + index] ?? 0)) === 0)
}

/** Whether a name begins with all of another: its country, then its organization, and so on. */
export function directoryWithin(name: Uint8Array, base: Uint8Array): boolean {
  const [parts, wanted] = [partsOf(only(name, TAG.sequence).content), partsOf(only(only(base, TAG.sequence).whole, TAG.sequence).content)]
  return wanted.length <= parts.length && wanted.every((part, index) => part === parts[index])
}

/** Text of other kinds and case is the same text (RFC 5280 section 7.1): PrintableString, UTF8String and IA5String. */
const TEXT_TAGS = [0x0c, 0x13, 0x16]

function partsOf(sequence: Uint8Array): readonly string[] {
  return elementsOf(sequence).map(({ content }) => {
    const attributes = elementsOf(content).map(({ content: attribute }) => {
      const [id, value] = elementsOf(attribute)
      const octets = value?.content ?? new Uint8Array()
      const text = TEXT_TAGS.includes(value?.tag ?? 0) ? new TextDecoder().decode(octets) : `#${hexOf(octets)}`
      return `${oidOf(id)}=${text.toLowerCase().trim().replace(/\s+/g, ' ')}`
    })
    return attributes.sort().join('+')
  })
}

const EMAIL_ADDRESS = '1.2.840.113549.1.9.1'

/** Mailboxes that stand in a subject, where old certificates have them. */
export function emailsOfSubject(subject: Uint8Array): readonly string[] {
  return elementsOf(only(subject, TAG.sequence).content).flatMap(({ content }) =>
    elementsOf(content).flatMap((attribute) => {
      const [id, value] = elementsOf(expectTag(attribute, TAG.sequence).content)
      return oidOf(id) === EMAIL_ADDRESS && value !== undefined ? [asciiOf(value.content)] : []
    }),
  )
}
