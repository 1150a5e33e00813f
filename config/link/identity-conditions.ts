/** Conditions on tokens and certificates that nobody could meet: no token counts where they are asked, or no certificate. */

import type { CertificateMatch } from '../certificate-trust.ts'
import type { Path } from '../defect.ts'
import type { GatewayFile } from '../parse-gateway.ts'
import type { ClaimFile } from '../schema/claims.ts'
import { isSureOfProofs } from './admission.ts'
import { type Findings, lost, refuse } from './findings.ts'
import { type AdmissionFile, allOf, judgesOf } from './judged-by.ts'

export interface IdentityConditions {
  readonly claims: readonly ClaimFile[]
  readonly certificate?: CertificateMatch | undefined
}

type Proofs = Pick<AdmissionFile, 'tokens' | 'certificates'>

/** `whose`: `of shop.example.com`. */
export function refuseUnprovable(
  asked: IdentityConditions,
  proofs: readonly Proofs[],
  at: { path: Path; whose: string },
  findings: Findings,
): void {
  const { claims, certificate } = asked
  const { path, whose } = at
  if (!isSureOfProofs(findings) || lost(path, findings)) return
  if (claims.length > 0 && !proofs.some(({ tokens }) => tokens.length > 0))
    refuse(findings, {
      code: 'PROOF_MISSING',
      path: [...path, 'claims'],
      expected: `a field "tokens" in the admission ${whose}: without a token no claim is known`,
    })
  if (certificate !== undefined && !proofs.some(({ certificates }) => certificates.length > 0))
    refuse(findings, {
      code: 'PROOF_MISSING',
      path: [...path, 'certificate'],
      expected: `a field "certificates" in the admission ${whose}: no certificate counts there`,
    })
  for (const [list, held] of Object.entries(certificate ?? {})) {
    if (held.length === 0 && !lost([...path, 'certificate', list], findings))
      refuse(findings, {
        code: 'COUNT_OUT_OF_RANGE',
        path: [...path, 'certificate', list],
        expected: `at least one, or no field "${list}" for all`,
      })
  }
}

/** The same for a route, on each of its hosts. */
export function refuseUnprovableOn(file: GatewayFile, asked: IdentityConditions, { hosts, path }: RoutePlace, findings: Findings): void {
  if (asked.claims.length === 0 && asked.certificate === undefined) return
  for (const host of hosts) {
    const proofs = allOf(judgesOf(file, host)).map(({ admission }) => admission)
    const before = findings.defects.length
    refuseUnprovable(asked, proofs, { path, whose: `of ${host}` }, findings)
    if (findings.defects.length > before) return
  }
}

interface RoutePlace {
  readonly hosts: readonly string[]
  readonly path: Path
}
