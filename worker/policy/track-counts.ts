/**
 * What this isolate's requests say of the tracks of a release: first attempts, before anything is rescued, by route and region. Counted in place and
 * handed over with the next report. Only requests that were put on their track by their key: who chose it, or has no key, would compare what is not alike.
 */
import { LATENCY_BOUNDS, type TrackCounts } from '../../config/director.ts'
import type { ReleaseId, RouteId } from '../../config/ids.ts'
import type { TrackName } from '../../config/release.ts'
import { between, type DurationMs, ms } from '../../config/units.ts'
import { isPatient } from './attribute-attempts.ts'
import { hasAnswer } from './classify-outcome.ts'
import type { AttemptFact } from './ledger.ts'
import type { Plan } from './plan.ts'

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

/** Longest that the head of an answer to a copy is waited for, as for any mirror. */
const COPY_TIMEOUT_MAX = 25_000

export const copyTimeout = (attempt: DurationMs): DurationMs => ms(Math.min(COPY_TIMEOUT_MAX, attempt))

/**
 * The time after which an attempt of this request counts as failed, on either track: a canary may have a timer where stable, with one endpoint, has
 * none, and a copy always has one. Undefined where neither track has any: a write that nothing may follow takes the time that it takes.
 */
export function timeOnTracks({ route, replay, body, track }: Pick<Plan, 'route' | 'replay' | 'body' | 'track'>): DurationMs | undefined {
  if (track?.mirror !== undefined) return copyTimeout(route.route.timeouts.attempt)
  return replay === 'anywhere' && body === 'kept' ? route.route.timeouts.attempt : undefined
}

/** A 500 counts here, although no endpoint is ejected for it: a bug is what a canary is for. `time`: of `timeOnTracks`. */
export function judgeAttempt(
  fact: Pick<AttemptFact, 'outcome' | 'expired' | 'sentAt' | 'endedAt' | 'candidate'>,
  time: DurationMs | undefined,
): TrackVerdict {
  if (fact.expired || isLate(fact, time)) return 'failed'
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

/** Its timer would have expired, whether it had one or not. */
const isLate = ({ sentAt, endedAt }: Pick<AttemptFact, 'sentAt' | 'endedAt'>, time: DurationMs | undefined): boolean =>
  time !== undefined && sentAt !== undefined && endedAt !== undefined && between(sentAt, endedAt) > time

/** Counts a first attempt that has ended. */
export function countAttempt(counter: TrackCounter, fact: AttemptFact, time: DurationMs | undefined): void {
  const verdict = judgeAttempt(fact, time)
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
