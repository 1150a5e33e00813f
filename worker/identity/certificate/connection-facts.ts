/**
 * What the platform says of the client certificate of a connection: `request.cf.tlsClientAuth`, which no client can write. No header says
 * anything here. Whatever is not as it should be counts as absent, and what is absent proves nothing.
 */

export interface ConnectionFacts {
  /** `SUCCESS`, or why not: the platform's own verdict, by the authorities of the zone. */
  readonly verified: string
  /** A revoked certificate still says `SUCCESS`. */
  readonly revoked: boolean
  /** RFC 4514, for people. */
  readonly subject: string
  /** SHA-256 of the leaf, lower-case hex digits; empty when the platform does not say. */
  readonly fingerprint: string
  /** Who issued it by its own word, RFC 4514, for people. */
  readonly issuerName: string
  /** Subject key identifier of who issued it, lower-case hex digits. */
  readonly issuer: string
  /** DER in base64; empty when it is too large for the platform to hand over. Filled whatever the verdict. */
  readonly leaf: string
  /** What came with it, as the client sent it: DER in base64. */
  readonly chain: readonly string[]
}

/** Undefined when none was presented. */
export function connectionFacts(cf: unknown): ConnectionFacts | undefined {
  const auth = fieldsOf(fieldsOf(cf)['tlsClientAuth'])
  const text = (name: string): string => {
    const value = auth[name]
    return typeof value === 'string' ? value : ''
  }
  if (text('certPresented') !== '1') return undefined
  return {
    verified: text('certVerified'),
    revoked: text('certRevoked') === '1',
    subject: text('certSubjectDNRFC2253') || text('certSubjectDN'),
    issuerName: text('certIssuerDNRFC2253') || text('certIssuerDN'),
    fingerprint: hexDigits(text('certFingerprintSHA256')),
    issuer: hexDigits(text('certIssuerSKI')),
    leaf: certificateOf(text('certRFC9440')) ?? '',
    chain: chainOf(text('certChainRFC9440')),
  }
}

/**
 * A request that came before the handshake was complete may be somebody else's, sent again (RFC 8470). A client that says so of its own
 * request gets nothing by it.
 */
export const isEarly = (headers: Headers): boolean => headers.has('early-data') || headers.has('cf-0rtt-unique')

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}

const hexDigits = (text: string): string => text.replaceAll(':', '').toLowerCase()

const BINARY = /^:([A-Za-z0-9+/]+={0,2}):$/

/** Octets as RFC 8941 section 3.3.5 writes them, which is how RFC 9440 writes certificates. */
const certificateOf = (text: string): string | undefined => BINARY.exec(text)?.[1]

/** All of them, or none: a chain with a hole in it is no chain. */
function chainOf(text: string): readonly string[] {
  const certificates = text === '' ? [] : text.split(',').map((each) => certificateOf(each.trim()))
  return certificates.every((each) => each !== undefined) ? certificates : []
}
