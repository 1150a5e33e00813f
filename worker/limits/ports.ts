/** The gateway Worker's bindings made into the counters of its limits. */
import type { Base } from '../../config/base.ts'
import type { LimiterForIsolates } from '../../config/lease.ts'
import { rateLimitsOf } from '../../config/rate-limit.ts'
import { type GatewayBindings, secretOf } from '../snapshot/bindings.ts'
import { makeColoCounter } from './colo-counter.ts'
import { makeGlobalCounter } from './global-counter.ts'
import { KeyNames } from './key-names.ts'
import type { LimitPorts } from './limit-use.ts'

export const countsUse = (base: Base): boolean => rateLimitsOf(base).length > 0

export function limitPorts(bindings: GatewayBindings): LimitPorts {
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
