import { describe, expect, test } from 'vitest'
import type { Route } from '../../../config/base.ts'
import { vantageId } from '../../../config/ids.ts'
import type { HedgeSettings } from '../../../config/resilience.ts'
import type { HealthSnapshot } from '../../../config/snapshot.ts'
import { after, type Draw, instant, ms, seconds, share } from '../../../config/units.ts'
import { learnLatency } from '../../../worker/policy/hedge.ts'
import { newLatencyEstimate, noteLatency, quantileOf } from '../../../worker/policy/latency-estimate.ts'
import { type AttemptFact, newLedger } from '../../../worker/policy/ledger.ts'
import { isEjected } from '../../../worker/policy/standing.ts'
import { dice, SEED } from '../../seed.ts'
import { RETRY, testBase } from '../../workerd/gateway/base.ts'
import { answers, type Behaviour, type Carried, FAILURES, VirtualGateway } from './carry.ts'

const NOW = instant(1_000_000)
const FIXED: HedgeSettings = { after: { kind: 'fixed', delay: ms(100) }, share: share(0.5) }
const AT_P95: HedgeSettings = { after: { kind: 'quantile', quantile: share(0.95) }, share: share(0.07) }
const { resets = answers(), hangs = answers(), 'answers 503': unavailable = answers() } = FAILURES

function gatewayWith(behaviours: Readonly<Record<string, Behaviour>>, hedge: HedgeSettings = FIXED, route: Partial<Route> = {}) {
  const endpoints = Object.keys(behaviours).map((id) => ({ id, origin: `https://${id}.test` }))
  const times = { request: seconds(5), attempt: seconds(1), slow: 'race', idle: seconds(30) } as const
  return new VirtualGateway(testBase({ endpoints, route: { timeouts: times, hedge, ...route } }), behaviours, dice(SEED))
}

/** With ten hedges paid for. */
function paid(...given: Parameters<typeof gatewayWith>): VirtualGateway {
  const gateway = gatewayWith(...given)
  const { hedging } = gateway.route
  if (hedging === undefined) throw new Error('a route that does not hedge')
  hedging.saved = 10
  return gateway
}

const attemptsOf = (carried: Carried) =>
  carried.ledger.attempts.map(({ candidate, kind, outcome }) => `${kind} ${candidate.endpoint.id} ${outcome?.kind}`)
const took = (carried: Carried): number => carried.endedAt - carried.receivedAt

describe('a slow first attempt', () => {
  test('is hedged at its moment; the first head wins and the other is broken off', () => {
    const hedged = paid({ a: answers(200, ms(400)), b: answers() }).carry()
    expect(attemptsOf(hedged)).toEqual(['first a superseded', 'hedge b answered'])
    expect(took(hedged)).toBe(120)
    const overtaken = paid({ a: answers(200, ms(130)), b: answers(200, ms(50)) }).carry()
    expect(attemptsOf(overtaken)).toEqual(['first a answered', 'hedge b superseded'])
  })

  const SLOW = { a: answers(200, ms(400)), b: answers() }
  test.each<{ why: string; endpoints: Record<string, Behaviour>; route?: Partial<Route>; client?: Parameters<VirtualGateway['carry']>[0] }>(
    [
      { why: 'that answers before', endpoints: { ...SLOW, a: answers(200, ms(90)) } },
      { why: 'of a write', endpoints: SLOW, client: { method: 'POST' } },
      { why: 'of a write that may go anywhere', endpoints: SLOW, route: { writes: 'anywhere' }, client: { method: 'POST' } },
      { why: 'whose body is streamed', endpoints: SLOW, client: { streamed: true } },
      { why: 'of a pool of one', endpoints: { a: answers(200, ms(400)) } },
    ],
  )('$why is not', ({ endpoints, route = {}, client = {} }) => {
    expect(attemptsOf(paid(endpoints, FIXED, route).carry(client))).toEqual(['first a answered'])
  })

  test('is not hedged when that would be one attempt too many', () => {
    const only = { ...RETRY, attemptsMax: 1 }
    expect(attemptsOf(paid({ a: answers(200, ms(400)), b: answers() }, FIXED, { retry: only }).carry())).toEqual(['first a answered'])
  })

  test('is not hedged at an endpoint that is out or over its limit', () => {
    const gateway = paid({ a: answers(200, ms(400)), b: resets, c: resets })
    for (const { state } of gateway.route.candidates.slice(1)) state.load.limit.value = 0
    expect(attemptsOf(gateway.carry())).toEqual(['first a answered'])
  })
})

describe('of the pair', () => {
  test('a failure waits for the other', () => {
    expect(attemptsOf(paid({ a: answers(200, ms(400)), b: unavailable }).carry())).toEqual(['first a answered', 'hedge b failed-status'])
    const resetLate: Behaviour = () => ({ after: ms(150), outcome: { kind: 'failed', phase: 'reset', originSaw: 'unknown' } })
    expect(attemptsOf(paid({ a: resetLate, b: answers(200, ms(300)) }).carry())).toEqual(['first a failed', 'hedge b answered'])
  })

  test('a 500 waits for the other, and is passed on when that is no better', () => {
    const better = paid({ a: answers(200, ms(400)), b: answers(500) }).carry()
    expect(better.step).toMatchObject({ kind: 'answer', attempt: { attempt: 1 } })
    const worse = paid({ a: answers(500, ms(400)), b: answers(500) }).carry()
    expect([worse.step.kind, took(worse), 'code' in worse.step]).toEqual(['answer', 400, false])
    // The timer of the other ends the wait.
    const silent = paid({ a: hangs, b: answers(500) }).carry()
    expect([silent.step.kind, took(silent)]).toEqual(['answer', 1000])
  })

  test('both may fail: what follows is a retry, charged, and all is within the attempts allowed', () => {
    expect(attemptsOf(paid({ a: () => ({ after: ms(150), outcome: { kind: 'bad-response' } }), b: resets, c: answers() }).carry())).toEqual(
      ['first a bad-response', 'hedge b failed', 'retry c answered'],
    )
  })

  test('the loser is no evidence, unless its timer had expired', () => {
    const gateway = paid({ a: hangs, b: answers() })
    for (let count = 0; count < 10; count += 1) gateway.carry()
    expect(gateway.route.candidates.map((each) => [isEjected(each), each.outlier.failedInRow])).toEqual([
      [false, 0],
      [false, 0],
    ])
    const late = paid({ a: hangs, b: answers(200, ms(950)) })
    for (let count = 0; count < 3; count += 1) late.carry()
    expect(late.route.candidates.map(isEjected)).toEqual([true, false])
  })
})

describe('the budget', () => {
  test('pays nothing in advance, and never more than its share of the requests so far', () => {
    const roll = dice(SEED)
    for (const part of [0.01, 0.05, 0.2]) {
      const gateway = gatewayWith(
        { a: () => ({ after: ms(roll() * 900), outcome: { kind: 'answered', status: 200 } }), b: answers() },
        { ...FIXED, share: share(part) },
      )
      const carried = gateway.load(100, seconds(20), () => ({ method: roll() < 0.8 ? 'GET' : 'POST' }))
      let hedges = 0
      for (const [index, each] of carried.entries()) {
        hedges += each.ledger.attempts.filter(({ kind }) => kind === 'hedge').length
        expect(hedges, `seed ${SEED}, share ${part}`).toBeLessThanOrEqual(part * (index + 200))
      }
      // Of 2000 requests, 1600 may be hedged, and nine in ten of those would be.
      expect(hedges, `seed ${SEED}, share ${part}`).toBeLessThanOrEqual(part * 1700)
      expect(hedges, `seed ${SEED}, share ${part}`).toBeGreaterThan(part * 1400)
    }
  })

  test.each([
    [1, 0.05],
    [0.5, 0.025],
    [0, 0],
  ])('shrinks with the scale of the snapshot: %f', (retryScale, most) => {
    const gateway = gatewayWith({ a: answers(200, ms(400)), b: answers() }, { ...FIXED, share: share(0.05) })
    const snapshot: HealthSnapshot = {
      vantage: vantageId('weur'),
      incarnation: '0000000000000000',
      seq: 1,
      endpoints: {},
      retryScale: share(retryScale),
    } as unknown as HealthSnapshot
    gateway.health = { age: 'fresh', silent: false, snapshot, receivedAt: gateway.now }
    const hedges = gateway.load(100, seconds(20)).filter((each) => each.ledger.attempts.some(({ kind }) => kind === 'hedge')).length
    expect(hedges).toBeGreaterThanOrEqual(Math.floor(most * 2000) - 5)
    expect(hedges).toBeLessThanOrEqual(most * 2000)
  })

  test('at most ten are saved', () => {
    const gateway = gatewayWith({ a: answers(), b: answers() })
    gateway.load(200, seconds(5))
    expect(gateway.route.hedging?.saved).toBe(10)
  })
})

describe('a quantile', () => {
  test('learns nothing from a client that leaves no time for an answer', () => {
    const gateway = gatewayWith({ a: answers(), b: answers() }, AT_P95)
    const [candidate] = gateway.route.candidates
    const { hedging } = gateway.route
    if (candidate === undefined || hedging?.latencies === undefined) throw new Error('a route that does not hedge')
    const timedOut = (length: number): AttemptFact => ({
      ...{ attempt: 1, candidate, kind: 'first', steered: 'only', onTrial: false, startedAt: NOW, timeout: undefined },
      ...{ sentAt: NOW, headAt: undefined, expired: false, endedAt: instant(NOW + length), outcome: { kind: 'timed-out' } },
    })
    for (const length of [0, 1, 500]) learnLatency({ hedging, delay: undefined }, { ...newLedger(), attempts: [timedOut(length)] }, NOW)
    expect(hedging.latencies.total).toBe(0)
    learnLatency({ hedging, delay: undefined }, { ...newLedger(), attempts: [timedOut(1000)] }, NOW)
    expect(hedging.latencies.total).toBe(1)
  })

  test('is not used before a hundred attempts', () => {
    const gateway = gatewayWith({ a: answers(200, ms(40)), b: answers() }, AT_P95)
    gateway.load(100, ms(1000))
    gateway.behaviours.set('a', answers(200, ms(400)))
    if (gateway.route.hedging !== undefined) gateway.route.hedging.saved = 10
    expect(attemptsOf(gateway.carry())).toEqual(['first a superseded', 'hedge b answered'])
    expect(attemptsOf(paid({ a: answers(200, ms(400)), b: answers() }, AT_P95).carry())).toEqual(['first a answered'])
  })

  test.each([0.5, 0.9, 0.95, 0.99])('p%f of random samples is within a tenth, from below by no more than chance', (quantile) => {
    const roll = dice(SEED)
    const estimate = newLatencyEstimate(NOW)
    const exponential = (part: number) => -100 * Math.log(1 - part)
    for (let count = 0; count < 1000; count += 1) noteLatency(estimate, ms(exponential(roll())), NOW)
    const found = quantileOf(estimate, share(quantile), NOW) ?? 0
    const deviation = Math.sqrt((quantile * (1 - quantile)) / 1000)
    expect(found, `seed ${SEED}`).toBeGreaterThan(exponential(quantile - 6 * deviation))
    expect(found, `seed ${SEED}`).toBeLessThan(exponential(Math.min(0.9999, quantile + 3 * deviation)) * 1.1)
  })

  test('forgets: after as many samples again the new ones rule, and after an hour there is none', () => {
    const estimate = newLatencyEstimate(NOW)
    for (let count = 0; count < 5000; count += 1) noteLatency(estimate, ms(20), NOW)
    for (let count = 0; count < 5000; count += 1) noteLatency(estimate, ms(200), NOW)
    expect(quantileOf(estimate, share(0.5), NOW)).toBeCloseTo(200, -2)
    expect(estimate.total).toBeLessThanOrEqual(1025)
    expect(quantileOf(estimate, share(0.5), after(NOW, seconds(3600)))).toBeUndefined()
  })

  test.each([
    ['one endpoint takes all requests', 'listed'],
    ['three share them', 'weighted'],
  ] as const)('at p95, with one endpoint 400 ms late on 5 %% of requests: %s', (_, steering) => {
    const roll = dice(SEED)
    const usual = (): number => 15 + 10 * roll()
    const well: Behaviour = () => ({ after: ms(usual()), outcome: { kind: 'answered', status: 200 } })
    const sometimesSlow: Behaviour = () => ({ after: ms(usual() + (roll() < 0.05 ? 400 : 0)), outcome: { kind: 'answered', status: 200 } })
    const endpoints = ['a', 'b', 'c'].map((id) => ({ id, origin: `https://${id}.test` }))
    const times = { request: seconds(5), attempt: seconds(1), slow: 'race', idle: seconds(30) } as const
    const base = testBase({ endpoints, pool: { steering }, route: { timeouts: times, hedge: AT_P95 } })
    const gateway = new VirtualGateway(base, { a: sometimesSlow, b: well, c: well }, roll as () => Draw)
    gateway.load(150, seconds(10))
    const carried = gateway.load(150, seconds(60))
    const lengths = carried.map(took).sort((x, y) => x - y)
    const at = (part: number): number => lengths[Math.floor(part * lengths.length)] ?? 0
    const attempts = carried.reduce((sum, each) => sum + each.ledger.attempts.length, 0) / carried.length
    expect(at(0.99), `seed ${SEED}: p95 ${at(0.95)}`).toBeLessThanOrEqual(at(0.95) + 50)
    expect(attempts, `seed ${SEED}`).toBeLessThanOrEqual(1.07)
  })
})
