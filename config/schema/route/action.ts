/** What a route does with the requests that it takes: exactly one of `pool`, `pools`, `release`, `redirect` and `reply`. */
import { z } from 'zod'
import { ALWAYS, choice, fields, list, unread, unreadKey, whole } from '../../fields.ts'
import { headerEdits, headerValues } from '../headers.ts'
import { reference } from '../names.ts'
import { cors } from './cors.ts'
import { faults } from './faults.ts'
import { mirrors } from './mirrors.ts'
import { fullPath, oneHost, prefixPath, rewrite } from './rewrite.ts'

/** Of all weights together: what the draw can tell apart. */
const WEIGHT_MAX = 1_000_000

const redirect = fields('a redirect', {
  scheme: choice(['https', 'http']).optional().meta({
    description: 'The scheme to go to. With it and without a port, the port is the default one of the scheme.',
    defaultText: "the request's",
    example: 'https',
  }),
  host: oneHost().optional().meta({ description: 'The host to go to.', defaultText: "the request's", example: 'shop.example.com' }),
  port: whole(1, 65_535).optional().meta({
    description: 'The port to go to. The default ports, 80 of http and 443 of https, are left out of `Location`.',
    defaultText: "the default one of `scheme` when that is given, else the request's",
    example: 8443,
  }),
  path: fullPath().optional().meta({
    description: 'The path to go to, in place of the whole. The query is kept.',
    defaultText: "the request's",
    example: '/closed',
  }),
  prefix: prefixPath().optional().meta({
    description: 'Put in place of the prefix that the route matched. The rest of the path and the query are kept.',
    limits: 'only where all paths of the route are prefixes, and not beside `path`',
    defaultText: 'none',
    example: '/v2',
  }),
  status: z.literal([301, 302, 303, 307, 308], 'one of 301, 302, 303, 307, 308').prefault(302).meta({
    limits: '301, 302, 303, 307, 308',
    description: '301 and 308 are permanent, 307 and 308 keep the method and the content.',
    danger: 'Browsers remember permanent redirects: one that was wrong stays for as long as they like.',
    example: 301,
  }),
})

const REPLY_MAX = 64 * 1024

const reply = fields('a reply', {
  status: whole(200, 599).prefault(200).meta({ description: 'Its status.', example: 404 }),
  body: z
    .string('a text of at most 64 KiB')
    .refine(
      (text) => new TextEncoder().encode(text).length <= REPLY_MAX,
      unread({ expected: 'a text of at most 64 KiB', code: 'VALUE_OUT_OF_RANGE' }),
    )
    .optional()
    .meta({
      description: 'Its content, as plain text unless `headers` name a type.',
      limits: 'at most 64 KiB in UTF-8; none with 204, 205 and 304',
      defaultText: 'none',
      danger: 'It is part of the Worker: no secrets.',
      example: 'gone fishing',
    }),
  headers: headerValues('response')
    .prefault({})
    .meta({ description: 'Its headers.', example: { 'content-type': 'application/json' } }),
})

const weightedPool = fields('a weighted pool', {
  pool: reference('a pool')
    .optional()
    .meta({ description: 'The pool.', defaultText: 'none; a share has exactly one of `pool` and `reply`', example: 'shop' }),
  weight: whole(0, WEIGHT_MAX).prefault(1).meta({
    description: 'Its share of the requests, relative to the other pools of the route; 0 takes none.',
    danger: 'When all are 0 the route answers 500 (`ERR_NO_WEIGHT`), as the Gateway API wants.',
    example: 9,
  }),
  requestHeaders: headerEdits('request', 'requests to this pool')
    .optional()
    .meta({ description: "Changes of request headers, after the route's and before the endpoint's own.", defaultText: 'none' }),
  responseHeaders: headerEdits('response', 'answers of this pool')
    .optional()
    .meta({ description: "Changes of response headers, after the route's.", defaultText: 'none' }),
  rewrite: rewrite
    .optional()
    .meta({ description: "Another host or path for this pool, each in place of the route's.", defaultText: "the route's" }),
  redirect: redirect.optional().meta({
    description: 'Requests that draw this pool are redirected instead, as the Gateway API permits it of a backend.',
    limits: 'nothing else beside it but `weight`',
    defaultText: 'none',
    example: { path: '/closed' },
  }),
  reply: reply.optional().meta({
    description: 'Instead of a pool: this share is answered by itself. As the Gateway API does with a backend that it may not send to.',
    limits: 'nothing else beside it but `weight`',
    defaultText: 'none',
    danger: 'So much of the traffic fails for good, if its status says so.',
    example: { status: 500 },
  }),
}).superRefine((share: unknown, context) => {
  if (typeof share !== 'object' || share === null || Array.isArray(share)) return
  const said = ['pool', 'reply'].filter((kind) => Object.hasOwn(share, kind))
  if (said.length === 0) context.addIssue(unread({ expected: 'one of pool, reply: what takes this share', code: 'FIELD_MISSING' }))
  if (said.length === 2) context.addIssue(unreadKey('reply', { expected: 'nothing beside "pool"', code: 'FIELDS_EXCLUSIVE' }))
}, ALWAYS)

export const actionFields = {
  pool: reference('a pool').optional().meta({
    description: 'The pool that serves it: short for `pools` with this one alone.',
    defaultText: 'none; a route has exactly one of `pool`, `pools`, `release`, `redirect` and `reply`',
    example: 'shop',
  }),
  pools: list(weightedPool, 'weighted pools', 1, 16)
    .optional()
    .meta({
      description:
        'Several pools with weights. Each request draws one and stays with it: its endpoints rescue it, those of the other pools do not. With `writes: home`, writes are not drawn: they go to the pool of the home.',
      defaultText: 'none',
      danger: 'A pool without a healthy endpoint goes on to be drawn, and answers 503 to its share.',
      example: [
        { pool: 'shop', weight: 99 },
        { pool: 'shop-next', weight: 1 },
      ],
    }),
  release: reference('a release').optional().meta({
    description:
      'A release, which sends each client to its stable or to its canary track. What fails on the canary is rescued on the canary, then on stable.',
    defaultText: 'none',
    example: 'checkout',
  }),
  redirect: redirect.optional().meta({
    description: 'Tells the client to go elsewhere. No endpoint is asked.',
    defaultText: 'none',
    example: { scheme: 'https', status: 301 },
  }),
  reply: reply.optional().meta({
    description: 'Answers by itself. No endpoint is asked.',
    defaultText: 'none',
    example: { status: 410, body: 'gone' },
  }),
  cors: cors.optional().meta({
    description:
      'What pages of other origins may do (CORS). Preflights are answered at the edge, by the route that would take the request itself, whatever its methods. CORS headers of endpoints are replaced; those here are on redirects, replies and failures too.',
    defaultText: "none: endpoints' own CORS headers are passed on",
    example: { origins: ['https://shop.example.com'], methods: ['PUT'], credentials: true },
  }),
  rewrite: rewrite.optional().meta({
    description: 'Another host or path for endpoints than the client asked for.',
    defaultText: 'none',
    example: { prefix: '/v2' },
  }),
  faults: faults.optional().meta({
    description:
      'Delays and failures that are injected on purpose, to see what they do. They count nowhere: not against endpoints, not in budgets.',
    defaultText: 'none',
    danger: 'Clients see them.',
    example: { expires: '2026-12-01T18:00:00Z', abort: { status: 503, share: '1%' } },
  }),
  mirrors: mirrors.optional().meta({
    description:
      'Pools that get copies of requests, when those have had their answer. Copies delay nothing, fail nothing and teach nothing about health; their answers are thrown away. Each says `meridian-mirror: 1`. An isolate has at most 64 under way; what it drops is counted in the log.',
    defaultText: 'none',
    example: [{ pool: 'shop-next', share: '5%' }],
  }),
  requestHeaders: headerEdits('request', 'requests to endpoints').optional().meta({
    description:
      "Changes of request headers. The order is: what the client sent, without what Meridian strips; what Meridian says; these; the weighted pool's; the endpoint's `headers`.",
    defaultText: 'none',
    danger: 'Kept in plain text in the Worker: no secrets.',
  }),
  responseHeaders: headerEdits('response', 'every answer of the route').optional().meta({
    description:
      "Changes of response headers: of endpoints' answers, redirects, replies and Meridian's own failures alike. The weighted pool's come after.",
    defaultText: 'none',
    danger: 'An answer whose headers change is made anew, which costs about a twentieth of a bare request in CPU.',
  }),
}

/** What a route may do. */
export const ACTIONS = ['pool', 'pools', 'release', 'redirect', 'reply'] as const

/** Two actions at once. None at all is found when the file is linked, when it is known what was cut. */
export function refuseActions(route: unknown, context: z.core.$RefinementCtx<unknown>): void {
  if (typeof route !== 'object' || route === null || Array.isArray(route)) return
  const said = ACTIONS.filter((kind) => Object.hasOwn(route, kind))
  for (const kind of said.slice(1)) context.addIssue(unreadKey(kind, { expected: `nothing beside "${said[0]}"`, code: 'FIELDS_EXCLUSIVE' }))
}
