/**
 * Which CORS headers an answer has (Fetch, "CORS protocol"). An origin that is not allowed is never repeated. What endpoints say about
 * CORS themselves is replaced: two `Access-Control-Allow-Origin` are none to a browser.
 */
import type { HeaderPair } from '../../config/action.ts'
import type { CorsNames, CorsOrigins, CorsRules } from '../../config/cors.ts'
import type { EditableHeaders } from './edit-headers.ts'

export interface Preflight {
  readonly origin: string
  readonly method: string
  /** As the browser lists them. */
  readonly headers: string | null
}

/** Undefined for what is no preflight: an OPTIONS request like any other. */
export function readPreflight(method: string, headers: Pick<EditableHeaders, 'get'>): Preflight | undefined {
  if (method !== 'OPTIONS') return undefined
  const origin = headers.get('origin')
  const asked = headers.get('access-control-request-method')
  if (origin === null || asked === null) return undefined
  return { origin, method: asked, headers: headers.get('access-control-request-headers') }
}

/** What an edge says to a preflight: 204 with these. For an origin that is not allowed, only that the answer depends on the origin. */
export function preflightHeaders(rules: CorsRules, asked: Preflight): readonly HeaderPair[] {
  const allowed = allowedOrigin(rules, asked.origin)
  const vary: HeaderPair = ['vary', 'origin, access-control-request-method, access-control-request-headers']
  if (allowed === undefined) return [vary]
  return [
    ['access-control-allow-origin', allowed],
    ...pair('access-control-allow-methods', allowedNames(rules, rules.methods, TOKEN.test(asked.method) ? asked.method : '')),
    ...pair('access-control-allow-headers', allowedNames(rules, rules.headers, requestedHeaders(asked.headers))),
    ...pair('access-control-expose-headers', rules.expose),
    ['access-control-max-age', String(Math.floor(rules.maxAge / 1000))],
    ...pair('access-control-allow-credentials', rules.credentials ? 'true' : ''),
    vary,
  ]
}

/** Makes an answer's CORS headers those of the route. `origin`: of the request, if it named one. */
export function setCors(headers: EditableHeaders, rules: CorsRules, origin: string | null): void {
  for (const name of OF_CORS) headers.delete(name)
  const isFixed = rules.origins.any && !rules.credentials
  if (!isFixed) addVary(headers)
  const allowed = isFixed ? '*' : origin === null ? undefined : allowedOrigin(rules, origin)
  if (allowed === undefined) return
  headers.set('access-control-allow-origin', allowed)
  if (rules.credentials) headers.set('access-control-allow-credentials', 'true')
  if (rules.expose !== '') headers.set('access-control-expose-headers', rules.expose)
}

const OF_CORS = [
  'access-control-allow-origin',
  'access-control-allow-credentials',
  'access-control-expose-headers',
  'access-control-allow-methods',
  'access-control-allow-headers',
  'access-control-max-age',
] as const

/** What a cache must know: the answer is another for another origin, or for none. */
function addVary(headers: EditableHeaders): void {
  const held = headers.get('vary')
  const names = held === null ? [] : held.split(',').map((name) => name.trim().toLowerCase())
  if (!names.includes('origin') && !names.includes('*')) headers.set('vary', held === null || held === '' ? 'origin' : `${held}, origin`)
}

/** What `Access-Control-Allow-Origin` says; undefined: nothing. With credentials browsers do not take `*`. */
export function allowedOrigin({ origins, credentials }: CorsRules, origin: string): string | undefined {
  if (origins.any && !credentials) return '*'
  return isAllowed(origins, origin) ? origin : undefined
}

/** As browsers write them; not `null`, which is the origin of sandboxes and files: everybody's. */
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[a-z0-9._[\]:-]+$/

function isAllowed({ any, exact, wildcards }: CorsOrigins, origin: string): boolean {
  if (!ORIGIN.test(origin)) return false
  if (any || exact.includes(origin)) return true
  return wildcards.some(({ before, after }) => {
    if (!origin.startsWith(before) || !origin.endsWith(after)) return false
    return LABELS.test(origin.slice(before.length, origin.length - after.length))
  })
}

const LABELS = /^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/

/** `*` is a name like any other to a browser that sends credentials: then what it asks for is repeated. */
function allowedNames({ credentials }: CorsRules, { any, listed }: CorsNames, asked: string): string {
  if (!any) return listed
  return credentials ? asked : listed === '' ? '*' : `*, ${listed}`
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/
/** A page that asks for more headers than this is told about the first. */
const HEADERS_MAX = 64

function requestedHeaders(asked: string | null): string {
  if (asked === null) return ''
  const names = asked.split(',', HEADERS_MAX).map((name) => name.trim())
  return names.filter((name) => TOKEN.test(name)).join(', ')
}

const pair = (name: string, value: string): readonly HeaderPair[] => (value === '' ? [] : [[name, value]])
