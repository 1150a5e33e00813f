/** Whether a route tries again after what has happened. Whether the request may be sent again at all is `replay.ts`'s to say. */
import type { AnswerMatch, RetryCondition, RetrySettings } from '../../config/resilience.ts'
import { isMadeByCloudflare } from './classify-outcome.ts'
import type { AttemptFact } from './ledger.ts'

/** Every one of them has failed or expired. */
export function isWorthAnother(attempts: readonly AttemptFact[], retry: RetrySettings): boolean {
  const { on } = retry
  if (on === undefined) return true
  return attempts.every((fact) => {
    if (fact.kind === 'probation') return true
    const condition = conditionOf(fact, retry.statuses)
    return condition === 'listed' || on.includes(condition)
  })
}

function conditionOf({ outcome }: AttemptFact, statuses: readonly number[]): RetryCondition | 'listed' {
  if (outcome === undefined) return 'timeout'
  switch (outcome.kind) {
    case 'failed-status':
      return isMadeByCloudflare(outcome.status) && !statuses.includes(outcome.status) ? 'cloudflare-52x' : 'listed'
    case 'overloaded':
      return statuses.includes(outcome.status) ? 'listed' : 'overload'
    case 'failed':
      return outcome.phase === 'body' ? 'broken-body' : 'connect-failure'
    case 'bad-response':
      return 'bad-response'
    case 'timed-out':
    case 'superseded':
    case 'client-gone':
      return 'timeout'
    case 'answered':
      return 'listed'
    default:
      return outcome satisfies never
  }
}

/** Whether an answer's headers say that it is to be tried again. */
export const saysTryAgain = (headers: Pick<Headers, 'get'>, wanted: readonly AnswerMatch[]): boolean =>
  wanted.some((match) => {
    const value = headers.get(match.name)
    switch (match.kind) {
      case 'exact':
        return value === match.value
      case 'present':
        return value !== null
      case 'absent':
        return value === null
      default:
        return match satisfies never
    }
  })
