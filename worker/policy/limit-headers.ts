/** What answers say of limits: `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-11, structured lists), and `Retry-After`. */
import type { HeaderEdits, HeaderPair } from '../../config/action.ts'
import type { RateLimit } from '../../config/rate-limit.ts'
import type { DurationMs } from '../../config/units.ts'

/** What is known of a limit after it has counted a request. */
export interface LimitState {
  readonly limit: RateLimit
  /** Absent where its counter does not say. */
  readonly remaining?: number | undefined
  readonly resetAfter?: DurationMs | undefined
}

/** Undefined when there is nothing to say. An endpoint's own items of the two lists stay before ours. */
export function limitHeaders(states: readonly LimitState[]): HeaderEdits | undefined {
  if (states.length === 0) return undefined
  const known = states.filter(({ remaining }) => remaining !== undefined)
  const add: HeaderPair[] = [['ratelimit-policy', states.map(policyItem).join(', ')]]
  if (known.length > 0) add.push(['ratelimit', known.map(limitItem).join(', ')])
  return { set: [], add, remove: [] }
}

/** Names of limits have no character that a quoted string would have to escape. */
const policyItem = ({ limit: { id, limit, window } }: LimitState): string => `"${id}";q=${limit};w=${wholeSeconds(window)}`

const limitItem = ({ limit: { id }, remaining = 0, resetAfter }: LimitState): string =>
  `"${id}";r=${Math.max(0, Math.floor(remaining))}${resetAfter === undefined ? '' : `;t=${wholeSeconds(resetAfter)}`}`

/** Rounded up, and at least one. */
export const wholeSeconds = (length: DurationMs): number => Math.max(1, Math.ceil(length / 1000))
