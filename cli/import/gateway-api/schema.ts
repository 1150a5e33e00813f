/**
 * What the importer reads of Gateway API v1 resources, with the rules of the CRDs: a resource that breaks them is one that no cluster
 * would accept. Fields that are not here are reported, never passed over.
 */
import { z } from 'zod'
import { readGatewayDuration } from './duration.ts'

const NAME_MAX = 253
const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const WILDCARD = /^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+\-.^_`|~]+$/
const HEADER_VALUE = /^[!-~]([\t ]*[!-~])*$/
const PATH = /^\/(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|%[0-9a-fA-F]{2})*$/
const PATH_REFUSED = /\/\/|\/\.{1,2}(?:\/|$)|%2f/i
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'] as const

const name = () => z.string().min(1).max(NAME_MAX)
const port = () => z.int('expected a port from 1 to 65535').min(1).max(65_535)
const precise = () => z.string().max(NAME_MAX).regex(LABEL, 'expected a host name in lower case, without wildcard')
const hostname = () =>
  z
    .string()
    .max(NAME_MAX)
    .regex(WILDCARD, 'expected a host name in lower case, such as example.com or *.example.com')
    .refine((host) => !/^\d+(\.\d+){3}$/.test(host), 'expected a host name, not an address')
const duration = () =>
  z.string().transform((raw, context) => {
    const length = readGatewayDuration(raw)
    if (length !== undefined) return length
    context.issues.push({ code: 'custom', message: 'expected a duration of GEP-2257, such as 1h30m or 500ms', input: raw })
    return z.NEVER
  })

/** A list whose entries have different names, as the API server holds it; header names differ by more than their case. */
const unique = <Item extends z.ZodType<{ readonly name: string }>>(item: Item, max: number, key: (name: string) => string = (one) => one) =>
  z
    .array(item)
    .max(max)
    .refine((items) => new Set(items.map((each) => key(each.name))).size === items.length, 'expected each name once')

const lower = (text: string): string => text.toLowerCase()

const valueMatch = (nameOf: z.ZodType<string>) =>
  z.strictObject({
    type: z.enum(['Exact', 'RegularExpression']).default('Exact'),
    name: nameOf,
    value: z.string().min(1).max(4096),
  })

const path = z
  .strictObject({
    type: z.enum(['Exact', 'PathPrefix', 'RegularExpression']).default('PathPrefix'),
    value: z.string().max(1024).default('/'),
  })
  .refine(({ type, value }) => type === 'RegularExpression' || (PATH.test(value) && !PATH_REFUSED.test(value)), {
    message: 'expected a path from the root, without "//", "." or ".." segments, %2f, query or fragment',
    path: ['value'],
  })

const match = z.strictObject({
  path: path.default({ type: 'PathPrefix', value: '/' }),
  headers: unique(valueMatch(z.string().max(256).regex(HEADER_NAME)), 16).default([]),
  queryParams: unique(valueMatch(z.string().max(256).min(1)), 16).default([]),
  method: z.enum(METHODS).optional(),
})

const headerValue = z.strictObject({
  name: z.string().max(256).regex(HEADER_NAME, 'expected a header name'),
  value: z.string().min(1).max(4096).regex(HEADER_VALUE, 'expected a header value of visible characters'),
})
const headerChanges = z.strictObject({
  set: unique(headerValue, 16, lower).default([]),
  add: unique(headerValue, 16, lower).default([]),
  remove: z
    .array(z.string())
    .max(16)
    .refine((names) => new Set(names).size === names.length, 'expected each name once')
    .default([]),
})

const modifier = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('ReplaceFullPath'), replaceFullPath: z.string().max(1024) }),
  z.strictObject({ type: z.literal('ReplacePrefixMatch'), replacePrefixMatch: z.string().max(1024) }),
])

const backendObject = z.strictObject({
  group: z.string().default(''),
  kind: z.string().min(1).default('Service'),
  name: name(),
  namespace: z.string().optional(),
  port: port().optional(),
})
const portOfService = {
  message: 'expected a port: a reference to a Service names one',
  path: ['port'],
}
const backend = backendObject.refine((ref) => ref.group !== '' || ref.kind !== 'Service' || ref.port !== undefined, portOfService)

const percent = z.int().min(0).max(100)
const mirror = z
  .strictObject({
    backendRef: backend,
    percent: percent.optional(),
    fraction: z.strictObject({ numerator: z.int().min(0), denominator: z.int().min(1).default(100) }).optional(),
  })
  .refine((each) => each.percent === undefined || each.fraction === undefined, 'expected percent or fraction, not both')

const cors = z.strictObject({
  allowOrigins: z.array(z.string()).max(64).default([]),
  allowMethods: z.array(z.string()).max(16).default([]),
  allowHeaders: z.array(z.string()).max(64).default([]),
  exposeHeaders: z.array(z.string()).max(64).default([]),
  allowCredentials: z.boolean().default(false),
  maxAge: z.int().min(1).default(5),
})

const redirect = z.strictObject({
  scheme: z.enum(['http', 'https']).optional(),
  hostname: precise().optional(),
  path: modifier.optional(),
  port: port().optional(),
  statusCode: z.union([z.literal(301), z.literal(302), z.literal(303), z.literal(307), z.literal(308)]).default(302),
})

/** Exactly one field beside the type, the one that the type names. */
const filter = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('RequestHeaderModifier'), requestHeaderModifier: headerChanges }),
  z.strictObject({ type: z.literal('ResponseHeaderModifier'), responseHeaderModifier: headerChanges }),
  z.strictObject({ type: z.literal('RequestRedirect'), requestRedirect: redirect }),
  z.strictObject({
    type: z.literal('URLRewrite'),
    urlRewrite: z.strictObject({ hostname: precise().optional(), path: modifier.optional() }),
  }),
  z.strictObject({ type: z.literal('RequestMirror'), requestMirror: mirror }),
  z.strictObject({ type: z.literal('CORS'), cors }),
  z.strictObject({ type: z.literal('ExtensionRef'), extensionRef: z.strictObject({ group: z.string(), kind: z.string(), name: name() }) }),
  // Its inside is not read: a rule that asks for it is refused as a whole.
  z.looseObject({ type: z.literal('ExternalAuth') }),
])

const filters = z
  .array(filter)
  .max(16)
  .default([])
  .refine((all) => {
    const once = all.map(({ type }) => type).filter((type) => type !== 'RequestMirror' && type !== 'ExtensionRef')
    return new Set(once).size === once.length
  }, 'expected each type of filter once; only mirrors may be repeated')

const backendRef = backendObject
  .extend({ weight: z.int().min(0).max(1_000_000).default(1), filters })
  .refine((ref) => ref.group !== '' || ref.kind !== 'Service' || ref.port !== undefined, portOfService)

const rule = z
  .strictObject({
    name: z.string().optional(),
    matches: z.array(match).max(64).default([]),
    filters,
    backendRefs: z.array(backendRef).max(16).default([]),
    timeouts: z
      .strictObject({ request: duration().optional(), backendRequest: duration().optional() })
      .refine(({ request, backendRequest = 0 }) => request === undefined || request === 0 || backendRequest <= request, {
        message: "expected at most the request's timeout",
        path: ['backendRequest'],
      })
      .optional(),
    retry: z
      .strictObject({
        codes: z.array(z.int().min(400).max(599)).max(64).optional(),
        attempts: z.int().min(0).optional(),
        backoff: duration().optional(),
      })
      .optional(),
  })
  .refine((one) => one.backendRefs.length === 0 || !one.filters.some(({ type }) => type === 'RequestRedirect'), {
    message: 'expected no backendRefs beside a RequestRedirect filter',
    path: ['backendRefs'],
  })

const parentRef = z.strictObject({
  group: z.string().default('gateway.networking.k8s.io'),
  kind: z.string().default('Gateway'),
  namespace: z.string().optional(),
  name: name(),
  sectionName: z.string().optional(),
  port: port().optional(),
})

export const httpRouteSpec = z.strictObject({
  parentRefs: z.array(parentRef).max(32).default([]),
  hostnames: z.array(hostname()).max(16).default([]),
  rules: z.array(rule).min(1).max(16).optional(),
})

const listener = z
  .strictObject({
    name: z.string().regex(LABEL, 'expected a name in lower case'),
    hostname: hostname().optional(),
    port: port(),
    protocol: z.string().min(1),
    tls: z.looseObject({ mode: z.enum(['Terminate', 'Passthrough']).default('Terminate') }).optional(),
    allowedRoutes: z
      .strictObject({
        namespaces: z
          .strictObject({
            from: z.enum(['All', 'Selector', 'Same', 'None']).default('Same'),
            selector: z
              .strictObject({
                matchLabels: z.record(z.string(), z.string()).default({}),
                matchExpressions: z
                  .array(
                    z.strictObject({
                      key: z.string(),
                      operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
                      values: z.array(z.string()).default([]),
                    }),
                  )
                  .default([]),
              })
              .optional(),
          })
          .default({ from: 'Same' }),
        kinds: z.array(z.strictObject({ group: z.string().default('gateway.networking.k8s.io'), kind: z.string() })).optional(),
      })
      .default({ namespaces: { from: 'Same' } }),
  })
  .refine(({ protocol, hostname: host }) => host === undefined || !/^(TCP|UDP)$/.test(protocol), {
    message: 'expected no hostname on a listener of TCP or UDP',
    path: ['hostname'],
  })
  .refine(({ protocol, tls }) => tls === undefined || !/^(HTTP|TCP|UDP)$/.test(protocol), {
    message: 'expected no tls on a listener of HTTP, TCP or UDP',
    path: ['tls'],
  })

export const gatewaySpec = z.strictObject({
  gatewayClassName: z.string().min(1),
  listeners: unique(listener, 64)
    .min(1)
    .refine(
      (all) => new Set(all.map((one) => `${one.port}/${one.protocol}/${one.hostname ?? ''}`)).size === all.length,
      'expected each combination of port, protocol and hostname once',
    ),
  addresses: z.array(z.looseObject({})).optional(),
  infrastructure: z.looseObject({}).optional(),
})

export const referenceGrantSpec = z.strictObject({
  from: z.array(z.strictObject({ group: z.string(), kind: z.string().min(1), namespace: z.string().min(1) })).min(1),
  to: z.array(z.strictObject({ group: z.string(), kind: z.string().min(1), name: z.string().optional() })).min(1),
})

export const serviceSpec = z.looseObject({
  type: z.string().optional(),
  ports: z.array(z.looseObject({ port: port(), protocol: z.string().default('TCP'), appProtocol: z.string().optional() })).default([]),
})

export type HttpRouteSpec = z.output<typeof httpRouteSpec>
export type RuleSpec = NonNullable<HttpRouteSpec['rules']>[number]
export type MatchSpec = RuleSpec['matches'][number]
export type FilterSpec = RuleSpec['filters'][number]
export type BackendRefSpec = RuleSpec['backendRefs'][number]
export type ParentRefSpec = HttpRouteSpec['parentRefs'][number]
export type ListenerSpec = z.output<typeof listener>
export type ReferenceGrantSpec = z.output<typeof referenceGrantSpec>
export type ServicePortSpec = z.output<typeof serviceSpec>['ports'][number]
export type BackendSpec = z.output<typeof backend>
