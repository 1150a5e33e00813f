/**
 * How the TLS port of a local run tells the gateway what it saw of a connection: a header of the run's key and the facts as the platform
 * words them. Nobody else knows the key.
 */

/** Texts and sizes as Cloudflare words them ("Client certificate variables"). */
export interface ClientCertificateFacts {
  readonly certPresented: '0' | '1'
  /** `FAILED:` is followed by the reason. */
  readonly certVerified: 'NONE' | 'SUCCESS' | `FAILED:${string}`
  readonly certRevoked: '0' | '1'
  readonly certIssuerDN: string
  readonly certSubjectDN: string
  readonly certIssuerDNRFC2253: string
  readonly certSubjectDNRFC2253: string
  readonly certIssuerDNLegacy: string
  readonly certSubjectDNLegacy: string
  readonly certSerial: string
  readonly certIssuerSerial: string
  readonly certSKI: string
  readonly certIssuerSKI: string
  readonly certFingerprintSHA1: string
  readonly certFingerprintSHA256: string
  readonly certNotBefore: string
  readonly certNotAfter: string
  /** DER in base64 between colons (RFC 9440 section 2.2); empty when it is too large. */
  readonly certRFC9440: string
  readonly certRFC9440TooLarge: boolean
  /** Without the leaf and without the root. */
  readonly certChainRFC9440: string
  readonly certChainRFC9440TooLarge: boolean
}

/** Facts of `request.cf`. */
export interface Connection {
  readonly tlsClientAuth: ClientCertificateFacts
  readonly tlsVersion: string
  readonly tlsCipher: string
}

/** Of our family: the gateway never sends it on. */
export const CONNECTION_HEADER = 'meridian-local-connection'

export const writeConnection = (connection: Connection, key: string): string => `${key} ${encodeURIComponent(JSON.stringify(connection))}`

/** Undefined unless it was written with this key. */
export function readConnection(value: string | null, key: string): Connection | undefined {
  if (value === null || key === '' || !value.startsWith(`${key} `)) return undefined
  return JSON.parse(decodeURIComponent(value.slice(key.length + 1))) as Connection
}
