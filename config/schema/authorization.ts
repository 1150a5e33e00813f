/** The rules of an admission: who may do what. What they must not contradict is for `link/authorization.ts`. */
import { choice, fields, list, readText } from '../fields.ts'
import { readNetwork } from '../networks.ts'
import { certificateMatch } from './certificate.ts'
import { claimMatches } from './claims.ts'
import { name } from './names.ts'
import { country, method, path } from './route/match.ts'
import { headerMatches } from './route/value-match.ts'

/** More would be a database: its place is a claim. */
const RULES_MAX = 200
const CLIENTS_MAX = 1000

const network = () =>
  readText('an address or a network such as 203.0.113.0/24 or 2001:db8::/32', (raw) => {
    const reading = readNetwork(raw)
    return 'value' in reading ? { value: raw } : reading
  })

const rule = fields('a rule', {
  name: name('the name of a rule').optional().meta({
    description: 'How the log and `explain` call it. Unique among the rules beside it.',
    defaultText: '`rules[2]`, by its place',
    example: 'staff',
  }),
  effect: choice(['allow', 'deny']).meta({
    description:
      'What becomes of a request to which it applies: all of its conditions hold. Without conditions it applies to every request.',
    danger: 'Prefer to allow what is known: whoever is not thought of in a `deny` comes in.',
    example: 'allow',
  }),
  claims: claimMatches().meta({
    description:
      'What the verified token must say, all of it: a text, number or `true`/`false` is the exact value, or a member of a list; `{ regex: … }` takes the value whole, or a member; `{ present: true }` asks whether it is there. A claim within a claim is named by its path: `realm_access.roles`; a name that holds dots by a list: `[{ claim: ["https://example.com/roles"], value: admin }]`. Without a verified token every claim is unknown.',
    limits: 'at most 16',
    danger: 'An issuer lets people choose some claims themselves (`name`, `email` that is not verified): allow by what it vouches for.',
    example: { tenant: 'blue', 'realm_access.roles': 'admin', email_verified: true },
  }),
  certificate: certificateMatch()
    .optional()
    .meta({
      description:
        'Whom the verified client certificate must be for. `{}`: that there is one. Without a verified one everything of it is unknown.',
      defaultText: 'whoever, or none',
      example: { spiffe: ['spiffe://example.org/ns/shop/*'] },
    }),
  paths: list(path(), 'paths', 1, 100)
    .optional()
    .meta({
      description:
        "In the forms of a route's `paths`; one must hold. The path is the client's, before any rewrite: the one by which the route was found. An `allow` compares it as it came, a `deny` also with what its encodings stand for.",
      defaultText: 'every path',
      danger:
        'Letter case and a trailing slash count. Where a route allows ambiguous paths (`encodedSlash` and its like) a path decides nothing for certain: a rule that would is a defect.',
      example: ['/admin'],
    }),
  methods: list(method(), 'methods', 1, 16)
    .optional()
    .meta({ description: 'Methods; one must hold.', defaultText: 'every method', example: ['GET', 'HEAD'] }),
  headers: headerMatches().meta({
    description:
      "In the forms of a route's `headers`; all must hold. A header that does not reach endpoints, because it is stripped or `Connection` names it, is unknown. Of a list of values (`a, b`) a `deny` looks at each member too.",
    danger: 'Anybody can send any header: an `allow` by a header alone lets in whoever has read it here.',
    example: { 'x-tenant': 'blue' },
  }),
  clients: list(network(), 'networks', 1, CLIENTS_MAX)
    .optional()
    .meta({
      description:
        "Networks of the client's address, by the platform's word, in CIDR notation, or single addresses; one must hold. An IPv4 address is in no IPv6 network, nor the other way round.",
      defaultText: 'every address',
      danger: 'An address is a network path, not a person: proxies, carriers and clouds share them.',
      example: ['203.0.113.0/24', '2001:db8::/32'],
    }),
  countries: list(country(), 'countries', 1, 250)
    .optional()
    .meta({
      description:
        "Countries of the client, by the platform's word; one must hold. Of a client that comes through Tor (`T1`) the country is unknown.",
      defaultText: 'every country',
      danger: 'Addresses are placed by a database: it errs, and proxies hide.',
      example: ['DE', 'AT', 'CH'],
    }),
})

export const authorization = fields('an authorization', {
  mode: choice(['enforce', 'audit']).prefault('enforce').meta({
    description:
      '`audit`: nobody is refused by these rules, and the log says who would be and by which (`wouldRefuse`). For the days before `enforce`.',
    danger: 'Audit lets everybody in.',
    example: 'audit',
  }),
  rules: list(rule, 'rules', 1, RULES_MAX).meta({
    description:
      'In order: the first that applies decides, and where none applies the request is denied (403, `ERR_FORBIDDEN`). What is not known of a request never makes an `allow` apply, and always a `deny`.',
    danger: 'One rule is enough to deny all else: end with `- effect: allow` only where everybody else may really do everything.',
    example: [{ effect: 'allow', methods: ['GET'] }],
  }),
})
