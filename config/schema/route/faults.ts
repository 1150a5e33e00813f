/** Faults that operators inject on purpose. */
import { duration, fields, percentage, type Reading, readText, whole, yesOrNo } from '../../fields.ts'

const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?Z$/

function readMoment(raw: string): Reading<number> {
  const expected = 'a moment in UTC such as 2026-12-01T18:00:00Z'
  const value = MOMENT.test(raw) ? Date.parse(raw) : Number.NaN
  if (!Number.isNaN(value)) return { value }
  return /^\d{4}-\d{2}-\d{2}$/.test(raw) ? { expected, suggestion: `write ${raw}T18:00:00Z` } : { expected }
}

const affected = percentage(0, 100).meta({
  description: 'Share of the requests that are affected, of those that the gate lets through.',
  example: '5%',
})

export const faults = fields('faults', {
  expires: readText('a moment in UTC such as 2026-12-01T18:00:00Z', readMoment).optional().meta({
    description: 'When it ends by itself. From then on nothing is injected, whatever else is said here.',
    limits: 'at most 7 days after the check; must be given unless `gated`',
    defaultText: 'none',
    example: '2026-12-01T18:00:00Z',
  }),
  gated: yesOrNo().prefault(false).meta({
    description:
      'Only requests with a header `meridian-fault` that an operator has signed for this host and route (`npx meridian fault-token`) are affected. The Worker needs the secret `FAULT_KEY`; without it the gate never opens.',
    limits: 'only on a route with a name',
    example: true,
  }),
  delay: fields('a delay', {
    length: duration('1ms', '30s').meta({
      description: 'How long the request waits before an endpoint is asked. Its timeouts begin afterwards.',
      danger: 'Requests that wait hold their clients.',
      example: '2s',
    }),
    share: affected,
  })
    .optional()
    .meta({ description: 'Makes requests slow.', defaultText: 'none', example: { length: '2s', share: '10%' } }),
  abort: fields('an abort', {
    status: whole(400, 599).meta({ description: 'The status of the answer.', example: 503 }),
    share: affected,
  })
    .optional()
    .meta({
      description: 'Answers instead of asking an endpoint, with the code `ERR_FAULT_INJECTED`.',
      defaultText: 'none',
      example: { status: 503, share: '5%' },
    }),
})
