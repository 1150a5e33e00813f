/**
 * What this isolate's requests say of the tracks of a release: first attempts, before anything is rescued, by route and region. Counted in place and
 * handed over with the next report. Only requests that were put on their track by their key: who chose it, or has no key, would compare what is not alike.
 */
import { LATENCY_BOUNDS, type TrackCounts } from '../../config/director.ts'
import type { ReleaseId, RouteId } from '../../config/ids.ts'
import type { TrackName } from '../../config/release.ts'
import { between, type DurationMs } from '../../config/units.ts'
import { isPatient } from './attribute-attempts.ts'
import { hasAnswer } from './classify-outcome.ts'
import type { AttemptFact } from './ledger.ts'

/** Of one track on one route in one region: changed in place. */
export interface TrackCounter {
  readonly release: ReleaseId
  readonly track: TrackName
  readonly route: RouteId
  readonly region: string
  readonly mirrored: boolean
  attempts: number
  failed: number
  readonly latency: Float64Array
}

export const newTrackCounter = (about: Pick<TrackCounter, 'release' | 'track' | 'route' | 'region' | 'mirrored'>): TrackCounter => ({
  ...about,
  attempts: 0,
  failed: 0,
  latency: new Float64Array(LATENCY_BOUNDS.length + 1),
})

/** What an attempt says of its track. `none`: nobody decided it. */
export type TrackVerdict = 'served' | 'failed' | 'none'

/** A 500 counts here, although no endpoint is ejected for it: a bug is what a canary is for. */
export function judgeAttempt(fact: Pick<AttemptFact, 'outcome' | 'expired' | 'sentAt' | 'endedAt' | 'candidate'>): TrackVerdict {
  if (fact.expired) return 'failed'
  const { outcome } = fact
  switch (outcome?.kind) {
    case 'answered':
    case 'failed-status':
    case 'overloaded':
      return outcome.status >= 500 ? 'failed' : 'served'
    case 'failed':
    case 'bad-response':
      // What the client's own upload may have broken says nothing.
      return fact.sentAt === undefined ? 'none' : 'failed'
    case 'timed-out':
      return isPatient(fact as AttemptFact) ? 'failed' : 'none'
    // Broken off because a hedge was faster: it had not failed, and took so long at least.
    case 'superseded':
      return 'served'
    case 'client-gone':
    case undefined:
      return 'none'
    default:
      return outcome satisfies never
  }
}

/** Counts a first attempt that has ended. */
export function countAttempt(counter: TrackCounter, fact: AttemptFact): void {
  const verdict = judgeAttempt(fact)
  if (verdict === 'none') return
  const from = fact.sentAt ?? fact.startedAt
  const until = fact.headAt ?? fact.endedAt
  const { outcome } = fact
  const tookTime = fact.expired || (outcome !== undefined && (hasAnswer(outcome) || outcome.kind === 'superseded'))
  count(counter, verdict === 'failed', tookTime && until !== undefined ? between(from, until) : undefined)
}

/** `latency`: to the head; absent where none came. */
export function count(counter: TrackCounter, failed: boolean, latency: DurationMs | undefined): void {
  counter.attempts += 1
  if (failed) counter.failed += 1
  if (latency === undefined) return
  const place = latencyPlace(latency)
  counter.latency[place] = (counter.latency[place] ?? 0) + 1
}

/** The first bound that is not below it; one past the last for the rest. */
export function latencyPlace(latency: number): number {
  let low = 0
  let high = LATENCY_BOUNDS.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((LATENCY_BOUNDS[middle] ?? 0) < latency) low = middle + 1
    else high = middle
  }
  return low
}

/** What has been counted since it was last taken; undefined when nothing has. */
export function takeTrackCounts(counters: readonly TrackCounter[]): readonly TrackCounts[] | undefined {
  const counted = counters.filter(({ attempts }) => attempts > 0)
  if (counted.length === 0) return undefined
  return counted.map((counter) => {
    const { latency, ...rest } = counter
    const taken = { ...rest, latency: [...latency] }
    counter.attempts = 0
    counter.failed = 0
    latency.fill(0)
    return taken
  })
}
