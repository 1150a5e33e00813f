/**
 * A base with other weights and drains, as the director names them: `pools.shop.aws-use1.weight`, `drains.region.us-east-1`. Whom one drain lets go
 * another may keep, so that all that are in force have to be named; what the base drains stays out.
 */
import type { Endpoint } from '../../config/base.ts'
import type { Difference } from '../../config/director.ts'
import type { PlanBase } from '../../config/operator-documents.ts'

type Changed = Pick<Difference, 'field' | 'after'>

export function applyDifferences(base: PlanBase, differences: readonly Changed[]): PlanBase {
  const weights = new Map(differences.filter(({ field }) => field.startsWith('pools.')).map(({ field, after }) => [field, after]))
  const drains = new Map(differences.filter(({ field }) => field.startsWith('drains.')).map(({ field, after }) => [field, after]))
  const changed = (pool: string, endpoint: Endpoint): Endpoint => {
    const weight = weights.get(`pools.${pool}.${endpoint.id}.weight`)
    const names = [`drains.endpoint.${endpoint.id}`, `drains.region.${endpoint.region}`, `drains.cloud.${endpoint.cloud}`]
    const drain = endpoint.drain || names.some((name) => drains.get(name) === 'out')
    return { ...endpoint, drain, ...(typeof weight === 'number' ? { weight } : {}) }
  }
  return { ...base, pools: base.pools.map((pool) => ({ ...pool, endpoints: pool.endpoints.map((each) => changed(pool.id, each)) })) }
}
