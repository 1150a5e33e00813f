/** `verify: cloudflare`: the platform has verified the chain; what is left is whether it succeeded, who issued the certificate, and who holds it. */
import type { CertificateTrust, CertificateVerification } from '../../../config/certificate-trust.ts'
import type { CertificateFinding } from '../../policy/identity.ts'
import type { ConnectionFacts } from './connection-facts.ts'
import { type Holder, hold, refuse } from './holder.ts'
import { octetsOf } from './octets.ts'
import type { Certificate } from './parse-certificate.ts'
import { parseCertificate } from './parse-certificate.ts'
import { Remembered } from './remembered.ts'

type ByCloudflare = Extract<CertificateVerification, { kind: 'cloudflare' }>

export function cloudflareJudge(trust: CertificateTrust, { issuers, trustDomains = [] }: ByCloudflare) {
  const revoked = new Set(trust.revoked)
  const allowed = new Set(issuers)
  const leaves = new Remembered<Certificate>()

  const leafOf = (base64: string): Certificate | undefined => {
    const known = leaves.get(base64)
    if (known !== undefined) return known
    const octets = octetsOf(base64)
    const parsed = octets === undefined ? undefined : parseCertificate(octets)
    if (parsed !== undefined) leaves.keep(base64, parsed)
    return parsed
  }

  return (facts: ConnectionFacts): CertificateFinding => {
    const { fingerprint } = facts
    if (facts.verified !== 'SUCCESS') return refuse(`Cloudflare says ${facts.verified || 'nothing'}`, fingerprint)
    if (facts.revoked) return refuse('Cloudflare says that it is revoked', fingerprint)
    if (allowed.size > 0 && !allowed.has(facts.issuer))
      return refuse(`its issuer ${facts.issuer || 'without a key identifier'} is not among the issuers`, fingerprint)
    if (!/^[0-9a-f]{64}$/.test(fingerprint)) return refuse('Cloudflare does not say its fingerprint', fingerprint)
    const leaf = leafOf(facts.leaf)
    if (leaf === undefined) return refuse(facts.leaf === '' ? 'Cloudflare did not hand it over' : 'it is malformed', fingerprint)
    const holder: Holder = { trust: trust.id, leaf, path: [leaf], fingerprints: [fingerprint], trustDomains, revoked }
    // What came with the leaf is the client's choice: Cloudflare does not say which of it the verdict rests on.
    return hold(holder, { subject: facts.subject, leaf: facts.leaf, chain: [] })
  }
}
