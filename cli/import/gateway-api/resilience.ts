/** Timeouts and retries of a rule. Counts in the Gateway API leave the first attempt out; here it is one of them. */
import type { RouteEntry } from '../document.ts'
import { writeDuration } from './duration.ts'
import type { RuleSpec } from './schema.ts'

/** `retry.attemptsMax` and `timeouts.request` of `gateway.yaml`. */
const ATTEMPTS_MAX = 5
const REQUEST_MAX = 300_000

export interface ReadResilience {
  readonly entries: Pick<RouteEntry, 'timeouts' | 'retry'>
  readonly remarks: readonly string[]
}

/** `single`: every pool of the rule has one endpoint, so that there is nobody to rescue it. */
export function readResilience({ timeouts, retry }: RuleSpec, single: boolean): ReadResilience {
  const remarks: string[] = []
  const times = readTimeouts(timeouts, remarks)
  const tries = readRetry(retry, single, remarks)
  return { entries: { ...(times === undefined ? {} : { timeouts: times }), ...(tries === undefined ? {} : { retry: tries }) }, remarks }
}

function readTimeouts(timeouts: RuleSpec['timeouts'], remarks: string[]): RouteEntry['timeouts'] {
  const { request, backendRequest } = timeouts ?? {}
  if (request === undefined && backendRequest === undefined) return undefined
  const limit = (length: number): string => {
    if (length > 0 && length <= REQUEST_MAX) return writeDuration(length)
    remarks.push(`${length === 0 ? 'no timeout' : 'a timeout above 5 minutes'} becomes 5 minutes`)
    return writeDuration(REQUEST_MAX)
  }
  return {
    ...(request === undefined ? {} : { request: limit(request) }),
    ...(backendRequest === undefined ? {} : { attempt: limit(backendRequest) }),
  }
}

function readRetry(retry: RuleSpec['retry'], single: boolean, remarks: string[]): RouteEntry['retry'] {
  if (retry === undefined) {
    if (single) return { attemptsMax: 1 }
    remarks.push('nothing is tried again in the Gateway API; here a failed request is rescued by another endpoint of its pool')
    return undefined
  }
  const { attempts, codes, backoff } = retry
  if (attempts !== undefined && attempts + 1 > ATTEMPTS_MAX)
    remarks.push(`${attempts} retries become ${ATTEMPTS_MAX - 1}: a request has at most ${ATTEMPTS_MAX} attempts`)
  remarks.push('only methods that are safe are tried again, unless the route says `writes: anywhere`')
  return {
    ...(attempts === undefined ? {} : { attemptsMax: Math.min(attempts + 1, ATTEMPTS_MAX) }),
    statuses: codes ?? [],
    ...(backoff === undefined
      ? {}
      : { backoff: { base: writeDuration(Math.min(backoff, 10_000)), max: writeDuration(Math.min(backoff * 8, 30_000)) } }),
  }
}
