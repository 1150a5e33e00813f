import { expect, test } from 'vitest'
import type { Pool } from '../../../config/base.ts'
import { endpointId } from '../../../config/ids.ts'
import type { EndpointHealth } from '../../../config/snapshot.ts'
import type { Steering } from '../../../config/steering.ts'
import { type Draw, draw, after as later, ms, seconds, share } from '../../../config/units.ts'
import { beginWaiting, inFlight } from '../../../worker/policy/endpoint-load.ts'
import { type OrderFacts, orderEndpoints, pickEndpoint } from '../../../worker/policy/order-endpoints.ts'
import { noteDraining, standing, TIERS } from '../../../worker/policy/standing.ts'
import { steerBy } from '../../../worker/policy/steering/steer-by.ts'
import { dice, SEED } from '../../seed.ts'
import { factsFor, healthOf, NOW } from './pool-facts.ts'

const KINDS: readonly Steering[] = ['listed', 'nearest', 'weighted', 'latency', 'affinity', 'map']
const NAMES = ['a', 'b', 'c', 'd', 'e', 'f']

/** A pool of any kind, its endpoints in any state. */
function randomFacts(kind: Steering, roll: () => Draw): OrderFacts {
  const chance = (probability: number): boolean => roll() < probability
  const ids = NAMES.slice(0, 2 + Math.floor(roll() * 5))
  const endpoints = ids.map((id) => ({
    id,
    priority: chance(0.3) ? 1 : 0,
    weight: chance(0.1) ? 0 : 1 + Math.floor(roll() * 5),
    drain: chance(0.15),
    ...(chance(0.5) ? { coordinates: { latitude: roll() * 180 - 90, longitude: roll() * 360 - 180 } } : {}),
    ...(chance(0.3) ? { concurrency: 3 } : {}),
  }))
  const levels = {
    ...(chance(0.5) ? { spillOver: 1 + roll() } : {}),
    ...(chance(0.3) ? { panic: share(roll()) } : {}),
    ...(chance(0.3) ? { healthThreshold: share(roll()) } : {}),
  }
  const pool: Partial<Pool> = {
    steering: kind,
    ...(kind === 'affinity' ? { affinity: { kind: 'client-address' } } : {}),
    ...(kind === 'map' ? { map: { countries: { DE: ids.slice(1).map(endpointId) }, continents: {}, otherwise: [] } } : {}),
    ...(chance(0.5) ? { levels } : {}),
    ...(endpoints.some(({ concurrency }) => concurrency !== undefined) ? { limits: { adaptive: chance(0.5), classes: ['normal'] } } : {}),
  }
  const said = (): Partial<EndpointHealth> => ({
    verdict: chance(0.3) ? 'down' : 'up',
    local: chance(0.15) ? 'down' : 'up',
    stoodFor: seconds(roll() * 60),
    ...(chance(0.7) ? { restored: true } : {}),
    ...(chance(0.2) ? { degraded: true } : {}),
    ...(chance(0.7) ? { latency: ms(1 + roll() * 200) } : {}),
  })
  const facts = factsFor(endpoints, { pool, health: healthOf(Object.fromEntries(ids.map((id) => [id, said()]))) })
  for (const candidate of facts.route.candidates) {
    if (chance(0.1)) noteDraining(candidate, '', NOW)
    if (chance(0.1)) candidate.pausedUntil = later(NOW, seconds(1))
    for (let count = Math.floor(roll() * 20) - 12; count > 0; count -= 1) beginWaiting(candidate.state.load, NOW, later(NOW, seconds(5)))
  }
  const place = { latitude: roll() * 180 - 90, longitude: roll() * 360 - 180, country: 'DE' }
  const steered = chance(0.2)
    ? undefined
    : steerBy(facts.route.steering, { headers: { get: () => null }, query: '', address: `key ${roll()}`, place }, () => 'new')
  return steered === undefined ? facts : { ...facts, steerBy: steered }
}

test.each(KINDS)('law: steering %s takes none that is drained, weightless or full, and one of the best that are in', (kind) => {
  const roll = dice(SEED)
  for (let run = 0; run < 3000; run += 1) {
    const facts = randomFacts(kind, roll)
    const tiers = facts.route.candidates.map((candidate) => standing(candidate, facts.health, NOW).tier)
    const best = Math.min(...tiers)
    const pick = pickEndpoint(facts, () => false, NOW, roll())
    const seed = `seed ${SEED}, run ${run}`
    if (pick.kind !== 'picked') {
      // Nobody is left but those that may have nothing; in panic by all, each may be full.
      expect(best === TIERS.never || best === TIERS.full || best === TIERS.out, seed).toBe(true)
      continue
    }
    const { endpoint, state, concurrencyMax } = pick.candidate
    expect(endpoint.drain || endpoint.weight === 0, seed).toBe(false)
    expect(concurrencyMax === undefined || inFlight(state.load, NOW) < concurrencyMax, seed).toBe(true)
    // A priority in panic may use what is out beside what is in; nothing else lets a worse one go before a better.
    if (facts.route.levels?.settings.panic === undefined) expect(pick.standing.tier, seed).toBe(best)
    else expect(pick.standing.tier === best || pick.standing.tier === TIERS.out, seed).toBe(true)
  }
})

test.each(KINDS)('law: with steering %s everybody who may be asked is in the order once, whatever the dice', (kind) => {
  const roll = dice(SEED)
  for (let run = 0; run < 1000; run += 1) {
    const facts = randomFacts(kind, roll)
    if (facts.route.limits !== undefined) continue
    const ids = orderEndpoints(facts, NOW, () => draw(roll() < 0.1 ? 1 - Number.EPSILON : roll())).flatMap((pick) =>
      pick.kind === 'picked' ? [pick.candidate.endpoint.id] : [],
    )
    expect(new Set(ids).size, `seed ${SEED}, run ${run}`).toBe(ids.length)
    const isIn = facts.route.candidates.filter((candidate) => standing(candidate, facts.health, NOW).tier < TIERS.out)
    for (const { endpoint } of isIn) expect(ids).toContain(endpoint.id)
  }
})
