/** The request as one endpoint gets it: the client's, without what was for us or for the connection, with what we know for certain. */
import type { Endpoint } from '../../config/base.ts'
import type { DurationMs } from '../../config/units.ts'
import { LOOP_TOKEN } from '../inbound/read-headers.ts'
import type { Inbound } from '../inbound/read-inbound.ts'
import type { OutboundBody } from './replay-body.ts'

export interface Outbound {
  readonly request: Request
  readonly inbound: Inbound
  readonly body: OutboundBody
}

export interface AttemptFacts {
  readonly endpoint: Endpoint
  readonly attempt: number
  readonly probation: boolean
  /** Until the request's deadline. */
  readonly remaining: DurationMs
  /** Absent: only the platform ends this attempt, with the request. */
  readonly abort: AbortController | undefined
}

export function outboundRequest(outbound: Outbound, facts: AttemptFacts): Request {
  const { inbound } = outbound
  const { endpoint } = facts
  const request = new Request(`${endpoint.origin}${endpoint.basePath}${inbound.path}${inbound.query}`, requestInit(outbound, facts))
  setHeaders(request.headers, inbound, facts)
  return request
}

/** A plain request is its own init: one copy of its headers rather than two. It comes with `redirect: 'manual'` from the platform. */
function requestInit({ request, inbound, body }: Outbound, { abort }: AttemptFacts): RequestInit {
  if (body.kind === 'none' && abort === undefined) return request as unknown as RequestInit
  return {
    method: inbound.method,
    headers: request.headers,
    body: bodyInit(body),
    redirect: 'manual',
    ...(abort === undefined ? {} : { signal: abort.signal }),
  }
}

function bodyInit(body: OutboundBody): ArrayBuffer | Uint8Array | ReadableStream | null {
  switch (body.kind) {
    case 'none':
      return null
    case 'kept':
      return body.content
    case 'streamed':
      return body.stream
    default:
      return body satisfies never
  }
}

function setHeaders(headers: Headers, inbound: Inbound, facts: AttemptFacts): void {
  const { headers: found, trace } = inbound
  for (const name of found.dropped) headers.delete(name)
  if (found.tracestate && !trace.continued) headers.delete('tracestate')
  headers.set('traceparent', trace.traceparent)
  headers.set('x-request-id', inbound.requestId)
  headers.set('x-forwarded-host', inbound.authority)
  headers.set('x-forwarded-proto', inbound.scheme)
  if (inbound.address !== undefined) headers.set('x-forwarded-for', inbound.address)
  headers.set('cdn-loop', found.hops === 0 ? LOOP_TOKEN : `${LOOP_TOKEN}, `.repeat(found.hops) + LOOP_TOKEN)
  headers.set('meridian-attempt', String(facts.attempt))
  headers.set('meridian-deadline-ms', String(Math.floor(facts.remaining)))
  if (facts.probation) headers.set('meridian-probation', '1')
  if (found.webSocket) headers.set('upgrade', 'websocket')
  if (found.grpcTimeout) headers.set('grpc-timeout', `${Math.floor(facts.remaining)}m`)
  for (const [name, value] of facts.endpoint.headers) headers.set(name, value)
}
