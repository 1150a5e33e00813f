/** What limits must not contradict: each other, what a counter can count, and the priorities of routes that nothing would shed. */
import type { Path } from '../defect.ts'
import type { LinkedPool, LinkedRoute } from '../link-gateway.ts'
import type { PoolFile } from '../parse-gateway.ts'
import { allPools } from './all-pools.ts'
import { type Findings, isSure, refuse } from './findings.ts'
import { refuseUncountable } from './rate-limits.ts'

export function refuseLimits(pool: PoolFile, path: Path, findings: Findings): void {
  const { limits } = pool
  if (limits === undefined) return
  const { concurrency, endpointConcurrency, rate, adaptive } = limits
  const at = [...path, 'limits']
  const limitsNothing = concurrency === undefined && endpointConcurrency === undefined && rate === undefined && !adaptive
  if (limitsNothing && LIMITS.every((one) => isSure([...at, one], findings)))
    refuse(findings, { code: 'FIELD_MISSING', path: at, expected: 'a limit, or "adaptive: true"' })
  refuseRate(limits, at, findings)
  if (concurrency === undefined) return
  const expected = `at most the pool's limit of ${concurrency}`
  if ((endpointConcurrency ?? 0) > concurrency)
    refuse(findings, { code: 'BOUNDS_REVERSED', path: [...at, 'endpointConcurrency'], expected })
  for (const [name, endpoint] of Object.entries(pool.endpoints)) {
    if ((endpoint.concurrency ?? 0) > concurrency)
      refuse(findings, { code: 'BOUNDS_REVERSED', path: [...path, 'endpoints', name, 'concurrency'], expected })
  }
}

const LIMITS = ['concurrency', 'endpointConcurrency', 'rate', 'adaptive'] as const

function refuseRate({ rate, burst, scope }: NonNullable<PoolFile['limits']>, at: Path, findings: Findings): void {
  if (rate !== undefined) {
    refuseUncountable({ limit: { rate, burst, scope: scope ?? 'colo' }, path: at }, findings)
    return
  }
  if (!isSure([...at, 'rate'], findings)) return
  for (const [field, value] of Object.entries({ burst, scope })) {
    if (value !== undefined)
      refuse(findings, { code: 'FIELD_WITHOUT_EFFECT', path: [...at, field], expected: `no ${field} without a "rate", which it is for` })
  }
}

/** A pool that sheds nothing treats all routes alike. */
export const sheds = ({ file }: LinkedPool): boolean =>
  file.limits !== undefined || Object.values(file.endpoints).some(({ concurrency }) => concurrency !== undefined)

export function refuseIdlePriority(route: LinkedRoute, path: Path, findings: Findings): void {
  const { file, action } = route
  if (file.priority === 'normal') return
  if (allPools(action).some(({ pool }) => sheds(pool) || !isSureOfLimits(pool, findings))) return
  const expected =
    action.kind === 'forward' ? 'no priority, or "limits" in its pool, which it is for' : 'no priority, because nothing is sent to a pool'
  refuse(findings, { code: 'FIELD_WITHOUT_EFFECT', path: [...path, 'priority'], expected })
}

const isSureOfLimits = ({ name, endpoints }: LinkedPool, findings: Findings): boolean =>
  isSure(['pools', name, 'limits'], findings) &&
  endpoints.every((endpoint) => isSure(['pools', name, 'endpoints', endpoint.name, 'concurrency'], findings))
