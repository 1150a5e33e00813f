/** Puts the relay into a WebSocket's way where its route asks for one and there is room; hands it over otherwise. */
import type { SocketRelaySettings } from '../config/socket-relay.ts'
import type { Forwarded } from './forward/forward.ts'
import { relaySocket } from './forward/relay-socket.ts'
import type { GatewayRuntime } from './handle.ts'
import type { Inbound } from './inbound/read-inbound.ts'
import { takeHealth } from './isolate.ts'
import { socketLine } from './observe/socket-log.ts'
import { type SocketEnd, takeSocket } from './policy/socket-rules.ts'
import type { Platform } from './ports.ts'
import type { HeldHealth } from './snapshot-port.ts'

export interface SocketParts {
  readonly forwarded: Extract<Forwarded, { kind: 'answered' }>
  readonly inbound: Inbound
  readonly settings: SocketRelaySettings
}

export function handOverSocket({ forwarded, inbound, settings }: SocketParts, runtime: GatewayRuntime, platform: Platform): Response {
  const { response } = forwarded.answer
  const { webSocket } = response
  const { abort, fact } = forwarded
  if (webSocket === null || abort === undefined) return response
  const { candidate } = fact
  const { sockets: held } = runtime.isolate
  const socket = takeSocket(held, platform.now())
  if (socket === undefined) {
    runtime.log(socketLine({ inbound, candidate, now: platform.now(), end: 'too-many' }))
    return response
  }
  const onEnd = (end: SocketEnd, code: number): void => {
    if (end !== 'client' && end !== 'endpoint') runtime.log(socketLine({ inbound, candidate, now: platform.now(), end, code, socket }))
  }
  const look = async (): Promise<HeldHealth> => {
    const health = await runtime.health.pin(inbound.place, platform)
    takeHealth(runtime.isolate, health, platform.now())
    return health
  }
  return relaySocket(response, webSocket, { candidate, settings, held, socket, abort, look, onEnd }, platform)
}
