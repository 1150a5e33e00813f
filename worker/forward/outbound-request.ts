/** The request as one endpoint gets it: the client's, without what was for us or for the connection, with what we know for certain. */
import type { HeaderEdits } from '../../config/action.ts'
import type { Endpoint } from '../../config/base.ts'
import type { DurationMs } from '../../config/units.ts'
import { LOOP_TOKEN } from '../inbound/read-headers.ts'
import type { Inbound } from '../inbound/read-inbound.ts'
import { editHeaders } from '../policy/edit-headers.ts'
import type { Rewritten } from '../policy/rewrite.ts'
import type { ToldIdentity } from '../policy/tell-identity.ts'
import type { Outgoing } from '../ports.ts'
import type { OutboundBody } from './replay-body.ts'
import type { Sealing } from './seal-request.ts'

export interface Outbound {
  readonly request: Request
  readonly inbound: Inbound
  readonly body: OutboundBody
  /** What endpoints are asked for, where that is not what the client asked for. */
  readonly rewritten?: Rewritten
  /** What endpoints are told of who sent it. Mirrors are told nothing. */
  readonly told?: ToldIdentity | undefined
  /** Who signs what they are told, where it is signed. */
  readonly sealing?: Sealing | undefined
}

export interface AttemptFacts {
  readonly endpoint: Endpoint
  /** Of the route and its pool. */
  readonly edits: readonly HeaderEdits[] | undefined
  readonly attempt: number
  readonly probation: boolean
  /** Until the request's deadline. */
  readonly remaining: DurationMs
  /** Absent: only the platform ends this attempt, with the request. */
  readonly abort: AbortController | undefined
  /** Names that do not go on. */
  readonly withheld?: readonly string[] | undefined
  /** Its answer's body is to be looked at. */
  readonly raw: boolean
}

export interface OutboundRequest {
  readonly url: string
  readonly outgoing: Outgoing
  /** As the endpoint says. */
  readonly clientCertificate?: string | undefined
}

/** As much of it as the head that is sent depends on. */
export type OutboundHead = Pick<Outbound, 'inbound' | 'body' | 'rewritten' | 'told'> & { readonly request: Pick<Request, 'headers'> }

export function outboundRequest({ request, inbound, body, told, rewritten = inbound }: OutboundHead, facts: AttemptFacts): OutboundRequest {
  const { endpoint, abort } = facts
  const headers = new Headers(request.headers)
  setHeaders(headers, inbound, rewritten.authority, facts)
  if (told !== undefined) for (const [name, value] of told.headers) headers.set(name, value)
  if (body.kind === 'none' && inbound.headers.contentLength !== undefined) headers.delete('content-length')
  return {
    url: `${endpoint.origin}${endpoint.basePath}${rewritten.path}${inbound.query}`,
    outgoing: {
      method: inbound.method,
      headers,
      redirect: 'manual',
      cf: UNCACHED,
      ...(body.kind === 'none' ? {} : { body: body.kind === 'kept' ? body.content : body.stream }),
      ...(abort === undefined ? {} : { signal: abort.signal }),
      ...(facts.raw ? RAW : {}),
    },
    clientCertificate: endpoint.clientCertificate,
  }
}

/**
 * What the runtime itself makes of `cache: 'no-store'`, without the two headers that it would add to the client's. Cloudflare keeps answers by the URL
 * of the endpoint: those to another host, to another client or track, and of an endpoint that is down since would be given to whoever asks next.
 */
const UNCACHED = { cacheTtl: -1, cacheLevel: 'bypass' } as const

const RAW = { encodeResponseBody: 'manual' } as const

function setHeaders(headers: Headers, inbound: Inbound, authority: string, facts: AttemptFacts): void {
  const { headers: found, trace } = inbound
  for (const name of found.dropped) headers.delete(name)
  if (facts.withheld !== undefined) for (const name of facts.withheld) headers.delete(name)
  if (found.tracestate && !trace.continued) headers.delete('tracestate')
  headers.set('traceparent', trace.traceparent)
  headers.set('x-request-id', inbound.requestId)
  headers.set('x-forwarded-host', authority)
  headers.set('x-forwarded-proto', inbound.scheme)
  if (inbound.address !== undefined) headers.set('x-forwarded-for', inbound.address)
  headers.set('cdn-loop', found.hops === 0 ? LOOP_TOKEN : `${LOOP_TOKEN}, `.repeat(found.hops) + LOOP_TOKEN)
  headers.set('meridian-attempt', String(facts.attempt))
  headers.set('meridian-deadline-ms', String(Math.floor(facts.remaining)))
  if (facts.probation) headers.set('meridian-probation', '1')
  if (found.webSocket) headers.set('upgrade', 'websocket')
  if (found.grpcTimeout !== undefined) headers.set('grpc-timeout', `${Math.floor(facts.remaining)}m`)
  if (facts.edits !== undefined) editHeaders(headers, facts.edits)
  for (const [name, value] of facts.endpoint.headers) headers.set(name, value)
}
