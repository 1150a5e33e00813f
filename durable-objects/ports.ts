/**
 * What the control plane needs of the world. `platform.ts` gives the real one; a simulator gives its own and runs the same
 * vantages in virtual time. Nothing behind these ports decides anything.
 */
import type { Monitor } from '../config/base.ts'
import type { VantageId } from '../config/ids.ts'
import type { Draw, DurationMs, Instant } from '../config/units.ts'

export interface ControlPlatform {
  readonly now: () => Instant
  readonly draw: () => Draw
  readonly sleep: (length: DurationMs) => Promise<void>
  /** One probe from here. Never rejects: every failure is a `ProbeResult`. Ends within the monitor's timeout. */
  readonly probe: (monitor: Monitor) => Promise<ProbeResult>
  /** Arms the one alarm; a later call replaces it. */
  readonly setAlarm: (at: Instant) => Promise<void>
}

export type ProbeResult =
  | { readonly kind: 'passed'; readonly status: number; readonly latency: DurationMs }
  | { readonly kind: 'failed'; readonly phase: ProbePhase; readonly status?: number; readonly latency: DurationMs; readonly detail: string }

export type ProbePhase = 'connect' | 'tls' | 'timeout' | 'status' | 'body'

/** The other vantages. `exchange` may reject or hang; the caller bounds it. */
export interface Peers<Message> {
  readonly exchange: (peer: VantageId, message: Message) => Promise<Message>
}
