import { describe, expect, test } from 'vitest'
import type { Route } from '../../../config/base.ts'
import { RETRY_CONDITIONS, type RetryCondition } from '../../../config/resilience.ts'
import { type DurationMs, ms, seconds, share } from '../../../config/units.ts'
import type { Outcome } from '../../../worker/policy/classify-outcome.ts'
import { saysTryAgain } from '../../../worker/policy/retry-conditions.ts'
import { dice, SEED } from '../../seed.ts'
import { RETRY, testBase } from '../../workerd/gateway/base.ts'
import { answers, type Behaviour, type Carried, FAILURES, VirtualGateway } from './carry.ts'

const RACE = { request: seconds(5), attempt: seconds(1), slow: 'race', idle: seconds(30) } as const
const ABORT = { ...RACE, slow: 'abort' } as const
const { resets = answers(), hangs = answers() } = FAILURES

function gatewayWith(behaviours: Readonly<Record<string, Behaviour>>, route: Partial<Route> = {}) {
  const endpoints = Object.keys(behaviours).map((id) => ({ id, origin: `https://${id}.test` }))
  // As many retries as a route may ask for: the budget has tests of its own.
  const pool = { retryBudget: { share: share(1), window: seconds(10), perSecond: 1000 } }
  return new VirtualGateway(testBase({ endpoints, pool, route: { timeouts: RACE, ...route } }), behaviours, dice(SEED))
}

const attemptsOf = (carried: Carried) => carried.ledger.attempts.map(({ candidate, kind }) => `${kind} ${candidate.endpoint.id}`)
const took = (carried: Carried): number => carried.endedAt - carried.receivedAt
const endOf = ({ step }: Carried): string | number | undefined =>
  step.kind === 'give-up'
    ? step.code
    : step.attempt.outcome !== undefined && 'status' in step.attempt.outcome
      ? step.attempt.outcome.status
      : undefined

describe('a condition of `on`', () => {
  const body: Behaviour = () => ({ after: ms(5), outcome: { kind: 'failed', phase: 'body', originSaw: 'unknown' } })
  const FAILED: Readonly<Record<RetryCondition, readonly Behaviour[]>> = {
    'connect-failure': ['refuses', 'breaks TLS', 'resets'].map((name) => FAILURES[name] ?? answers()),
    timeout: [hangs],
    overload: [FAILURES['asks for a pause'] ?? answers()],
    'cloudflare-52x': [FAILURES['answers 521'] ?? answers()],
    'bad-response': [FAILURES['answers rubbish'] ?? answers()],
    'broken-body': [body],
  }

  test.each(RETRY_CONDITIONS)('%s: rescued with it alone, and not without it', (condition) => {
    for (const fault of FAILED[condition]) {
      const others = RETRY_CONDITIONS.filter((other) => other !== condition)
      const sent = (on: readonly RetryCondition[]) =>
        attemptsOf(gatewayWith({ a: fault, b: answers() }, { retry: { ...RETRY, on } }).carry())
      expect(sent([condition])).toEqual(['first a', 'rescue b'])
      expect(sent(others)).toEqual(['first a'])
    }
  })

  test('that is left out does not touch listed statuses; what fails counts against its endpoint all the same', () => {
    const gateway = gatewayWith({ a: FAILURES['answers 503'] ?? answers(), b: answers() }, { retry: { ...RETRY, on: [] } })
    expect(attemptsOf(gateway.carry())).toEqual(['first a', 'rescue b'])
    const none = gatewayWith({ a: FAILURES['refuses'] ?? answers(), b: answers() }, { retry: { ...RETRY, on: [], statuses: [] } })
    expect([endOf(none.carry()), endOf(none.carry())]).toEqual(['ERR_CONNECT_FAILED', 'ERR_CONNECT_FAILED'])
    expect(attemptsOf(none.carry())).toEqual(['first b'])
  })

  const overloaded = (status: number): Outcome => ({ kind: 'overloaded', status, retryAfter: ms(1000) })
  test.each<[string, Outcome, Pick<Route['retry'], 'statuses' | 'on'>, boolean]>([
    ['a listed status that is shed', overloaded(503), { statuses: [502, 503, 504], on: ['timeout'] }, true],
    ['one that is not listed', overloaded(500), { statuses: [502, 503, 504], on: ['timeout'] }, false],
    ['the same where overload is', overloaded(500), { statuses: [], on: ['overload'] }, true],
    ['a listed 429 that asks for a pause', overloaded(429), { statuses: [429], on: [] }, true],
    ['a 429 that is not listed', overloaded(429), { statuses: [503], on: [] }, false],
  ])('%s: %j with %j: %s', (_, outcome, retry, rescued) => {
    const shedding: Behaviour = () => ({ after: ms(4), outcome })
    const carried = gatewayWith({ a: shedding, b: answers() }, { retry: { ...RETRY, ...retry } }).carry()
    expect(attemptsOf(carried)).toEqual(rescued ? ['first a', 'rescue b'] : ['first a'])
  })

  test('a slow attempt waits for its deadline where timeouts are not tried again', () => {
    const late = gatewayWith({ a: answers(200, ms(3000)), b: answers() }, { retry: { ...RETRY, on: ['connect-failure'] } }).carry()
    expect([attemptsOf(late), took(late)]).toEqual([['first a'], 3000])
  })
})

describe('methods', () => {
  const sent = (method: string, route: Partial<Route>) => {
    const carried = gatewayWith({ a: resets, b: answers() }, route).carry({ method })
    return [...attemptsOf(carried), endOf(carried)]
  }

  test.each<[string, Partial<Route>, (string | number)[]]>([
    ['GET', {}, ['first a', 'rescue b', 200]],
    ['GET', { retry: { ...RETRY, methods: ['HEAD'] } }, ['first a', 'ERR_CONNECTION_LOST']],
    ['PUT', { writes: 'anywhere', retry: { ...RETRY, methods: ['GET', 'PUT'] } }, ['first a', 'rescue b', 200]],
    ['POST', { writes: 'anywhere', retry: { ...RETRY, methods: ['GET', 'PUT'] } }, ['first a', 'ERR_WRITE_NOT_REPLAYED']],
    ['POST', { writes: 'anywhere' }, ['first a', 'rescue b', 200]],
  ])('%s with %j: %j', (method, route, expected) => expect(sent(method, route)).toEqual(expected))

  test('one that is not listed is sent again when it certainly was not seen', () => {
    const gateway = gatewayWith({ a: FAILURES['answers 521'] ?? answers(), b: answers() }, { retry: { ...RETRY, methods: ['HEAD'] } })
    expect(attemptsOf(gateway.carry())).toEqual(['first a', 'rescue b'])
  })
})

test('without rescue the first attempt elsewhere is a retry: it waits, and is charged', () => {
  const backoff = { base: ms(100), max: ms(100), min: ms(40) }
  const carried = gatewayWith({ a: resets, b: answers() }, { retry: { ...RETRY, rescue: false, backoff } }).carry()
  expect(attemptsOf(carried)).toEqual(['first a', 'retry b'])
  expect(took(carried)).toBeGreaterThanOrEqual(63)
})

test('no longer than `retryAfterMax` an endpoint is passed over', () => {
  const pausing = FAILURES['asks for a pause'] ?? answers()
  const paused = (retryAfterMax: DurationMs, networks: readonly string[] = ['one', 'two']) => {
    const gateway = gatewayWith({ a: pausing, b: answers() }, { retry: { ...RETRY, retryAfterMax } })
    for (const network of networks) gateway.carry({ network })
    return gateway.route.candidates.map(({ pausedUntil }) => Math.max(0, pausedUntil - gateway.now))
  }
  expect(paused(seconds(300))).toEqual([4980, 0])
  expect(paused(seconds(2))).toEqual([1980, 0])
  // One client may be over a quota of its own.
  expect(paused(seconds(300), ['one', 'one', 'one'])).toEqual([0, 0])
})

test.each([
  [[{ kind: 'exact', name: 'x-retry', value: 'yes' }], true],
  [[{ kind: 'exact', name: 'x-retry', value: 'no' }], false],
  [[{ kind: 'present', name: 'x-retry' }], true],
  [[{ kind: 'absent', name: 'x-retry' }], false],
  [[{ kind: 'absent', name: 'x-served' }], true],
  [
    [
      { kind: 'present', name: 'x-served' },
      { kind: 'present', name: 'x-retry' },
    ],
    true,
  ],
] as const)('an answer with "x-retry: yes" and %j: %s', (wanted, expected) => {
  expect(saysTryAgain(new Headers({ 'X-Retry': 'yes' }), wanted)).toBe(expected)
})

/** The Gateway API's `retry` and `backendRequest`, on one endpoint: `attempts` counts retries only. */
describe('one endpoint alone, as the Gateway API wants it', () => {
  const answered = (status: number, length = 5): ReturnType<Behaviour> => ({ after: ms(length), outcome: { kind: 'answered', status } })
  const failed = (status: number, length = 5): ReturnType<Behaviour> => ({
    after: ms(length),
    outcome: { kind: 'failed-status', status, phase: 'status', originSaw: 'unknown' } satisfies Outcome,
  })
  const reset = (resets as () => ReturnType<Behaviour>)()
  const rubbish: ReturnType<Behaviour> = { after: ms(4), outcome: { kind: 'bad-response' } }
  /** Fails so often, then answers. */
  const failing = (failures: number, failure: ReturnType<Behaviour>): Behaviour => {
    let asked = 0
    return () => {
      asked += 1
      return asked <= failures ? failure : answered(200)
    }
  }
  const retries = (attempts: number) => ({ ...RETRY, attemptsMax: attempts + 1 })
  const patient = { ...retries(5), backoff: { base: ms(300), max: ms(300), min: ms(300) } }
  const times = (attempt: number, request = 5000) => ({ ...ABORT, attempt: ms(attempt), request: ms(request) })

  test.each<{ why: string; fails: Behaviour; route: Partial<Route>; end: number | string; attempts: number }>([
    { why: '2 failures, 3 retries', fails: failing(2, failed(500)), route: { retry: retries(3) }, end: 200, attempts: 3 },
    { why: '4 failures, 3 retries', fails: failing(4, failed(500)), route: { retry: retries(3) }, end: 500, attempts: 4 },
    { why: 'a status that is not listed', fails: failing(2, answered(503)), route: { retry: retries(3) }, end: 503, attempts: 1 },
    { why: '2 resets, 3 retries', fails: failing(2, reset), route: { retry: retries(3) }, end: 200, attempts: 3 },
    { why: '4 times rubbish, 3 retries', fails: failing(4, rubbish), route: { retry: retries(3) }, end: 'ERR_BAD_RESPONSE', attempts: 4 },
    { why: '4 resets, 3 retries', fails: failing(4, reset), route: { retry: retries(3) }, end: 'ERR_NO_HEALTHY_ENDPOINT', attempts: 4 },
    {
      why: 'late, no retry',
      fails: failing(1, answered(200, 1000)),
      route: { retry: retries(0), timeouts: times(500) },
      end: 'ERR_ATTEMPT_TIMEOUT',
      attempts: 1,
    },
    {
      why: 'late twice, 2 retries',
      fails: failing(2, answered(500, 300)),
      route: { retry: retries(2), timeouts: times(200) },
      end: 200,
      attempts: 3,
    },
    {
      why: 'late 3 times, 2 retries',
      fails: failing(3, answered(500, 300)),
      route: { retry: retries(2), timeouts: times(200) },
      end: 'ERR_ATTEMPT_TIMEOUT',
      attempts: 3,
    },
    { why: 'in time', fails: failing(1, failed(500)), route: { retry: retries(5), timeouts: times(200, 400) }, end: 200, attempts: 2 },
    {
      why: 'retries until the request is out of time',
      fails: failing(4, failed(500, 100)),
      route: { retry: retries(5), timeouts: times(200, 400) },
      end: 'ERR_REQUEST_TIMEOUT',
      attempts: 4,
    },
    {
      why: 'no time is left for the pause before a retry',
      fails: failing(1, failed(500, 100)),
      route: { retry: patient, timeouts: times(200, 350) },
      end: 'ERR_REQUEST_TIMEOUT',
      attempts: 1,
    },
    {
      why: 'no time is left for the pause, where attempts race',
      fails: failing(1, failed(500, 100)),
      route: { retry: patient, timeouts: { ...times(200, 350), slow: 'race' } },
      end: 500,
      attempts: 1,
    },
  ])('$why: $end', ({ fails, route, end, attempts }) => {
    const carried = gatewayWith({ a: fails }, route).carry()
    expect([endOf(carried), carried.ledger.attempts.length]).toEqual([end, attempts])
  })

  test('a write that is too slow is not sent again, and says that it was too slow', () => {
    const carried = gatewayWith({ a: hangs }, { timeouts: times(200) }).carry({ method: 'POST' })
    expect([endOf(carried), took(carried)]).toEqual(['ERR_ATTEMPT_TIMEOUT', 200])
  })

  test('with several endpoints a slow attempt is broken off before the rescue, and counts against its endpoint', () => {
    const gateway = gatewayWith({ a: answers(200, ms(300)), b: answers() }, { timeouts: times(200) })
    const carried = gateway.carry()
    expect([attemptsOf(carried), took(carried)]).toEqual([['first a', 'rescue b'], 220])
    expect(carried.ledger.attempts[0]).toMatchObject({ expired: true, outcome: { kind: 'timed-out' } })
    expect(gateway.route.candidates.map(({ outlier }) => outlier.failedInRow)).toEqual([1, 0])
  })
})
