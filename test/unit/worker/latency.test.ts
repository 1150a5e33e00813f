import { describe, expect, test } from 'vitest'
import { draw, type Instant, instant, after as later, ms, seconds } from '../../../config/units.ts'
import { beginWaiting } from '../../../worker/policy/endpoint-load.ts'
import { pickEndpoint } from '../../../worker/policy/order-endpoints.ts'
import { newPeakLatency, noteLonger, notePeak } from '../../../worker/policy/steering/peak-latency.ts'
import { dice, SEED } from '../../seed.ts'
import { testBase } from '../../workerd/gateway/base.ts'
import { answers, type Behaviour, type Carried, VirtualGateway } from './carry.ts'
import { candidateOf, factsFor, healthOf, NOW, shares } from './pool-facts.ts'

const pool = { steering: 'latency' } as const
const ENDPOINTS = ['a', 'b', 'c'].map((id) => ({ id, origin: `https://${id}.test` }))

/** Facts of endpoints that have answered so. */
function answering(latencies: Readonly<Record<string, number>>, health = healthOf({})) {
  const facts = factsFor(
    Object.keys(latencies).map((id) => ({ id })),
    { pool, health },
  )
  for (const [id, latency] of Object.entries(latencies)) {
    const { peak } = candidateOf(facts, id)
    if (peak !== undefined && latency > 0) notePeak(peak, { latency: ms(latency), sentAt: NOW }, NOW)
  }
  return facts
}

describe('what a latency is taken for', () => {
  /** Answers by when they came and how long they took. */
  const valueAfter = (...samples: readonly (readonly [at: number, latency: number])[]) => {
    const peak = newPeakLatency(NOW)
    for (const [at, latency] of samples) notePeak(peak, { latency: ms(latency), sentAt: later(NOW, ms(at - latency)) }, later(NOW, ms(at)))
    return peak.value
  }
  const slowFrom = (...times: number[]) => valueAfter([0, 20], ...times.map((at) => [at, 300] as const))

  test('the first answer', () => expect(valueAfter([0, 20])).toBe(20))
  test('up with a slow answer to what was sent after a slow answer', () => {
    expect(slowFrom(300, 600)).toBe(300)
    expect(valueAfter([0, 20], [300, 300], [600, 280])).toBe(280)
  })
  test('not for slow answers that waited together: this isolate may have paused', () => {
    expect(slowFrom(300, 300, 300, 310, 590)).toBe(20)
  })
  test('not for one slow answer among fast ones', () => {
    expect(valueAfter([0, 20], [2000, 2000], [2020, 20], [5000, 2000], [5020, 20])).toBe(20)
  })
  test('down slowly: a third is left after five seconds', () => {
    const fast = Array.from({ length: 500 }, (_, index) => [610 + index * 10, 20] as const)
    expect(valueAfter([0, 20], [300, 300], [600, 300], ...fast)).toBeCloseTo(20 + 280 / Math.E, -1)
  })
  test('forgotten after a minute', () => expect(valueAfter([0, 300], [60_001, 20])).toBe(20))
  test('a clock that stands still or is set back makes no nonsense', () => {
    expect(valueAfter([0, 0], [0, 0])).toBeGreaterThan(0)
    expect(valueAfter([0, 20], [-5000, 30], [-4990, 10])).toBeCloseTo(20, 0)
  })
  test('what was given up took longer than that', () => {
    const peak = newPeakLatency(NOW)
    const given = (latency: number, at: number) =>
      noteLonger(peak, { latency: ms(latency), sentAt: later(NOW, ms(at - latency)) }, later(NOW, ms(at)))
    notePeak(peak, { latency: ms(500), sentAt: NOW }, later(NOW, ms(500)))
    given(100, 600)
    expect(peak.value).toBe(500)
    given(1000, 1500)
    given(1000, 2500)
    expect(peak.value).toBe(1000)
  })
})

describe('who is kept', () => {
  test.each([
    ['within 20 %', { a: 100, b: 119, c: 121 }, { a: 0.49, b: 0.49, c: 0.02 }],
    ['within 10 ms', { a: 20, b: 29, c: 31 }, { a: 0.49, b: 0.49, c: 0.02 }],
    ['the best alone', { a: 20, b: 60, c: 150 }, { a: 0.98, b: 0.01, c: 0.01 }],
    ['whoever has not answered yet', { a: 20, b: 0, c: 150 }, { a: 0.49, b: 0.49, c: 0.02 }],
    ['all while nobody has answered', { a: 0, b: 0, c: 0 }, { a: 1 / 3, b: 1 / 3, c: 1 / 3 }],
  ])('%s', (_, latencies, expected) => {
    const counts = shares(answering(latencies), NOW, 50_000)
    for (const [id, share] of Object.entries(expected))
      expect(Math.abs((counts[id] ?? 0) - share), `${id}, seed ${SEED}`).toBeLessThan(0.01)
  })

  test('probes of the vantage stand in until an endpoint has answered', () => {
    const health = healthOf({ a: { latency: ms(80) }, b: { latency: ms(20) }, c: { latency: ms(90) } })
    expect(shares(answering({ a: 0, b: 0, c: 0 }, health))['b']).toBeCloseTo(0.98, 1.7)
    expect(shares(answering({ a: 0, b: 150, c: 0 }, health))['b']).toBeLessThan(0.03)
  })
  test('and again when nothing was heard of it for a minute', () => {
    const facts = answering({ a: 20, b: 30, c: 40 }, healthOf({ a: { latency: ms(90) }, b: { latency: ms(90) }, c: { latency: ms(10) } }))
    expect(shares(facts, later(NOW, seconds(61)))['c']).toBeCloseTo(0.98, 1.7)
  })
  test('but not those of a snapshot that is too old', () => {
    const health = healthOf({ a: { latency: ms(80) }, b: { latency: ms(20) } }, 'too-old')
    expect(shares(answering({ a: 0, b: 0 }, health))['a']).toBeCloseTo(0.5, 1.5)
  })

  test('of two that are kept the one with fewer attempts waiting', () => {
    const facts = answering({ a: 20, b: 22, c: 150 })
    beginWaiting(candidateOf(facts, 'a').state.load, NOW, instant(NOW + 1000))
    expect(shares(facts)['b']).toBeCloseTo(0.98, 1.7)
  })

  test('a restored endpoint takes a growing share, however fast', () => {
    const ramping = (stoodFor: number) =>
      answering({ a: 20, b: 60, c: 150 }, healthOf({ a: { stoodFor: seconds(stoodFor) }, b: {}, c: {} }))
    for (const [stoodFor, share] of [
      [0, 0.1],
      [15, 0.5],
      [30, 1],
    ] as const) {
      const counts = shares(ramping(stoodFor))
      expect(counts['a'], `seed ${SEED}`).toBeCloseTo(0.98 * share, 1.6)
      // The rest goes to the next fastest, not to anybody.
      expect(counts['b']).toBeCloseTo(0.98 * (1 - share) + 0.01, 1.6)
    }
  })

  test('says why', () => {
    const facts = answering({ a: 20, b: 60, c: 150 })
    const at = (value: number) => pickEndpoint(facts, () => false, NOW, draw(value))
    expect(at(0.5)).toMatchObject({ reason: 'fast', candidate: { endpoint: { id: 'a' } } })
    expect(at(0.001)).toMatchObject({ reason: 'explored', candidate: { endpoint: { id: 'b' } } })
    expect(at(0.019)).toMatchObject({ reason: 'explored', candidate: { endpoint: { id: 'c' } } })
  })
})

const shareOf = (carried: readonly Carried[], id: string): number =>
  carried.filter(({ ledger }) => ledger.attempts[0]?.candidate.endpoint.id === id).length / carried.length

describe('three endpoints at 20, 60 and 150 ms, and then the first at 300 ms', () => {
  test.each([10, 50, 200])('at %i requests a second: at least nine in ten go to the best within five seconds', (rate) => {
    let slowFrom = Number.POSITIVE_INFINITY
    const degrading: Behaviour = (at: Instant) => ({ after: ms(at >= slowFrom ? 300 : 20), outcome: { kind: 'answered', status: 200 } })
    const gateway = new VirtualGateway(
      testBase({
        endpoints: ENDPOINTS,
        pool,
        route: { timeouts: { request: seconds(5), attempt: seconds(1), slow: 'race', idle: seconds(30) } },
      }),
      { a: degrading, b: answers(200, ms(60)), c: answers(200, ms(150)) },
      dice(SEED),
    )
    gateway.load(rate, seconds(5))
    expect(shareOf(gateway.load(rate, seconds(10)), 'a'), `seed ${SEED}`).toBeGreaterThanOrEqual(0.9)
    slowFrom = gateway.now
    gateway.load(rate, seconds(5))
    expect(shareOf(gateway.load(rate, seconds(10)), 'b'), `seed ${SEED}`).toBeGreaterThanOrEqual(0.9)
    slowFrom = Number.POSITIVE_INFINITY
    gateway.load(rate, seconds(60))
    expect(shareOf(gateway.load(rate, seconds(20)), 'a'), `back, seed ${SEED}`).toBeGreaterThanOrEqual(0.9)
  })

  test('requests that are slow wherever they go do not move the others', () => {
    const roll = dice(SEED + 1)
    const tailed =
      (usual: number): Behaviour =>
      () => ({ after: ms(roll() < 0.02 ? 800 : usual), outcome: { kind: 'answered', status: 200 } })
    const gateway = new VirtualGateway(
      testBase({
        endpoints: ENDPOINTS,
        pool,
        route: { timeouts: { request: seconds(5), attempt: seconds(1), slow: 'race', idle: seconds(30) } },
      }),
      { a: tailed(20), b: tailed(60), c: tailed(150) },
      dice(SEED),
    )
    gateway.load(50, seconds(5))
    expect(shareOf(gateway.load(50, seconds(60)), 'a'), `seed ${SEED}`).toBeGreaterThanOrEqual(0.8)
  })

  test('one that fails at once is not the fastest', () => {
    const gateway = new VirtualGateway(
      testBase({ endpoints: ENDPOINTS, pool }),
      { a: answers(500, ms(1)), b: answers(200, ms(60)), c: answers(200, ms(150)) },
      dice(SEED),
    )
    gateway.load(50, seconds(2))
    const { peak } = gateway.route.candidates[0] ?? {}
    expect(peak?.value).toBe(0)
  })
})
