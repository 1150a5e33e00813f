/** To whom a token is bound, by its `cnf` (RFC 7800): a client certificate (RFC 8705 section 3.1) or a key of the client (RFC 9449 section 6). */

import { base64url } from 'jose'
import type { Claims } from '../../../config/claim.ts'
import { hexOf } from '../../../config/hex.ts'
import type { TokenBinding } from '../../../config/token-issuer.ts'
import type { CertificateFinding } from '../../policy/identity.ts'

export type Confirmation =
  | { readonly kind: 'bearer' }
  /** `fingerprint`: SHA-256 in lower-case hex digits. `thumbprint`: as the token says it. One of them at least. */
  | { readonly kind: 'bound'; readonly fingerprint?: string; readonly thumbprint?: string }
  | { readonly kind: 'refused'; readonly reason: string }

const BEARER: Confirmation = { kind: 'bearer' }

/** What must be proved, beside the signature. A token that is bound in a way that nobody here knows is nobody's. */
export function confirmationOf(claims: Claims, binding: TokenBinding): Confirmation {
  const bound = readBound(claims['cnf'])
  if (bound.kind === 'refused') return bound
  const [fingerprint, thumbprint] = bound.kind === 'bound' ? [bound.fingerprint, bound.thumbprint] : []
  if (binding === 'certificate' && fingerprint === undefined) return { kind: 'refused', reason: 'it is not bound to a certificate' }
  if (binding === 'dpop' && thumbprint === undefined) return { kind: 'refused', reason: 'it is not bound to a key' }
  return bound
}

function readBound(cnf: unknown): Confirmation {
  if (cnf === undefined) return BEARER
  if (typeof cnf !== 'object' || cnf === null || Array.isArray(cnf)) return { kind: 'refused', reason: 'its cnf is no object' }
  const { 'x5t#S256': x5t, jkt } = cnf as Claims
  if (x5t === undefined && jkt === undefined) return { kind: 'refused', reason: 'its cnf binds it in a way that is not known here' }
  const fingerprint = x5t === undefined ? undefined : fingerprintOf(x5t)
  if (x5t !== undefined && fingerprint === undefined) return { kind: 'refused', reason: 'its cnf names no certificate' }
  if (jkt !== undefined && !isThumbprint(jkt)) return { kind: 'refused', reason: 'its cnf names no key' }
  return {
    kind: 'bound',
    ...(fingerprint === undefined ? {} : { fingerprint }),
    ...(typeof jkt === 'string' ? { thumbprint: jkt } : {}),
  }
}

/** 32 bytes in base64url. */
const isThumbprint = (value: unknown): value is string => typeof value === 'string' && /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/.test(value)

const fingerprintOf = (value: unknown): string | undefined => (isThumbprint(value) ? hexOf(base64url.decode(value)) : undefined)

/** Why the certificate of a connection is not the one that a token is bound to; undefined when it is. */
export function flawOfCertificate(fingerprint: string | undefined, certificate: CertificateFinding): string | undefined {
  if (fingerprint === undefined) return undefined
  if (certificate.kind === 'early') return 'it is bound to a certificate, which is not known in early data'
  if (certificate.kind !== 'verified') return 'it is bound to a certificate, and the connection has none that counts'
  return certificate.fingerprint === fingerprint ? undefined : 'it is bound to another certificate'
}
