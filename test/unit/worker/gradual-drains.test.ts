/** An endpoint that is taken out or brought back over a time: its share of the traffic follows a straight line, and never turns round. */
import { describe, expect, test } from 'vitest'
import type { Pool } from '../../../config/base.ts'
import type { Drain } from '../../../config/overlay.ts'
import { type Draw, draw, instant, seconds } from '../../../config/units.ts'
import { type AppliedEndpoint, drainShare } from '../../../worker/policy/apply-overlay.ts'
import { type OrderFacts, pickEndpoint } from '../../../worker/policy/order-endpoints.ts'
import { standing } from '../../../worker/policy/standing.ts'
import { dice, SEED } from '../../seed.ts'
import { drainOf, overlaid, overlayOf } from './overlays.ts'
import { candidateOf, type EndpointParts, factsFor, healthOf, NOW } from './pool-facts.ts'

const OVER = seconds(60)
const TIMES = 6000
const AB = [{ id: 'a' }, { id: 'b' }]
const at = (part: number) => instant(NOW + part * OVER)
const draining = (endpoints: readonly EndpointParts[], names: readonly string[], direction: Drain['direction'], pool: Partial<Pool> = {}) =>
  overlaid(factsFor(endpoints, { pool, health: healthOf({}) }), {
    overlay: overlayOf({ drains: names.map((name) => drainOf(name, { direction, over: OVER })) }),
    emergencies: [],
  })

/** Of so many requests with honest dice. */
function taken(facts: OrderFacts, name: string, part: number, roll: () => Draw): number {
  let count = 0
  for (let time = 0; time < TIMES; time += 1) {
    const pick = pickEndpoint(facts, () => false, at(part), roll())
    if (pick.kind === 'picked' && pick.candidate.endpoint.id === name) count += 1
  }
  return count / TIMES
}

const lines = [
  { steering: 'listed', line: (left: number) => left },
  { steering: 'nearest', line: (left: number) => left },
  { steering: 'weighted', line: (left: number) => left / (left + 1) },
] as const
const PARTS = [0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99]

describe.each(lines)('law: steering $steering, the share follows the line within 3 sigma', ({ steering, line }) => {
  test.each(['out', 'back'] as const)('%s', (direction) => {
    const roll = dice(SEED)
    const facts = draining(AB, ['a'], direction, { steering })
    for (const part of PARTS) {
      const expected = line(direction === 'out' ? 1 - part : part)
      const sigma = Math.sqrt((expected * (1 - expected)) / TIMES)
      // Of 42 looks at 3 sigma one in nine runs would fail: 4 sigma for each is 3 for all of them.
      expect(Math.abs(taken(facts, 'a', part, roll) - expected), `seed ${SEED}, ${part}`).toBeLessThanOrEqual(4 * sigma + 1e-9)
    }
    expect(taken(facts, 'a', 1, roll)).toBeCloseTo(direction === 'out' ? 0 : line(1), 1)
  })
})

test('a priority that is drained as a whole passes its requests on along the same line', () => {
  const roll = dice(SEED)
  const endpoints = [{ id: 'a' }, { id: 'b' }, { id: 'c', priority: 1 }]
  const facts = draining(endpoints, ['a', 'b'], 'out', { steering: 'weighted' })
  for (const part of PARTS) {
    const sigma = Math.sqrt((part * (1 - part)) / TIMES)
    expect(Math.abs(taken(facts, 'c', part, roll) - part), `seed ${SEED}, ${part}`).toBeLessThanOrEqual(4 * sigma + 1e-9)
  }
})

test('where nobody else could take a request it takes all of them to the last moment, and none after', () => {
  const roll = dice(SEED)
  const facts = draining([{ id: 'a' }], ['a'], 'out')
  expect(taken(facts, 'a', 0.999, roll)).toBe(1)
  expect(taken(facts, 'a', 1, roll)).toBe(0)
  const back = draining([{ id: 'a' }, { id: 'b' }], ['a', 'b'], 'back', { steering: 'weighted' })
  expect(taken(back, 'a', 0, roll)).toBeCloseTo(0.5, 1)
})

test('law: affinity lets keys go and never takes one back while it drains, and the other way round', () => {
  const roll = dice(SEED)
  const keys = Array.from({ length: 2000 }, () => Math.floor(roll() * 2 ** 32))
  for (const direction of ['out', 'back'] as const) {
    const facts = draining([...AB, { id: 'c' }], ['a'], direction, { steering: 'affinity', affinity: { kind: 'client-address' } })
    const homes = (part: number): ReadonlySet<number> =>
      new Set(
        keys.filter((hash) => {
          const pick = pickEndpoint({ ...facts, steerBy: { kind: 'key', hash } }, () => false, at(part), draw(0.5))
          return pick.kind === 'picked' && pick.candidate.endpoint.id === 'a'
        }),
      )
    let before = homes(0)
    for (const part of PARTS.slice(1)) {
      const now = homes(part)
      const [few, many] = direction === 'out' ? [now, before] : [before, now]
      for (const key of few) expect(many.has(key), `seed ${SEED}, ${direction} ${part}`).toBe(true)
      expect(few.size, `seed ${SEED}, ${direction} ${part}`).toBeLessThan(many.size)
      before = now
    }
  }
})

test('law: the share is monotone in time, and 0 or 1 at its ends', () => {
  const roll = dice(SEED)
  for (let run = 0; run < 2000; run += 1) {
    const direction = roll() < 0.5 ? 'out' : 'back'
    const drain = { direction, over: seconds(Math.floor(roll() * 100)), since: NOW } as const
    const applied: AppliedEndpoint = { weight: 1, setBy: 'base', drains: [drain], cut: false, spared: false }
    let before = drainShare(applied, instant(NOW - 60_000))
    for (let step = 0; step < 20; step += 1) {
      const now = drainShare(applied, instant(NOW + step * 10_000))
      expect(direction === 'out' ? now <= before : now >= before, `seed ${SEED}, run ${run}`).toBe(true)
      before = now
    }
    expect(before).toBe(direction === 'out' ? 0 : 1)
  }
})

test('one that is still restored ramps by both', () => {
  const facts = overlaid(
    factsFor(AB, { health: healthOf({ a: { stoodFor: seconds(15), restored: true }, b: {} }), pool: { steering: 'listed' } }),
    {
      overlay: overlayOf({ drains: [drainOf('a', { over: OVER })] }),
      emergencies: [],
    },
  )
  const roll = dice(SEED)
  // 15 s of 30 s up, and so a half; at a quarter of the drain 30 s of 30 s.
  expect(taken(facts, 'a', 0, roll)).toBeCloseTo(0.5, 1)
  expect(taken(facts, 'a', 0.25, roll)).toBeCloseTo(0.75, 1)
})

test('levels that only stand by get what a priority lets go, along the same line', () => {
  const endpoints = [{ id: 'a' }, { id: 'b' }, { id: 'c', priority: 1 }]
  const facts = draining(endpoints, ['a', 'b'], 'out', { steering: 'listed', levels: { minimumHealthy: 1 } })
  const roll = dice(SEED)
  for (const part of PARTS) expect(taken(facts, 'c', part, roll), `seed ${SEED}, ${part}`).toBeCloseTo(part, 1)
  expect(taken(facts, 'c', 1, roll)).toBe(1)
})

test('levels: what is drained gradually can carry less, and the next priority more', () => {
  const endpoints = [{ id: 'a' }, { id: 'b', priority: 1 }]
  const facts = draining(endpoints, ['a'], 'out', { steering: 'listed', levels: { spillOver: 1 } })
  const roll = dice(SEED)
  expect(taken(facts, 'b', 0, roll)).toBe(0)
  expect(taken(facts, 'b', 0.4, roll)).toBeCloseTo(0.4, 1)
  expect(taken(facts, 'b', 1, roll)).toBe(1)
})

test('levels: a weight of operators is no capacity, but 0 is missing, and what the file gives none has that much', () => {
  const endpoints = [
    { id: 'a', weight: 2 },
    { id: 'b', weight: 2 },
    { id: 'c', weight: 0 },
    { id: 'd', priority: 1 },
  ]
  const facts = factsFor(endpoints, { health: healthOf({}), pool: { steering: 'weighted', levels: { spillOver: 1 } } })
  const spilled = (weights: Readonly<Record<string, number>>) => {
    const roll = dice(SEED)
    const weighed = overlaid(facts, { overlay: overlayOf({ weights: { [facts.route.pool.id]: weights } }), emergencies: [] })
    return taken(weighed, 'd', 0, roll)
  }
  expect(spilled({ a: 1 })).toBe(0)
  expect(spilled({ a: 0 })).toBeCloseTo(0.5, 1)
  expect(spilled({ a: 0, c: 4 })).toBeCloseTo(0.25, 1)
})

test('a hedge or a rescue finds it until it is out', () => {
  const facts = draining(AB, ['a'], 'out')
  expect(standing(candidateOf(facts, 'a'), facts.health, at(0.999)).reason).toBe('routable')
  expect(standing(candidateOf(facts, 'a'), facts.health, at(1)).reason).toBe('drained-by-overlay')
})
