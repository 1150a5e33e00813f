/** Writes a trust of certificates out as the base holds it. */
import type { CertificateTrust, CertificateVerification } from './certificate-trust.ts'
import { trustId } from './ids.ts'
import type { LinkedTrust } from './link/trusts.ts'
import type { GatewayFile } from './parse-gateway.ts'

type TrustFile = GatewayFile['trusts'][string]

export function compileTrust(name: string, file: TrustFile, { authorities, revoked }: LinkedTrust = NOTHING_READ): CertificateTrust {
  return { id: trustId(name), verify: verificationOf(file, authorities), revoked }
}

const NOTHING_READ: LinkedTrust = { authorities: [], revoked: [] }

function verificationOf(
  { verify, issuers = [], trustDomains }: TrustFile,
  authorities: LinkedTrust['authorities'],
): CertificateVerification {
  switch (verify) {
    case 'cloudflare':
      return { kind: verify, issuers, ...(trustDomains === undefined ? {} : { trustDomains }) }
    case 'bundle':
      return { kind: verify, authorities }
    default:
      return verify satisfies never
  }
}
