/** The `edge` of a gateway configuration: what the gateway calls itself where it vouches for clients, and the certificates that it presents. */
import { z } from 'zod'
import { ALWAYS, fields, type Reading, readText, unread, unreadKey } from '../fields.ts'
import { EDGE_ISSUER } from '../forwarded-identity.ts'
import { type Instant, instant } from '../units.ts'
import { BINDING, readBinding } from './binding.ts'

const FORM = 'a URI such as https://edge.example.com, of printable ASCII, at most 253 characters'

const readIssuer = (raw: string): Reading<string> =>
  /^[a-z][a-z0-9+.-]*:[\x21-\x7e]+$/.test(raw) && raw.length <= 253 ? { value: raw } : { expected: FORM }

const DAY = /^\d{4}-\d{2}-\d{2}$/
const DAY_FORM = 'a day such as 2027-03-01'

/** The moment at which it begins in UTC. */
function readDay(raw: string): Reading<Instant> {
  const value = DAY.test(raw) ? Date.parse(`${raw}T00:00:00Z`) : Number.NaN
  const exists = !Number.isNaN(value) && new Date(value).toISOString().startsWith(raw)
  if (exists) return { value: instant(value) }
  const [, day] = /^(\d{4}-\d{2}-\d{2})[T ]/.exec(raw) ?? []
  return day === undefined ? { expected: DAY_FORM } : { expected: DAY_FORM, suggestion: `write ${day}` }
}

const certificate = fields('a certificate of the edge', {
  expires: readText(DAY_FORM, readDay, DAY).meta({
    description:
      'The day in UTC on which it ends, as `npx wrangler mtls-certificate list` says. `npx meridian check` and the status tell from 30 days before.',
    danger: 'Nobody looks at the certificate itself, which the platform does not show to a Worker: correct the day with each exchange.',
    example: '2027-03-01',
  }),
})

const CERTIFICATES_MAX = 100
const CERTIFICATES_FORM = `a mapping of at most ${CERTIFICATES_MAX} certificates, each under the name of its binding`

const certificates = z
  .record(z.string(), certificate, CERTIFICATES_FORM)
  .superRefine((given: unknown, context) => {
    if (typeof given !== 'object' || given === null || Array.isArray(given)) return
    const names = Object.keys(given)
    if (names.length > CERTIFICATES_MAX) context.addIssue(unread({ expected: CERTIFICATES_FORM, code: 'COUNT_OUT_OF_RANGE' }))
    for (const name of names.slice(0, CERTIFICATES_MAX)) {
      const reading = readBinding(name)
      if (!('value' in reading)) context.addIssue(unreadKey(name, reading))
    }
  }, ALWAYS)
  .meta({ limits: `at most ${CERTIFICATES_MAX}`, maxProperties: CERTIFICATES_MAX, propertyNames: { pattern: BINDING.source } })

export const edge = fields('edge settings', {
  issuer: readText(FORM, readIssuer).prefault(EDGE_ISSUER).meta({
    description: 'Its name: `iss` of the tokens that it signs for endpoints, `By` of its `X-Forwarded-Client-Cert`.',
    danger: 'Ingresses compare it whole: to change it, teach them both names first.',
    example: 'https://edge.example.com',
  }),
  certificates: certificates.prefault({}).meta({
    description:
      'When the client certificates end that it presents to endpoints (`clientCertificate`), each under the name of its binding.',
    defaultText: 'none: nobody is told beforehand',
    example: { EDGE_CERTIFICATE: { expires: '2027-03-01' } },
  }),
})
