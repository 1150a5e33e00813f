/**
 * One pass over the request's headers: how large they are, which of them must not go on, and the few that we read ourselves. To ask for
 * each by name would cost more than the pass.
 */
import { grpcContentType } from '../policy/grpc.ts'

export interface HeaderFindings {
  /** Names and values added up, in UTF-16 code units: what the limit is about. */
  readonly size: number
  /** How often the request has passed this gateway (RFC 8586). */
  readonly hops: number
  /** Names to remove before the request is sent on, those that `Connection` lists among them. */
  readonly dropped: readonly string[]
  /** It asks for a WebSocket: the one upgrade that is passed on. */
  readonly webSocket: boolean
  /** The media type of a gRPC call, which is answered in kind; absent of all else. */
  readonly grpc: string | undefined
  /** gRPC's own deadline as it came: it shortens ours, which replaces it. */
  readonly grpcTimeout: string | undefined
  readonly idempotencyKey: boolean
  readonly tracestate: boolean
  readonly traceparent: string | undefined
  /** By the platform's word. */
  readonly clientAddress: string | undefined
  readonly contentLength: string | undefined
}

class Findings implements HeaderFindings {
  size = 0
  hops = 0
  dropped: string[] = []
  webSocket = false
  grpc: string | undefined = undefined
  grpcTimeout: string | undefined = undefined
  idempotencyKey = false
  tracestate = false
  traceparent: string | undefined = undefined
  clientAddress: string | undefined = undefined
  contentLength: string | undefined = undefined
}

/** `strips`: whether a header of this name ends here. */
export function readHeaders(headers: Headers, method: string, strips: (name: string) => boolean): HeaderFindings {
  const found = new Findings()
  // Half the cost of an iterator, which makes an array of each pair.
  headers.forEach((value, name) => {
    found.size += name.length + value.length
    if (strips(name)) {
      found.dropped.push(name)
      readStripped(found, name, value)
    } else if (name === 'content-length') found.contentLength = value
    else if (name === 'traceparent') found.traceparent = value
    else if (name === 'tracestate') found.tracestate = true
    else if (name === 'grpc-timeout') found.grpcTimeout = value
    else if (name === 'content-type' && value.startsWith('application/grpc')) found.grpc = grpcContentType(value)
    else if (name === 'idempotency-key') found.idempotencyKey = value !== ''
  })
  // RFC 6455 section 4.1. The runtime opens a WebSocket by GET whatever the method: what a route or a rule was told of another would reach the endpoint as one.
  if (found.webSocket && method !== 'GET') found.webSocket = false
  return found
}

function readStripped(found: Findings, name: string, value: string): void {
  switch (name) {
    case 'connection':
      found.dropped.push(...connectionNames(value))
      break
    case 'upgrade':
      found.webSocket = value.toLowerCase() === 'websocket'
      break
    case 'cdn-loop':
      found.hops = countOurs(value)
      break
    case 'cf-connecting-ip':
      found.clientAddress = value
      break
  }
}

/** The token that marks a pass through this gateway (RFC 8586). */
export const LOOP_TOKEN = 'meridian'

function countOurs(value: string): number {
  let count = 0
  for (const info of value.split(',')) if ((info.split(';', 1)[0] ?? '').trim().toLowerCase() === LOOP_TOKEN) count += 1
  return count
}

const NONE: readonly string[] = []

/** The headers that `Connection` declares to be for this connection only (RFC 9110 section 7.6.1). */
export function connectionNames(value: string): readonly string[] {
  if (value === 'keep-alive' || value === 'close' || value === 'Keep-Alive') return NONE
  const names: string[] = []
  for (const option of value.split(',')) {
    const name = option.trim().toLowerCase()
    if (name !== 'close' && HEADER_NAME.test(name) && !NEVER_BY_CONNECTION.has(name)) names.push(name)
  }
  return names
}

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/

/** What an attacker would like to have removed on the way, and no sane client lists. */
const NEVER_BY_CONNECTION: ReadonlySet<string> = new Set([
  'host',
  'content-length',
  'content-type',
  'content-encoding',
  'authorization',
  'cookie',
  'set-cookie',
  'cache-control',
])
