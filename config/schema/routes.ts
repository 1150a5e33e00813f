/** The `routes` of a gateway configuration: which requests are taken, what is done with them, and how hard is tried. */
import { ALWAYS, fields } from '../fields.ts'
import { name } from './names.ts'
import { actionFields, refuseActions } from './route/action.ts'
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
}).superRefine(refuseActions, ALWAYS)
