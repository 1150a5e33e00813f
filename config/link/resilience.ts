/** What a route's timeouts, retries and hedge must not contradict: each other, its methods, its pool. */
import type { Path } from '../defect.ts'
import { showDuration } from '../fields.ts'
import type { LinkedAction } from '../link-gateway.ts'
import type { RouteFile } from '../parse-gateway.ts'
import { type Findings, lost, refuse, refuseReversed } from './findings.ts'

const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])
const ATTEMPT_TIMEOUT = 1000

export function refuseImpatience(route: RouteFile, path: Path, findings: Findings): void {
  const { timeouts, retry } = route
  const times = [...path, 'timeouts']
  refuseReversed(findings, {
    lower: { path: [...times, 'attempt'], value: timeouts.attempt ?? 0, name: "attempt's" },
    upper: { path: [...times, 'request'], value: timeouts.request, name: "request's timeout" },
  })
  const backoff = [...path, 'retry', 'backoff']
  refuseReversed(findings, {
    lower: { path: [...backoff, 'base'], value: retry.backoff.base, name: 'base' },
    upper: { path: [...backoff, 'max'], value: retry.backoff.max, name: 'max' },
  })
  refuseVainHedge(route, path, findings)
}

/** A hedge that could never be sent. */
function refuseVainHedge({ hedge, methods, retry, timeouts }: RouteFile, path: Path, findings: Findings): void {
  if (hedge === undefined) return
  const at = [...path, 'hedge']
  if (retry.attemptsMax === 1 && !lost([...path, 'retry'], findings)) {
    refuse(findings, { path: at, expected: 'no hedge, or "retry: { attemptsMax: 2 }" or more: a hedge is an attempt', found: 'a hedge' })
  }
  if (methods.length > 0 && !methods.some((method) => SAFE.has(method)) && !lost([...path, 'methods'], findings)) {
    refuse(findings, { path: at, expected: 'GET, HEAD or OPTIONS among the methods: nothing else is hedged', found: methods.join(', ') })
  }
  if (hedge.after.kind === 'quantile' || lost([...path, 'timeouts'], findings)) return
  const attempt = timeouts.attempt ?? Math.min(ATTEMPT_TIMEOUT, timeouts.request)
  if (hedge.after.delay < attempt) return
  const expected = `less than the attempt's timeout of ${showDuration(attempt)}, when another attempt starts anyway`
  refuse(findings, { path: [...at, 'after'], expected })
}

/** A hedge asks another endpoint; in a pool of one there is none. */
export function refuseLoneHedge({ hedge }: RouteFile, action: LinkedAction, path: Path, findings: Findings): void {
  if (hedge === undefined || lost(['pools'], findings)) return
  const endpoints = action.kind === 'forward' ? Math.max(...action.pools.map(({ pool }) => pool.endpoints.length)) : 0
  if (endpoints > 1) return
  const expected = 'a pool of at least two endpoints: a hedge asks another one'
  refuse(findings, { path: [...path, 'hedge'], expected, found: endpoints === 0 ? 'no pool' : '1 endpoint' })
}
