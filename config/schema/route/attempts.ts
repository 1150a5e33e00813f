/** How long is waited for an answer, what is tried again, what is hedged. */
import {
  choice,
  duration,
  durationOrOff,
  fields,
  list,
  percentage,
  type Reading,
  readDuration,
  readText,
  whole,
  yesOrNo,
} from '../../fields.ts'
import { FAILURE_DOMAINS, type HedgeMoment, RETRY_CONDITIONS } from '../../resilience.ts'
import { share } from '../../units.ts'
import { answerHeaders } from './answer-headers.ts'
import { method } from './match.ts'

export const timeouts = fields('timeouts', {
  request: durationOrOff('50ms', '5m').prefault('15s').meta({
    description:
      'From the arrival of the request, with its body where that is kept (`replayMax`), to the head of the answer, all attempts and pauses included; of a body that is streamed, from its last byte. Endpoints are told what is left of it. `0s` turns it off: what remains is the 5m that no request exceeds.',
    danger: 'A long one holds clients and endpoints in an outage.',
    example: '5s',
  }),
  attempt: durationOrOff('20ms', '5m').optional().meta({
    description:
      "From the moment an attempt is sent whole to the head of its answer, or of one whose body is held (`bufferUpTo`) to its end. Not longer than the request's; `0s` turns it off, and each attempt has what is left of the request's.",
    defaultText: "1s, or the request's when that is shorter",
    danger:
      'Below the p99 of the route every slow answer costs a second attempt; this is also the longest that a client waits for the rescue from a hanging region, unless `hedge` comes before it.',
    example: '800ms',
  }),
  slow: choice(['race', 'abort']).prefault('race').meta({
    description:
      "What becomes of an attempt that takes longer than `attempt`. `race`: it goes on, another is started beside it and the first answer wins; the last allowed attempt has what is left of the request's time. `abort`: it is broken off and has failed, the last and the only one too (504), as the Gateway API's `backendRequest` wants it; a request out of time is 504 then, whatever was answered before.",
    danger: '`abort` fails every request that a region answers late, where `race` would have waited. It needs `attempt` beside it.',
    example: 'abort',
  }),
  idle: duration('0s', '10m').optional().meta({
    description:
      'Longest silence within a response body, which is broken off then. Where a route states it, every body is looked after for it. The default is for bodies that are looked after anyway: one of an endpoint each 50 ms (of those over 64 KiB or without a length one in 32), and every one of an endpoint that has just broken one. `0s` turns it off. Server-sent events (`text/event-stream`) and WebSockets are never ended by it.',
    defaultText: '30s, for a sample of bodies',
    danger:
      'Off, and for most bodies where it is not stated, a stalled endpoint holds its clients for as long as they wait. Stated, a body costs up to twice the CPU of one that is passed on unseen.',
    example: '10s',
  }),
})

const backoff = fields('a back-off', {
  base: duration('0s', '10s').prefault('25ms').meta({
    description:
      'The n-th charged retry waits a random time up to base × 2^(n−1), at most `max`. The rescue in another endpoint does not wait.',
    example: '50ms',
  }),
  max: duration('0s', '30s').prefault('250ms').meta({ description: 'Upper limit of that time. Not below the base.', example: '1s' }),
  min: duration('0s', '30s').prefault('0s').meta({
    description: "Lower limit of that time, as the Gateway API's `backoff` is one. Not above `max`.",
    danger: 'Retries of clients that failed together then come together.',
    example: '20ms',
  }),
})

export const retry = fields('a retry rule', {
  attemptsMax: whole(1, 10).prefault(3).meta({
    description: 'Attempts in all, the first included; a hedge counts. More than 5 only where slow attempts are aborted.',
    danger: '1 turns rescue in another region off.',
    example: 2,
  }),
  statuses: list(whole(400, 599), 'statuses', 0, 32)
    .prefault([502, 503, 504])
    .meta({
      description:
        'Statuses that are tried again, whatever `on` says; of gRPC those that mean the same. A 429 with `x-envoy-ratelimited` is a quota of the client, the same in every region, and never is. An empty list: none.',
      danger: 'Statuses that an application answers on purpose make each such answer cost another attempt.',
      example: [502, 503, 504],
    }),
  on: list(choice(RETRY_CONDITIONS), 'conditions', 0, RETRY_CONDITIONS.length)
    .optional()
    .meta({
      description:
        'What else is tried again. `connect-failure`: no connection, or one that broke before the head (the platform does not tell which). `timeout`: the attempt timer. `overload`: 429 with `Retry-After`, and 5xx with `x-envoy-overloaded`. `cloudflare-52x`: 520 to 526 and 530. `bad-response`: no HTTP. `broken-body`: a body that broke while it was held back.',
      defaultText: 'all of them',
      danger: 'What is left out fails at once, however well the other regions are. It counts against its endpoint all the same.',
      example: ['connect-failure', 'timeout'],
    }),
  headers: answerHeaders()
    .optional()
    .meta({
      description:
        'Headers of an answer that say that it is to be tried again, whatever its status: a name with the text that it must have, or `{ present: true }` or `{ present: false }`. One of them is enough.',
      defaultText: 'none',
      example: { 'x-try-elsewhere': { present: true } },
    }),
  methods: list(method(), 'methods', 0, 16)
    .optional()
    .meta({
      description:
        'Methods that may be sent again when an endpoint may have seen the first attempt. Others are sent again only when it certainly did not, or with `idempotencyKey`.',
      defaultText: 'GET, HEAD and OPTIONS, and all with `writes: anywhere`',
      limits: 'methods that are not safe need `writes: anywhere`',
      example: ['GET', 'HEAD', 'PUT'],
    }),
  rescue: yesOrNo().prefault(true).meta({
    description:
      'True: the first attempt on another endpoint does not wait and is not charged to the retry budget. False: it is a retry like any other.',
    danger: 'False makes requests fail when a region dies and the budget is spent.',
    example: false,
  }),
  leave: choice(['nothing', ...FAILURE_DOMAINS])
    .prefault('region')
    .meta({
      description:
        'What another attempt of a request gets away from, where it can: it prefers endpoints in another `zone`, `region` or `cloud` than those that were tried (another region where there is no other cloud, another zone where there is no other region). Only among endpoints of the same priority that are equally well. `nothing`: the order of the pool alone.',
      danger: '`cloud` sends rescues further away than need be when only a region is ill.',
      example: 'cloud',
    }),
  retryAfterMax: duration('0s', '5m').prefault('5m').meta({
    description:
      'Longest `Retry-After` that is believed: a retry waits so long, and an endpoint that asked for it while another answered is passed over so long.',
    danger: 'Short ones send requests to an endpoint that has said that it has no room.',
    example: '30s',
  }),
  backoff: backoff.prefault({}).meta({ description: 'How long a retry waits.' }),
})

const MOMENT = 'a duration from 1ms to 1m, such as "100ms", or a quantile from p50 to p99, such as "p95"'

/** A fixed time, or an observed quantile. */
const moment = () =>
  readText(
    MOMENT,
    (raw): Reading<HedgeMoment> => {
      const [, percent] = /^p([5-9]\d)$/.exec(raw) ?? []
      if (percent !== undefined) return { value: { kind: 'quantile', quantile: share(Number(percent) / 100) } }
      const delay = readDuration(raw)
      if (delay === undefined) return { expected: MOMENT }
      return delay < 1 || delay > 60_000 ? { expected: MOMENT, code: 'VALUE_OUT_OF_RANGE' } : { value: { kind: 'fixed', delay } }
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
