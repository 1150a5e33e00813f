/**
 * Certificates of authorities as a configuration names them, and how whoever checks it reads them: an argument, because this folder knows no
 * files and no cryptography.
 */
import type { Reading } from './fields.ts'
import type { Instant } from './units.ts'

export interface CertificateReader {
  /** The text of a file that a configuration names, seen from its own folder. */
  readonly file: (path: string) => Reading<string>
  /** Undefined when it is no certificate. */
  readonly authority: (base64: string) => AuthorityFacts | undefined
}

export interface AuthorityFacts {
  /** What people call it: its subject. */
  readonly name: string
  readonly notBefore: Instant
  readonly notAfter: Instant
  /** Its public key, for comparing. */
  readonly key: string
  /** Why nobody should trust it as an authority: `is no authority (no CA flag)`. */
  readonly problem?: string
}
