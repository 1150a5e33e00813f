/** Overlays and emergencies by hand, for tests of what is made of them. */

import { endpointId, poolId } from '../../../config/ids.ts'
import type { Drain, DrainTarget, Emergency, InForce, Overlay } from '../../../config/overlay.ts'
import { ms } from '../../../config/units.ts'
import { applyOverlay } from '../../../worker/policy/apply-overlay.ts'
import type { OrderFacts } from '../../../worker/policy/order-endpoints.ts'
import { NOW } from './pool-facts.ts'

export function overlayOf(parts: Partial<Overlay> = {}, revision = 1): Overlay {
  return { format: 1, order: { epoch: 1_795_000_000_000, revision }, weights: {}, drains: [], releases: {}, ...parts }
}

export const emergencyOf = (parts: Partial<Emergency>): Emergency => ({
  etag: '"tag"',
  drain: [],
  weightZero: [],
  freeze: [],
  killCanary: [],
  ...parts,
})

/** Of an endpoint, unless `target` says otherwise. */
export const drainOf = (target: string | DrainTarget, parts: Partial<Drain> = {}): Drain => ({
  target: typeof target === 'string' ? { kind: 'endpoint', endpoint: endpointId(target) } : target,
  direction: 'out',
  over: ms(0),
  begun: ms(0),
  ...parts,
})

export const weightsOf = (weights: Readonly<Record<string, number>>, pool = 'pool'): Overlay['weights'] => ({ [poolId(pool)]: weights })

/** The same pool with this in force since `NOW`. */
export function overlaid(facts: OrderFacts, { overlay, emergencies }: InForce): OrderFacts {
  const pools = [facts.route.pool]
  const applied = applyOverlay({ pools }, overlay === undefined ? undefined : { overlay, at: NOW }, emergencies)
  return { ...facts, health: { ...facts.health, ...(applied === undefined ? {} : { applied }) } }
}
