import type { HealthSnapshot } from '../../config/snapshot.ts'
import type { Instant } from '../../config/units.ts'

/** Health as the isolate holds it at one moment. The same object as long as nothing changed: compare by identity. */
export interface HeldHealth {
  readonly snapshot?: HealthSnapshot
  /** When `snapshot` was true: its `stoodFor` lengths go on from here. Of this isolate's clock. */
  readonly receivedAt?: Instant
  /** `stale` is used, and said; with `too-old` and `none` the snapshot is ignored. */
  readonly age: HealthAge
  /** No vantage has answered for 10 s: the isolate permits itself one probation request a second. */
  readonly silent: boolean
}

export type HealthAge = 'fresh' | 'stale' | 'too-old' | 'none'
