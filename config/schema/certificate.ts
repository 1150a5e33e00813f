/** Conditions on a verified client certificate: by whom, and who it is for. */

import { readHost } from '../addresses.ts'
import type { CertificateMatch } from '../certificate-trust.ts'
import { fields, list, type Reading, readText } from '../fields.ts'
import { ANY_HOST, isAddress } from '../hosts.ts'
import { trustId } from '../ids.ts'
import { reference } from './names.ts'

const SPIFFE = 'a SPIFFE id such as spiffe://example.org/ns/shop/sa/cart, or spiffe://example.org/ns/shop/* for all below'
/** SPIFFE-ID sections 2.1 and 2.2: a trust domain in lower case, then segments without encodings, dots and empty ones. */
const SPIFFE_ID = /^spiffe:\/\/[a-z0-9._-]{1,255}(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._-]+)*(?:\/\*)?$/

function readSpiffe(raw: string): Reading<string> {
  if (raw.length <= 2048 && SPIFFE_ID.test(raw)) return { value: raw }
  return raw.startsWith('spiffe://')
    ? { expected: SPIFFE }
    : { expected: SPIFFE, suggestion: `write spiffe://${raw.replace(/^[a-z]+:\/\//i, '')}` }
}

const FINGERPRINT = 'a SHA-256 fingerprint of 64 hex digits, with or without colons'

function readFingerprint(raw: string): Reading<string> {
  const digits = raw.replaceAll(':', '').toLowerCase()
  return /^[0-9a-f]{64}$/.test(digits) ? { value: digits } : { expected: FINGERPRINT }
}

const DNS = 'a DNS name such as cart.example.com, or *.example.com for all below'

function readDns(raw: string): Reading<string> {
  if (raw === ANY_HOST || isAddress(raw)) return { expected: DNS }
  const reading = readHost(raw)
  return 'value' in reading ? reading : { ...reading, expected: DNS }
}

const conditions = fields('a condition on certificates', {
  trust: reference('a trust').optional().meta({
    description: 'It was verified by this trust: of the `certificates` of its host the first that takes it.',
    limits: 'one that the admission names in `certificates`',
    defaultText: 'any that the host names; `dns` on a host with several must name one, because each of them may issue any name',
    example: 'partners',
  }),
  spiffe: list(readText(SPIFFE, readSpiffe), 'SPIFFE ids', 1, 100)
    .optional()
    .meta({
      description: 'Its SPIFFE id is one of these, exactly, or below one that ends in `/*`.',
      defaultText: 'any, or none',
      example: ['spiffe://example.org/ns/shop/*'],
    }),
  dns: list(readText(DNS, readDns), 'DNS names', 1, 100)
    .optional()
    .meta({
      description: 'One of its DNS names is one of these, exactly or below `*.`.',
      defaultText: 'any, or none',
      example: ['cart.partner.example'],
    }),
  fingerprints: list(readText(FINGERPRINT, readFingerprint), 'fingerprints', 1, 100)
    .optional()
    .meta({
      description: 'It is one of these: the SHA-256 of its DER.',
      defaultText: 'any',
      danger: 'A renewed certificate has another one: name both while they change.',
      example: ['5e:8d:0a:4c:2b:19:f7:63:90:ab:cd:ef:01:23:45:67:89:5e:8d:0a:4c:2b:19:f7:63:90:ab:cd:ef:01:23:45'],
    }),
})

/** Of several fields each must hold, of a list one. Without any: that there is one. */
export const certificateMatch = () =>
  conditions.transform(
    ({ trust, spiffe, dns, fingerprints }): CertificateMatch => ({
      ...(trust === undefined ? {} : { trust: trustId(trust) }),
      ...(spiffe === undefined ? {} : { spiffe }),
      ...(dns === undefined ? {} : { dns }),
      ...(fingerprints === undefined ? {} : { fingerprints }),
    }),
  )
