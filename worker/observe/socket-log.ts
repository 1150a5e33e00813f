/** One line of JSON for a relayed WebSocket that ended otherwise than by either side's own word, or that could not be relayed. */
import type { Instant } from '../../config/units.ts'
import type { Inbound } from '../inbound/read-inbound.ts'
import type { Candidate } from '../policy/route-state.ts'
import type { RelayedSocket, SocketEnd } from '../policy/socket-rules.ts'

export interface SocketFacts {
  readonly inbound: Inbound
  readonly candidate: Candidate
  readonly now: Instant
  /** `too-many`: it was handed over to the runtime instead. */
  readonly end: SocketEnd | 'too-many'
  /** The closing code; 1006 for none. */
  readonly code?: number
  readonly socket?: RelayedSocket
}

export function socketLine({ inbound, candidate, now, end, code, socket }: SocketFacts): string {
  return JSON.stringify({
    kind: 'socket',
    requestId: inbound.requestId,
    traceId: inbound.trace.traceId,
    route: candidate.route.route.id,
    endpoint: candidate.endpoint.id,
    end,
    ...(code === undefined ? {} : { code }),
    duration_ms: now - inbound.receivedAt,
    ...(socket === undefined ? {} : { toClient_bytes: socket.toClient.carried, toEndpoint_bytes: socket.toEndpoint.carried }),
  })
}
