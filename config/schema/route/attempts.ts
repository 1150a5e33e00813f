/** How long is waited for an answer, what is tried again, what is hedged. */
import { duration, fields, list, percentage, readDuration, readText, whole } from '../../fields.ts'
import type { HedgeMoment } from '../../resilience.ts'
import { share } from '../../units.ts'

export const timeouts = fields('timeouts', {
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
      'Below the p99 of the route every slow answer costs a second attempt; this is also the longest that a client waits for the rescue from a hanging region, unless `hedge` comes before it.',
    example: '800ms',
  }),
  idle: duration('0s', '10m').prefault('30s').meta({
    description:
      'Longest silence within a response body that is looked after. `0s` turns it off. Server-sent events (`text/event-stream`) and WebSockets are never ended by it.',
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

export const retry = fields('a retry rule', {
  attemptsMax: whole(1, 5).prefault(3).meta({
    description: 'Attempts in all, the first included; a hedge counts.',
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

const MOMENT = 'a duration from 1ms to 1m, such as "100ms", or a quantile from p50 to p99, such as "p95"'

/** A fixed time, or an observed quantile. */
const moment = () =>
  readText(
    MOMENT,
    (raw): { value: HedgeMoment } | { expected: string } => {
      const [, percent] = /^p([5-9]\d)$/.exec(raw) ?? []
      if (percent !== undefined) return { value: { kind: 'quantile', quantile: share(Number(percent) / 100) } }
      const delay = readDuration(raw)
      return delay === undefined || delay < 1 || delay > 60_000 ? { expected: MOMENT } : { value: { kind: 'fixed', delay } }
    },
    /^((0|[1-9]\d{0,8})(ms|s|m)|p[5-9]\d)$/,
  )

export const hedge = fields('a hedge', {
  after: moment().prefault('p95').meta({
    description:
      'When an attempt that is still waiting gets a second one beside it, at another endpoint: after a fixed time, or when it takes longer than this share of the attempts that this isolate has seen on the route (`p95`). A quantile is not used before 100 of them.',
    unit: 'duration or quantile',
    limits: '1ms to 1m, p50 to p99',
    danger: 'A fixed time below the p95 of the route spends the whole `share` on answers that were about to come.',
    example: '100ms',
  }),
  share: percentage(0.01, 50).prefault('5%').meta({
    description:
      'Hedges allowed as a share of the requests that might be hedged; less while attempts per request are too many in the whole gateway.',
    danger: 'So much load is added to every region, most of it when one of them is slow.',
    example: '7%',
  }),
})
