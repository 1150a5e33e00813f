/** Whether a request may be sent once more after what has happened to it, and where. Writes are never replayed blindly. */
import type { GatewayErrorCode } from '../../config/errors.ts'
import type { Ledger } from './ledger.ts'
import type { Plan } from './plan.ts'

export type ReplayBar =
  | { readonly kind: 'anywhere' }
  | { readonly kind: 'same-endpoint' }
  /** A safe method that the route does not list. */
  | { readonly kind: 'unlisted' }
  /** And the code that says why. */
  | { readonly kind: 'barred'; readonly code: GatewayErrorCode }

/** Every attempt so far has failed or expired, one at least. */
export function mayReplay(ledger: Ledger, plan: Plan): ReplayBar {
  if (plan.body === 'streamed') return BODY_GONE
  if (plan.replay === 'anywhere') return ANYWHERE
  // A pinned write has nowhere else to go.
  const elsewhere = plan.route.route.writes === 'home' ? SAME : ANYWHERE
  if (ledger.attempts.every((fact) => fact.outcome !== undefined && 'originSaw' in fact.outcome && fact.outcome.originSaw === 'no'))
    return elsewhere
  // With a key the endpoint can tell a repetition; it cannot while the first is still under way, and one repetition is what was asked for.
  const settled = ledger.attempts.every((fact) => fact.outcome !== undefined)
  return plan.replay === 'same-endpoint' && settled && ledger.attempts.length === 1 ? SAME : plan.safe ? UNLISTED : WRITE_GONE
}

const ANYWHERE: ReplayBar = { kind: 'anywhere' }
const SAME: ReplayBar = { kind: 'same-endpoint' }
const UNLISTED: ReplayBar = { kind: 'unlisted' }
const BODY_GONE: ReplayBar = { kind: 'barred', code: 'ERR_BODY_NOT_REPLAYABLE' }
const WRITE_GONE: ReplayBar = { kind: 'barred', code: 'ERR_WRITE_NOT_REPLAYED' }
