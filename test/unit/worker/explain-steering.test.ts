import { describe, expect, test } from 'vitest'
import { endpointId } from '../../../config/ids.ts'
import { ms } from '../../../config/units.ts'
import { unitVector } from '../../../worker/policy/distance.ts'
import { pickEndpoint } from '../../../worker/policy/order-endpoints.ts'
import { explainSteering } from '../../../worker/policy/steering/explain-steering.ts'
import { notePeak } from '../../../worker/policy/steering/peak-latency.ts'
import { steerBy } from '../../../worker/policy/steering/steer-by.ts'
import { dice, SEED } from '../../seed.ts'
import { candidateOf, factsFor, healthOf, NOW } from './pool-facts.ts'

const FIVE = ['a', 'b', 'c', 'd', 'e'].map((id, index) => ({ id, weight: index + 1 }))

describe('the figures of steering', () => {
  test('law: the key goes where its rank is 1 and, without that endpoint, to its rank 2', () => {
    const facts = factsFor(FIVE, { pool: { steering: 'affinity', affinity: { kind: 'client-address' } } })
    const roll = dice(SEED)
    for (let run = 0; run < 500; run += 1) {
      const keyed = { ...facts, steerBy: { kind: 'key' as const, hash: Math.floor(roll() * 2 ** 32) } }
      const ranks = explainSteering(keyed, NOW).map(({ hashRank }) => hashRank)
      expect([...ranks].sort()).toEqual([1, 2, 3, 4, 5])
      const first = pickEndpoint(keyed, () => false, NOW, roll())
      expect(first.kind === 'picked' && ranks[first.candidate.index], `seed ${SEED}`).toBe(1)
      const second = pickEndpoint(keyed, ({ index }) => ranks[index] === 1, NOW, roll())
      expect(second.kind === 'picked' && ranks[second.candidate.index]).toBe(2)
    }
  })

  test('are those of the kind and no others', () => {
    const listed = factsFor(FIVE)
    expect(explainSteering(listed, NOW)).toEqual(FIVE.map(() => ({})))
    const map = { countries: {}, continents: { EU: [endpointId('c')] }, otherwise: [] }
    const mapped = factsFor(FIVE, { pool: { steering: 'map', map } })
    const steered = steerBy(
      mapped.route.steering,
      { place: { continent: 'EU' }, headers: { get: () => null }, query: '', address: undefined },
      () => '',
    )
    if (steered === undefined) throw new Error('a map without ranks')
    expect(explainSteering({ ...mapped, steerBy: steered }, NOW).map(({ mapRank }) => mapRank)).toEqual([2, 3, 1, 4, 5])
  })

  test('distances are those of the globe', () => {
    const places = [
      { id: 'london', coordinates: { latitude: 51.5, longitude: -0.1 } },
      { id: 'nowhere' },
      { id: 'sydney', coordinates: { latitude: -33.9, longitude: 151.2 } },
    ]
    const facts = {
      ...factsFor(places, { pool: { steering: 'nearest' } }),
      steerBy: { kind: 'client' as const, at: unitVector({ latitude: 51.5, longitude: -0.1 }) },
    }
    const [london, nowhere, sydney] = explainSteering(facts, NOW)
    expect(london?.distance).toBe(0)
    expect(nowhere).toEqual({})
    expect(sydney?.distance).toBeGreaterThan(16_900)
    expect(sydney?.distance).toBeLessThan(17_100)
  })

  test('latencies, loads of priorities and limits', () => {
    const levels = [{ id: 'a', concurrency: 10 }, { id: 'b' }, { id: 'x', priority: 1 }]
    const facts = factsFor(levels, {
      pool: { steering: 'latency', levels: { spillOver: 1 } },
      health: healthOf({ a: {}, b: { verdict: 'down' }, x: { latency: ms(70) } }),
    })
    const { peak } = candidateOf(facts, 'a')
    if (peak !== undefined) notePeak(peak, { latency: ms(20), sentAt: NOW }, NOW)
    const front = { percent: 50, panic: false }
    expect(explainSteering(facts, NOW)).toEqual([
      { level: front, concurrencyMax: 10, expected: 20 },
      { level: front },
      { level: front, expected: 70 },
    ])
  })
})
