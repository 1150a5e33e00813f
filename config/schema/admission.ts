/** The `admission` of a gateway configuration: what is demanded of the requests to a host, and what a route demands in place of it. */
import { readHost } from '../addresses.ts'
import { AUTHENTICATION_MODES, REQUIREMENTS } from '../admission.ts'
import { choice, fields, list, readText, yesOrNo } from '../fields.ts'
import { authorization } from './authorization.ts'
import { reference } from './names.ts'
import { rateLimits } from './rate-limits.ts'

const require = choice(REQUIREMENTS)
const mode = choice(AUTHENTICATION_MODES)

const hostAdmission = fields('an admission', {
  hosts: list(readText('a host such as shop.example.com or *.example.com', readHost), 'hosts', 1, 100).meta({
    description:
      'Hosts that it is for. As with routes the most specific pattern that takes a host decides alone; each pattern stands once.',
    danger: 'A host that no admission is for has none: `check` says so.',
    example: ['shop.example.com'],
  }),
  tokens: list(reference('an issuer'), 'names of issuers', 0, 16)
    .prefault([])
    .meta({ description: 'The issuers whose tokens count here.', example: ['shop-idp'] }),
  certificates: list(reference('a trust'), 'names of trusts', 0, 16)
    .prefault([])
    .meta({ description: 'The trusts whose certificates count here.', example: ['partners'] }),
  require: require.prefault('all').meta({
    description:
      'What a request must prove. `all`: a token where `tokens` names issuers, and a certificate where `certificates` names trusts; `any`: one of the two; `token`, `certificate`: that one; `optional`: nothing, but what is presented must be good; `none`: nothing; what is presented counts where it is good, and is passed over where it is not.',
    danger: 'With `optional` and `none` a request without any proof comes in: rules have to say what it may do.',
    example: 'any',
  }),
  mode: mode.prefault('strict').meta({
    description:
      '`permissive`: nobody is refused for want of proof, and the log says who would be and why (`wouldRefuse`). What is not proved is not believed either: it meets no condition, and endpoints are told nothing of it.',
    danger: 'Permissive lets everybody in. It is for the days in which you look who would be refused.',
    example: 'permissive',
  }),
  authorization: authorization.optional().meta({
    description: 'Who may do what here, whichever route takes the request. Judged when it is known who sent it.',
    defaultText: 'none: whoever comes in may do everything that endpoints let them',
  }),
  logSubject: yesOrNo().prefault(false).meta({
    description:
      'Whether the access log says whom a request is about: `sub` of a verified token, SPIFFE id or fingerprint of a verified certificate, address of a client that was or would be refused. Without it, it says whose word it is: the names of issuer and trust; and of a refused certificate its fingerprint and who issued it.',
    danger: 'These are personal data where people have tokens: a log is kept longer and read by more people than a token.',
    example: true,
  }),
  rateLimits: rateLimits.prefault([]).meta({
    description:
      'How often somebody may come, whichever route takes the request. Each counts, in this order, once it is clear that the request may come in.',
    danger: 'Where several limits count a request and a later one refuses it, the earlier ones have counted it all the same.',
  }),
})

export const admissionSchema = list(hostAdmission, 'admissions', 0, 1000)

/** Of one route. */
export const routeAdmission = fields("a route's admission", {
  require: require.optional().meta({ description: 'In place of what its hosts require.', defaultText: "its hosts'", example: 'none' }),
  mode: mode.optional().meta({ description: 'In place of the mode of its hosts.', defaultText: "its hosts'", example: 'permissive' }),
  authorization: authorization.optional().meta({
    description: "Who may do what by this route. Judged after its hosts' rules: both must allow.",
    defaultText: "its hosts' alone",
  }),
  rateLimits: rateLimits
    .prefault([])
    .meta({ description: 'How often somebody may come by this route. Beside those of its hosts, which count first.' }),
})
