/** What faults must not contradict: each does something, and each ends or is gated. */
import type { Path } from '../defect.ts'
import { FAULT_DAYS_MAX } from '../faults.ts'
import type { RouteFile } from '../parse-gateway.ts'
import { type Findings, isSure, refuse } from './findings.ts'

const DAY = 24 * 60 * 60 * 1000

export function refuseFaults(route: RouteFile, path: Path, findings: Findings): void {
  const { faults } = route
  const { now } = findings
  const at = [...path, 'faults']
  if (faults === undefined) return
  const { expires, gated, delay, abort } = faults
  const areSure = (...fields: readonly string[]) => fields.every((field) => isSure([...at, field], findings))
  if (delay === undefined && abort === undefined && areSure('delay', 'abort'))
    refuse(findings, { code: 'FIELD_MISSING', path: at, expected: 'a delay, an abort, or both' })
  if (expires === undefined && !gated && areSure('expires', 'gated'))
    refuse(findings, { code: 'FAULT_UNBOUNDED', path: at, expected: `a moment in "expires", or "gated: true": faults end by themselves` })
  if (gated && route.name === undefined && isSure([...path, 'name'], findings))
    refuse(findings, {
      code: 'FIELD_NEEDS_ANOTHER',
      path: [...at, 'gated'],
      expected: 'a "name" of the route, for which tokens are signed',
    })
  if (expires === undefined) return
  if (expires > now + FAULT_DAYS_MAX * DAY)
    refuse(findings, { code: 'FAULT_UNBOUNDED', path: [...at, 'expires'], expected: `a moment at most ${FAULT_DAYS_MAX} days ahead` })
  else if (expires <= now)
    findings.notes.push({ code: 'FAULT_EXPIRED', path: [...at, 'expires'], text: 'has passed: nothing is injected any more' })
}
