import { describe, expect, test } from 'vitest'
import type { LevelSettings } from '../../../config/steering.ts'
import { instant, seconds, share } from '../../../config/units.ts'
import { beginWaiting } from '../../../worker/policy/endpoint-load.ts'
import { eject } from '../../../worker/policy/outlier.ts'
import { spreadLevels } from '../../../worker/policy/steering/spread-levels.ts'
import { dice, SEED } from '../../seed.ts'
import { candidateOf, factsFor, healthOf, NOW, shares, steeredOrder } from './pool-facts.ts'

const level = (percent: number, isEnough = true) => ({ healthy: percent / 100, ready: percent / 100, isEnough })
const spread = (percents: readonly number[], settings: LevelSettings) =>
  spreadLevels(
    percents.map((each) => level(each)),
    settings,
  )
const SPILLS: LevelSettings = { spillOver: 1.4 }

// Envoy, "Priority levels", its three tables: healthy percents by priority, then percents of the traffic.
test.each([
  [
    [100, 100],
    [100, 0],
  ],
  [
    [72, 100],
    [100, 0],
  ],
  [
    [71, 100],
    [99, 1],
  ],
  [
    [50, 100],
    [70, 30],
  ],
  [
    [25, 100],
    [35, 65],
  ],
  [
    [0, 100],
    [0, 100],
  ],
  [
    [72, 72],
    [100, 0],
  ],
  [
    [71, 71],
    [99, 1],
  ],
  [
    [50, 50],
    [70, 30],
  ],
  [
    [25, 25],
    [50, 50],
  ],
  [
    [100, 100, 100],
    [100, 0, 0],
  ],
  [
    [72, 72, 100],
    [100, 0, 0],
  ],
  [
    [71, 71, 100],
    [99, 1, 0],
  ],
  [
    [50, 50, 100],
    [70, 30, 0],
  ],
  [
    [25, 100, 100],
    [35, 65, 0],
  ],
  [
    [25, 25, 100],
    [35, 35, 30],
  ],
  [
    [25, 25, 20],
    [36, 36, 28],
  ],
])('Envoy spreads %j healthy as %j', (healthy, traffic) => {
  expect(spread(healthy, SPILLS).map(({ percent }) => percent)).toEqual(traffic)
})

// Envoy, "Panic threshold", its two tables, at 50 %. Two rows of the second (50 and 60, 25 and 100) are printed there as if the factor were 1: so they are run.
test.each([
  { p0: 72, p1: 100, factor: 1.4, traffic: [100, 0], panic: [false, false] },
  { p0: 71, p1: 100, factor: 1.4, traffic: [99, 1], panic: [false, false] },
  { p0: 50, p1: 100, factor: 1.4, traffic: [70, 30], panic: [false, false] },
  { p0: 25, p1: 100, factor: 1.4, traffic: [35, 65], panic: [false, false] },
  { p0: 0, p1: 100, factor: 1.4, traffic: [0, 100], panic: [false, false] },
  { p0: 72, p1: 72, factor: 1.4, traffic: [100, 0], panic: [false, false] },
  { p0: 71, p1: 71, factor: 1.4, traffic: [99, 1], panic: [false, false] },
  { p0: 50, p1: 60, factor: 1, traffic: [50, 50], panic: [false, false] },
  { p0: 25, p1: 100, factor: 1, traffic: [25, 75], panic: [false, false] },
  { p0: 25, p1: 25, factor: 1.4, traffic: [50, 50], panic: [true, true] },
  { p0: 5, p1: 65, factor: 1.4, traffic: [7, 93], panic: [true, false] },
  // Its text: with nobody healthy, all goes to the first priority.
  { p0: 0, p1: 0, factor: 1.4, traffic: [100, 0], panic: [true, true] },
])('Envoy, factor $factor: $p0 % and $p1 % healthy give $traffic, in panic $panic', ({ p0, p1, factor, traffic, panic }) => {
  const loads = spread([p0, p1], { spillOver: factor, panic: share(0.5) })
  expect(loads.map(({ percent }) => percent)).toEqual(traffic)
  expect(loads.map((load) => load.panic)).toEqual(panic)
})

describe('law: whatever the levels', () => {
  test('percents are whole, add up to 100, and nobody sick is asked while somebody is well', () => {
    const roll = dice(SEED)
    for (let run = 0; run < 20_000; run += 1) {
      const levels = Array.from({ length: 1 + Math.floor(roll() * 5) }, () => level(roll() < 0.3 ? 0 : roll() * 100, roll() < 0.7))
      const settings: LevelSettings = {
        ...(roll() < 0.7 ? { spillOver: 1 + roll() * 2 } : {}),
        ...(roll() < 0.5 ? { panic: share(roll()) } : {}),
      }
      const loads = spreadLevels(levels, settings)
      expect(
        loads.reduce((total, { percent }) => total + percent, 0),
        `seed ${SEED}`,
      ).toBe(100)
      expect(loads.every(({ percent }) => Number.isInteger(percent) && percent >= 0)).toBe(true)
      if (levels.some(({ healthy }) => healthy > 0))
        expect(loads.every(({ percent }, index) => percent === 0 || (levels[index]?.healthy ?? 0) > 0)).toBe(true)
    }
  })
})

const LEVELS = [...['a', 'b', 'c', 'd'].map((id) => ({ id, priority: 0 })), ...['x', 'y', 'z'].map((id) => ({ id, priority: 1 }))]
const well = Object.fromEntries(LEVELS.map(({ id }) => [id, {}]))
const down = (...ids: string[]) => healthOf({ ...well, ...Object.fromEntries(ids.map((id) => [id, { verdict: 'down' as const }])) })
const ofLevel = (counts: Record<string, number>, ids: string): number => [...ids].reduce((sum, id) => sum + (counts[id] ?? 0), 0)

describe('a pool with spill-over', () => {
  const pool = { steering: 'weighted', levels: SPILLS } as const
  test.each([
    [[], 1],
    [['a'], 1],
    [['a', 'b'], 0.7],
    [['a', 'b', 'c'], 0.35],
    [['a', 'b', 'c', 'd'], 0],
    [['a', 'b', 'c', 'x', 'y', 'z'], 1],
  ])('with %j down the first priority takes %d', (out, taken) => {
    const counts = shares(factsFor(LEVELS, { pool, health: down(...out) }))
    expect(ofLevel(counts, 'abcd'), `seed ${SEED}`).toBeCloseTo(taken, 1.7)
    for (const id of out) expect(counts[id]).toBeUndefined()
  })

  test('without it the first priority takes all that it can', () => {
    const counts = shares(factsFor(LEVELS, { pool: { steering: 'weighted' }, health: down('a', 'b', 'c') }))
    expect(counts).toEqual({ d: expect.closeTo(1) })
  })

  test('counts capacity, not heads', () => {
    const big = LEVELS.map((each) => ({ ...each, capacity: each.id === 'a' ? 7 : 1 }))
    expect(ofLevel(shares(factsFor(big, { pool, health: down('a') })), 'abcd')).toBeCloseTo(0.42, 1.7)
    expect(ofLevel(shares(factsFor(big, { pool, health: down('b', 'c', 'd') })), 'abcd')).toBeCloseTo(0.98, 1.7)
  })

  test('a drained endpoint is capacity that is missing, and gets nothing', () => {
    const drained = LEVELS.map((each) => ({ ...each, drain: each.id === 'a' || each.id === 'b' }))
    const counts = shares(factsFor(drained, { pool, health: down() }))
    expect(ofLevel(counts, 'cd')).toBeCloseTo(0.7, 1.7)
    expect(ofLevel(counts, 'ab')).toBe(0)
  })

  test('a restored priority takes its load back along the ramp, and a pool that starts as a whole does not', () => {
    const back = (stoodFor: number) => {
      const young = Object.fromEntries(['a', 'b', 'c', 'd'].map((id) => [id, { stoodFor: seconds(stoodFor) }]))
      return ofLevel(shares(factsFor(LEVELS, { pool, health: healthOf({ ...well, ...young }) })), 'abcd')
    }
    expect(back(0)).toBeCloseTo(0.14, 1.7)
    expect(back(15)).toBeCloseTo(0.7, 1.7)
    expect(back(22)).toBeCloseTo(1, 1.7)
    const young = Object.fromEntries(LEVELS.map(({ id }) => [id, { stoodFor: seconds(0) }]))
    expect(ofLevel(shares(factsFor(LEVELS, { pool, health: healthOf(young) })), 'abcd')).toBeCloseTo(1)
  })

  test('over the limit is full, not ill: it is passed over by need, and its priority keeps its share', () => {
    const facts = factsFor(LEVELS, { pool, health: down() })
    for (const id of ['a', 'b', 'c', 'd']) {
      const { load } = candidateOf(facts, id).state
      for (let count = 0; count < 16; count += 1) beginWaiting(load, NOW, instant(NOW + 5000))
    }
    expect(ofLevel(shares(facts), 'xyz')).toBeCloseTo(1)
  })

  test('says that it spilled', () => {
    const order = steeredOrder(
      factsFor([{ id: 'a' }, { id: 'b' }, { id: 'x', priority: 1 }], {
        pool: { steering: 'listed', levels: { spillOver: 1 } },
        health: healthOf({ a: {}, b: { verdict: 'down' }, x: {} }),
      }),
    )
    expect(['x spilled', 'a only']).toContain(order[0])
    expect(order).toHaveLength(2)
  })
})

describe('thresholds', () => {
  test.each([
    ['half of it healthy meets 50 %', { healthThreshold: share(0.5) }, ['a', 'b'], 'abcd'],
    ['a quarter does not', { healthThreshold: share(0.5) }, ['a', 'b', 'c'], 'xyz'],
    ['unless nobody meets it', { healthThreshold: share(0.5) }, ['a', 'b', 'c', 'x', 'y'], 'abcd'],
    ['two healthy meet two', { minimumHealthy: 2 }, ['a', 'b'], 'abcd'],
    ['one does not', { minimumHealthy: 2 }, ['a', 'b', 'c'], 'xyz'],
    ['with spill-over what is too little counts as nothing', { spillOver: 1.4, healthThreshold: share(0.6) }, ['a', 'b'], 'xyz'],
  ] as const)('%s', (_, levels, out, takes) => {
    expect(ofLevel(shares(factsFor(LEVELS, { pool: { levels }, health: down(...out) })), takes)).toBeCloseTo(1)
  })
})

describe('panic by share', () => {
  const six = ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => ({ id }))
  const panicking = { steering: 'weighted', levels: { panic: share(0.4) } } as const
  test('above it verdicts hold', () => {
    expect(Object.keys(shares(factsFor(six, { pool: panicking, health: down('a', 'b', 'c') }))).sort()).toEqual(['d', 'e', 'f'])
  })
  test('below it all are used, those ejected here among them', () => {
    const facts = factsFor(six, { pool: panicking, health: down('a', 'b', 'c') })
    const d = candidateOf(facts, 'd')
    eject(d.outlier, 'streak', { settings: facts.route.pool.outlier, holdDown: facts.route.holdDown }, NOW)
    const counts = shares(facts)
    for (const { id } of six) expect(counts[id], id).toBeCloseTo(1 / 6, 1.5)
  })
  test('but never what is drained', () => {
    const counts = shares(
      factsFor(
        six.map((each) => ({ ...each, drain: each.id === 'f' })),
        { pool: panicking, health: down('a', 'b', 'c', 'd') },
      ),
    )
    expect(counts['f']).toBeUndefined()
    expect(counts['a']).toBeCloseTo(0.2, 1.5)
  })
  test('not while another priority has enough', () => {
    const standby = [...six, { id: 'x', priority: 1 }]
    const facts = factsFor(standby, {
      pool: { ...panicking, levels: { spillOver: 1.4, panic: share(0.4) } },
      health: down('a', 'b', 'c', 'd', 'e'),
    })
    expect(Object.keys(shares(facts)).sort()).toEqual(['f', 'x'])
  })
  test('without a share only when nobody is in', () => {
    const facts = (out: string[]) => factsFor(six, { pool: { levels: { spillOver: 1.4 } }, health: down(...out) })
    expect(shares(facts(['a', 'b', 'c', 'd', 'e']))).toEqual({ f: expect.closeTo(1) })
    expect(shares(facts(['a', 'b', 'c', 'd', 'e', 'f']))).toEqual({ a: expect.closeTo(1) })
  })
})
