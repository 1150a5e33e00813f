/** Whether a certificate is signed, and its key made, as can be relied on and verified here. */
import { type Certificate, EC, RSA } from './parse-certificate.ts'

const SIGNATURES: ReadonlyMap<string, string> = new Map([
  ['1.2.840.113549.1.1.11', 'RSA with SHA-256'],
  ['1.2.840.113549.1.1.12', 'RSA with SHA-384'],
  ['1.2.840.113549.1.1.13', 'RSA with SHA-512'],
  ['1.2.840.10045.4.3.2', 'ECDSA with SHA-256'],
  ['1.2.840.10045.4.3.3', 'ECDSA with SHA-384'],
  ['1.2.840.10045.4.3.4', 'ECDSA with SHA-512'],
])

/** What operators call those that are refused. */
const REFUSED: ReadonlyMap<string, string> = new Map([
  ['1.2.840.113549.1.1.4', 'RSA with MD5'],
  ['1.2.840.113549.1.1.5', 'RSA with SHA-1'],
  ['1.2.840.10045.4.1', 'ECDSA with SHA-1'],
  ['1.2.840.113549.1.1.10', 'RSA-PSS'],
  ['1.3.101.112', 'Ed25519'],
])

/** P-256, P-384, P-521. */
const CURVES = ['1.2.840.10045.3.1.7', '1.3.132.0.34', '1.3.132.0.35']
const ED25519 = '1.3.101.112'
const RSA_BITS_MIN = 2048
/** A larger one costs a request more to verify than all the rest of it. */
const RSA_BITS_MAX = 8192

/** Why it cannot be relied on; undefined when it can. */
export const weakness = (certificate: Certificate): string | undefined => weakSignature(certificate) ?? weakKey(certificate)

function weakSignature({ signedWith }: Certificate): string | undefined {
  return SIGNATURES.has(signedWith) ? undefined : `is signed with ${REFUSED.get(signedWith) ?? signedWith}`
}

function weakKey({ key: { algorithm, bits = 0, curve = '' } }: Certificate): string | undefined {
  switch (algorithm) {
    case RSA:
      return bits >= RSA_BITS_MIN && bits <= RSA_BITS_MAX ? undefined : `has an RSA key of ${bits} bits`
    case EC:
      return CURVES.includes(curve) ? undefined : `has a key on the curve ${curve}`
    case ED25519:
      return undefined
    default:
      return `has a key of kind ${algorithm}`
  }
}
