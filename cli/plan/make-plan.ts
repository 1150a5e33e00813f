/** Puts a plan together: what would change from one base to another, and what the second one would be like. Pure, and asks nobody. */
import type { Pool } from '../../config/base.ts'
import type { Difference } from '../../config/director.ts'
import type { PlanBase } from '../../config/operator-documents.ts'
import { type Cost, type CostInputs, costOf } from './cost.ts'
import { baseDifferences } from './differences.ts'
import { type FailoverTime, failoverTimes } from './failover-time.ts'
import { basisOf, movedShare, sharesOf } from './spread.ts'
import { type Survival, survivals } from './survivors.ts'

export interface PlanDocument {
  readonly format: 1
  readonly differences: readonly Difference[]
  readonly pools: readonly PoolPlan[]
  readonly failover: readonly FailoverTime[]
  readonly probes: readonly ProbeRate[]
  readonly survivals: readonly Survival[]
  readonly cost: Cost
}

export interface PoolPlan {
  readonly pool: string
  readonly steering: Pool['steering']
  /** Share of requests that another endpoint would take; absent for a pool that only one of the two has. */
  readonly moved?: number
  /** What that rests on. */
  readonly basis?: string
  readonly endpoints: readonly { readonly endpoint: string; readonly before?: number; readonly after?: number }[]
}

export interface ProbeRate {
  readonly endpoint: string
  /** By all vantages together. */
  readonly perMinute: number
}

export interface PlanInputs extends CostInputs {
  /** Requests a second of single pools; the others have the `rps` of all. */
  readonly poolRps: Readonly<Record<string, number>>
}

export function makePlan(before: PlanBase, after: PlanBase, { poolRps, ...inputs }: PlanInputs): PlanDocument {
  return {
    format: 1,
    differences: baseDifferences(before, after),
    pools: poolPlans(before, after),
    failover: failoverTimes(after),
    probes: probeRates(after),
    survivals: survivals(after, ({ id }) => poolRps[id] ?? inputs.rps),
    cost: costOf(after, inputs),
  }
}

export function poolPlans(before: PlanBase, after: PlanBase): readonly PoolPlan[] {
  const names = new Set([...before.pools, ...after.pools].map(({ id }) => id))
  return [...names].flatMap((name) => {
    const [old, now] = [before, after].map(({ pools }) => pools.find(({ id }) => id === name))
    const pool = now ?? old
    if (pool === undefined) return []
    const from = old === undefined ? undefined : sharesOf(before, old)
    const to = now === undefined ? undefined : sharesOf(after, now)
    const ids = new Set([...(old?.endpoints ?? []), ...(now?.endpoints ?? [])].map(({ id }) => id))
    const basis = basisOf(pool)
    return {
      pool: name,
      steering: pool.steering,
      ...(old === undefined || now === undefined ? {} : { moved: movedShare({ base: before, pool: old }, { base: after, pool: now }) }),
      ...(basis === undefined ? {} : { basis }),
      endpoints: [...ids].map((endpoint) => ({
        endpoint,
        ...(from === undefined ? {} : { before: from.get(endpoint) ?? 0 }),
        ...(to === undefined ? {} : { after: to.get(endpoint) ?? 0 }),
      })),
    }
  })
}

/** An address that serves several pools is probed once. */
function probeRates({ targets, health }: PlanBase): readonly ProbeRate[] {
  return targets.map(({ id, monitor }) => ({ endpoint: id, perMinute: (health.vantages.length * 60_000) / monitor.interval }))
}
