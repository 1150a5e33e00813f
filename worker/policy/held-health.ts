import type { HealthSnapshot } from '../../config/snapshot.ts'
import type { Instant } from '../../config/units.ts'
import type { AppliedOverlay } from './apply-overlay.ts'

/** Health as the isolate holds it at one moment. The same object as long as nothing changed: compare by identity. */
export interface HeldHealth {
  readonly snapshot?: HealthSnapshot
  /** When `snapshot` was true: its `stoodFor` lengths go on from here. Of this isolate's clock. */
  readonly receivedAt?: Instant
  /** `stale` is used, and said; with `too-old` and `none` the snapshot is ignored. */
  readonly age: HealthAge
  /** No vantage has answered for 10 s: the isolate permits itself one probation request a second. */
  readonly silent: boolean
  /** What operators want otherwise than the base, and what an emergency takes away: it never ages. Absent: nothing. */
  readonly applied?: AppliedOverlay
}

export type HealthAge = 'fresh' | 'stale' | 'too-old' | 'none'
