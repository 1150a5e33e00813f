/** What the token of a request proves, by the issuers that its host takes. */
import type { AdmissionBase } from '../../config/admission.ts'
import { NO_TOKEN } from '../policy/identity.ts'
import type { IdentityPorts } from './identify.ts'

export function tokenFinder(_admission: AdmissionBase): IdentityPorts['findToken'] {
  return () => NO_TOKEN
}
