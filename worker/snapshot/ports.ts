/** What the health source needs beside the platform. The composition root gives the real ones; each may throw, hang or return rubbish. */
import type { Base } from '../../config/base.ts'
import type { VantageId } from '../../config/ids.ts'
import type { VantageForIsolates } from '../../config/report.ts'
import type { PassiveHealth } from '../snapshot-port.ts'

export interface HealthPorts {
  readonly base: Base
  readonly passive: PassiveHealth
  /** A fresh stub for each call: one made in another request may not be used. */
  readonly vantage: (vantage: VantageId) => VantageForIsolates
  /** The colo's cache; undefined where there is none. */
  readonly cache: ColoStore | undefined
  /** The parsed JSON of the last known good entry, or null. */
  readonly readKnownGood: () => Promise<unknown>
  /** The text of an entry of KV, or null. */
  readonly readEntry: (name: string) => Promise<string | null>
  /** What signs cache entries and keys, when the operator set one. */
  readonly secret: string | undefined
}

/** The part of `caches.default` that is used. */
export interface ColoStore {
  readonly match: (url: string) => Promise<Response | undefined>
  readonly put: (url: string, response: Response) => Promise<void>
}
