/** The `trusts` of a gateway configuration: whose client certificates count. */
import { choice, fields, list, named, type Reading, readText } from '../fields.ts'
import { word } from './names.ts'

const TRUST_DOMAIN = 'a SPIFFE trust domain such as example.org'

/** SPIFFE-ID section 2.1. */
function readTrustDomain(raw: string): Reading<string> {
  if (/^[a-z0-9._-]{1,255}$/.test(raw)) return { value: raw }
  const bare = raw
    .replace(/^spiffe:\/\//i, '')
    .replace(/\/.*$/, '')
    .toLowerCase()
  return /^[a-z0-9._-]{1,255}$/.test(bare) ? { expected: TRUST_DOMAIN, suggestion: `write ${bare}` } : { expected: TRUST_DOMAIN }
}

const trustDomains = list(readText(TRUST_DOMAIN, readTrustDomain), 'trust domains', 1, 32).optional()

/** Hex digits with or without colons, as tools print them. */
const digits = (raw: string): string => raw.replace(/[:\s]/g, '').toLowerCase()

const KEY_IDENTIFIER = 'a subject key identifier in hex digits, with or without colons'

const readKeyIdentifier = (raw: string): Reading<string> =>
  /^(?:[0-9a-f]{2}){4,64}$/.test(digits(raw)) ? { value: digits(raw) } : { expected: KEY_IDENTIFIER }

const REVOKED = 'a serial number of at most 40 hex digits, or a SHA-256 fingerprint of 64, with or without colons'

/** A serial number loses its leading zeros: tools differ in them. */
export function readRevoked(raw: string): Reading<string> {
  const written = digits(raw)
  if (/^[0-9a-f]{64}$/.test(written)) return { value: written }
  return /^[0-9a-f]{1,40}$/.test(written) ? { value: written.replace(/^0+(?=.)/, '') } : { expected: REVOKED }
}

const file = (what: string) => word(`${what}, as a path from this file's folder`, 1024)

/** Of one file or text: a dozen authorities in RSA have 24 KiB. */
const PEM_MAX = 256 * 1024

const authority = fields('an authority', {
  file: file('a file of certificates in PEM').optional().meta({
    description:
      'Its certificate, or several that count alike: an old one and its successor while they change. Seen from the folder of this file.',
    defaultText: '`pem`',
    danger:
      'It is read when the configuration is built, and bundled with the gateway: a change of it needs a deployment. A private key in it is a defect.',
    example: 'partners.pem',
  }),
  pem: word('certificates in PEM', PEM_MAX).optional().meta({
    description: 'The same, written here.',
    defaultText: '`file`',
    example: '-----BEGIN CERTIFICATE-----\nMIIB…\n-----END CERTIFICATE-----\n',
  }),
  trustDomains: trustDomains.meta({
    description: 'SPIFFE trust domains that these certificates vouch for. A client whose SPIFFE id is of another trust domain is refused.',
    defaultText: 'none: every client with a SPIFFE id is refused',
    example: ['example.org'],
  }),
})

const trust = fields('a trust', {
  verify: choice(['cloudflare', 'bundle']).meta({
    description:
      'Who verifies certificates. `cloudflare`: the platform, by the authorities of the zone, and it says whether one was revoked; `bundle`: the gateway, by authorities of your own (RFC 5280 section 6).',
    danger:
      'Either way the zone must ask clients for certificates (mTLS on its hosts), or nobody presents one. `bundle` adds about 100 KiB to the gateway.',
    example: 'bundle',
  }),
  issuers: list(readText(KEY_IDENTIFIER, readKeyIdentifier), 'subject key identifiers', 1, 32)
    .optional()
    .meta({
      description: 'With `verify: cloudflare`: who must have issued the certificate, by subject key identifier.',
      defaultText: 'any authority of the zone',
      danger:
        'Without it whoever has a certificate of any authority of the zone gets in. An identifier is what an authority writes: one of the zone that you do not trust could write that of another, so keep strangers apart by `verify: bundle`.',
      example: ['d3:8a:91:0c:5e:77:42:b6:1f:09:aa:bb:cc:dd:ee:ff:01:23:45:67'],
    }),
  trustDomains: trustDomains.meta({
    description:
      'With `verify: cloudflare`: SPIFFE trust domains that the issuers vouch for. A client whose SPIFFE id is of another is refused.',
    defaultText: 'none: every client with a SPIFFE id is refused',
    example: ['example.org'],
  }),
  authorities: list(authority, 'authorities', 1, 32)
    .optional()
    .meta({
      description: 'With `verify: bundle`, which needs it: whom a path must lead to.',
      defaultText: 'none',
      example: [{ file: 'partners.pem', trustDomains: ['example.org'] }],
    }),
  revoked: list(readText(REVOKED, readRevoked), 'serial numbers and fingerprints', 0, 10_000)
    .prefault([])
    .meta({
      description:
        'Certificates that are refused although their chain is good: serial numbers, of whatever issuer, and SHA-256 fingerprints. With `bundle` authorities below the trusted ones too.',
      danger: 'Whoever holds an ECDSA certificate can make it another fingerprint without its issuer: revoke by serial number.',
      example: ['0a1b2c3d4e5f'],
    }),
  revokedFile: file('a file of revoked certificates').optional().meta({
    description: 'More of them, one a line; what follows `#` is for people. Read when the configuration is built.',
    defaultText: 'none',
    example: 'revoked.txt',
  }),
})

export const trustsSchema = named(trust, 'the name of a trust', 'trusts', [0, 64])
