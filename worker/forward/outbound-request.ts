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
  readonly signal: AbortSignal
}

export function outboundRequest({ request, inbound, body }: Outbound, facts: AttemptFacts): Request {
  const { endpoint } = facts
  return new Request(`${endpoint.origin}${endpoint.basePath}${inbound.path}${inbound.query}`, {
    method: inbound.method,
    headers: outboundHeaders(request.headers, inbound, facts),
    redirect: 'manual',
    signal: facts.signal,
    body: bodyInit(body),
  })
}

function bodyInit(body: OutboundBody): ArrayBuffer | ReadableStream | null {
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

function outboundHeaders(came: Headers, inbound: Inbound, facts: AttemptFacts): Headers {
  const headers = new Headers(came)
  for (const name of inbound.headers.dropped) headers.delete(name)
  if (!inbound.trace.continued) headers.delete('tracestate')
  headers.set('traceparent', inbound.trace.traceparent)
  headers.set('x-request-id', inbound.requestId)
  headers.set('x-forwarded-host', inbound.authority)
  headers.set('x-forwarded-proto', inbound.scheme)
  if (inbound.address !== undefined) headers.set('x-forwarded-for', inbound.address)
  const hops = inbound.headers.hops
  headers.set('cdn-loop', hops === 0 ? LOOP_TOKEN : `${LOOP_TOKEN}, `.repeat(hops) + LOOP_TOKEN)
  headers.set('meridian-hops', String(hops + 1))
  headers.set('meridian-attempt', String(facts.attempt))
  headers.set('meridian-deadline-ms', String(Math.floor(facts.remaining)))
  if (facts.probation) headers.set('meridian-probation', '1')
  if (inbound.headers.webSocket) headers.set('upgrade', 'websocket')
  if (inbound.headers.grpcTimeout) headers.set('grpc-timeout', `${Math.floor(facts.remaining)}m`)
  for (const [name, value] of facts.endpoint.headers) headers.set(name, value)
  return headers
}
