/**
 * Decides what is said of an endpoint when the votes do not suffice: what was said last, for a minute, then that nothing is
 * known. Silence never means down.
 */

import type { Verdict } from '../../config/snapshot.ts'
import { between, type Instant, ms } from '../../config/units.ts'
import type { Outcome } from './quorum.ts'

export interface SettledVerdict {
  readonly verdict: Verdict
  readonly since: Instant
  /** With `up`: it was `down` just before. What comes up after `unknown` has had its full share all along. */
  readonly restored?: true
  /** Set while the votes do not suffice. */
  readonly undecidedSince?: Instant
}

/** How long a verdict outlives its quorum: a restart of all vantages by a deploy takes seconds. */
export const FROZEN_FOR = ms(60_000)

export function settleVerdict(held: SettledVerdict | undefined, outcome: Outcome, now: Instant): SettledVerdict {
  if (held === undefined) return { verdict: outcome === 'undecided' ? 'unknown' : outcome, since: now }
  if (outcome !== 'undecided') return outcome === held.verdict ? decided(held) : turned(held, outcome, now)
  const undecidedSince = held.undecidedSince ?? now
  // A clock that was set back must not freeze a verdict for as long as it was set back.
  if (held.verdict === 'unknown' || Math.abs(between(undecidedSince, now)) < FROZEN_FOR) return { ...held, undecidedSince }
  return { verdict: 'unknown', since: now, undecidedSince }
}

const decided = ({ undecidedSince: _, ...held }: SettledVerdict): SettledVerdict => held

const turned = (held: SettledVerdict, verdict: Verdict, now: Instant): SettledVerdict =>
  verdict === 'up' && held.verdict === 'down' ? { verdict, since: now, restored: true } : { verdict, since: now }
