import { describe, expect, test } from 'vitest'
import { endpointKey } from '../../../config/ids.ts'
import type { EndpointHealth } from '../../../config/snapshot.ts'
import { instant, after as later, ms, seconds } from '../../../config/units.ts'
import { unitVector } from '../../../worker/policy/distance.ts'
import { beginWaiting, noteAnswer } from '../../../worker/policy/endpoint-load.ts'
import { type OrderFacts, orderEndpoints } from '../../../worker/policy/order-endpoints.ts'
import { eject } from '../../../worker/policy/outlier.ts'
import { dice, SEED } from '../../seed.ts'
import { candidateOf, type EndpointParts, factsFor, healthOf, NOW, shares } from './pool-facts.ts'

const order = (facts: OrderFacts): readonly string[] =>
  orderEndpoints(facts, NOW, dice(SEED)).flatMap((pick) =>
    pick.kind === 'picked' ? `${pick.candidate.endpoint.id} ${pick.standing.reason}` : [],
  )

const ABC: readonly EndpointParts[] = [{ id: 'a' }, { id: 'b' }, { id: 'c' }]

describe('listed', () => {
  test('as in the file, priorities first', () => {
    expect(order(factsFor([{ id: 'a', priority: 1 }, { id: 'b' }, { id: 'c' }]))).toEqual(['b routable', 'c routable', 'a routable'])
  })
})

describe('nearest', () => {
  const places: readonly EndpointParts[] = [
    { id: 'sydney', coordinates: { latitude: -33.9, longitude: 151.2 } },
    { id: 'unknown' },
    { id: 'virginia', coordinates: { latitude: 39, longitude: -77.5 } },
    { id: 'oregon', coordinates: { latitude: 45.6, longitude: -121.2 } },
  ]
  test.each([
    ['Auckland', -36.8, 174.8, ['sydney', 'oregon', 'virginia', 'unknown']],
    ['London', 51.5, -0.1, ['virginia', 'oregon', 'sydney', 'unknown']],
    ['Anchorage', 61.2, -149.9, ['oregon', 'virginia', 'sydney', 'unknown']],
  ])('from %s', (_, latitude, longitude, expected) => {
    const at = unitVector({ latitude, longitude })
    const facts: OrderFacts = { ...factsFor(places, { pool: { steering: 'nearest' } }), steerBy: { kind: 'client', at } }
    expect(order(facts).map((each) => each.split(' ')[0])).toEqual(expected)
  })
  test('as listed when nobody knows where the client is', () =>
    expect(order(factsFor(places, { pool: { steering: 'nearest' } }))[0]).toBe('sydney routable'))
})

describe('weighted', () => {
  test.each([
    [[9, 1, 1], {}],
    [[9, 1, 1], { a: { verdict: 'down' as const } }],
    [[1, 1, 1], {}],
    [[100, 1, 50], { c: { verdict: 'down' as const } }],
    [[5, 5, 1], {}],
  ])('weights %j, down %j: each has its share of what is left', (weights, down) => {
    const endpoints = weights.map((weight, index) => ({ id: 'abc'[index] ?? '', weight }))
    const counts = shares(factsFor(endpoints, { pool: { steering: 'weighted' }, health: healthOf({ a: {}, b: {}, c: {}, ...down }) }))
    const sum = endpoints.reduce((total, { id, weight }) => total + (id in down ? 0 : weight), 0)
    for (const { id, weight } of endpoints) expect(counts[id] ?? 0, `seed ${SEED}`).toBeCloseTo(id in down ? 0 : weight / sum, 1.6)
  })

  test('equals share by load, unequal ones do not lose their weight to it', () => {
    const facts = factsFor(
      [
        { id: 'a', weight: 5 },
        { id: 'b', weight: 5 },
        { id: 'c', weight: 90 },
      ],
      { pool: { steering: 'weighted' } },
    )
    for (const id of ['a', 'c']) beginWaiting(candidateOf(facts, id).state.load, NOW, instant(NOW + 1000))
    const counts = shares(facts)
    expect(counts['c']).toBeCloseTo(0.9, 1.6)
    expect(counts['b']).toBeCloseTo(0.1, 1.6)
  })

  test('the fastest of equals does not take all', () => {
    const facts = factsFor([{ id: 'a' }, { id: 'b' }], { pool: { steering: 'weighted' } })
    noteAnswer(candidateOf(facts, 'a').state.load, ms(500), NOW)
    noteAnswer(candidateOf(facts, 'b').state.load, ms(5), NOW)
    expect(shares(facts)['a']).toBeCloseTo(0.5, 1.6)
  })
})

describe('who may take a request', () => {
  test.each([
    ['down by verdict is out', { a: { verdict: 'down' } }, 'fresh', ['b routable', 'c routable']],
    [
      'unknown and suspect are in',
      { a: { verdict: 'unknown' }, b: { verdict: 'suspect' } },
      'fresh',
      ['a routable', 'b routable', 'c routable'],
    ],
    ['down for this route is out', { a: { routesDown: ['all'] } }, 'fresh', ['b routable', 'c routable']],
    ['down for another route is in', { a: { routesDown: ['other'] } }, 'fresh', ['a routable', 'b routable', 'c routable']],
    ['unreachable from here goes last', { a: { local: 'down' } }, 'fresh', ['b routable', 'c routable', 'a down-from-here']],
    ['down in a stale snapshot goes last', { a: { verdict: 'down' } }, 'stale', ['b routable', 'c routable', 'a down-when-last-heard']],
    ['down in one that is too old says nothing', { a: { verdict: 'down' } }, 'too-old', ['a routable', 'b routable', 'c routable']],
    [
      'all down is panic',
      { a: { verdict: 'down' }, b: { verdict: 'down' }, c: { verdict: 'down' } },
      'fresh',
      ['a verdict-down', 'b verdict-down', 'c verdict-down'],
    ],
    [
      'one in hides all that are out',
      { a: { verdict: 'down' }, b: { local: 'down' }, c: { verdict: 'down' } },
      'fresh',
      ['b down-from-here'],
    ],
  ] as const)('%s', (_, said, age, expected) => {
    expect(order(factsFor(ABC, { health: healthOf({ a: {}, b: {}, c: {}, ...(said as object) }, age) }))).toEqual(expected)
  })

  test('drained and weightless endpoints are out even in panic', () => {
    const down = healthOf({ a: { verdict: 'down' }, b: { verdict: 'down' }, c: { verdict: 'down' } })
    expect(order(factsFor([{ id: 'a', drain: true }, { id: 'b', weight: 0 }, { id: 'c' }], { health: down }))).toEqual(['c verdict-down'])
    expect(order(factsFor([{ id: 'a', drain: true }]))).toEqual([])
  })

  test('over its limit is passed over while another is under its own', () => {
    const facts = factsFor(ABC)
    const { load } = candidateOf(facts, 'a').state
    for (let count = 0; count < 16; count += 1) beginWaiting(load, NOW, later(NOW, seconds(5)))
    expect(order(facts)).toEqual(['b routable', 'c routable', 'a over-limit'])
  })

  test('asked for a pause goes behind those that did not', () => {
    const facts = factsFor(ABC)
    candidateOf(facts, 'a').pausedUntil = later(NOW, seconds(5))
    expect(order(facts)).toEqual(['b routable', 'c routable', 'a paused-by-retry-after'])
    expect(shares(facts, later(NOW, seconds(6)), 10)).toEqual({ a: expect.closeTo(1) })
  })

  test('ejected is out; never tried again for a second hold-down, it may be tried, last', () => {
    const facts = factsFor(ABC)
    const candidate = candidateOf(facts, 'a')
    eject(candidate.outlier, 'streak', { settings: candidate.route.pool.outlier, holdDown: candidate.route.holdDown }, NOW)
    expect(order(facts)).toEqual(['b routable', 'c routable'])
    const untried = orderEndpoints(facts, later(NOW, seconds(60)), dice(SEED)).at(-1)
    expect(untried).toMatchObject({ candidate, standing: { reason: 'untried-after-ejection' } })
  })
})

describe('slow start', () => {
  const ramping = (stoodFor: number) => healthOf({ a: { stoodFor: seconds(stoodFor) }, b: {}, c: {} })
  test.each(['listed', 'nearest', 'weighted'] as const)('%s: a restored endpoint takes a growing share', (steering) => {
    const full = shares(factsFor(ABC, { pool: { steering } }))['a'] ?? 0
    for (const [stoodFor, ramp] of [
      [0, 0.1],
      [15, 0.5],
      [30, 1],
    ] as const) {
      const taken = shares(factsFor(ABC, { pool: { steering }, health: ramping(stoodFor) }))['a'] ?? 0
      const expected = steering === 'weighted' ? ramp / (ramp + 2) : full * ramp
      expect(taken, `seed ${SEED}, ${stoodFor} s`).toBeCloseTo(expected, 1.5)
    }
  })
  test('what is up for the first time does not ramp: it had its full share while nothing was known of it', () => {
    const health = healthOf({ a: { stoodFor: seconds(1) }, b: {}, c: {} })
    expect(shares(factsFor(ABC, { health }), NOW, 100)['a']).toBeLessThan(0.2)
    const a = health.snapshot?.endpoints[endpointKey('key of a')] as { -readonly [P in keyof EndpointHealth]: EndpointHealth[P] }
    delete a.restored
    expect(shares(factsFor(ABC, { health }), NOW, 100)).toEqual({ a: expect.closeTo(1) })
  })
  test('nobody ramps against a pool that starts as a whole', () => {
    const facts = factsFor(ABC, { health: healthOf({ a: { stoodFor: ms(0) }, b: { stoodFor: ms(0) }, c: { stoodFor: ms(0) } }) })
    expect(shares(facts, NOW, 100)).toEqual({ a: expect.closeTo(1) })
  })
})
