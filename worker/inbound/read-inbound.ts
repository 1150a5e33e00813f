/**
 * What came in, read once: where from, for whom, how far it may go. Refuses what is malformed or ambiguous before anything is matched.
 * It believes the platform's own facts and nothing else about who sent the request.
 */
import type { InboundSettings } from '../../config/base.ts'
import type { GatewayErrorCode } from '../../config/errors.ts'
import { err, ok, type Result } from '../../config/result.ts'
import type { Instant } from '../../config/units.ts'
import type { Platform } from '../ports.ts'
import type { InboundPlace } from '../snapshot-port.ts'
import { clientAddress } from './client-address.ts'
import { isPathServed } from './path-policy.ts'
import { type HeaderFindings, readHeaders } from './read-headers.ts'
import { hex64, type TraceContext, traceContext } from './trace-context.ts'

export interface Inbound {
  readonly receivedAt: Instant
  readonly requestId: string
  readonly trace: TraceContext
  readonly method: string
  readonly scheme: 'http' | 'https'
  /** As the client wrote it, with a port: `Shop.example.com:8443`. */
  readonly authority: string
  /** For matching: lower case, without port. */
  readonly host: string
  readonly path: string
  /** With its `?`, or empty. */
  readonly query: string
  readonly address?: string
  readonly place: InboundPlace
  readonly headers: HeaderFindings
}

/** Refusals carry what is known of the request, for the answer and the log. */
export interface Refusal {
  readonly code: GatewayErrorCode
  readonly requestId: string
}

export interface InboundRules {
  readonly settings: InboundSettings
  /** Some route of the gateway is for this host. */
  readonly serves: (host: string) => boolean
}

export function readInbound(request: Request, { settings, serves }: InboundRules, platform: Platform): Result<Inbound, Refusal> {
  const receivedAt = platform.now()
  const header = (name: string) => request.headers.get(name)
  const trace = traceContext(header('traceparent'), platform.draw)
  const requestId = trace.continued ? hex64(platform.draw) + hex64(platform.draw) : trace.traceId
  const refuse = (code: GatewayErrorCode) => err({ code, requestId })

  const target = splitUrl(request.url)
  if (target === undefined) return refuse('ERR_BAD_REQUEST')
  if (!serves(target.host)) return refuse('ERR_UNKNOWN_HOST')
  const { method } = request
  if (method === 'TRACE') return refuse('ERR_METHOD_REFUSED')
  if (method === 'CONNECT') return refuse('ERR_METHOD_UNKNOWN')
  const headers = readHeaders(request.headers)
  if (headers.size > settings.headersMax) return refuse('ERR_HEADERS_TOO_LARGE')
  if (headers.hops >= settings.hopsMax) return refuse('ERR_LOOP_DETECTED')
  if (!isPathServed(target.path)) return refuse('ERR_BAD_REQUEST_PATH')
  const address = clientAddress(header)
  return ok({
    ...target,
    receivedAt,
    requestId,
    trace,
    method,
    headers,
    place: placeOf(request.cf),
    ...(address === undefined ? {} : { address }),
  })
}

type Target = Pick<Inbound, 'scheme' | 'authority' | 'host' | 'path' | 'query'>

/** workerd hands over the target as it came: unresolved dots, upper-case host and all. `URL` would repair what is to be refused. */
function splitUrl(url: string): Target | undefined {
  const schemeEnd = url.indexOf('://')
  const scheme = url.slice(0, schemeEnd)
  if (scheme !== 'https' && scheme !== 'http') return undefined
  const start = schemeEnd + 3
  const query = indexOrEnd(url, '?', start)
  const path = Math.min(indexOrEnd(url, '/', start), query)
  const authority = url.slice(start, path)
  const host = hostOf(authority)
  if (host === undefined) return undefined
  return { scheme, authority, host, path: url.slice(path, query) || '/', query: url.slice(query) }
}

function indexOrEnd(text: string, sought: string, from: number): number {
  const index = text.indexOf(sought, from)
  return index < 0 ? text.length : index
}

const AUTHORITY = /^(?:[A-Za-z0-9_-][A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/

function hostOf(authority: string): string | undefined {
  if (!AUTHORITY.test(authority)) return undefined
  const port = authority.lastIndexOf(':')
  const bare = port > authority.lastIndexOf(']') ? authority.slice(0, port) : authority
  return bare.toLowerCase()
}

const NOWHERE: InboundPlace = {}

function placeOf(cf: Request['cf']): InboundPlace {
  if (cf === undefined) return NOWHERE
  const { colo, latitude, longitude } = cf as { colo?: unknown; latitude?: unknown; longitude?: unknown }
  return {
    ...(typeof colo === 'string' ? { colo } : {}),
    ...(isDegrees(latitude) && isDegrees(longitude) ? { latitude: Number(latitude), longitude: Number(longitude) } : {}),
  }
}

const isDegrees = (value: unknown): value is string => typeof value === 'string' && value !== '' && Number.isFinite(Number(value))
