/**
 * Certificates for loopback: an authority of this checkout, the certificate that the sample ingresses serve, and one that
 * nobody should accept. The authority is made once and kept in `.meridian/`; it is trusted by the local runtime alone.
 */
import { webcrypto } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'

x509.cryptoProvider.set(webcrypto as never)

export interface LocalCertificates {
  /** Path of the authority's certificate, for `NODE_EXTRA_CA_CERTS`, which the local runtime reads too. */
  readonly authorityFile: string
  readonly key: string
  readonly certificate: string
  /** Right name, wrong authority, expired yesterday. */
  readonly wrongKey: string
  readonly wrongCertificate: string
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const DAY_MS = 24 * 60 * 60 * 1000
/** Made again when less than this is left. */
const RENEW_BEFORE_MS = 7 * DAY_MS
const LIFE_MS = 365 * DAY_MS
const NAMES = [
  { type: 'dns', value: 'localhost' },
  { type: 'ip', value: '127.0.0.1' },
] as const

/** The certificates kept in `folder`, made when they are missing or about to expire. */
export async function localCertificates(folder: string, now: Date = new Date()): Promise<LocalCertificates> {
  const authorityFile = join(folder, 'authority.pem')
  const keptFile = join(folder, 'certificates.json')
  if (existsSync(authorityFile) && existsSync(keptFile)) {
    const kept = JSON.parse(readFileSync(keptFile, 'utf8')) as Omit<LocalCertificates, 'authorityFile'>
    const expires = new x509.X509Certificate(kept.certificate).notAfter.getTime()
    if (expires - now.getTime() > RENEW_BEFORE_MS) return { authorityFile, ...kept }
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const made = await makeCertificates(now)
  replaceFile(keptFile, JSON.stringify({ ...made, authority: undefined }))
  replaceFile(authorityFile, made.authority)
  return { authorityFile, ...made }
}

async function makeCertificates(now: Date) {
  const trusted = await makeAuthority('Meridian local authority', now)
  const stranger = await makeAuthority('An authority that nobody trusts', now)
  const right = await makeLeaf(trusted, now, new Date(now.getTime() + LIFE_MS))
  const wrong = await makeLeaf(stranger, new Date(now.getTime() - 2 * DAY_MS), new Date(now.getTime() - DAY_MS))
  return {
    authority: trusted.certificate.toString('pem'),
    key: right.key,
    certificate: right.certificate,
    wrongKey: wrong.key,
    wrongCertificate: wrong.certificate,
  }
}

interface Authority {
  readonly keys: webcrypto.CryptoKeyPair
  readonly certificate: x509.X509Certificate
}

async function makeAuthority(name: string, now: Date): Promise<Authority> {
  const keys = (await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys: keys as never,
    signingAlgorithm: ALGORITHM,
    notBefore: new Date(now.getTime() - DAY_MS),
    notAfter: new Date(now.getTime() + LIFE_MS),
    extensions: [new x509.BasicConstraintsExtension(true, 0, true), new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true)],
  })
  return { keys, certificate }
}

async function makeLeaf(authority: Authority, notBefore: Date, notAfter: Date) {
  const keys = (await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair
  const certificate = await x509.X509CertificateGenerator.create({
    subject: 'CN=localhost',
    issuer: authority.certificate.subject,
    publicKey: keys.publicKey as never,
    signingKey: authority.keys.privateKey as never,
    signingAlgorithm: ALGORITHM,
    notBefore,
    notAfter,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.SubjectAlternativeNameExtension([...NAMES]),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    ],
  })
  const der = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
  return { key: x509.PemConverter.encode(der, 'PRIVATE KEY'), certificate: certificate.toString('pem') }
}

/** Two starts at once each write whole files; the last one wins and both are good. */
function replaceFile(path: string, text: string): void {
  const draft = `${path}.${process.pid}`
  writeFileSync(draft, text, { mode: 0o600 })
  renameSync(draft, path)
}
