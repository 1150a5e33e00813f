/** A pool by hand, for tests of its steering: what an order depends on, who is picked, and how often. */
import type { Base, Pool } from '../../../config/base.ts'
import { endpointKey, vantageId } from '../../../config/ids.ts'
import type { EndpointHealth, HealthSnapshot } from '../../../config/snapshot.ts'
import { draw, type Instant, instant, seconds, share } from '../../../config/units.ts'
import type { HealthAge, HeldHealth } from '../../../worker/policy/held-health.ts'
import { type OrderFacts, orderEndpoints, pickEndpoint } from '../../../worker/policy/order-endpoints.ts'
import type { Candidate } from '../../../worker/policy/route-state.ts'
import { dice, SEED } from '../../seed.ts'
import { type BaseParts, firstState, testBase } from '../../workerd/gateway/base.ts'
import { NO_HEALTH } from './carry.ts'

export const NOW = instant(1_000_000)

export type EndpointParts = Omit<BaseParts['endpoints'][number], 'origin'>

export interface PoolParts {
  readonly pool?: Partial<Pool>
  readonly health?: HeldHealth
  readonly base?: Partial<Base>
}

export function factsFor(endpoints: readonly EndpointParts[], { pool = {}, health = NO_HEALTH, base = {} }: PoolParts = {}): OrderFacts {
  const made = { ...testBase({ endpoints: endpoints.map((each) => ({ origin: `https://${each.id}.test`, ...each })), pool }), ...base }
  return { route: firstState(made, NOW), health }
}

export function candidateOf(facts: OrderFacts, id: string): Candidate {
  const found = facts.route.candidates.find(({ endpoint }) => endpoint.id === id)
  if (found === undefined) throw new Error(`no endpoint ${id}`)
  return found
}

/**
 * Who is picked first: the share of each, `none` among them. The draws stand evenly, one in each of as many equal parts of [0, 1): so a
 * share is exact to a few of them, and no unlucky seed fails a test.
 */
export function shares(facts: OrderFacts, now: Instant = NOW, times = 20_000): Record<string, number> {
  const roll = dice(SEED)
  const counts: Record<string, number> = {}
  for (let time = 0; time < times; time += 1) {
    const pick = pickEndpoint(facts, () => false, now, draw((time + roll()) / times))
    const id = pick.kind === 'picked' ? pick.candidate.endpoint.id : 'none'
    counts[id] = (counts[id] ?? 0) + 1 / times
  }
  return counts
}

/** The whole order, as `endpoint reason`. */
export const steeredOrder = (facts: OrderFacts): readonly string[] =>
  orderEndpoints(facts, NOW, dice(SEED)).flatMap((pick) => (pick.kind === 'picked' ? `${pick.candidate.endpoint.id} ${pick.reason}` : []))

export function healthOf(endpoints: Readonly<Record<string, Partial<EndpointHealth>>>, age: HealthAge = 'fresh'): HeldHealth {
  const up: EndpointHealth = {
    verdict: 'up',
    stoodFor: seconds(600),
    restored: true,
    local: 'up',
    routesDown: [],
    localRoutesDown: [],
    reasons: [],
  }
  const entries = Object.entries(endpoints).map(([id, said]) => [endpointKey(`key of ${id}`), { ...up, ...said }])
  const snapshot: HealthSnapshot = {
    format: 1,
    vantage: vantageId('weur'),
    incarnation: { createdAt: 1, bootCount: 1 },
    seq: 1,
    endpoints: Object.fromEntries(entries),
    retryScale: share(1),
  }
  return { snapshot, receivedAt: NOW, age, silent: false }
}
