/**
 * Folds a peer's messages into what is held of it. Within a peer (incarnation, seq) orders: an older message changes nothing, a
 * zombie twin loses to the higher incarnation. A peer is fresh while its sequence number advances, by the receiver's clock.
 */
import { compareOrder } from '../../config/snapshot.ts'
import { between, type DurationMs, type Instant, ms } from '../../config/units.ts'
import type { PeerMessage } from './vote.ts'

export interface Peer {
  readonly message: PeerMessage
  /** When its sequence number last advanced. */
  readonly advancedAt: Instant
}

/** Three missed exchanges. */
export const FRESH_FOR = ms(3000)

export function foldPeer(held: Peer | undefined, message: PeerMessage, now: Instant): Peer {
  if (held !== undefined && compareOrder(held.message, message) >= 0) return held
  return { message, advancedAt: now }
}

/** Negative ages (the clock was set back) count as old: the next exchange, a second later, heals it. */
export const isFresh = (peer: Peer, now: Instant): boolean =>
  between(peer.advancedAt, now) >= 0 && between(peer.advancedAt, now) < FRESH_FOR

export const silentFor = (peer: Peer, now: Instant): DurationMs => ms(Math.max(0, between(peer.advancedAt, now)))
