/** The `edge` of a gateway configuration: what the gateway calls itself where it vouches for clients. */

import { fields, type Reading, readText } from '../fields.ts'
import { EDGE_ISSUER } from '../forwarded-identity.ts'

const FORM = 'a URI such as https://edge.example.com, of printable ASCII, at most 253 characters'

const readIssuer = (raw: string): Reading<string> =>
  /^[a-z][a-z0-9+.-]*:[\x21-\x7e]+$/.test(raw) && raw.length <= 253 ? { value: raw } : { expected: FORM }

export const edge = fields('edge settings', {
  issuer: readText(FORM, readIssuer).prefault(EDGE_ISSUER).meta({
    description: 'Its name: `iss` of the tokens that it signs for endpoints, `By` of its `X-Forwarded-Client-Cert`.',
    danger: 'Ingresses compare it whole: to change it, teach them both names first.',
    example: 'https://edge.example.com',
  }),
})
