/** Certificates that the edge presents: each is presented to somebody, and its end is said while there is time to exchange it. */
import { EXPIRY_NOTICE } from '../certificate-trust.ts'
import type { GatewayFile } from '../parse-gateway.ts'
import { type Findings, isSure, lost, refuse } from './findings.ts'

export function linkEdgeCertificates(file: GatewayFile, findings: Findings): void {
  const presented = new Set(
    Object.values(file.pools).flatMap(({ endpoints }) => Object.values(endpoints).map(({ clientCertificate }) => clientCertificate)),
  )
  for (const [binding, { expires }] of Object.entries(file.edge.certificates)) {
    const path = ['edge', 'certificates', binding]
    if (!presented.has(binding) && isSure(['pools'], findings))
      refuse(findings, {
        code: 'FIELD_WITHOUT_EFFECT',
        path,
        expected: 'the "clientCertificate" of some endpoint',
        atKey: true,
      })
    if (lost(path, findings) || expires - findings.now >= EXPIRY_NOTICE) continue
    const day = new Date(expires).toISOString().slice(0, 10)
    const text = expires <= findings.now ? `ended on ${day}` : `ends on ${day}`
    findings.notes.push({
      code: 'CERTIFICATE_EXPIRES',
      path: [...path, 'expires'],
      text: `the client certificate of ${binding} ${text}: upload its successor, and correct the date`,
    })
  }
}
