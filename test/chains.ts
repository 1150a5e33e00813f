/** Certificates for tests: authorities and leaves with whatever is wrong with them, and what the platform would say of a connection with one. */
import { createHash, webcrypto } from 'node:crypto'
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import type { TrustedAuthority } from '../config/certificate-trust.ts'
import { instant } from '../config/units.ts'

x509.cryptoProvider.set(webcrypto as never)

export const DAY_MS = 86_400_000
/** When most of the tests take place. */
export const NOW = Date.UTC(2026, 10, 26, 12)

export const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
export const P384 = { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' }
export const rsa = (modulusLength: number, hash = 'SHA-256') => ({
  name: 'RSASSA-PKCS1-v1_5',
  modulusLength,
  publicExponent: Uint8Array.of(1, 0, 1),
  hash,
})

export interface Made {
  readonly certificate: x509.X509Certificate
  readonly keys: webcrypto.CryptoKeyPair
  readonly algorithm: Algorithm
}

type Algorithm = typeof P256 | ReturnType<typeof rsa>

export interface Parts {
  readonly name?: string
  /** Who signs it; absent: itself. */
  readonly by?: Made
  /** The keys of another, for an authority that is signed twice. */
  readonly keys?: Made
  readonly algorithm?: Algorithm
  readonly from?: number
  readonly until?: number
  readonly extensions?: readonly x509.Extension[]
  readonly serial?: string
}

let count = 0

export async function make(parts: Parts): Promise<Made> {
  const {
    name = `CN=certificate ${count}`,
    by,
    algorithm = P256,
    from = NOW - 10 * DAY_MS,
    until = NOW + 100 * DAY_MS,
    extensions = [],
  } = parts
  count += 1
  const keys =
    parts.keys?.keys ?? ((await webcrypto.subtle.generateKey(algorithm as never, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair)
  const signer = by ?? { keys, algorithm, certificate: undefined }
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: parts.serial ?? (0x1000 + count).toString(16),
    subject: name,
    issuer: signer.certificate?.subject ?? name,
    publicKey: keys.publicKey as never,
    signingKey: signer.keys.privateKey as never,
    signingAlgorithm: signer.algorithm as never,
    notBefore: new Date(from),
    notAfter: new Date(until),
    extensions: [...extensions],
  })
  return { certificate, keys, algorithm }
}

/** For an authority; `pathLength` of those below it. */
export const ca = (pathLength?: number): x509.Extension => new x509.BasicConstraintsExtension(true, pathLength, true)
export const usage = (flags: number): x509.Extension => new x509.KeyUsagesExtension(flags, true)
export const extended = (...usages: string[]): x509.Extension => new x509.ExtendedKeyUsageExtension(usages)
export const names = (...list: x509.JsonGeneralNames): x509.Extension => new x509.SubjectAlternativeNameExtension(list)
export const { keyCertSign, digitalSignature, keyEncipherment, cRLSign } = x509.KeyUsageFlags
export const { clientAuth, serverAuth } = x509.ExtendedKeyUsage

export const makeAuthority = (parts: Parts = {}, more: readonly x509.Extension[] = []): Promise<Made> =>
  make({ ...parts, extensions: parts.extensions ?? [ca(), usage(keyCertSign), ...more] })

export const makeLeaf = (by: Made, parts: Parts = {}, more: readonly x509.Extension[] = []): Promise<Made> =>
  make({ by, ...parts, extensions: parts.extensions ?? [usage(digitalSignature), extended(clientAuth), ...more] })

const octets = (...parts: readonly (number | Uint8Array)[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === 'number' ? [part] : [...part])))

/** An element of DER up to 127 octets long. */
export function der(tag: number, ...content: readonly Uint8Array[]): Uint8Array {
  const joined = octets(...content)
  return octets(tag, joined.length, joined)
}

export const text = (value: string): Uint8Array => new TextEncoder().encode(value)
export const CONSTRAINED = { email: 0x81, dns: 0x82, uri: 0x86, address: 0x87, directory: 0xa4 } as const

type Subtrees = readonly (readonly [kind: keyof typeof CONSTRAINED, base: string | Uint8Array])[]

export function nameConstraints(permitted: Subtrees, excluded: Subtrees = [], critical = true): x509.Extension {
  const subtrees = (tag: number, list: Subtrees) =>
    list.length === 0
      ? new Uint8Array()
      : der(tag, ...list.map(([kind, base]) => der(0x30, der(CONSTRAINED[kind], typeof base === 'string' ? text(base) : base))))
  return new x509.Extension('2.5.29.30', critical, Uint8Array.from(der(0x30, subtrees(0xa0, permitted), subtrees(0xa1, excluded))))
}

/** One that nobody knows. */
export const unknownExtension = (critical: boolean): x509.Extension =>
  new x509.Extension('1.3.6.1.4.1.99999.1', critical, Uint8Array.of(5, 0))

export const base64 = ({ certificate }: Made): string => Buffer.from(certificate.rawData).toString('base64')
export const fingerprint = ({ certificate }: Made): string => createHash('sha256').update(new Uint8Array(certificate.rawData)).digest('hex')

export const trusted = (made: Made, ...trustDomains: readonly string[]): TrustedAuthority => ({
  certificate: base64(made),
  name: made.certificate.subject,
  notAfter: instant(made.certificate.notAfter.getTime()),
  ...(trustDomains.length === 0 ? {} : { trustDomains }),
})

/** What `request.cf.tlsClientAuth` says of a connection with this certificate. */
export function tlsClientAuth(leaf: Made, chain: readonly Made[] = [], said: Readonly<Record<string, unknown>> = {}) {
  const binary = (made: Made): string => `:${base64(made)}:`
  return {
    certPresented: '1',
    certVerified: 'FAILED:unable to verify the first certificate',
    certRevoked: '0',
    certSubjectDNRFC2253: leaf.certificate.subject,
    certIssuerDNRFC2253: leaf.certificate.issuer,
    certFingerprintSHA256: fingerprint(leaf),
    certRFC9440: binary(leaf),
    certRFC9440TooLarge: false,
    certChainRFC9440: chain.map(binary).join(', '),
    certChainRFC9440TooLarge: false,
    ...said,
  }
}
