/** The `trusts` of a gateway configuration: whose client certificates count. */
import { choice, fields, named } from '../fields.ts'

const trust = fields('a trust', {
  verify: choice(['cloudflare', 'bundle']).meta({
    description: 'Who verifies certificates: Cloudflare, by the authorities of the zone, or the gateway, by authorities of your own.',
    example: 'bundle',
  }),
})

export const trustsSchema = named(trust, 'the name of a trust', 'trusts', [0, 64])
