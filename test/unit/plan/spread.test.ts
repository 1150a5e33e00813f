/** What `plan` says of shares is what the request path does: the same pools, asked a few thousand times. */
import { describe, expect, test } from 'vitest'
import { movedShare, sharesOf } from '../../../cli/plan/spread.ts'
import type { Base, Pool } from '../../../config/base.ts'
import { endpointId } from '../../../config/ids.ts'
import { byHash } from '../../../worker/policy/steering/by-hash.ts'
import { dice, SEED } from '../../seed.ts'
import { testBase } from '../../workerd/gateway/base.ts'
import { type EndpointParts, factsFor, NOW, shares } from '../worker/pool-facts.ts'

const partsOf = (endpoints: readonly EndpointParts[]) => endpoints.map((each) => ({ origin: `https://${each.id}.test`, ...each }))

function inPool(endpoints: readonly EndpointParts[], pool: Partial<Pool> = {}, base: Partial<Base> = {}): { base: Base; pool: Pool } {
  const made = { ...testBase({ endpoints: partsOf(endpoints), pool }), ...base }
  const [first] = made.pools
  if (first === undefined) throw new Error('no pool')
  return { base: made, pool: first }
}

const KEYED: Partial<Pool> = { steering: 'affinity', affinity: { kind: 'header', name: 'x-user' } }

describe('shares are those of the request path', () => {
  const roll = dice(SEED)
  const whole = (below: number): number => Math.floor(roll() * below)
  test.each(Array.from({ length: 60 }, (_, round) => round))(`round %i of seed ${SEED}`, () => {
    const endpoints: EndpointParts[] = Array.from({ length: 1 + whole(5) }, (_, index) => ({
      id: `e${index}`,
      weight: whole(4),
      priority: whole(3),
      drain: whole(5) === 0,
    }))
    const levels = whole(2) === 0 ? undefined : { spillOver: 1 + roll() / 2, ...(whole(2) === 0 ? { healthThreshold: 0.5 as never } : {}) }
    const steering = (['listed', 'weighted', 'affinity'] as const)[whole(3)] ?? 'listed'
    const pool: Partial<Pool> = { ...(steering === 'affinity' ? KEYED : { steering }), ...(levels === undefined ? {} : { levels }) }
    const { base, pool: made } = inPool(endpoints, pool)
    const told = sharesOf(base, made)
    const { none = 0, ...seen } = shares(factsFor(endpoints, { pool }), NOW, 4000)
    for (const { id } of endpoints)
      expect(told.get(endpointId(id)) ?? 0, JSON.stringify({ id, endpoints, pool })).toBeCloseTo(seen[id] ?? 0, 2)
    expect(1 - [...told.values()].reduce((sum, share) => sum + share, 0)).toBeCloseTo(none, 2)
  })
})

test('with affinity, as many keys move as the formula says', () => {
  const before = [5, 3, 2, 0]
  const after = [8, 3, 1, 2]
  const endpoints = (weights: readonly number[]): EndpointParts[] => weights.map((weight, index) => ({ id: `e${index}`, weight }))
  const [old, now] = [before, after].map((weights) =>
    factsFor(endpoints(weights), { pool: KEYED }).route.candidates.filter(({ endpoint }) => endpoint.weight > 0),
  )
  const roll = dice(SEED)
  const keys = Array.from({ length: 40_000 }, () => Math.floor(roll() * 2 ** 32))
  const [oldWeights, newWeights] = [before, after].map((weights) => weights.filter((weight) => weight > 0))
  const moved = keys.filter(
    (key) => byHash(key, old ?? [], oldWeights ?? [])?.endpoint.id !== byHash(key, now ?? [], newWeights ?? [])?.endpoint.id,
  ).length
  expect(movedShare(inPool(endpoints(before), KEYED), inPool(endpoints(after), KEYED)), `seed ${SEED}`).toBeCloseTo(
    moved / keys.length,
    1.5,
  )
})

test.each([
  { what: 'nothing', before: [1, 1], after: [1, 1], moved: 0 },
  { what: 'the same by other numbers', before: [1, 1], after: [50, 50], moved: 0 },
  { what: 'a fifth', before: [50, 50], after: [70, 30], moved: 0.2 },
  { what: 'all of one', before: [75, 25], after: [0, 25], moved: 0.75 },
  { what: 'everybody, to nobody', before: [1, 0], after: [0, 0], moved: 1 },
])('drawn by weight, $what moves', ({ before, after, moved }) => {
  const pool = (weights: readonly number[]) =>
    inPool(
      weights.map((weight, index) => ({ id: `e${index}`, weight })),
      { steering: 'weighted' },
    )
  expect(movedShare(pool(before), pool(after))).toBeCloseTo(moved, 9)
})

test('a drained first of a list moves everybody', () => {
  const pool = (drain: boolean) => inPool([{ id: 'a', drain }, { id: 'b' }], { steering: 'listed' })
  expect(movedShare(pool(false), pool(true))).toBe(1)
})

test('nearest: those whose nearest is drained move, of the places that the table has', () => {
  const countries = { DE: [51, 9], FR: [48, 3], US: [39, -90], JP: [36, 138] } as const
  const endpoints = (drain: boolean): EndpointParts[] => [
    { id: 'europe', drain, coordinates: { latitude: 50, longitude: 5 } },
    { id: 'america', coordinates: { latitude: 39, longitude: -77 } },
    { id: 'asia', coordinates: { latitude: 35, longitude: 139 } },
  ]
  const pool = (drain: boolean) => inPool(endpoints(drain), { steering: 'nearest' }, { countries })
  expect(Object.fromEntries(sharesOf(pool(false).base, pool(false).pool))).toEqual({ europe: 0.5, america: 0.25, asia: 0.25 })
  expect(movedShare(pool(false), pool(true))).toBe(0.5)
})
