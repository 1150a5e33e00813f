/** What a finished request says of the track on which it began. */
import type { Ledger } from '../policy/ledger.ts'
import type { Plan } from '../policy/plan.ts'
import { count, countAttempt, timeOnTracks } from '../policy/track-counts.ts'

/** True when it says something of a canary: vantages should hear of it soon. */
export function countTracks(plan: Plan, { attempts }: Ledger): boolean {
  const { track } = plan
  if (track === undefined) return false
  const missed = track.missed?.counters?.asked
  if (missed !== undefined) count(missed, true, undefined)
  if (!track.counted) return missed !== undefined
  const first = attempts.find(({ kind }) => kind === 'first')
  const counter = first?.candidate.counters?.asked
  if (first === undefined || counter === undefined) return false
  countAttempt(counter, first, timeOnTracks(plan))
  return counter.track === 'canary'
}
