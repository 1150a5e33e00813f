/** What a pool says of its steering beside its kind: the key of affinity, and the map of countries. */

import { z } from 'zod'
import { readHeaderName } from '../addresses.ts'
import { CONTINENT_CODES, COUNTRY_CODES } from '../countries.ts'
import { ALWAYS, choice, duration, fields, list, readText, unreadKey, yesOrNo } from '../fields.ts'
import { SAME_SITE } from '../steering.ts'
import { didYouMean } from '../suggest.ts'
import { claimPath } from './claim-path.ts'
import { reference } from './names.ts'

/** RFC 6265 section 4.1.1, bounded. */
const COOKIE_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/
const QUERY_NAME = /^[A-Za-z0-9._~-]{1,64}$/

const affinityKey = fields('an affinity key', {
  header: readText('a header name of letters, digits and hyphens', (raw) => readHeaderName(raw, 'match'))
    .optional()
    .meta({
      description: 'The value of this request header.',
      defaultText: 'none; exactly one of these fields is given',
      example: 'x-user-id',
    }),
  cookie: readText('a cookie name', (raw) => (COOKIE_NAME.test(raw) ? { value: raw } : { expected: 'a cookie name' }))
    .optional()
    .meta({
      description: 'The value of this cookie: one that the application sets, or with `setCookie` one that the gateway sets.',
      defaultText: 'none; exactly one of these fields is given',
      example: 'session',
    }),
  query: readText('a query parameter', (raw) =>
    QUERY_NAME.test(raw) ? { value: raw } : { expected: 'a query parameter of letters, digits, ".", "_", "~" and "-"' },
  )
    .optional()
    .meta({
      description: 'The value of this query parameter, as it is written: two spellings are two keys.',
      defaultText: 'none; exactly one of these fields is given',
      example: 'cart',
    }),
  clientAddress: yesOrNo().optional().meta({
    description: 'True: the address of the client, of IPv6 its first 64 bits.',
    defaultText: 'none; exactly one of these fields is given',
    danger: 'Many clients behind one address go to one endpoint, and a client on the move changes its own.',
    example: true,
  }),
  claim: claimPath().optional().meta({
    description: 'This claim of the verified token, where it is a text, a number or a boolean.',
    defaultText: 'none; exactly one of these fields is given',
    example: 'sub',
  }),
  certificate: yesOrNo().optional().meta({
    description: 'True: the SPIFFE id of the verified client certificate, else its fingerprint.',
    defaultText: 'none; exactly one of these fields is given',
    danger: 'Without a SPIFFE id a renewed certificate is another key.',
    example: true,
  }),
})

export const affinity = fields('affinity', {
  key: affinityKey.meta({
    description: 'What keeps requests together. A request without it is sent by weight.',
    defaultText: 'none; it must be given',
  }),
  setCookie: fields('a cookie', {
    ttl: duration('1s', '43200m').optional().meta({
      description: 'How long browsers keep it.',
      defaultText: 'until the browser ends',
      example: '30m',
    }),
    sameSite: choice(SAME_SITE).prefault('lax').meta({
      description: 'When browsers send it with requests that other sites cause.',
      example: 'strict',
    }),
  })
    .optional()
    .meta({
      description:
        'With `key: { cookie: … }`: a client without that cookie is given one, with a random value that names no endpoint; always `HttpOnly`, `Secure` and for the whole host.',
      defaultText: 'none; the application sets the cookie itself',
      danger: 'Answers that set a cookie should not be kept by shared caches.',
    }),
})

const endpointList = (what: string) => list(reference('an endpoint of the pool'), what, 1, 64)

/** A mapping from known codes to lists of endpoints. */
function byCode(what: string, codes: readonly string[]) {
  const expected = `a mapping from codes of ${what} to lists of endpoints`
  return z
    .record(z.string(), endpointList('endpoints'), expected)
    .superRefine((lists: unknown, context) => {
      if (typeof lists !== 'object' || lists === null || Array.isArray(lists)) return
      for (const code of Object.keys(lists).slice(0, 300)) {
        if (codes.includes(code)) continue
        const suggestion = didYouMean(code.toUpperCase(), codes)
        const refusal = { expected: `a code of ${what} in upper case`, code: 'VALUE_UNKNOWN' as const }
        context.addIssue(unreadKey(code, suggestion === undefined ? refusal : { ...refusal, suggestion }))
      }
    }, ALWAYS)
    .prefault({})
}

export const steeringMap = fields('a map', {
  countries: byCode('countries', COUNTRY_CODES).meta({
    description:
      'By country of the client (ISO 3166-1, such as DE; XX when it is unknown, T1 for Tor): the endpoints, best first. Those that a list leaves out come after it.',
    example: { DE: ['gcp-euw1'] },
  }),
  continents: byCode('continents', CONTINENT_CODES).meta({
    description: 'By continent (AF, AN, AS, EU, NA, OC, SA), for countries that are not listed.',
    example: { EU: ['gcp-euw1'], NA: ['aws-use1'] },
  }),
  default: endpointList('endpoints')
    .prefault([])
    .meta({
      description: 'For everybody else, and what follows the lists above.',
      defaultText: 'as listed in `endpoints`',
      example: ['aws-use1', 'gcp-euw1'],
    }),
})
