/** What Cloudflare says of a client's certificate (`request.cf.tlsClientAuth`), made from what a TLS socket of Node.js saw. */
import { X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import 'reflect-metadata'
import { X509Certificate as ParsedCertificate, SubjectKeyIdentifierExtension } from '@peculiar/x509'
import type { ClientCertificateFacts } from './connection.ts'

/** Cloudflare leaves out what is longer. */
const LEAF_MAX = 10 * 1024
const CHAIN_MAX = 16 * 1024
/** Longer chains of issuers than any client has. */
const DEPTH_MAX = 10

const NONE: ClientCertificateFacts = {
  certPresented: '0',
  certVerified: 'NONE',
  certRevoked: '0',
  certIssuerDN: '',
  certSubjectDN: '',
  certIssuerDNRFC2253: '',
  certSubjectDNRFC2253: '',
  certIssuerDNLegacy: '',
  certSubjectDNLegacy: '',
  certSerial: '',
  certIssuerSerial: '',
  certSKI: '',
  certIssuerSKI: '',
  certFingerprintSHA1: '',
  certFingerprintSHA256: '',
  certNotBefore: '',
  certNotAfter: '',
  certRFC9440: '',
  certRFC9440TooLarge: false,
  certChainRFC9440: '',
  certChainRFC9440TooLarge: false,
}

export function clientCertificateFacts(socket: TLSSocket): ClientCertificateFacts {
  const leaf = socket.getPeerX509Certificate()
  if (leaf === undefined) return NONE
  const { issuer, chain } = issuersOf(socket)
  const written = rfc9440(leaf)
  const writtenChain = chain.map(rfc9440).join(', ')
  return {
    certPresented: '1',
    certVerified: socket.authorized ? 'SUCCESS' : `FAILED:${wordsFor(socket.authorizationError)}`,
    certRevoked: '0',
    ...names('Issuer', leaf.issuer),
    ...names('Subject', leaf.subject),
    certSerial: leaf.serialNumber,
    certIssuerSerial: issuer?.serialNumber ?? '',
    certSKI: keyIdentifier(leaf),
    certIssuerSKI: issuer === undefined ? '' : keyIdentifier(issuer),
    certFingerprintSHA1: digits(leaf.fingerprint),
    certFingerprintSHA256: digits(leaf.fingerprint256),
    certNotBefore: leaf.validFrom,
    certNotAfter: leaf.validTo,
    certRFC9440: written.length > LEAF_MAX ? '' : written,
    certRFC9440TooLarge: written.length > LEAF_MAX,
    certChainRFC9440: writtenChain.length > CHAIN_MAX ? '' : writtenChain,
    certChainRFC9440TooLarge: writtenChain.length > CHAIN_MAX,
  }
}

/** The direct issuer, where the client sent it or this port trusts it, and what was sent between the leaf and a root. */
function issuersOf(socket: TLSSocket): { readonly issuer: X509Certificate | undefined; readonly chain: readonly X509Certificate[] } {
  const issuers: X509Certificate[] = []
  let at = socket.getPeerCertificate(true)
  // A root is its own issuer.
  while (at.issuerCertificate !== undefined && at.issuerCertificate !== at && issuers.length < DEPTH_MAX) {
    at = at.issuerCertificate
    issuers.push(new X509Certificate(at.raw))
  }
  return { issuer: issuers[0], chain: issuers.filter(({ subject, issuer }) => subject !== issuer) }
}

/** One name in the three orders of Cloudflare; Node.js gives a line for each part, the first part of the DER first. */
function names<Whose extends 'Issuer' | 'Subject'>(whose: Whose, name: string) {
  const parts = name.split('\n')
  const backwards = parts.toReversed()
  return {
    [`cert${whose}DN`]: backwards.join(', '),
    [`cert${whose}DNRFC2253`]: backwards.join(','),
    [`cert${whose}DNLegacy`]: `/${parts.join('/')}`,
  } as Readonly<Record<`cert${Whose}DN${'' | 'RFC2253' | 'Legacy'}`, string>>
}

const digits = (fingerprint: string): string => fingerprint.replaceAll(':', '').toLowerCase()

const rfc9440 = ({ raw }: X509Certificate): string => `:${raw.toString('base64')}:`

function keyIdentifier({ raw }: X509Certificate): string {
  return new ParsedCertificate(raw).getExtension(SubjectKeyIdentifierExtension)?.keyId.toUpperCase() ?? ''
}

/** OpenSSL's words for what Node.js gives as a code. */
const WORDS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'certificate has expired',
  CERT_NOT_YET_VALID: 'certificate is not yet valid',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'self signed certificate',
  SELF_SIGNED_CERT_IN_CHAIN: 'self signed certificate in certificate chain',
  UNABLE_TO_GET_ISSUER_CERT: 'unable to get issuer certificate',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'unable to get local issuer certificate',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'unable to verify the first certificate',
  INVALID_PURPOSE: 'unsupported certificate purpose',
}

function wordsFor(problem: unknown): string {
  const code = String((problem as { code?: string } | null)?.code ?? problem)
  return WORDS[code] ?? code
}
