/** What the end of an attempt, or of its timer, changes at once in what the isolate knows: loads, limits, latencies, and what the rescue rule reads. */
import { between, type Instant } from '../../config/units.ts'
import { hasFailed, type Outcome } from './classify-outcome.ts'
import { endWaiting, noteAnswer, noteOverload } from './endpoint-load.ts'
import type { AttemptFact } from './ledger.ts'
import { noteLonger, notePeak, type PeakLatency, type Sample } from './steering/peak-latency.ts'
import { addToTally } from './tally.ts'

export function settleAttempt(fact: AttemptFact, lease: number, outcome: Outcome, now: Instant): void {
  const { candidate } = fact
  fact.outcome = outcome
  fact.endedAt = now
  endWaiting(candidate.state.load, lease)
  if (outcome.kind === 'answered') noteAnswer(candidate.state.load, between(fact.startedAt, now), now)
  if (candidate.peak !== undefined) learnLatency(candidate.peak, fact, outcome, now)
  if (fact.expired) return
  if (outcome.kind === 'answered') addToTally(candidate.decided, false, now)
  else if (hasFailed(outcome)) addToTally(candidate.decided, true, now)
}

/** Its timer has expired. It may still answer; meanwhile it counts as failed. */
export function expireAttempt(fact: AttemptFact, now: Instant): void {
  const { candidate } = fact
  fact.expired = true
  addToTally(candidate.decided, true, now)
  noteOverload(candidate.state.load, now)
  if (candidate.peak !== undefined) noteLonger(candidate.peak, sampleOf(fact, now), now)
}

/** An endpoint that fails quickly is not fast: only good answers count as such. */
function learnLatency(peak: PeakLatency, fact: AttemptFact, outcome: Outcome, now: Instant): void {
  // An answer that came before the upload had ended says nothing about the time from its end.
  if (fact.sentAt === undefined) return
  if (outcome.kind === 'answered' && outcome.status < 400) notePeak(peak, sampleOf(fact, now), now)
  else if (outcome.kind === 'superseded') noteLonger(peak, sampleOf(fact, now), now)
}

function sampleOf({ sentAt, startedAt, headAt }: AttemptFact, now: Instant): Sample {
  const from = sentAt ?? startedAt
  return { latency: between(from, headAt ?? now), sentAt: from }
}
