/** Which certificates that the edge presents to endpoints end soon, by the configuration's word: those endpoints then refuse the connection. */
import { EXPIRY_NOTICE } from '../../config/certificate-trust.ts'
import type { EdgeCertificate } from '../../config/edge-certificate.ts'
import type { ExpiringCertificate } from '../../config/status.ts'
import { between, type Instant } from '../../config/units.ts'

/** The next to end first. */
export const expiringCertificates = (certificates: readonly EdgeCertificate[], now: Instant): readonly ExpiringCertificate[] =>
  certificates
    .map(({ binding, notAfter }) => ({ binding, expiresIn: between(now, notAfter) }))
    .filter(({ expiresIn }) => expiresIn < EXPIRY_NOTICE)
    .sort((a, b) => a.expiresIn - b.expiresIn)
