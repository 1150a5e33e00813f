/**
 * One pass over the request's headers: how large they are, how often the request has been here, and which of them must not go on.
 */
import { isStripped } from './stripped-headers.ts'

export interface HeaderFindings {
  /** Names and values added up, in UTF-16 code units: what the limit is about. */
  readonly size: number
  /** How often the request has passed this gateway, by `CDN-Loop` and by our own count; the larger holds. */
  readonly hops: number
  /** Names to remove before the request is sent on, those that `Connection` lists among them. */
  readonly dropped: readonly string[]
  /** It asks for a WebSocket: the one upgrade that is passed on. */
  readonly webSocket: boolean
  /** It carries gRPC's own deadline, which ours replaces. */
  readonly grpcTimeout: boolean
  readonly idempotencyKey: boolean
}

export function readHeaders(headers: Headers): HeaderFindings {
  let size = 0
  let hops = 0
  let webSocket = false
  let grpcTimeout = false
  let idempotencyKey = false
  let connection: string | undefined
  const dropped: string[] = []
  for (const [name, value] of headers) {
    size += name.length + value.length
    if (name === 'grpc-timeout') grpcTimeout = true
    else if (name === 'idempotency-key') idempotencyKey = value !== ''
    if (!isStripped(name)) continue
    dropped.push(name)
    switch (name) {
      case 'connection':
        connection = value
        break
      case 'upgrade':
        webSocket = value.toLowerCase() === 'websocket'
        break
      case 'cdn-loop':
        hops = Math.max(hops, countOurs(value))
        break
      case 'meridian-hops':
        hops = Math.max(hops, /^\d{1,4}$/.test(value) ? Number(value) : 0)
        break
    }
  }
  if (connection !== undefined) for (const name of connectionNames(connection)) dropped.push(name)
  return { size, hops, dropped, webSocket, grpcTimeout, idempotencyKey }
}

/** The token that marks a pass through this gateway (RFC 8586). */
export const LOOP_TOKEN = 'meridian'

function countOurs(value: string): number {
  let count = 0
  for (const info of value.split(',')) if ((info.split(';', 1)[0] ?? '').trim().toLowerCase() === LOOP_TOKEN) count += 1
  return count
}

/** The headers that `Connection` declares to be for this connection only (RFC 9110 section 7.6.1). */
export function connectionNames(value: string): readonly string[] {
  const names: string[] = []
  for (const option of value.split(',')) {
    const name = option.trim().toLowerCase()
    if (name !== '' && name !== 'close' && HEADER_NAME.test(name) && !NEVER_BY_CONNECTION.has(name)) names.push(name)
  }
  return names
}

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/

/** What an attacker would like to have removed on the way (and no sane client lists). */
const NEVER_BY_CONNECTION: ReadonlySet<string> = new Set([
  'host',
  'content-length',
  'content-type',
  'content-encoding',
  'authorization',
  'cookie',
  'cache-control',
])
