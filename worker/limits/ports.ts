/** The gateway Worker's bindings made into the counters of its limits. */
import type { Base } from '../../config/base.ts'
import { rateLimitsOf } from '../../config/rate-limit.ts'
import type { GatewayBindings } from '../snapshot/bindings.ts'
import { makeColoCounter } from './colo-counter.ts'
import { KeyNames } from './key-names.ts'
import type { LimitPorts } from './limit-use.ts'

export const countsUse = (base: Base): boolean => rateLimitsOf(base).length > 0

export function limitPorts(bindings: GatewayBindings): LimitPorts {
  return {
    counters: { colo: makeColoCounter(bindings as unknown as Readonly<Record<string, unknown>>) },
    names: new KeyNames(bindings.SNAPSHOT_KEY),
  }
}
