/** What the monitor of an endpoint must not contradict, once its own fields and its pool's are put together. */
import type { Path } from '../defect.ts'
import type { DefectCode } from '../defects.ts'
import { showDuration } from '../fields.ts'
import { mergeMonitors, monitorTimes } from '../merge-monitors.ts'
import type { MonitorFile } from '../parse-gateway.ts'
import { type Findings, isSure, refuse } from './findings.ts'

/** `places`: of the pool and of the endpoint. A defect is put where the value was written. */
export function refuseMonitor(
  ofPool: MonitorFile,
  own: MonitorFile,
  places: readonly [pool: Path, endpoint: Path],
  findings: Findings,
): void {
  const merged = mergeMonitors(ofPool, own)
  const where = (field: keyof MonitorFile): Path => [...places[own[field] === undefined ? 0 : 1], 'monitor', field]
  const complain = ([field, beside]: readonly [keyof MonitorFile, keyof MonitorFile], code: DefectCode, expected: string) => {
    const path = where(field)
    const areSure = places.every((place) => [field, beside].every((one) => isSure([...place, 'monitor', one], findings)))
    // The pool's own contradiction would be found once for each of its endpoints.
    const known = findings.defects.some((one) => one.expected === expected && one.path.join() === path.join())
    if (!known && areSure) refuse(findings, { code, path, expected })
  }
  const { interval, timeout } = monitorTimes(merged)
  if (timeout > interval) complain(['timeout', 'interval'], 'BOUNDS_REVERSED', `at most the interval of ${showDuration(interval)}`)
  if (merged.method === 'HEAD' && merged.body !== undefined)
    complain(['body', 'method'], 'BODY_IMPOSSIBLE', 'nothing beside "method: HEAD", whose answer has no body')
  for (const field of ['path', 'port'] as const) {
    if (merged.url !== undefined && merged[field] !== undefined)
      complain([field, 'url'], 'FIELDS_EXCLUSIVE', 'nothing beside "url", which says it all')
  }
}
