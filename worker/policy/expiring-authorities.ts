/** Which authorities of the operator's own end soon: whoever holds a certificate of theirs is then refused. */
import { type CertificateTrust, EXPIRY_NOTICE } from '../../config/certificate-trust.ts'
import type { ExpiringAuthority } from '../../config/status.ts'
import { between, type Instant } from '../../config/units.ts'

/** The next to end first. */
export function expiringAuthorities(trusts: readonly CertificateTrust[], now: Instant): readonly ExpiringAuthority[] {
  const held = trusts.flatMap(({ id, verify }) =>
    verify.kind === 'bundle'
      ? verify.authorities.map(({ name, notAfter }) => ({ trust: id, name, expiresIn: between(now, notAfter) }))
      : [],
  )
  return held.filter(({ expiresIn }) => expiresIn < EXPIRY_NOTICE).sort((a, b) => a.expiresIn - b.expiresIn)
}
