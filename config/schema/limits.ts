/** How much may wait at the endpoints of a pool. */
import { fields, whole, yesOrNo } from '../fields.ts'

const ISOLATE = 'of one isolate: nothing is counted across isolates, of which a busy place has many'

export const limits = fields('limits', {
  concurrency: whole(1, 100_000)
    .optional()
    .meta({
      description: `Attempts that may wait for their answer in the whole pool, ${ISOLATE}. No attempt is begun above it; requests are answered 503.`,
      defaultText: 'no limit',
      danger: 'Bodies that still flow are not counted, nor what is uploaded for longer than five minutes.',
      example: 500,
    }),
  endpointConcurrency: whole(1, 100_000).optional().meta({
    description: 'The same for each endpoint, unless it has its own.',
    defaultText: 'no limit',
    example: 200,
  }),
  adaptive: yesOrNo().prefault(false).meta({
    description:
      'True: requests are also shed while every endpoint is over the limit that the isolate has found for it (it shrinks with timeouts and overload signals): those of `priority: low` at once, normal ones when half as much again waits, high ones never.',
    danger: 'Without it an overload is not shed: what is over the limit still goes to the least loaded.',
    example: true,
  }),
})

/** Of an endpoint. */
export const concurrency = whole(1, 100_000)
  .optional()
  .meta({
    description: `Attempts that may wait for their answer here, ${ISOLATE}. None is begun above it: requests go elsewhere, or are answered 503.`,
    defaultText: "the pool's `limits.endpointConcurrency`",
    example: 50,
  })
