/** What counts requests for a limit, wherever it keeps its count. */
import type { CountedLimit } from '../../config/rate-limit.ts'
import type { DurationMs } from '../../config/units.ts'
import type { Soon } from '../identity/identify.ts'
import type { Platform } from '../ports.ts'

/** Counts one request for a key. Never rejects, and answers in a bounded time. */
export interface Counter {
  readonly take: (limit: CountedLimit, key: string, platform: Platform) => Soon<Taken>
}

export type Taken =
  /** `remaining`: as far as is known here. */
  | { readonly kind: 'taken'; readonly remaining?: number; readonly resetAfter?: DurationMs }
  | { readonly kind: 'over'; readonly retryAfter: DurationMs }
  /** `why`: for operators. */
  | { readonly kind: 'unavailable'; readonly why: string }
