/** What trusts must not contradict, and the certificates that they name: readable, of authorities, good for more than a moment. */
import type { CertificateReader } from '../authority.ts'
import type { TrustedAuthority } from '../certificate-trust.ts'
import type { Path } from '../defect.ts'
import type { GatewayFile } from '../parse-gateway.ts'
import { readRevoked } from '../schema/trusts.ts'
import { type Findings, isSure, refuse } from './findings.ts'
import { NOT_HERE } from './not-here.ts'
import { readAuthorities, refuseSharedDomains, type Voucher, vouchersOf } from './trusted-authorities.ts'

export interface LinkedTrust {
  /** With `verify: bundle`, and only then. */
  readonly authorities: readonly TrustedAuthority[]
  /** Those of the file among them. */
  readonly revoked: readonly string[]
}

type TrustFile = GatewayFile['trusts'][string]

/** By name. `reader` is absent where nothing can be read: what would have to be is a defect there. */
export function linkTrusts(
  { trusts }: GatewayFile,
  reader: CertificateReader | undefined,
  findings: Findings,
): ReadonlyMap<string, LinkedTrust> {
  const linked = new Map<string, LinkedTrust>()
  const vouchers: Voucher[] = []
  for (const [name, trust] of Object.entries(trusts)) {
    const path = ['trusts', name]
    refuseMisplaced(trust, path, findings)
    const found = trust.verify === 'bundle' ? readAuthorities(trust.authorities ?? [], [...path, 'authorities'], reader, findings) : []
    vouchers.push(...vouchersOf(found), ...zoneVoucher(name, trust))
    linked.set(name, {
      authorities: found.map(({ trusted }) => trusted),
      revoked: [...new Set([...trust.revoked, ...readRevokedFile(trust, path, reader, findings)])],
    })
  }
  refuseSharedDomains(vouchers, findings)
  return linked
}

/** The authorities of the zone that a trust names. */
const zoneVoucher = (name: string, { verify, trustDomains, issuers }: TrustFile): readonly Voucher[] =>
  verify === 'bundle' || trustDomains === undefined
    ? []
    : [{ path: ['trusts', name], domains: trustDomains, keys: issuers ?? [], name: `the issuers of ${name}` }]

function refuseMisplaced(trust: TrustFile, path: Path, findings: Findings): void {
  const misplaced = trust.verify === 'bundle' ? (['issuers', 'trustDomains'] as const) : (['authorities'] as const)
  for (const field of misplaced) {
    if (trust[field] === undefined) continue
    const suggestion = field === 'trustDomains' ? 'say "trustDomains" of each authority' : undefined
    refuse(findings, {
      code: 'FIELD_WITHOUT_EFFECT',
      path: [...path, field],
      expected: `no field "${field}" with "verify: ${trust.verify}"`,
      found: `"${field}"`,
      atKey: true,
      suggestion,
    })
  }
  const isKnown = (field: string) => isSure([...path, field], findings)
  if (trust.verify === 'bundle' && (trust.authorities ?? []).length === 0 && isKnown('authorities'))
    refuse(findings, { code: 'COUNT_OUT_OF_RANGE', path: [...path, 'authorities'], expected: 'at least one authority, or nobody gets in' })
  if (trust.verify === 'bundle') return
  if (trust.issuers?.length === 0 && isKnown('issuers'))
    refuse(findings, {
      code: 'COUNT_OUT_OF_RANGE',
      path: [...path, 'issuers'],
      expected: 'at least one issuer, or no field "issuers" for any',
    })
  if (trust.trustDomains !== undefined && trust.issuers === undefined && isKnown('issuers')) {
    const expected = 'a field "issuers" beside it: any authority of the zone could vouch for these trust domains'
    refuse(findings, { code: 'TRUST_UNBOUND', path: [...path, 'trustDomains'], expected, found: `"trustDomains"`, atKey: true })
  }
}

const REVOKED_MAX = 100_000

function readRevokedFile(
  { revokedFile }: TrustFile,
  path: Path,
  reader: CertificateReader | undefined,
  findings: Findings,
): readonly string[] {
  if (revokedFile === undefined) return []
  const at = [...path, 'revokedFile']
  const text = reader?.file(revokedFile) ?? NOT_HERE
  if (!('value' in text)) {
    refuse(findings, { code: 'FILE_UNREADABLE', path: at, expected: text.expected })
    return []
  }
  const revoked: string[] = []
  for (const [index, line] of text.value.split('\n').entries()) {
    const written = line.replace(/#.*/, '').trim()
    if (written === '') continue
    const reading = readRevoked(written)
    if ('value' in reading) revoked.push(reading.value)
    else refuse(findings, { code: 'VALUE_MALFORMED', path: at, expected: `${reading.expected} in line ${index + 1} of the file` })
    if (revoked.length <= REVOKED_MAX) continue
    refuse(findings, { code: 'COUNT_OUT_OF_RANGE', path: at, expected: `at most ${REVOKED_MAX} lines` })
    break
  }
  return revoked
}
