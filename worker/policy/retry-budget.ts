/**
 * How many retries a pool may have beside its requests: a share of those in the window, and a few a second where the share comes to
 * less, so that a quiet pool may retry at all. Not both: in an outage of everything the sum would pass the share. A rescue is not charged here; `rescue.ts` decides about it.
 */
import type { RetryBudgetSettings } from '../../config/base.ts'
import { type Instant, type Share, share } from '../../config/units.ts'
import type { HeldHealth } from './held-health.ts'
import { addToTally, markInTally, newTally, readTally, type Tally } from './tally.ts'

export interface RetryBudget {
  readonly settings: RetryBudgetSettings
  /** Requests in total; retries are the marked. */
  readonly tally: Tally
}

export const newRetryBudget = (settings: RetryBudgetSettings): RetryBudget => ({ settings, tally: newTally(settings.window) })

export const depositRequest = (budget: RetryBudget, now: Instant): void => addToTally(budget.tally, false, now)

export const withdrawRetry = (budget: RetryBudget, now: Instant): void => markInTally(budget.tally, now)

/** Less than 1 while attempts per request are too many in the whole gateway: it comes with the snapshot. */
export const retryScale = ({ snapshot }: HeldHealth): Share => snapshot?.retryScale ?? FULL_SCALE

const FULL_SCALE = share(1)

export function mayRetry(budget: RetryBudget, scale: Share, now: Instant): boolean {
  const { perSecond, window } = budget.settings
  const { total, marked } = readTally(budget.tally, now)
  return marked + 1 <= Math.max(budget.settings.share * total, (perSecond * window) / 1000) * scale
}
