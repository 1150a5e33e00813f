/**
 * `X-Forwarded-Client-Cert` as Envoy writes it with `set_current_client_cert_details` and everything in it on: `By`, `Hash`, `Cert`, `Chain`,
 * `Subject`, `URI`, `DNS`. A verified certificate can hold any text: what would begin another pair or element is quoted or escaped here.
 */
import type { VerifiedCertificate } from './identity.ts'

/** `by`: what the edge calls itself, a URI; it stands where Envoy has the one of its own certificate. */
export function writeXfcc({ fingerprint, subject, uris, dns, leaf, chain }: VerifiedCertificate, by: string): string {
  const pairs = [`By=${quoteIfNeeded(by)}`, `Hash=${fingerprint}`]
  const pem = encodePem(leaf)
  pairs.push(`Cert="${pem}"`, `Chain="${pem}${chain.map(encodePem).join('')}"`, `Subject="${escapeSubject(subject)}"`)
  for (const uri of uris) pairs.push(`URI=${quoteIfNeeded(uri)}`)
  for (const name of dns) pairs.push(`DNS=${quoteIfNeeded(name)}`)
  return pairs.join(';')
}

const LINE = /.{1,64}/g
const PEM_RESERVED = /[+/=]/g
const PEM_ENCODED: Readonly<Record<string, string>> = { '+': '%2B', '/': '%2F', '=': '%3D' }

/** PEM with the characters that Envoy encodes, and no others. `der` is base64, which holds nothing else. */
function encodePem(der: string): string {
  const lines = der.match(LINE) ?? []
  const body = lines.map((line) => line.replace(PEM_RESERVED, (sign) => PEM_ENCODED[sign] ?? sign)).join('%0A')
  return `-----BEGIN%20CERTIFICATE-----%0A${body}%0A-----END%20CERTIFICATE-----%0A`
}

/** An escape of RFC 4514, a backslash that begins none, a quote, and what no header holds. */
const SUBJECT_SPECIAL = /\\(?:[ "#+,;<=>]|[0-9A-Fa-f]{2})|\\\\?|"|[^\x20-\x7e]/gu

/**
 * A distinguished name (RFC 4514) between quotes. A quote is `\"`, as Envoy has it; a backslash is the pair of digits that RFC 4514 allows in
 * its place, so that a quote is escaped for readers that count backslashes and for those that do not.
 */
function escapeSubject(subject: string): string {
  return subject.replace(SUBJECT_SPECIAL, (found) => {
    if (found === '"' || found === '\\"') return '\\"'
    if (found.startsWith('\\')) return found === '\\' || found === '\\\\' ? '\\5C' : found
    return escapeBytes(found, '\\')
  })
}

const VALUE_SPECIAL = /["\\]|[^\x21-\x7e]/gu
const NEEDS_QUOTES = /[,;=]/

/** A URI or a DNS name: what neither of them holds is percent-encoded, quotes among it. */
function quoteIfNeeded(value: string): string {
  const safe = value.replace(VALUE_SPECIAL, (found) => escapeBytes(found, '%'))
  return NEEDS_QUOTES.test(safe) ? `"${safe}"` : safe
}

const utf8 = new TextEncoder()

const escapeBytes = (text: string, before: string): string =>
  Array.from(utf8.encode(text), (byte) => before + byte.toString(16).toUpperCase().padStart(2, '0')).join('')
