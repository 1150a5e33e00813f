/** Reads the certificates that a configuration names, for whoever checks it: with the same reader of DER and the same rules as the gateway. */
import { X509Certificate } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { AuthorityFacts, CertificateReader } from '../config/authority.ts'
import type { Reading } from '../config/fields.ts'
import { hexOf } from '../config/hex.ts'
import { powersOf } from '../worker/identity/certificate/authority.ts'
import { octetsOf } from '../worker/identity/certificate/octets.ts'
import { type Certificate, parseCertificate } from '../worker/identity/certificate/parse-certificate.ts'
import { weakness } from '../worker/identity/certificate/strength.ts'

/** A list of 100,000 revoked fingerprints has 6.5 MB. */
const FILE_MAX = 8 * 1024 * 1024

/** `folder`: of the configuration. */
export const certificateReader = (folder: string): CertificateReader => ({ file: (path) => readText(resolve(folder, path)), authority })

function readText(path: string): Reading<string> {
  try {
    if (statSync(path).size > FILE_MAX) return { expected: `a file of at most ${FILE_MAX / 1024 / 1024} MiB` }
    return { value: readFileSync(path, 'utf8') }
  } catch (error) {
    return { expected: `a file that can be read (${(error as NodeJS.ErrnoException).code ?? 'it cannot'})` }
  }
}

function authority(base64: string): AuthorityFacts | undefined {
  const octets = octetsOf(base64)
  const certificate = octets === undefined ? undefined : parseCertificate(octets)
  if (octets === undefined || certificate === undefined) return undefined
  const { notBefore, notAfter, key } = certificate
  const problem = problemOf(certificate)
  const facts = { name: nameOf(octets), notBefore, notAfter, key: hexOf(key.info) }
  return problem === undefined ? facts : { ...facts, problem }
}

function problemOf(certificate: Certificate): string | undefined {
  const powers = powersOf(certificate)
  if (powers === undefined) return 'has a malformed extension'
  if (!powers.isAuthority) return 'is no authority (no CA flag)'
  if (powers.keyUsage?.keyCertSign === false) return 'may not sign certificates (no keyCertSign)'
  if (certificate.version !== 3) return `is of version ${certificate.version}`
  return weakness(certificate)
}

/** `CN=Root, O=Example`: the most telling part first. */
function nameOf(der: Uint8Array): string {
  try {
    return new X509Certificate(der).subject.split('\n').reverse().join(', ') || 'an authority without a name'
  } catch {
    return 'an authority whose name cannot be read'
  }
}
