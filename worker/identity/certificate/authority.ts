/** What a certificate may do: sign others, and for what it may be used (RFC 5280 sections 4.2.1.3, 4.2.1.9 and 4.2.1.12). */
import { booleanOf, elementsOf, Malformed, oidOf, only, smallOf, TAG } from './der.ts'
import { type Certificate, EXTENSION, orUndefined } from './parse-certificate.ts'

export interface Powers {
  readonly isAuthority: boolean
  /** Authorities that may follow below it; absent: any number. */
  readonly pathLength?: number
  /** Absent: it does not say, and may do either. */
  readonly keyUsage?: { readonly digitalSignature: boolean; readonly keyCertSign: boolean }
  /** Object identifiers; absent: any. */
  readonly extendedKeyUsage?: readonly string[]
}

export const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2'
export const ANY_USAGE = '2.5.29.37.0'

/** Undefined when an extension that says so is malformed. */
export const powersOf = (certificate: Certificate): Powers | undefined => orUndefined(() => read(certificate))

function read({ extensions }: Certificate): Powers {
  const constraints = extensions.get(EXTENSION.basicConstraints)
  const usage = extensions.get(EXTENSION.keyUsage)
  const extended = extensions.get(EXTENSION.extendedKeyUsage)
  return {
    ...(constraints === undefined ? { isAuthority: false } : basicConstraints(constraints.value)),
    ...(usage === undefined ? {} : { keyUsage: keyUsage(usage.value) }),
    ...(extended === undefined ? {} : { extendedKeyUsage: elementsOf(only(extended.value, TAG.sequence).content).map(oidOf) }),
  }
}

function basicConstraints(value: Uint8Array): Pick<Powers, 'isAuthority' | 'pathLength'> {
  const parts = [...elementsOf(only(value, TAG.sequence).content)]
  const flag = parts[0]?.tag === TAG.boolean ? parts.shift() : undefined
  const [length, ...beyond] = parts
  if (beyond.length > 0 || (length !== undefined && length.tag !== TAG.integer)) throw new Malformed('basic constraints')
  const isAuthority = flag !== undefined && booleanOf(flag)
  return length === undefined ? { isAuthority } : { isAuthority, pathLength: smallOf(length) }
}

function keyUsage(value: Uint8Array): NonNullable<Powers['keyUsage']> {
  const [, bits = 0] = only(value, TAG.bitString).content
  return { digitalSignature: (bits & 0x80) !== 0, keyCertSign: (bits & 0x04) !== 0 }
}
