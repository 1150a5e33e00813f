/** Conditions on SPIFFE ids of trust domains that nobody vouches for where they are asked: no client can have such an id. */

import type { CertificateMatch } from '../certificate-trust.ts'
import type { Path } from '../defect.ts'
import { own } from '../document.ts'
import type { GatewayFile } from '../parse-gateway.ts'
import { type Findings, few, isSaid, lostFields, refuse } from './findings.ts'
import { type AdmissionFile, allOf, judgesOf } from './judged-by.ts'

/** What says for which domains a trust vouches, and where it counts. */
const VOUCHING: ReadonlySet<string> = new Set(['trustDomains', 'authorities'])
const TAKING: ReadonlySet<string> = new Set(['hosts', 'certificates'])

export function refuseStrangeDomains(file: GatewayFile, findings: Findings): void {
  if (!isSaid('trusts', findings) || !isSaid('admission', findings)) return
  if (lostFields(['trusts'], VOUCHING, findings, 'list') || lostFields(['admission'], TAKING, findings, 'list')) return
  for (const [index, admission] of file.admission.entries())
    for (const [place, { certificate }] of (admission.authorization?.rules ?? []).entries())
      refuseStrange(certificate, vouchedFor(file, [admission]), ['admission', index, 'authorization', 'rules', place], findings)
  for (const [index, { hosts, admission, certificate: chosenBy }] of file.routes.entries()) {
    const rules = admission?.authorization?.rules ?? []
    if (rules.length === 0 && chosenBy === undefined) continue
    const vouched = vouchedFor(
      file,
      hosts.flatMap((host) => allOf(judgesOf(file, host)).map((judge) => judge.admission)),
    )
    refuseStrange(chosenBy, vouched, ['routes', index], findings)
    for (const [place, { certificate }] of rules.entries())
      refuseStrange(certificate, vouched, ['routes', index, 'admission', 'authorization', 'rules', place], findings)
  }
}

/** Undefined where no certificate counts, which is a defect of its own. */
function vouchedFor({ trusts }: GatewayFile, admissions: readonly AdmissionFile[]): ReadonlySet<string> | undefined {
  const named = new Set(admissions.flatMap(({ certificates }) => certificates))
  if (named.size === 0) return undefined
  const domains = [...named].flatMap((name) => {
    const { trustDomains = [], authorities = [] } = own(trusts, name) ?? {}
    return [...trustDomains, ...authorities.flatMap((authority) => authority.trustDomains ?? [])]
  })
  return new Set(domains)
}

function refuseStrange(
  match: CertificateMatch | undefined,
  vouched: ReadonlySet<string> | undefined,
  path: Path,
  findings: Findings,
): void {
  for (const [index, id] of (vouched === undefined ? [] : (match?.spiffe ?? [])).entries()) {
    const [, , domain = ''] = id.split('/')
    if (vouched?.has(domain)) continue
    const expected = `a trust domain that a trust of its hosts vouches for: ${few([...(vouched ?? [])])}`
    refuse(findings, { code: 'TRUST_DOMAIN_UNVOUCHED', path: [...path, 'certificate', 'spiffe', index], expected })
  }
}
