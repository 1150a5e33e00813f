/**
 * Name constraints (RFC 5280 section 4.2.1.10) of every authority of a path on every certificate below it. The library lets a certificate pass
 * when one of its names is permitted, and joins what two authorities permit; each name must be permitted by each authority.
 */
import { hexOf } from '../../../config/hex.ts'
import { asciiOf, type Element, elementsOf, Malformed, only, sameOctets, TAG } from '../certificate/der.ts'
import { type AlternativeNames, alternativeNames, NAME_TAG } from '../certificate/names.ts'
import { type Certificate, EXTENSION, orUndefined } from '../certificate/parse-certificate.ts'
import { called, type Path } from './check-path.ts'
import { directoryWithin, dnsOverlaps, dnsWithin, emailsOfSubject, emailWithin, networkHolds, uriWithin } from './within.ts'

interface Constraints {
  readonly permitted: readonly Element[]
  readonly excluded: readonly Element[]
}

/** Why a name of the path is not allowed; undefined when all are. */
export function checkNames(path: Path): string | undefined {
  for (const [above, authority] of path.entries()) {
    const extension = authority.extensions.get(EXTENSION.nameConstraints)
    if (extension === undefined) continue
    const constraints = orUndefined(() => readConstraints(extension.value))
    if (constraints === undefined) return `${called(above, path)} has malformed name constraints`
    for (const [index, certificate] of path.slice(0, above).entries()) {
      // An authority's own new key (RFC 5280 section 6.1.3, b and c): it may name itself.
      if (index > 0 && sameOctets(certificate.issuer, certificate.subject)) continue
      const names = alternativeNames(certificate)
      const problem = names === undefined ? 'has malformed names' : orUndefined(() => judge(certificate, names, constraints) ?? '')
      if (problem === '') continue
      return `${called(index, path)} ${problem ?? 'has malformed names'} (constraints of ${called(above, path)})`
    }
  }
  return undefined
}

const PERMITTED_TAG = 0xa0
const EXCLUDED_TAG = 0xa1

function readConstraints(value: Uint8Array): Constraints {
  const parts = elementsOf(only(value, TAG.sequence).content)
  if (parts.some(({ tag }) => tag !== PERMITTED_TAG && tag !== EXCLUDED_TAG)) throw new Malformed('name constraints')
  const of = (tag: number) =>
    parts.filter((part) => part.tag === tag).flatMap(({ content }) => elementsOf(content).map(({ content: subtree }) => baseOf(subtree)))
  return { permitted: of(PERMITTED_TAG), excluded: of(EXCLUDED_TAG) }
}

/** Minimum and maximum are not used (RFC 5280 section 4.2.1.10). */
function baseOf(subtree: Uint8Array): Element {
  const [base, ...bounds] = elementsOf(subtree)
  if (base === undefined || bounds.length > 0) throw new Malformed('a subtree with bounds')
  return base
}

/** One kind of name: those that a certificate has, and how a constraint takes one. */
interface Kind {
  readonly tag: number
  readonly what: string
  readonly names: readonly (string | Uint8Array)[]
  readonly within: (name: string | Uint8Array, base: Uint8Array) => boolean
  /** For exclusions: part of what the name stands for is within. */
  readonly overlaps?: (name: string | Uint8Array, base: Uint8Array) => boolean
}

const EMPTY_NAME_LENGTH = 2

function kindsOf(certificate: Certificate, names: AlternativeNames): readonly Kind[] {
  const subject = certificate.subject.length > EMPTY_NAME_LENGTH ? [certificate.subject] : []
  const emails = [...names.emails, ...emailsOfSubject(certificate.subject)]
  const asText = (test: (name: string, base: string) => boolean) => (name: string | Uint8Array, base: Uint8Array) =>
    typeof name === 'string' && test(name, asciiOf(base))
  const asOctets = (test: (name: Uint8Array, base: Uint8Array) => boolean) => (name: string | Uint8Array, base: Uint8Array) =>
    typeof name !== 'string' && test(name, base)
  return [
    { tag: NAME_TAG.dns, what: 'DNS name', names: names.dns, within: asText(dnsWithin), overlaps: asText(dnsOverlaps) },
    { tag: NAME_TAG.uri, what: 'URI', names: names.uris, within: asText(uriWithin) },
    { tag: NAME_TAG.email, what: 'email address', names: emails, within: asText(emailWithin) },
    { tag: NAME_TAG.address, what: 'address', names: names.addresses, within: asOctets(networkHolds) },
    { tag: NAME_TAG.directory, what: 'directory name', names: [...subject, ...names.directories], within: asOctets(directoryWithin) },
  ]
}

function judge(certificate: Certificate, names: AlternativeNames, { permitted, excluded }: Constraints): string | undefined {
  const kinds = kindsOf(certificate, names)
  for (const { tag, what, names: held, within, overlaps = within } of kinds) {
    const allowed = permitted.filter((base) => base.tag === tag)
    const banned = excluded.filter((base) => base.tag === tag)
    for (const name of held) {
      const shown = typeof name === 'string' ? `${what} ${name}` : what
      if (allowed.length > 0 && !allowed.some(({ content }) => within(name, content))) return `has a ${shown} that is not permitted`
      if (banned.some(({ content }) => overlaps(name, content))) return `has a ${shown} that is excluded`
    }
  }
  // A constraint on a kind that is not read here refuses whoever has such a name.
  const unread = [...permitted, ...excluded].find(({ tag }) => names.others.includes(tag))
  return unread === undefined ? undefined : `has a constrained name of a kind that is not read (${hexOf(Uint8Array.of(unread.tag))})`
}
