/**
 * How many retries a pool may have beside its requests: a share of those in the window, and a few a second where the share comes to
 * less, so that a quiet pool may retry at all. Not both: in an outage of everything the sum would pass the share. A rescue is not charged here; `rescue.ts` decides about it.
 */
import type { RetryBudgetSettings } from '../../config/base.ts'
import type { Instant, Share } from '../../config/units.ts'
import { addToTally, markInTally, newTally, readTally, type Tally } from './tally.ts'

export interface RetryBudget {
  readonly settings: RetryBudgetSettings
  /** Requests in total; retries are the marked. */
  readonly tally: Tally
}

export const newRetryBudget = (settings: RetryBudgetSettings): RetryBudget => ({ settings, tally: newTally(settings.window) })

export const depositRequest = (budget: RetryBudget, now: Instant): void => addToTally(budget.tally, false, now)

export const withdrawRetry = (budget: RetryBudget, now: Instant): void => markInTally(budget.tally, now)

/** `scale` comes with the snapshot: less than 1 while attempts per request are too many in the whole gateway. */
export function mayRetry(budget: RetryBudget, scale: Share, now: Instant): boolean {
  const { share, perSecond, window } = budget.settings
  const { total, marked } = readTally(budget.tally, now)
  return marked + 1 <= Math.max(share * total, (perSecond * window) / 1000) * scale
}
