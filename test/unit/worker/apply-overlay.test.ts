/** What an overlay and an emergency make of a pool: who stands where, who weighs what, and what neither can do. */
import { describe, expect, test } from 'vitest'
import { releaseId } from '../../../config/ids.ts'
import type { Emergency, InForce, Overlay } from '../../../config/overlay.ts'
import { type Draw, instant, ms, seconds, share } from '../../../config/units.ts'
import { applyOverlay, releaseOrder, toldInForce } from '../../../worker/policy/apply-overlay.ts'
import { type OrderFacts, orderEndpoints, pickEndpoint } from '../../../worker/policy/order-endpoints.ts'
import { ramp } from '../../../worker/policy/ramp.ts'
import { standing, weightOf } from '../../../worker/policy/standing.ts'
import { dice, SEED } from '../../seed.ts'
import { drainOf, emergencyOf, overlaid, overlayOf, weightsOf } from './overlays.ts'
import { candidateOf, factsFor, healthOf, NOW, shares } from './pool-facts.ts'

const PLACES = [
  { id: 'use1', cloud: 'aws', region: 'us-east-1' },
  { id: 'euw1', cloud: 'aws', region: 'eu-west-1' },
  { id: 'uks', cloud: 'azure', region: 'uksouth' },
]
const ALL_UP = healthOf({ use1: {}, euw1: {}, uks: {} })
const only = (overlay: Partial<Overlay>): InForce => ({ overlay: overlayOf(overlay), emergencies: [] })
const cutting = (parts: Partial<Emergency>): InForce => ({ emergencies: [emergencyOf(parts)] })

const reasons = (facts: OrderFacts, now = NOW): Record<string, string> =>
  Object.fromEntries(facts.route.candidates.map((each) => [each.endpoint.id, standing(each, facts.health, now).reason]))

test.each<[string, InForce, Record<string, string>]>([
  ['an endpoint is drained', only({ drains: [drainOf('use1')] }), { use1: 'drained-by-overlay' }],
  ['a region is drained', only({ drains: [drainOf({ kind: 'region', region: 'eu-west-1' })] }), { euw1: 'drained-by-overlay' }],
  [
    'a cloud is drained',
    only({ drains: [drainOf({ kind: 'cloud', cloud: 'aws' })] }),
    { use1: 'drained-by-overlay', euw1: 'drained-by-overlay' },
  ],
  ['one that comes back is in', only({ drains: [drainOf('use1', { direction: 'back', over: seconds(60) })] }), {}],
  ['one that goes out is in', only({ drains: [drainOf('use1', { over: seconds(60), begun: seconds(59) })] }), {}],
  [
    'one that has gone out is not',
    only({ drains: [drainOf('use1', { over: seconds(60), begun: seconds(60) })] }),
    { use1: 'drained-by-overlay' },
  ],
  [
    'one that comes back to a drained region is out',
    only({ drains: [drainOf('use1', { direction: 'back' }), drainOf({ kind: 'region', region: 'us-east-1' })] }),
    { use1: 'drained-by-overlay' },
  ],
  ['a weight of 0 takes it out', only({ weights: weightsOf({ use1: 0 }) }), { use1: 'no-weight-by-overlay' }],
  [
    'names that the base does not have do nothing',
    only({ weights: weightsOf({ gone: 0, constructor: 0 }), drains: [drainOf('gone')] }),
    {},
  ],
  ['nor does a weight in another pool', only({ weights: weightsOf({ use1: 0 }, 'search') }), {}],
  ['an emergency drains by the name of an endpoint', cutting({ drain: ['uks'] }), { uks: 'drained-by-emergency' }],
  ['by that of a region', cutting({ drain: ['uksouth'] }), { uks: 'drained-by-emergency' }],
  ['by that of a cloud', cutting({ drain: ['aws'] }), { use1: 'drained-by-emergency', euw1: 'drained-by-emergency' }],
  ['it spares endpoints', cutting({ weightZero: ['uks'] }), { uks: 'spared-by-emergency' }],
  ['but not regions', cutting({ weightZero: ['uksouth'] }), {}],
  [
    'an emergency is above the overlay, which brings back',
    { overlay: overlayOf({ drains: [drainOf('use1', { direction: 'back' })] }), emergencies: [emergencyOf({ drain: ['use1'] })] },
    { use1: 'drained-by-emergency' },
  ],
  [
    'two emergencies take what each of them takes',
    { emergencies: [emergencyOf({ drain: ['use1'] }), emergencyOf({ drain: ['uks'] })] },
    { use1: 'drained-by-emergency', uks: 'drained-by-emergency' },
  ],
])('%s', (_, inForce, expected) => {
  const facts = overlaid(factsFor(PLACES, { health: ALL_UP }), inForce)
  expect(reasons(facts)).toEqual({ use1: 'routable', euw1: 'routable', uks: 'routable', ...expected })
})

test('what the base drains stays out, and what it gives no weight gets one from operators alone', () => {
  const facts = factsFor([{ id: 'a', drain: true }, { id: 'b', weight: 0 }, { id: 'c' }], { health: healthOf({}) })
  const back = overlaid(facts, only({ drains: [drainOf('a', { direction: 'back' })], weights: weightsOf({ b: 3 }) }))
  expect(reasons(back)).toEqual({ a: 'drained', b: 'routable', c: 'routable' })
  const spared = overlaid(facts, cutting({ weightZero: ['a', 'b'] }))
  expect(reasons(spared)).toEqual({ a: 'drained', b: 'no-weight', c: 'routable' })
})

describe('weights of operators', () => {
  const weighted = (inForce: InForce) =>
    shares(
      overlaid(
        factsFor(
          [
            { id: 'a', weight: 1 },
            { id: 'b', weight: 1 },
            { id: 'c', weight: 2 },
          ],
          { pool: { steering: 'weighted' } },
        ),
        inForce,
      ),
    )

  test('stand in place of the base, name by name', () => {
    const taken = weighted(only({ weights: weightsOf({ a: 7 }) }))
    expect(taken['a']).toBeCloseTo(0.7, 2)
    expect(taken['b']).toBeCloseTo(0.1, 2)
    expect(taken['c']).toBeCloseTo(0.2, 2)
  })

  test('0 is nothing', () => expect(weighted(only({ weights: weightsOf({ c: 0 }) }))['c']).toBeUndefined())

  test('affinity goes by them as well', () => {
    const facts = factsFor([{ id: 'a' }, { id: 'b' }], { pool: { steering: 'affinity', affinity: { kind: 'client-address' } } })
    const roll = dice(SEED)
    const lopsided = overlaid(facts, only({ weights: weightsOf({ a: 9 }) }))
    let first = 0
    for (let key = 0; key < 5000; key += 1) {
      const pick = pickEndpoint({ ...lopsided, steerBy: { kind: 'key', hash: Math.floor(roll() * 2 ** 32) } }, () => false, NOW, roll())
      if (pick.kind === 'picked' && pick.candidate.endpoint.id === 'a') first += 1
    }
    expect(Math.abs(first - 4500), `seed ${SEED}`).toBeLessThan(5 * Math.sqrt(5000 * 0.9 * 0.1))
  })
})

describe('what an emergency spares', () => {
  const spared = (health: OrderFacts['health'], names: readonly string[]) =>
    overlaid(factsFor(PLACES, { health }), cutting({ weightZero: names }))

  test('gets nothing while another could take a request, also when that one has been tried', () => {
    const facts = spared(ALL_UP, ['use1', 'euw1'])
    expect(shares(facts)).toEqual({ uks: expect.closeTo(1) })
    const tried = pickEndpoint(facts, ({ endpoint }) => endpoint.id === 'uks', NOW, dice(SEED)())
    expect(tried.kind).toBe('none')
  })

  test('goes before those that are down, which get nothing', () => {
    const facts = spared(healthOf({ use1: {}, euw1: { verdict: 'down' }, uks: { verdict: 'down' } }), ['use1'])
    expect(orderEndpoints(facts, NOW, dice(SEED)).map((each) => each.kind === 'picked' && each.candidate.endpoint.id)).toEqual(['use1'])
  })

  test('is out with the others when it is down itself', () => {
    const facts = spared(healthOf({ use1: { verdict: 'down' }, euw1: { verdict: 'down' }, uks: { verdict: 'down' } }), ['use1'])
    expect(reasons(facts)['use1']).toBe('verdict-down')
    expect(Object.keys(shares(facts)).sort()).toEqual(['use1'])
  })
})

describe('a drained endpoint gets nothing', () => {
  const down = healthOf({ use1: {}, euw1: { verdict: 'down' }, uks: { verdict: 'down' } })
  test.each<[string, InForce]>([
    ['by the overlay', only({ drains: [drainOf('use1')] })],
    ['by an emergency', cutting({ drain: ['use1'] })],
  ])('in panic neither, %s', (_, inForce) => {
    const taken = shares(overlaid(factsFor(PLACES, { health: down }), inForce))
    expect(taken['use1']).toBeUndefined()
    expect(taken['none']).toBeUndefined()
  })

  test('nor when everybody is drained', () => {
    const inForce = only({ drains: ['aws', 'azure'].map((cloud) => drainOf({ kind: 'cloud', cloud })) })
    expect(shares(overlaid(factsFor(PLACES, { health: ALL_UP }), inForce))).toEqual({ none: expect.closeTo(1) })
  })
})

describe('releases', () => {
  const order = { weight: share(0.05), mirror: share(0), killed: false, salt: 's' }
  const checkout = releaseId('checkout')
  const search = releaseId('search')
  const apply = (emergencies: readonly Emergency[]) =>
    applyOverlay({ pools: [] }, { overlay: overlayOf({ releases: { [checkout]: order } }), at: NOW }, emergencies)

  test('stand where the overlay says; nobody has said anything of others', () => {
    expect(releaseOrder(apply([]), checkout)).toEqual(order)
    expect(releaseOrder(apply([]), search)).toBeUndefined()
    expect(releaseOrder(undefined, checkout)).toBeUndefined()
  })

  test.each<[string, readonly string[], boolean, boolean]>([
    ['by its name', ['checkout'], true, false],
    ['another of which nobody has said anything', ['search'], false, true],
    ['all', ['*'], true, true],
  ])('a canary is killed by an emergency: %s', (_, killCanary, first, second) => {
    const applied = apply([emergencyOf({ killCanary })])
    expect([releaseOrder(applied, checkout)?.killed, releaseOrder(applied, search)?.killed ?? false]).toEqual([first, second])
  })

  test('an emergency without an overlay kills as well', () => {
    expect(releaseOrder(applyOverlay({ pools: [] }, undefined, [emergencyOf({ killCanary: ['*'] })]), checkout)).toMatchObject({
      killed: true,
      weight: 0,
    })
  })
})

test('nothing in force is nothing to look at', () => expect(applyOverlay({ pools: [] }, undefined, [])).toBeUndefined())

test('told on later it says how long its drains have been going', () => {
  const overlay = overlayOf({ drains: [drainOf('use1', { over: seconds(60), begun: seconds(10) })] })
  const told = toldInForce({ held: { overlay, at: NOW }, emergencies: [] }, instant(NOW + 5000))
  expect(told.overlay?.drains[0]?.begun).toBe(15_000)
  expect(told.overlay?.order).toEqual(overlay.order)
})

describe('laws', () => {
  const names = ['use1', 'euw1', 'uks', 'us-east-1', 'eu-west-1', 'uksouth', 'aws', 'azure', 'gone']
  const some = (roll: () => Draw, probability: number) => names.filter(() => roll() < probability)

  function randomFacts(roll: () => Draw): OrderFacts {
    const endpoints = PLACES.map((each) => ({
      ...each,
      weight: Math.floor(roll() * 3),
      drain: roll() < 0.1,
      priority: roll() < 0.3 ? 1 : 0,
    }))
    const said = () =>
      ({ verdict: roll() < 0.3 ? 'down' : 'up', local: roll() < 0.2 ? 'down' : 'up', stoodFor: seconds(roll() * 40) }) as const
    const health = healthOf(Object.fromEntries(PLACES.map(({ id }) => [id, { ...said(), restored: true }])))
    return factsFor(endpoints, { health, pool: { steering: roll() < 0.5 ? 'weighted' : 'listed' } })
  }

  function randomOverlay(roll: () => Draw): Overlay {
    const drains = PLACES.filter(() => roll() < 0.5).map(({ id, region }) =>
      drainOf(roll() < 0.5 ? id : { kind: 'region', region }, {
        direction: roll() < 0.5 ? 'out' : 'back',
        over: ms(Math.floor(roll() * 3) * 30_000),
        begun: seconds(roll() * 90),
      }),
    )
    return overlayOf({
      drains,
      weights: weightsOf(Object.fromEntries(PLACES.filter(() => roll() < 0.5).map(({ id }) => [id, Math.floor(roll() * 3)]))),
    })
  }

  test('an emergency never gives an endpoint more than it had', () => {
    const roll = dice(SEED)
    let taken = 0
    for (let run = 0; run < 3000; run += 1) {
      const facts = randomFacts(roll)
      const overlay = randomOverlay(roll)
      const emergency = emergencyOf({ drain: some(roll, 0.1), weightZero: some(roll, 0.3) })
      const before = overlaid(facts, { overlay, emergencies: [] })
      const then = overlaid(facts, { overlay, emergencies: [emergency] })
      const at = instant(NOW + roll() * 60_000)
      for (const candidate of facts.route.candidates) {
        const what = `seed ${SEED}, run ${run}, ${candidate.endpoint.id}`
        const [was, is] = [standing(candidate, before.health, at), standing(candidate, then.health, at)]
        expect(is.tier, what).toBeGreaterThanOrEqual(was.tier)
        expect(weightOf(candidate, then.health), what).toBe(weightOf(candidate, before.health))
        expect(ramp(candidate, then.health, at), what).toBeLessThanOrEqual(ramp(candidate, before.health, at))
        if (is.tier > was.tier) taken += 1
      }
    }
    expect(taken, `seed ${SEED}`).toBeGreaterThan(500)
  })

  test('who is drained is in no order, whoever else is down', () => {
    const roll = dice(SEED)
    let drained = 0
    for (let run = 0; run < 3000; run += 1) {
      const facts = overlaid(randomFacts(roll), { overlay: randomOverlay(roll), emergencies: [emergencyOf({ drain: some(roll, 0.1) })] })
      const at = instant(NOW + roll() * 60_000)
      const order = orderEndpoints(facts, at, roll).flatMap((each) => (each.kind === 'picked' ? [each.candidate] : []))
      for (const candidate of facts.route.candidates) {
        if (!/^drained/.test(standing(candidate, facts.health, at).reason)) continue
        drained += 1
        expect(order, `seed ${SEED}, run ${run}`).not.toContain(candidate)
      }
    }
    expect(drained, `seed ${SEED}`).toBeGreaterThan(500)
  })
})

test('a candidate of another base is found by its name alone', () => {
  const facts = overlaid(factsFor(PLACES, { health: ALL_UP }), only({ drains: [drainOf('use1')] }))
  const again = factsFor(PLACES)
  expect(standing(candidateOf(again, 'use1'), facts.health, NOW).reason).toBe('drained-by-overlay')
})
