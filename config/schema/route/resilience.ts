/** How hard a route tries: writes, timeouts, retries, what is kept in memory for another attempt. */
import { choice, duration, fields, list, size, whole, yesOrNo } from '../../fields.ts'
import { reference } from '../names.ts'

const timeouts = fields('timeouts', {
  request: duration('50ms', '5m').prefault('15s').meta({
    description:
      'From the arrival of the head to the head of the answer, all attempts and pauses included. Endpoints are told what is left of it.',
    danger: 'A long one holds clients and endpoints in an outage.',
    example: '5s',
  }),
  attempt: duration('20ms', '5m').optional().meta({
    description:
      "From the moment an attempt is sent whole to the head of its answer. Not longer than the request's. The last allowed attempt has what is left of the request's.",
    defaultText: "1s, or the request's when that is shorter",
    danger:
      'Below the p99 of the route every slow answer costs a second attempt; this is also the longest that a client waits for the rescue from a hanging region.',
    example: '800ms',
  }),
  idle: duration('0s', '10m').prefault('30s').meta({
    description: 'Longest silence within a response body. `0s` turns it off, as routes with server-sent events or WebSockets want.',
    danger: 'Off, a stalled endpoint holds its clients for ever.',
    example: '0s',
  }),
})

const backoff = fields('a back-off', {
  base: duration('0s', '10s').prefault('25ms').meta({
    description:
      'The n-th charged retry waits a random time up to base × 2^(n−1), at most `max`. The rescue in another endpoint does not wait.',
    example: '50ms',
  }),
  max: duration('0s', '30s').prefault('250ms').meta({ description: 'Upper limit of that time. Not below the base.', example: '1s' }),
})

const retry = fields('a retry rule', {
  attemptsMax: whole(1, 5).prefault(3).meta({
    description: 'Attempts in all, the first included.',
    danger: '1 turns rescue in another region off.',
    example: 2,
  }),
  statuses: list(whole(400, 599), 'statuses', 0, 32)
    .prefault([502, 503, 504])
    .meta({
      description: "Statuses that are tried again, beside failures to connect, timeouts and Cloudflare's own 52x.",
      danger: 'Statuses that an application answers on purpose make each such answer cost another attempt.',
      example: [502, 503, 504],
    }),
  backoff: backoff.prefault({}).meta({ description: 'How long a retry waits.' }),
})

export const resilienceFields = {
  writes: choice(['follow-verdict', 'home', 'anywhere']).prefault('follow-verdict').meta({
    description:
      'What may be done with methods that are not safe. `follow-verdict`: sent to the first endpoint that is not out, and not again unless it was provably not sent. `home`: to one endpoint; while that is out they are answered 503. `anywhere`: treated like reads.',
    danger: '`anywhere` may run a write in two regions. Say it only where all regions share one store and writes may be repeated.',
    example: 'home',
  }),
  home: reference('an endpoint of the pool').optional().meta({
    description: 'With `writes: home`, and only then: the endpoint that takes writes.',
    defaultText: 'none',
    example: 'aws-use1',
  }),
  idempotencyKey: yesOrNo().prefault(false).meta({
    description:
      "True: a client's `Idempotency-Key` permits a second try of a write at the same endpoint. It never moves a write to another.",
    danger: 'Say it only where the application honours the header.',
    example: true,
  }),
  timeouts: timeouts.prefault({}).meta({ description: 'How long is waited.' }),
  retry: retry.prefault({}).meta({ description: 'What is tried again, and how often.' }),
  replayMax: size('0B', '8MiB').prefault('64KiB').meta({
    description: 'A request body up to this size is kept for another attempt; a larger one is streamed once and not tried again.',
    danger: 'Held in memory for each request in flight; an isolate has 128 MB for all.',
    example: '256KiB',
  }),
  bufferUpTo: size('0B', '8MiB').prefault('0B').meta({
    description:
      'A response up to this size is read whole before its head is sent on, so that a break in its middle can be rescued. `0B` turns it off.',
    danger: 'Adds the time of the body to the first byte, and its size to the memory of each request in flight.',
    example: '16KiB',
  }),
}
