/** The certificates of authorities that a trust names: each readable, of an authority, in force, strong, and once. */
import type { AuthorityFacts, CertificateReader } from '../authority.ts'
import { EXPIRY_NOTICE, type TrustedAuthority } from '../certificate-trust.ts'
import type { Path } from '../defect.ts'
import type { DefectCode } from '../defects.ts'
import type { Reading } from '../fields.ts'
import type { GatewayFile } from '../parse-gateway.ts'
import { readPem } from '../pem.ts'
import { type Findings, lost, refuse } from './findings.ts'
import { NOT_HERE } from './not-here.ts'

type AuthorityFile = NonNullable<GatewayFile['trusts'][string]['authorities']>[number]

export interface SeenAuthority {
  readonly trusted: TrustedAuthority
  readonly key: string
  /** Of the entry that names it. */
  readonly path: Path
}

export function readAuthorities(
  entries: readonly AuthorityFile[],
  path: Path,
  reader: CertificateReader | undefined,
  findings: Findings,
): readonly SeenAuthority[] {
  const seen: SeenAuthority[] = []
  for (const [index, entry] of entries.entries()) {
    const at = [...path, index]
    const text = textOf(entry, at, reader, findings)
    if (text === undefined || reader === undefined) continue
    for (const { facts, base64 } of certificatesIn(text, { at: [...at, text.field], reader }, findings)) {
      const { name, notAfter, key } = facts
      const twin = seen.find(({ trusted }) => trusted.certificate === base64)
      if (twin !== undefined)
        refuse(findings, {
          code: 'VALUE_REPEATED',
          path: [...at, text.field],
          expected: 'each authority once in a trust',
          found: `${name} again`,
        })
      const trustDomains = entry.trustDomains === undefined ? {} : { trustDomains: entry.trustDomains }
      seen.push({ trusted: { certificate: base64, name, notAfter, ...trustDomains }, key, path: at })
    }
  }
  return seen
}

interface Text {
  readonly field: 'file' | 'pem'
  readonly value: string
}

function textOf({ file, pem }: AuthorityFile, path: Path, reader: CertificateReader | undefined, findings: Findings): Text | undefined {
  if ((file === undefined) === (pem === undefined)) {
    const expected = 'either a field "file" or a field "pem"'
    if (!lost(path, findings))
      refuse(findings, {
        code: file === undefined ? 'FIELD_MISSING' : 'FIELDS_EXCLUSIVE',
        path,
        expected,
        found: file === undefined ? 'neither' : 'both',
      })
    return undefined
  }
  const reading: Reading<string> = pem === undefined ? (reader?.file(file ?? '') ?? NOT_HERE) : { value: pem }
  if ('value' in reading) return { field: pem === undefined ? 'file' : 'pem', value: reading.value }
  refuse(findings, { code: 'FILE_UNREADABLE', path: [...path, 'file'], expected: reading.expected })
  return undefined
}

interface Place {
  readonly at: Path
  readonly reader: CertificateReader
}

interface ReadCertificate {
  readonly base64: string
  readonly facts: AuthorityFacts
}

/** What stands in the text is never shown: it may be a key. */
function certificatesIn({ value }: Text, { at, reader }: Place, findings: Findings): readonly ReadCertificate[] {
  const complain = (code: DefectCode, expected: string, found: string) => refuse(findings, { code, path: at, expected, found })
  const blocks = readPem(value)
  if (blocks === undefined || blocks.length === 0) {
    complain(
      'CERTIFICATE_MALFORMED',
      'certificates in PEM, from "-----BEGIN CERTIFICATE-----" to "-----END CERTIFICATE-----"',
      blocks === undefined ? 'one that does not end' : 'none',
    )
    return []
  }
  return blocks.flatMap(({ label, base64 }, index) => {
    if (label !== 'CERTIFICATE') {
      const isKey = label.endsWith('PRIVATE KEY')
      complain(
        isKey ? 'PRIVATE_KEY_SHOWN' : 'CERTIFICATE_MALFORMED',
        isKey ? 'no private key: whoever reads it can pass for the authority' : 'certificates and nothing else',
        `a block "${label}"`,
      )
      return []
    }
    const facts = reader.authority(base64)
    if (facts === undefined) {
      complain('CERTIFICATE_MALFORMED', 'certificates that can be read', `certificate ${index + 1} of ${blocks.length}, which is malformed`)
      return []
    }
    judge(facts, at, findings)
    return [{ base64, facts }]
  })
}

function judge({ name, problem, notBefore, notAfter }: AuthorityFacts, path: Path, findings: Findings): void {
  if (problem !== undefined)
    refuse(findings, {
      code: 'AUTHORITY_UNFIT',
      path,
      expected: 'certificates of authorities that can be relied on',
      found: `${name}, which ${problem}`,
    })
  const until = new Date(notAfter).toISOString().slice(0, 10)
  if (findings.now > notAfter)
    refuse(findings, { code: 'AUTHORITY_EXPIRED', path, expected: 'authorities in force', found: `${name}, which expired on ${until}` })
  else if (notAfter - findings.now < EXPIRY_NOTICE)
    findings.notes.push({ code: 'AUTHORITY_EXPIRES', path, text: `${name} expires on ${until}: name its successor beside it` })
  if (findings.now < notBefore)
    findings.notes.push({
      code: 'AUTHORITY_NOT_YET_VALID',
      path,
      text: `${name} is not in force before ${new Date(notBefore).toISOString().slice(0, 10)}`,
    })
}

/** Who vouches for trust domains: what one entry names. */
export interface Voucher {
  /** Of the entry, which holds `trustDomains`. */
  readonly path: Path
  readonly domains: readonly string[]
  /** Of its authorities: two entries that have one in common are of the same. */
  readonly keys: readonly string[]
  /** What people call it. */
  readonly name: string
}

/** Of what was read, by entry. */
export function vouchersOf(seen: readonly SeenAuthority[]): readonly Voucher[] {
  const entries = new Map<Path, readonly SeenAuthority[]>()
  for (const one of seen) entries.set(one.path, [...(entries.get(one.path) ?? []), one])
  return [...entries].map(([path, held]) => {
    const { name = '', trustDomains = [] } = held[0]?.trusted ?? {}
    return { path, domains: trustDomains, keys: held.map(({ key }) => key), name }
  })
}

/**
 * A trust domain has one root of trust, whoever verifies: two entries that have no key in common would let the one pass for clients of the
 * other. Successors stand in one entry.
 */
export function refuseSharedDomains(vouchers: readonly Voucher[], findings: Findings): void {
  const owners = new Map<string, Voucher>()
  for (const voucher of vouchers) {
    for (const [index, domain] of voucher.domains.entries()) {
      const owner = owners.get(domain)
      if (owner === undefined) owners.set(domain, voucher)
      if (owner?.keys.some((key) => voucher.keys.includes(key)) ?? true) continue
      const expected = `each trust domain of one authority (${owner?.name ?? 'another'} has it)`
      refuse(findings, {
        code: 'TRUST_DOMAIN_SHARED',
        path: [...voucher.path, 'trustDomains', index],
        expected,
        suggestion: 'put the certificates of both into one entry when one follows the other',
      })
    }
  }
}
