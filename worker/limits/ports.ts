/** The gateway Worker's bindings made into the counters of its limits. */
import type { Base } from '../../config/base.ts'
import type { LimiterForIsolates } from '../../config/lease.ts'
import { limitsOfUse } from '../../config/rate-limit.ts'
import { type GatewayBindings, secretOf } from '../snapshot/bindings.ts'
import { makeColoCounter } from './colo-counter.ts'
import { makeGlobalCounter } from './global-counter.ts'
import { KeyNames } from './key-names.ts'
import { type LimitPool, makeLimitPool } from './limit-pool.ts'
import { type LimitPorts, type LimitUse, makeLimitUse } from './limit-use.ts'

export interface Limits {
  /** Absent where nobody is counted. */
  readonly limitUse: LimitUse | undefined
  /** Absent where no pool has a rate. */
  readonly limitPool: LimitPool | undefined
}

export function makeLimits(base: Base, bindings: GatewayBindings): Limits {
  const countsUse = limitsOfUse(base).length > 0
  const countsPools = base.pools.some(({ limits }) => limits?.rate !== undefined)
  if (!countsUse && !countsPools) return { limitUse: undefined, limitPool: undefined }
  const ports = limitPorts(bindings)
  return { limitUse: countsUse ? makeLimitUse(ports) : undefined, limitPool: countsPools ? makeLimitPool(ports) : undefined }
}

function limitPorts(bindings: GatewayBindings): LimitPorts {
  return {
    counters: {
      colo: makeColoCounter(bindings as unknown as Readonly<Record<string, unknown>>),
      global: makeGlobalCounter((name) => limiterNamed(bindings, name)),
    },
    names: new KeyNames(secretOf(bindings.SNAPSHOT_KEY)),
  }
}

/** A fresh stub for each call. An object is placed near whoever calls it first. */
function limiterNamed({ LIMITER }: GatewayBindings, name: string): LimiterForIsolates {
  return LIMITER.get(LIMITER.idFromName(name)) as unknown as LimiterForIsolates
}
