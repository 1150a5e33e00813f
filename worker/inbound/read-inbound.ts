/**
 * What came in, read once: where from, for whom, how far it may go. Refuses what is malformed or ambiguous before anything is matched.
 * It believes the platform's own facts and nothing else about who sent the request.
 */
import type { InboundSettings } from '../../config/base.ts'
import type { GatewayErrorCode } from '../../config/errors.ts'
import { err, ok, type Result } from '../../config/result.ts'
import { isStripped } from '../../config/stripped-headers.ts'
import type { Instant } from '../../config/units.ts'
import type { Ambiguities } from '../policy/ambiguity.ts'
import type { Platform } from '../ports.ts'
import type { InboundPlace } from '../snapshot-port.ts'
import { clientAddress } from './client-address.ts'
import { ambiguitiesOf } from './path-policy.ts'
import { type HeaderFindings, readHeaders } from './read-headers.ts'
import { hex32, type TraceContext, traceContext } from './trace-context.ts'

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
  /** What two servers may read differently in the path: for the route to say. */
  readonly ambiguities: Ambiguities
  /** With its `?`, or empty. */
  readonly query: string
  /** Absent when the platform does not say. */
  readonly address: string | undefined
  readonly place: InboundPlace
  readonly headers: HeaderFindings
}

/** Refusals carry what is known of the request, for the answer and the log. */
export interface Refusal {
  readonly code: GatewayErrorCode
  readonly requestId: string
  /** The media type of a gRPC call, which is refused in kind. */
  readonly grpc: string | undefined
}

export interface InboundRules {
  readonly settings: InboundSettings
  /** Some route of the gateway is for this host. */
  readonly serves: (host: string) => boolean
  /** Whether a client's header of this name, in lower case, ends here. Absent: by `isStripped` alone. */
  readonly strips?: (name: string) => boolean
}

/** All that is read of a request here. */
export interface ArrivingRequest {
  readonly method: string
  /** As it came, unresolved dots and all. */
  readonly url: string
  readonly headers: Headers
  readonly cf?: unknown
}

export function readInbound(
  request: ArrivingRequest,
  { settings, serves, strips = plainly }: InboundRules,
  platform: Platform,
): Result<Inbound, Refusal> {
  const receivedAt = platform.now()
  const headers = readHeaders(request.headers, request.method, strips)
  const requestId = hex32(platform.uuid())
  const trace = traceContext(headers.traceparent, requestId)
  const target = splitUrl(request.url)
  if (target === undefined) return err({ code: 'ERR_BAD_REQUEST', requestId, grpc: headers.grpc })
  const { method } = request
  const refused = refusal(target.host, method, headers, { settings, serves })
  if (refused !== undefined) return err({ code: refused, requestId, grpc: headers.grpc })
  const ambiguities = ambiguitiesOf(target.path)
  if (ambiguities === undefined) return err({ code: 'ERR_BAD_REQUEST_PATH', requestId, grpc: headers.grpc })
  const { scheme, authority, host, path, query } = target
  const address = clientAddress(headers.clientAddress)
  const place = new CfPlace(request)
  return ok({ receivedAt, requestId, trace, method, scheme, authority, host, path, ambiguities, query, address, place, headers })
}

/** For a gateway that tells endpoints nothing of clients in headers of its own. */
const plainly = (name: string): boolean => isStripped(name)

function refusal(host: string, method: string, headers: HeaderFindings, { settings, serves }: InboundRules): GatewayErrorCode | undefined {
  if (!serves(host)) return 'ERR_UNKNOWN_HOST'
  if (method === 'TRACE') return 'ERR_METHOD_REFUSED'
  if (method === 'CONNECT') return 'ERR_METHOD_UNKNOWN'
  if (headers.size > settings.headersMax) return 'ERR_HEADERS_TOO_LARGE'
  if (headers.hops >= settings.hopsMax) return 'ERR_LOOP_DETECTED'
  return undefined
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
  // A fragment is no part of a target (RFC 9112 section 3.2): the runtime would match with it and send without it.
  if (host === undefined || url.indexOf('#', query) >= 0) return undefined
  return { scheme, authority, host, path: url.slice(path, query) || '/', query: url.slice(query) }
}

function indexOrEnd(text: string, sought: string, from: number): number {
  const index = text.indexOf(sought, from)
  return index < 0 ? text.length : index
}

/** Labels with one dot between two: `shop.example.com.` is the same host to DNS and another text, which `*` would take for whoever serves the first. */
const AUTHORITY = /^(?:[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/

const PORT_MAX = 65_535

function hostOf(authority: string): string | undefined {
  if (!AUTHORITY.test(authority)) return undefined
  const port = authority.lastIndexOf(':')
  if (port <= authority.lastIndexOf(']')) return authority.toLowerCase()
  return Number(authority.slice(port + 1)) > PORT_MAX ? undefined : authority.slice(0, port).toLowerCase()
}

/** The platform's word on where the request came in, read when it is asked for: to make `request.cf` costs more than most requests need. */
class CfPlace implements InboundPlace {
  readonly #request: { readonly cf?: unknown }

  constructor(request: { readonly cf?: unknown }) {
    this.#request = request
  }

  get colo(): string | undefined {
    const colo = this.#cf()['colo']
    return typeof colo === 'string' ? colo : undefined
  }

  get latitude(): number | undefined {
    return degrees(this.#cf()['latitude'])
  }

  get longitude(): number | undefined {
    return degrees(this.#cf()['longitude'])
  }

  get country(): string | undefined {
    const country = this.#cf()['country']
    return typeof country === 'string' ? country : undefined
  }

  get continent(): string | undefined {
    const continent = this.#cf()['continent']
    return typeof continent === 'string' ? continent : undefined
  }

  #cf(): Readonly<Record<string, unknown>> {
    return (this.#request.cf ?? NO_CF) as Readonly<Record<string, unknown>>
  }
}

const NO_CF = Object.freeze({})

/** They come as texts. */
const degrees = (value: unknown): number | undefined =>
  typeof value === 'string' && value !== '' && Number.isFinite(Number(value)) ? Number(value) : undefined
