/** What a route's timeouts, retries and hedge must not contradict: each other, its methods, its pool. */
import type { Path } from '../defect.ts'
import { showDuration } from '../fields.ts'
import type { LinkedAction } from '../link-gateway.ts'
import type { RouteFile } from '../parse-gateway.ts'
import { attemptTimeout, requestTimeout } from '../timeouts.ts'
import { type Findings, few, isSure, lost, mostEndpoints, refuse, refuseReversed } from './findings.ts'

export const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])
/** What the platform lets wait for heads, less the one of probation. */
const WAITING_MAX = 5

export function refuseImpatience(route: RouteFile, path: Path, findings: Findings): void {
  refuseTimeouts(route, path, findings)
  refuseRetries(route, path, findings)
  refuseVainHedge(route, path, findings)
}

function refuseTimeouts({ timeouts }: RouteFile, path: Path, findings: Findings): void {
  const times = [...path, 'timeouts']
  refuseReversed(findings, {
    lower: { path: [...times, 'attempt'], value: timeouts.attempt ?? 0, name: "attempt's" },
    upper: { path: [...times, 'request'], value: requestTimeout(timeouts), name: "request's timeout" },
  })
  if (timeouts.slow === 'abort' && timeouts.attempt === undefined && isSure([...times, 'attempt'], findings)) {
    refuse(findings, {
      code: 'FIELD_NEEDS_ANOTHER',
      path: [...times, 'slow'],
      expected: '"race", or a field "attempt" beside it, which says what is too slow',
    })
  }
}

function refuseRetries({ retry, timeouts, writes }: RouteFile, path: Path, findings: Findings): void {
  const at = [...path, 'retry']
  refuseReversed(findings, {
    lower: { path: [...at, 'backoff', 'base'], value: retry.backoff.base, name: 'base' },
    upper: { path: [...at, 'backoff', 'max'], value: retry.backoff.max, name: 'max' },
  })
  refuseReversed(findings, {
    lower: { path: [...at, 'backoff', 'min'], value: retry.backoff.min, name: 'min' },
    upper: { path: [...at, 'backoff', 'max'], value: retry.backoff.max, name: 'max' },
  })
  if (retry.attemptsMax > WAITING_MAX && timeouts.slow !== 'abort' && isSure([...path, 'timeouts', 'slow'], findings)) {
    const expected = `at most ${WAITING_MAX}, or "timeouts: { slow: abort }" beside it: no more may wait at once`
    refuse(findings, { code: 'ATTEMPTS_TOO_MANY', path: [...at, 'attemptsMax'], expected })
  }
  const unsafe = retry.methods?.filter((method) => !SAFE.has(method)) ?? []
  if (unsafe.length === 0 || writes === 'anywhere' || !isSure([...path, 'writes'], findings)) return
  const expected = 'GET, HEAD and OPTIONS alone, or "writes: anywhere" beside it: else no write may be in two regions'
  refuse(findings, { code: 'WRITES_UNSAFE', path: [...at, 'methods'], expected, found: few(unsafe) })
}

/** A hedge that could never be sent. */
function refuseVainHedge({ hedge, methods, retry, timeouts }: RouteFile, path: Path, findings: Findings): void {
  if (hedge === undefined) return
  const at = [...path, 'hedge']
  if (retry.attemptsMax === 1) {
    refuse(findings, {
      code: 'FIELD_WITHOUT_EFFECT',
      path: at,
      expected: 'no hedge, or "retry: { attemptsMax: 2 }" or more: a hedge is an attempt',
      found: 'a hedge',
    })
  }
  refuseUnhedged(methods, [...path, 'methods'], at, findings)
  refuseUnhedged(retry.methods ?? [], [...path, 'retry', 'methods'], at, findings)
  if (hedge.after.kind === 'quantile' || ['attempt', 'request'].some((one) => !isSure([...path, 'timeouts', one], findings))) return
  const attempt = attemptTimeout(timeouts)
  if (hedge.after.delay < attempt) return
  const expected = `less than the attempt's timeout of ${showDuration(attempt)}, when another attempt starts anyway`
  refuse(findings, { code: 'BOUNDS_REVERSED', path: [...at, 'after'], expected })
}

function refuseUnhedged(methods: readonly string[], from: Path, at: Path, findings: Findings): void {
  if (methods.length === 0 || methods.some((method) => SAFE.has(method)) || lost(from, findings)) return
  const expected = `GET, HEAD or OPTIONS among the ${from.includes('retry') ? 'methods that may be sent again' : 'methods'}: nothing else is hedged`
  refuse(findings, { code: 'METHOD_NOT_TAKEN', path: at, expected, found: few(methods) })
}

/** A hedge asks another endpoint; in a pool of one there is none. */
export function refuseLoneHedge({ hedge }: RouteFile, action: LinkedAction, path: Path, findings: Findings): void {
  if (hedge === undefined) return
  const endpoints = mostEndpoints(action, findings)
  if (endpoints > 1) return
  const expected = 'a pool of at least two endpoints: a hedge asks another one'
  refuse(findings, {
    code: endpoints === 0 ? 'FIELD_WITHOUT_EFFECT' : 'POOL_TOO_SMALL',
    path: [...path, 'hedge'],
    expected,
    found: endpoints === 0 ? 'no pool' : '1 endpoint',
  })
}
