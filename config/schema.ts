/**
 * What `config/gateway.yaml` may say. One description serves three: it parses (`parse-gateway.ts`), makes the JSON Schema for
 * editors, and the reference in `docs/configuration.md`. Only what is acted upon has a field.
 */
import type { z } from 'zod'
import { choice, decimal, duration, fields, list, size, whole, yesOrNo } from './fields.ts'
import { MATCH_ORDERS } from './match.ts'
import { admissionSchema } from './schema/admission.ts'
import { edge } from './schema/edge.ts'
import { issuersSchema } from './schema/issuers.ts'
import { operatorsSchema } from './schema/operators.ts'
import { poolsSchema } from './schema/pools.ts'
import { releasesSchema } from './schema/releases.ts'
import { routeSchema } from './schema/routes.ts'
import { trustsSchema } from './schema/trusts.ts'

/** Location hints under which Cloudflare really hosts Durable Objects; `sam`, `afr` and `me` host none. */
export const VANTAGE_HINTS = ['wnam', 'enam', 'weur', 'eeur', 'apac', 'apac-ne', 'apac-se', 'oc'] as const

const UNHOSTED: ReadonlyMap<string, string> = new Map([
  ['sam', 'no Durable Object stands in South America: the nearest is enam'],
  ['afr', 'no Durable Object stands in Africa: the nearest is weur'],
  ['me', 'no Durable Object stands in the Middle East: the nearest is eeur'],
])

const holdDown = fields('a hold-down', {
  base: duration('1s', '10m').prefault('30s').meta({
    description: 'How long an endpoint that went down stays down at least.',
    danger: 'Short ones let a flapping region come back too soon.',
    example: '1m',
  }),
  factor: decimal(1, 10).prefault(4).meta({ description: 'Multiplies the hold-down at each further fall within `memory`.', example: 2 }),
  max: duration('1s', '60m').prefault('10m').meta({ description: 'Longest hold-down. Not below the base.', example: '10m' }),
  memory: duration('1s', '60m').prefault('10m').meta({ description: 'For how long a fall is remembered.', example: '10m' }),
})

const health = fields('health settings', {
  vantages: list(choice(VANTAGE_HINTS, UNHOSTED), 'vantages', 1, VANTAGE_HINTS.length)
    .prefault(['wnam', 'enam', 'weur', 'eeur', 'apac'])
    .meta({
      description:
        'Where endpoints are probed from: one Durable Object near each location. An endpoint is down when more than half of them say so.',
      limits: 'at least 3 in a deployable configuration: two have no majority, and one alone has no quorum',
      danger: 'Vantages on one continent take a broken link between continents for a dead region.',
      example: ['wnam', 'weur', 'apac'],
    }),
  holdDown: holdDown.prefault({}).meta({ description: 'How long a fallen endpoint is kept out, by vantages and isolates alike.' }),
})

const inbound = fields('inbound settings', {
  headersMax: size('1KiB', '64KiB').prefault('32KiB').meta({
    description: 'Largest block of request headers, names and values added up. A larger one is answered 431.',
    danger: 'Endpoints have limits of their own, often 8 KiB or 16 KiB a line.',
    example: '16KiB',
  }),
  hopsMax: whole(1, 10).prefault(3).meta({
    description: 'How often a request may have passed this gateway (`CDN-Loop`, RFC 8586) before it is answered 508.',
    example: 1,
  }),
})

const replies = fields('reply settings', {
  routingHeaders: yesOrNo().prefault(false).meta({
    description:
      'Every answer of an endpoint says `x-request-id`, `meridian-endpoint` (who answered) and `meridian-attempts` (2 or more: it was rescued or retried). What a route answers by itself (redirects, replies, preflights) and failures, of the gateway or an endpoint, say `x-request-id`, and failures of the gateway `meridian-code`, whatever is set here.',
    danger: 'It names your regions to every client, and costs about a twentieth of a bare request in CPU.',
    example: true,
  }),
})

const matching = fields('matching settings', {
  order: choice(MATCH_ORDERS).prefault('most-specific').meta({
    description:
      'Which of the routes of the most specific host goes first. `most-specific`, as the Kubernetes Gateway API ranks: path, then (beyond it) the number of `claims` with `certificate`, then method, then the number of headers, of query parameters, of cookies and of other conditions, then the order of the file. `first-match`: the order of the file alone.',
    danger: 'With `first-match` a route for `/` hides all below it in the file.',
    example: 'first-match',
  }),
})

export const gatewaySchema = fields('a gateway configuration', {
  pools: poolsSchema.prefault({}).meta({ description: 'Sets of endpoints that serve the same thing, each under its name.' }),
  routes: list(routeSchema, 'routes', 1, 10_000).prefault([]).meta({
    description:
      'Which requests go to which pool. Order decides between routes whose matches are equally specific, or everything with `matching: { order: first-match }`.',
  }),
  releases: releasesSchema.prefault({}).meta({
    description:
      'New versions that get a growing share of the traffic while they are judged against the old one, each under its name. A route takes one with `release: NAME`. Until an operator starts it, everybody is on stable.',
  }),
  issuers: issuersSchema.prefault({}).meta({ description: 'Whose tokens count, each under its name.' }),
  trusts: trustsSchema.prefault({}).meta({ description: 'Whose client certificates count, each under its name.' }),
  operators: operatorsSchema
    .prefault({})
    .meta({ description: "The operators' API (`npx meridian status`, `explain`): where it answers, and to whom." }),
  admission: admissionSchema.prefault([]).meta({
    description: 'Who may come in: what is demanded of every request to a host, whichever route takes it.',
    danger: 'Without it everybody may do everything that endpoints let them.',
  }),
  edge: edge.prefault({}).meta({ description: 'What the edge calls itself towards endpoints.' }),
  matching: matching.prefault({}).meta({ description: 'How the route of a request is found.' }),
  health: health.prefault({}).meta({ description: 'How the health of endpoints is found out together.' }),
  inbound: inbound.prefault({}).meta({ description: 'What is accepted from clients.' }),
  replies: replies.prefault({}).meta({ description: 'What is said to clients.' }),
})

/** A configuration whose every value is well formed, defaults written out. Names are not looked up yet. */
export type GatewayFile = z.output<typeof gatewaySchema>
export type PoolFile = GatewayFile['pools'][string]
export type EndpointFile = PoolFile['endpoints'][string]
export type ReleaseFile = GatewayFile['releases'][string]
export type MonitorFile = EndpointFile['monitor']
export type RouteFile = GatewayFile['routes'][number]
