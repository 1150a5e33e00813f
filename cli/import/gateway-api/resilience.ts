/** Timeouts and retries of a rule. Counts in the Gateway API leave the first attempt out; here it is one of them. */
import type { RouteEntry } from '../document.ts'
import { writeDuration } from './duration.ts'
import type { RuleSpec } from './schema.ts'

/** Bounds of `gateway.yaml`: attempts that race, attempts that are aborted, timeouts in milliseconds. */
const RACING_MAX = 5
const ABORTED_MAX = 10
const REQUEST = { least: 50, most: 300_000, usual: 15_000 }
const ATTEMPT = { least: 20, most: 300_000 }
const BACKOFF_MAX = 10_000
const OFF = '0s'

export interface ReadResilience {
  readonly entries: Pick<RouteEntry, 'timeouts' | 'retry'>
  readonly remarks: readonly string[]
}

type Timeouts = NonNullable<RouteEntry['timeouts']>

/** `single`: every pool of the rule has one endpoint, so that there is nobody to rescue it. */
export function readResilience({ timeouts = {}, retry }: RuleSpec, single: boolean): ReadResilience {
  const remarks: string[] = []
  const times = readTimeouts(timeouts, single, remarks)
  const tries = readRetry(retry, { single, aborts: times.slow === 'abort' }, remarks)
  return {
    entries: { ...(Object.keys(times).length === 0 ? {} : { timeouts: times }), ...(tries === undefined ? {} : { retry: tries }) },
    remarks,
  }
}

/** What the Gateway API times is over when its time is: `slow: abort`. Where other endpoints may rescue, an attempt without a time of its own races. */
function readTimeouts({ request, backendRequest }: NonNullable<RuleSpec['timeouts']>, single: boolean, remarks: string[]): Timeouts {
  const whole = request === undefined ? {} : { request: bounded(request, REQUEST, remarks) }
  if (backendRequest !== undefined && backendRequest > 0) {
    // Nothing is said of the whole request: the usual time must not cut an attempt.
    const roomy = request === undefined && backendRequest > REQUEST.usual ? { request: OFF } : whole
    return { ...roomy, attempt: bounded(backendRequest, ATTEMPT, remarks), slow: 'abort' }
  }
  if (backendRequest === 0 || request === 0) return { ...whole, attempt: OFF }
  if (request === undefined) return {}
  if (single) return { ...whole, attempt: bounded(request, REQUEST, remarks), slow: 'abort' }
  remarks.push('an attempt that takes longer than 1s has another endpoint tried beside it')
  return whole
}

function bounded(length: number, { least, most }: { least: number; most: number }, remarks: string[]): string {
  if (length === 0) return OFF
  const kept = Math.min(most, Math.max(least, length))
  if (kept !== length) remarks.push(`a timeout of ${writeDuration(length)} becomes ${writeDuration(kept)}`)
  return writeDuration(kept)
}

function readRetry(
  retry: RuleSpec['retry'],
  { single, aborts }: { single: boolean; aborts: boolean },
  remarks: string[],
): RouteEntry['retry'] {
  if (retry === undefined) {
    if (single) return { attemptsMax: 1 }
    remarks.push('nothing is tried again in the Gateway API; here a failed request is rescued by another endpoint of its pool')
    return undefined
  }
  const { attempts, codes, backoff } = retry
  const most = aborts ? ABORTED_MAX : RACING_MAX
  if (attempts !== undefined && attempts + 1 > most)
    remarks.push(`${attempts} retries become ${most - 1}: a request has at most ${most} attempts`)
  remarks.push('only methods that are safe are tried again, unless the route says `writes: anywhere`')
  return {
    ...(attempts === undefined ? {} : { attemptsMax: Math.min(attempts + 1, most) }),
    statuses: codes ?? [],
    on: ['connect-failure', 'timeout'],
    ...(backoff === undefined ? {} : { backoff: readBackoff(backoff, remarks) }),
  }
}

/** It is the least time before a retry. Above it the usual jitter remains. */
function readBackoff(backoff: number, remarks: string[]): NonNullable<NonNullable<RouteEntry['retry']>['backoff']> {
  const least = bounded(backoff, { least: 0, most: BACKOFF_MAX }, remarks)
  return { base: least, max: writeDuration(Math.min(backoff, BACKOFF_MAX) * 2), min: least }
}
