/** What the certificate of a connection proves, by the trusts that its host names. */
import type { AdmissionBase } from '../../config/admission.ts'
import { NO_CERTIFICATE } from '../policy/identity.ts'
import type { IdentityPorts } from './identify.ts'

export function certificateFinder(_admission: AdmissionBase): IdentityPorts['findCertificate'] {
  return () => NO_CERTIFICATE
}
