/** What the others of a pool would carry if a region died: requests a second, by the same shares that steer the living. */
import type { Pool } from '../../config/base.ts'
import type { PlanBase } from '../../config/operator-documents.ts'
import { sharesOf } from './spread.ts'

export interface Survival {
  readonly pool: string
  /** The region that died. */
  readonly region: string
  /** Of the pool's requests, what it had carried. */
  readonly lost: number
  readonly survivors: readonly Survivor[]
  /** Share that nobody can take. */
  readonly unserved: number
}

export interface Survivor {
  readonly endpoint: string
  readonly share: number
  readonly before: number
  /** Requests a second. */
  readonly rps: number
}

/** `rps`: what comes to a pool. */
export function survivals(base: PlanBase, rps: (pool: Pool) => number): readonly Survival[] {
  return base.pools.flatMap((pool) => {
    const before = sharesOf(base, pool)
    return [...new Set(pool.endpoints.map(({ region }) => region))].map((region) => {
      const after = sharesOf(base, pool, (endpoint) => endpoint.region === region)
      const survivors = pool.endpoints
        .filter((endpoint) => endpoint.region !== region)
        .map(({ id }) => ({ endpoint: id, share: after.get(id) ?? 0, before: before.get(id) ?? 0, rps: (after.get(id) ?? 0) * rps(pool) }))
      const lost = pool.endpoints.reduce((sum, { id, region: own }) => sum + (own === region ? (before.get(id) ?? 0) : 0), 0)
      const served = [...after.values()].reduce((sum, share) => sum + share, 0)
      return { pool: pool.id, region, lost, survivors, unserved: Math.max(0, 1 - served) }
    })
  })
}
