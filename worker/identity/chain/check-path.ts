/**
 * The rules for a path that the library does not enforce, or not for every certificate of it (RFC 5280 section 6.1): strength, extensions that
 * nobody understands, path length, what keys may be used for. Signatures and the rest are the library's, names are `check-names.ts`'s.
 */
import type { Instant } from '../../../config/units.ts'
import { ANY_USAGE, CLIENT_AUTH, type Powers, powersOf } from '../certificate/authority.ts'
import { sameOctets } from '../certificate/der.ts'
import { type Certificate, EXTENSION } from '../certificate/parse-certificate.ts'
import { weakness } from '../certificate/strength.ts'

/** From the leaf to the trusted authority, both included. */
export type Path = readonly Certificate[]

/** Those that are acted upon here, and those on policies, which the library processes. */
const UNDERSTOOD: ReadonlySet<string> = new Set([...Object.values(EXTENSION), '2.5.29.32', '2.5.29.33', '2.5.29.36', '2.5.29.54'])

/** Why the path is no good; undefined when nothing here speaks against it. */
export function checkPath(path: Path, now: Instant): string | undefined {
  for (const [index, certificate] of path.entries()) {
    const problem =
      checkOne(certificate, now) ??
      (index === 0 ? checkLeaf(certificate) : checkAuthority(certificate, path.slice(1, index), index === path.length - 1))
    if (problem !== undefined) return `${called(index, path)} ${problem}`
  }
  return undefined
}

/** What the log calls the certificates of a path. */
export function called(index: number, path: Path): string {
  if (index === 0) return 'the certificate'
  return index === path.length - 1 ? 'the trusted authority' : `the authority ${index} above it`
}

function checkOne(certificate: Certificate, now: Instant): string | undefined {
  const { notBefore, notAfter, extensions, version } = certificate
  if (now < notBefore) return 'is not valid yet'
  if (now > notAfter) return 'has expired'
  if (version !== 3) return `is of version ${version}`
  const unknown = [...extensions].find(([id, { critical }]) => critical && !UNDERSTOOD.has(id))
  if (unknown !== undefined) return `has the critical extension ${unknown[0]}, which is not understood`
  return weakness(certificate)
}

function checkLeaf(leaf: Certificate): string | undefined {
  const powers = powersOf(leaf)
  if (powers === undefined) return 'has a malformed extension'
  if (powers.isAuthority || powers.keyUsage?.keyCertSign === true) return 'is an authority, not a client'
  if (powers.keyUsage?.digitalSignature === false) return 'may not be used for signatures, which a handshake needs'
  return powers.extendedKeyUsage?.includes(CLIENT_AUTH) === false ? 'is not for clients (no clientAuth)' : undefined
}

/** `below`: the authorities between it and the leaf. */
function checkAuthority(authority: Certificate, below: Path, trusted: boolean): string | undefined {
  const powers: Powers | undefined = powersOf(authority)
  if (powers === undefined) return 'has a malformed extension'
  if (!powers.isAuthority) return 'is no authority (no CA flag)'
  if (powers.keyUsage?.keyCertSign === false) return 'may not sign certificates (no keyCertSign)'
  const counted = below.filter(({ issuer, subject }) => !sameOctets(issuer, subject)).length
  if (powers.pathLength !== undefined && counted > powers.pathLength)
    return `allows ${powers.pathLength} authorities below it, and there are ${counted}`
  const { extendedKeyUsage: usage } = powers
  // What the operator trusts is trusted for this.
  if (trusted || usage === undefined || usage.includes(CLIENT_AUTH) || usage.includes(ANY_USAGE)) return undefined
  return 'may not issue for clients (no clientAuth)'
}
