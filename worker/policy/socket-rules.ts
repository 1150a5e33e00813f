/**
 * When the gateway ends a WebSocket that it relays, and what it tells either side. What a side has not read waits in the isolate's memory and
 * the runtime does not say how much that is: so who speaks is taken to have read, and what is carried in all has a bound besides.
 */

import type { SocketRelaySettings } from '../../config/socket-relay.ts'
import { between, bytes, type Draw, type DurationMs, type Instant, ms } from '../../config/units.ts'
import type { HeldHealth } from './held-health.ts'
import type { Candidate } from './route-state.ts'
import { isDownByVerdict, isDrained, standing, TIERS } from './standing.ts'

/** Relayed at a time by one isolate; further ones are handed over instead, and drain by themselves. A relayed socket holds some 20 KiB. */
export const SOCKETS_MAX = 500
/** Of what all sockets of an isolate may have unread: a quarter of its memory. */
export const UNREAD_MAX = bytes(32 * 1024 * 1024)
/** How often a socket looks at the health of its endpoint. */
export const LOOK_EVERY = ms(5000)
/** A socket that has not looked for so long is gone without a word. */
const FORGOTTEN_AFTER = ms(4 * LOOK_EVERY)

/** What is handed to one side. */
export interface Inbox {
  /** Bytes in all. */
  carried: number
  /** Since that side last said something. */
  unread: number
}

/** One relayed socket, as its isolate counts it. */
export interface RelayedSocket {
  readonly toClient: Inbox
  readonly toEndpoint: Inbox
  seenAt: Instant
}

export const newRelayedSocket = (now: Instant): RelayedSocket => ({
  toClient: { carried: 0, unread: 0 },
  toEndpoint: { carried: 0, unread: 0 },
  seenAt: now,
})

/** The relayed sockets of an isolate. */
export interface SocketsHeld {
  readonly open: Set<RelayedSocket>
  /** In all inboxes together. */
  unread: number
}

export const newSocketsHeld = (): SocketsHeld => ({ open: new Set(), unread: 0 })

/** Whether one more would be counted. */
export function hasRoom({ open }: SocketsHeld, now: Instant): boolean {
  if (open.size < SOCKETS_MAX) return true
  for (const socket of open) if (isForgotten(socket, now)) return true
  return false
}

/** Counts one more; undefined when there are enough. */
export function takeSocket(held: SocketsHeld, now: Instant): RelayedSocket | undefined {
  if (held.open.size >= SOCKETS_MAX) forget(held, now)
  if (held.open.size >= SOCKETS_MAX) return undefined
  const socket = newRelayedSocket(now)
  held.open.add(socket)
  return socket
}

export function dropSocket(held: SocketsHeld, socket: RelayedSocket): void {
  if (held.open.delete(socket)) held.unread -= socket.toClient.unread + socket.toEndpoint.unread
}

function forget(held: SocketsHeld, now: Instant): void {
  for (const socket of held.open) if (isForgotten(socket, now)) dropSocket(held, socket)
}

const isForgotten = ({ seenAt }: RelayedSocket, now: Instant): boolean => Math.abs(between(seenAt, now)) > FORGOTTEN_AFTER

/** Why a socket ended. `…-lost`: its connection broke without a closing frame. */
export type SocketEnd = 'client' | 'endpoint' | 'client-lost' | 'endpoint-lost' | OwnEnd

/** By the gateway: see `CLOSING`. */
export type OwnEnd = 'drained' | 'renewed' | 'crowded' | 'client-too-large' | 'endpoint-too-large'

/** RFC 6455 section 7.4.1 and its registry: 1001 going away, 1009 too big, 1012 service restart, 1013 try again later. */
export const CLOSING: Readonly<Record<OwnEnd, { readonly client: number; readonly endpoint: number; readonly reason: string }>> = {
  drained: { client: 1012, endpoint: 1001, reason: 'reconnect' },
  renewed: { client: 1012, endpoint: 1001, reason: 'reconnect' },
  crowded: { client: 1013, endpoint: 1001, reason: 'too much unread' },
  'client-too-large': { client: 1009, endpoint: 1001, reason: 'message too large' },
  'endpoint-too-large': { client: 1001, endpoint: 1009, reason: 'message too large' },
}

/** A message of `size` from one side to the other. Counted when it may pass. */
export function ruleMessage(
  from: 'client' | 'endpoint',
  size: number,
  { socket, held, settings }: { socket: RelayedSocket; held: SocketsHeld; settings: SocketRelaySettings },
): OwnEnd | undefined {
  const [to, back] = from === 'client' ? [socket.toEndpoint, socket.toClient] : [socket.toClient, socket.toEndpoint]
  if (size > settings.messageMax) return from === 'client' ? 'client-too-large' : 'endpoint-too-large'
  if (to.carried + size > settings.renewAfter) return 'renewed'
  const fairShare = UNREAD_MAX / Math.max(1, held.open.size)
  if (held.unread + size > UNREAD_MAX && to.unread + size > fairShare) return 'crowded'
  to.carried += size
  to.unread += size
  held.unread += size - back.unread
  back.unread = 0
  return undefined
}

/** Its endpoint takes no new requests by the word of all, of an operator or of an emergency (one that is drained gradually: at the end), and another does. A socket is not moved for one isolate's own suspicion. */
export function shouldMove(candidate: Candidate, health: HeldHealth, now: Instant): boolean {
  if (!isDrained(candidate, health, now) && !isDownByVerdict(candidate, health)) return false
  return candidate.route.candidates.some((other) => other !== candidate && standing(other, health, now).tier <= TIERS.last)
}

export const moveAfter = ({ drainWithin }: SocketRelaySettings, draw: Draw): DurationMs => ms(Math.floor(draw * drainWithin))
