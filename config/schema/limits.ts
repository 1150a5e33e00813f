/** How much may wait at the endpoints of a pool, and how many requests it may be sent. */
import { choice, fields, whole, yesOrNo } from '../fields.ts'
import { rate } from '../rate.ts'
import { RATE_LIMIT_SCOPES } from '../rate-limit.ts'

/** Requests of one window, and at once: as of a limit of use. */
const RATE_MAX = 1_000_000

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
  rate: rate(RATE_MAX, '1s', '60m').optional().meta({
    description:
      'How many requests the pool is sent in how long, at most, counted across isolates as `scope` says. A request is counted once, before its first attempt: what follows from it (a rescue, a retry, a hedge, a copy) is neither counted nor refused. Above it requests are answered 503 with `Retry-After`: those of the lowest `priority` from 60 % of it on, the next from 80 % (`ERR_SHED`), the highest from all of it (`ERR_OVER_LIMIT`). A request on the canary of a release begins on stable instead. When nobody can be asked, requests are let in.',
    defaultText: 'no limit',
    danger:
      'In an outage of a region the others get its requests as rescues too, which are not counted: leave room for them. With `scope: colo` only in `10s` or `1m`, which is all that the platform counts, and each class needs a counter of its own in wrangler.toml (`npx meridian check` says which lines).',
    example: '5000/10s',
  }),
  burst: whole(1, RATE_MAX).optional().meta({
    description:
      'How many requests may come at once, after a pause. Only beside `rate` and with `scope: global`; in a colo the platform decides that.',
    defaultText: 'as many as `rate` says',
    example: 1000,
  }),
  scope: choice(RATE_LIMIT_SCOPES).optional().meta({
    description:
      'Who counts together for `rate`, and only beside it. `colo`: each colo for itself, by the counter of the platform that wrangler.toml binds; `global`: all colos, by leases from Durable Objects.',
    defaultText: '`colo`',
    danger:
      'With `colo` ten colos may together send ten times the rate. With `global` the first request of an isolate, and each after two quiet seconds, waits up to 250 ms for an answer.',
    example: 'global',
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
