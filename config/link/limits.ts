/** What limits must not contradict: each other, and the priorities of routes that nothing would shed. */
import type { Path } from '../defect.ts'
import type { LinkedPool, LinkedRoute } from '../link-gateway.ts'
import type { PoolFile } from '../parse-gateway.ts'
import { type Findings, lost, refuse } from './findings.ts'

export function refuseLimits(pool: PoolFile, path: Path, findings: Findings): void {
  const { limits } = pool
  if (limits === undefined || lost([...path, 'limits'], findings)) return
  const { concurrency, endpointConcurrency, adaptive } = limits
  const at = [...path, 'limits']
  if (concurrency === undefined && endpointConcurrency === undefined && !adaptive)
    refuse(findings, { path: at, expected: 'a limit, or "adaptive: true"' })
  if (concurrency === undefined) return
  const expected = `at most the pool's limit of ${concurrency}`
  if ((endpointConcurrency ?? 0) > concurrency) refuse(findings, { path: [...at, 'endpointConcurrency'], expected })
  for (const [name, endpoint] of Object.entries(pool.endpoints)) {
    if ((endpoint.concurrency ?? 0) > concurrency) refuse(findings, { path: [...path, 'endpoints', name, 'concurrency'], expected })
  }
}

/** A pool that sheds nothing treats all routes alike. */
export const sheds = ({ file }: LinkedPool): boolean =>
  file.limits !== undefined || Object.values(file.endpoints).some(({ concurrency }) => concurrency !== undefined)

export function refuseIdlePriority(route: LinkedRoute, path: Path, findings: Findings): void {
  const { file, action } = route
  if (file.priority === 'normal' || lost(path, findings)) return
  if (action.kind === 'forward' && action.pools.some(({ pool }) => sheds(pool))) return
  const expected =
    action.kind === 'forward' ? 'no priority, or "limits" in its pool, which it is for' : 'no priority, because nothing is sent to a pool'
  refuse(findings, { path: [...path, 'priority'], expected })
}
