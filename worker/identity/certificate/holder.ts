/** Who holds a certificate whose chain is good: its names, as far as somebody vouches for them, unless it was revoked. */
import type { TrustId } from '../../../config/ids.ts'
import type { CertificateFinding, VerifiedCertificate } from '../../policy/identity.ts'
import { alternativeNames, spiffeOf } from './names.ts'
import type { Certificate } from './parse-certificate.ts'

export interface Holder {
  readonly trust: TrustId
  readonly leaf: Certificate
  /** From the leaf upwards, as far as it can be revoked. */
  readonly path: readonly Certificate[]
  /** Of each of the path. */
  readonly fingerprints: readonly string[]
  readonly trustDomains: readonly string[]
  readonly revoked: ReadonlySet<string>
}

export function hold(holder: Holder, said: Pick<VerifiedCertificate, 'subject' | 'leaf' | 'chain'>): CertificateFinding {
  const { trust, leaf, path, fingerprints, trustDomains, revoked } = holder
  const [fingerprint = ''] = fingerprints
  const [depth] = path.flatMap(({ serial }, index) => (revoked.has(serial) || revoked.has(fingerprints[index] ?? '') ? [index] : []))
  if (depth !== undefined)
    return refuse(depth === 0 ? 'it is on the list of revoked ones' : 'an authority of its path is revoked', fingerprint)
  const names = alternativeNames(leaf)
  if (names === undefined) return refuse('its alternative names are malformed', fingerprint)
  const { dns, uris } = names
  const verified: VerifiedCertificate = { kind: 'verified', trust, fingerprint, dns, uris, ...said }
  const spiffe = spiffeOf(uris)
  switch (spiffe.kind) {
    case 'none':
      return verified
    case 'refused':
      return refuse(spiffe.reason, fingerprint)
    case 'id':
      return trustDomains.includes(spiffe.trustDomain)
        ? { ...verified, spiffe: spiffe.id }
        : refuse(`its authority does not vouch for the trust domain ${spiffe.trustDomain}`, fingerprint)
    default:
      return spiffe satisfies never
  }
}

export const refuse = (reason: string, fingerprint: string): CertificateFinding => ({
  kind: 'refused',
  reason,
  ...(fingerprint === '' ? {} : { fingerprint }),
})
