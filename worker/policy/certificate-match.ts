/** Whether a verified certificate is one of those that a condition names. What was not verified is not asked: it holds no condition. */
import type { CertificateMatch } from '../../config/certificate-trust.ts'
import { takes } from '../../config/hosts.ts'
import type { VerifiedCertificate } from './identity.ts'

/** The names by which a certificate is known, and whose word they are. */
export type CertificateNames = Pick<VerifiedCertificate, 'trust' | 'spiffe' | 'dns' | 'fingerprint'>

/** Of several fields each must hold, of a list one. A condition without any holds for every verified certificate. */
export function certificateHolds({ trust, spiffe, dns, fingerprints }: CertificateMatch, certificate: CertificateNames): boolean {
  if (trust !== undefined && trust !== certificate.trust) return false
  if (fingerprints !== undefined && !fingerprints.includes(certificate.fingerprint)) return false
  if (dns !== undefined && !dns.some((pattern) => certificate.dns.some((name) => takes(pattern, name)))) return false
  if (spiffe === undefined) return true
  const id = certificate.spiffe
  return id !== undefined && spiffe.some((pattern) => takesId(pattern, id))
}

/** `spiffe://example.org/ns/shop/*` takes what is below `/ns/shop/`, at any depth, and not `/ns/shop` itself. */
const takesId = (pattern: string, id: string): boolean =>
  pattern.endsWith('/*') ? id.length >= pattern.length && id.startsWith(pattern.slice(0, -1)) : pattern === id
