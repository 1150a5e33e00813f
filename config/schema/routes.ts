/** The `routes` of a gateway configuration: which requests are taken, what is done with them, and how hard is tried. */
import { ALWAYS, choice, fields } from '../fields.ts'
import { PRIORITY_CLASSES } from '../limits.ts'
import { routeAdmission } from './admission.ts'
import { name } from './names.ts'
import { actionFields, refuseActions } from './route/action.ts'
import { identity } from './route/identity.ts'
import { matchFields } from './route/match.ts'
import { resilienceFields } from './route/resilience.ts'

export const routeSchema = fields('a route', {
  name: name('the name of a route').optional().meta({
    description: 'How logs, reports and `status` call it. Unique.',
    defaultText: '`routes[3]`, by its place',
    example: 'checkout',
  }),
  ...matchFields,
  ...actionFields,
  ...resilienceFields,
  admission: routeAdmission.optional().meta({
    description: 'What it demands beside its hosts, or in place of them.',
    defaultText: 'what its hosts demand',
    example: { require: 'none' },
  }),
  identity: identity.optional().meta({
    description:
      'What endpoints are told of who sent a request: what was verified, and nothing else. With `require: none` nothing is verified. Mirrors are told nothing.',
    limits: 'with a `token` in it, or a `clientCertificate` on every endpoint of its pools',
    defaultText: 'nothing',
    example: { claims: { 'x-user': 'sub' }, token: true },
  }),
  priority: choice(PRIORITY_CLASSES).prefault('normal').meta({
    description:
      'Whose requests are shed first where a pool has `limits`: those of `low` first, of `high` last. The highest of the routes of a pool may use its limits whole, the next four fifths, the lowest three fifths.',
    danger: 'Where every route is high, none is.',
    example: 'high',
  }),
}).superRefine(refuseActions, ALWAYS)
