/** The `routes` of a gateway configuration: which requests are taken, where they go, and how hard is tried. */
import { z } from 'zod'
import { readHost, readPath } from '../addresses.ts'
import type { PathMatch } from '../base.ts'
import { choice, duration, fields, list, phrase, readText, size, whole, yesOrNo } from '../fields.ts'
import { headerValues } from './headers.ts'
import { name, reference } from './names.ts'

const PATH_FORMS = 'a path: "/api" takes all below it, { exact: "/api" } that one alone'

/** A text is a prefix, because most paths are. */
const path = () =>
  z
    .union([z.string(), z.strictObject({ prefix: z.string() }), z.strictObject({ exact: z.string() })], PATH_FORMS)
    .transform((written, context): PathMatch => {
      const exact = typeof written !== 'string' && 'exact' in written
      const raw = typeof written === 'string' ? written : 'exact' in written ? written.exact : written.prefix
      const reading = readPath(raw)
      if ('value' in reading)
        return exact ? { kind: 'exact', value: reading.value } : { kind: 'prefix', value: reading.value.replace(/(?<=.)\/$/, '') }
      const place = typeof written === 'string' ? [] : [exact ? 'exact' : 'prefix']
      context.issues.push({ code: 'custom', message: phrase(reading.expected, reading.suggestion), input: raw, path: place })
      return z.NEVER
    })

/** RFC 9110 section 9.1: methods are case-sensitive. CONNECT and TRACE are refused before any route is looked up. */
const method = () => {
  const expected = 'a method in upper case, such as GET; not CONNECT or TRACE'
  return readText(expected, (raw) => {
    if (/^[A-Z][A-Z-]{0,31}$/.test(raw) && raw !== 'CONNECT' && raw !== 'TRACE') return { value: raw }
    return /^[a-z-]+$/i.test(raw) && raw !== raw.toUpperCase() ? { expected, suggestion: `write ${raw.toUpperCase()}` } : { expected }
  })
}

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

export const routeSchema = fields('a route', {
  name: name('the name of a route').optional().meta({
    description: 'How logs, reports and `status` call it. Unique.',
    defaultText: '`routes[3]`, by its place',
    example: 'checkout',
  }),
  hosts: list(readText('a host such as shop.example.com or *.example.com', readHost), 'hosts', 1, 100).meta({
    description:
      'Hosts that it takes: exact, or `*.` for any depth below but not the name itself. An exact host goes before a wildcard, a longer wildcard before a shorter.',
    danger:
      'Each must be covered by a route or custom domain in wrangler.toml. The most specific host decides alone: what none of its routes takes is answered 404, not handed to a wildcard.',
    example: ['shop.example.com'],
  }),
  paths: list(path(), 'paths', 1, 100)
    .prefault(['/'])
    .meta({
      description:
        'One of them must hold. A text is a prefix by whole segments (`/a` takes `/a` and `/a/b`, not `/ab`); `{ exact: /a }` takes that path alone. Exact goes before prefix, a longer prefix before a shorter.',
      example: ['/api', { exact: '/healthz' }],
    }),
  methods: list(method(), 'methods', 0, 16)
    .prefault([])
    .meta({ description: 'Methods that it takes; an empty list takes all.', example: ['GET', 'HEAD'] }),
  headers: headerValues('match')
    .prefault({})
    .meta({
      description: 'Headers that must have exactly these values, all of them.',
      example: { 'x-tenant': 'blue' },
    }),
  pool: reference('a pool').meta({ description: 'The pool that serves it.', example: 'shop' }),
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
})
