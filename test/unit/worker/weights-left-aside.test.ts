/** Weights of operators that outlive the endpoints they were said of: no deploy may leave a pool without anybody. */
import { describe, expect, test } from 'vitest'
import { shownInForce, toldInForce } from '../../../worker/policy/apply-overlay.ts'
import type { OrderFacts } from '../../../worker/policy/order-endpoints.ts'
import { standing, weightOf } from '../../../worker/policy/standing.ts'
import { dice, SEED } from '../../seed.ts'
import { drainOf, overlaid, overlayOf, weightsOf } from './overlays.ts'
import { factsFor, healthOf, NOW } from './pool-facts.ts'

const reasons = ({ route, health }: OrderFacts): Record<string, string> =>
  Object.fromEntries(route.candidates.map((each) => [each.endpoint.id, standing(each, health, NOW).reason]))

describe('weights that were said of another base', () => {
  const said = overlayOf({ weights: weightsOf({ a: 0, b: 100 }), drains: [drainOf('c')] })

  test.each<[string, Parameters<typeof factsFor>[0], Record<string, string>, boolean]>([
    ['are left aside where no endpoint would have weight', [{ id: 'a', weight: 100 }], { a: 'routable' }, true],
    ['its drains are not', [{ id: 'a', weight: 100 }, { id: 'c' }], { a: 'no-weight-by-overlay', c: 'drained-by-overlay' }, false],
    [
      'what the base drains is nobody',
      [
        { id: 'a', weight: 100 },
        { id: 'b', drain: true },
      ],
      { a: 'routable', b: 'drained' },
      true,
    ],
    ['what the base gives no weight gets none', [{ id: 'a' }, { id: 'd', weight: 0 }], { a: 'routable', d: 'no-weight' }, true],
    ['stand where the base gives no weight either', [{ id: 'a', weight: 0 }], { a: 'no-weight-by-overlay' }, false],
    ['stand where one has weight', [{ id: 'a' }, { id: 'b', weight: 0 }], { a: 'no-weight-by-overlay', b: 'routable' }, false],
  ])('%s', (_, endpoints, expected, ignored) => {
    const facts = overlaid(factsFor(endpoints, { health: healthOf({}) }), { overlay: said, emergencies: [] })
    expect(reasons(facts)).toEqual(expected)
    const { applied } = facts.health
    expect(applied && shownInForce(applied, NOW).weightsIgnored).toEqual(ignored ? ['pool'] : undefined)
    expect(applied && toldInForce(applied, NOW)).not.toHaveProperty('weightsIgnored')
  })
})

test('law: weights of an overlay never leave a pool without an endpoint that the base gives weight to', () => {
  const roll = dice(SEED)
  const names = ['a', 'b', 'c']
  let ignored = 0
  for (let run = 0; run < 2000; run += 1) {
    const facts = factsFor(names.map((id) => ({ id, weight: Math.floor(roll() * 3), drain: roll() < 0.2 })))
    const weights = weightsOf(Object.fromEntries(names.filter(() => roll() < 0.6).map((id) => [id, Math.floor(roll() * 2)])))
    const then = overlaid(facts, { overlay: overlayOf({ weights }), emergencies: [] })
    const has = ({ health }: OrderFacts) => facts.route.candidates.some((each) => !each.endpoint.drain && weightOf(each, health) > 0)
    if (has(facts)) expect(has(then), `seed ${SEED}, run ${run}`).toBe(true)
    if (then.health.applied?.weightsIgnored.length === 1) ignored += 1
  }
  expect(ignored, `seed ${SEED}`).toBeGreaterThan(30)
})
