/** The names of a certificate's holder: its subject alternative names (RFC 5280 section 4.2.1.6), and its SPIFFE id where it has one. */
import { asciiOf, elementsOf, Malformed, only, TAG } from './der.ts'
import { type Certificate, EXTENSION, orUndefined } from './parse-certificate.ts'

export interface AlternativeNames {
  readonly emails: readonly string[]
  /** In lower case. */
  readonly dns: readonly string[]
  readonly uris: readonly string[]
  /** Names of directories as DER, and addresses as octets: 4 or 16. */
  readonly directories: readonly Uint8Array[]
  readonly addresses: readonly Uint8Array[]
  /** Tags of names of other kinds, which nothing here reads. */
  readonly others: readonly number[]
}

/** Undefined when they are malformed; all empty when it has none. */
export const alternativeNames = (certificate: Certificate): AlternativeNames | undefined => orUndefined(() => read(certificate))

export const NAME_TAG = { email: 0x81, dns: 0x82, directory: 0xa4, uri: 0x86, address: 0x87 } as const

function read({ extensions }: Certificate): AlternativeNames {
  const extension = extensions.get(EXTENSION.subjectAltName)
  const names = extension === undefined ? [] : elementsOf(only(extension.value, TAG.sequence).content)
  const tagged = (tag: number) => names.filter((name) => name.tag === tag).map(({ content }) => content)
  const addresses = tagged(NAME_TAG.address)
  if (addresses.some(({ length }) => length !== 4 && length !== 16)) throw new Malformed('an address of another length')
  return {
    emails: tagged(NAME_TAG.email).map(asciiOf),
    dns: tagged(NAME_TAG.dns).map((content) => asciiOf(content).toLowerCase()),
    uris: tagged(NAME_TAG.uri).map(asciiOf),
    directories: tagged(NAME_TAG.directory).map((content) => only(content, TAG.sequence).whole),
    addresses,
    others: names.map(({ tag }) => tag).filter((tag) => !Object.values<number>(NAME_TAG).includes(tag)),
  }
}

export type SpiffeFinding =
  | { readonly kind: 'none' }
  | { readonly kind: 'id'; readonly id: string; readonly trustDomain: string }
  | { readonly kind: 'refused'; readonly reason: string }

const ID_MAX = 2048
const ID = /^spiffe:\/\/([a-z0-9._-]{1,255})((?:\/[A-Za-z0-9._-]+)*)$/

/** A certificate with a SPIFFE id has exactly one URI (SPIFFE, "X.509-SVID", section 2), and the id is written in one way. */
export function spiffeOf(uris: readonly string[]): SpiffeFinding {
  const id = uris.find((uri) => /^spiffe:/i.test(uri))
  if (id === undefined) return { kind: 'none' }
  if (uris.length > 1) return { kind: 'refused', reason: `it has ${uris.length} URI names, and a SPIFFE id must be the only one` }
  const [, trustDomain, path = ''] = ID.exec(id) ?? []
  const dots = path.split('/').some((segment) => segment === '.' || segment === '..')
  if (trustDomain === undefined || dots || id.length > ID_MAX) return { kind: 'refused', reason: 'its SPIFFE id is malformed' }
  return { kind: 'id', id, trustDomain }
}
