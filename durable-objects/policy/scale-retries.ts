/** Decides how much of their retry budget isolates may use: less and less once the whole gateway makes over 1.2 attempts per request. */
import { type Share, share } from '../../config/units.ts'
import type { Load } from './vote.ts'

/** Below it retries are paid for; above it they may be what keeps the endpoints down. */
const ATTEMPTS_PER_REQUEST = 1.2
/** Nothing is left at this ratio. */
const ATTEMPTS_PER_REQUEST_MAX = 1.6
/** With fewer requests in the window a few failures make any ratio. */
const REQUESTS_MIN = 50
/** The scale moves in steps, or each report would make a new snapshot. */
const STEPS = 10

export function retryScale(loads: readonly Load[]): Share {
  const requests = loads.reduce((sum, load) => sum + load.requests, 0)
  const attempts = loads.reduce((sum, load) => sum + load.attempts, 0)
  if (requests < REQUESTS_MIN) return share(1)
  const above = (attempts / requests - ATTEMPTS_PER_REQUEST) / (ATTEMPTS_PER_REQUEST_MAX - ATTEMPTS_PER_REQUEST)
  return share(Math.round(Math.min(1, Math.max(0, 1 - above)) * STEPS) / STEPS)
}
