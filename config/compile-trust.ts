/** Writes a trust of certificates out as the base holds it. */
import type { CertificateTrust } from './certificate-trust.ts'
import { trustId } from './ids.ts'
import type { GatewayFile } from './parse-gateway.ts'

export function compileTrust(name: string, { verify }: GatewayFile['trusts'][string]): CertificateTrust {
  const verification = verify === 'cloudflare' ? { kind: verify, issuers: [] } : { kind: verify, authorities: [] }
  return { id: trustId(name), verify: verification, revoked: [] }
}
