import { describe, expect, test } from 'vitest'
import { draw, instant, ms, seconds, share } from '../../../config/units.ts'
import { attributeAttempts } from '../../../worker/policy/attribute-attempts.ts'
import { backoff } from '../../../worker/policy/backoff.ts'
import { type AnswerHead, classifyAnswer, classifyThrow, type Outcome, parseRetryAfter } from '../../../worker/policy/classify-outcome.ts'
import { growLimit, LIMIT_START, newConcurrencyLimit, shrinkLimit } from '../../../worker/policy/concurrency-limit.ts'
import { beginWaiting, endWaiting, inFlight, newEndpointLoad } from '../../../worker/policy/endpoint-load.ts'
import { type AttemptFact, newLedger } from '../../../worker/policy/ledger.ts'
import { depositRequest, mayRetry, newRetryBudget, withdrawRetry } from '../../../worker/policy/retry-budget.ts'
import { addToTally, newTally, readTally } from '../../../worker/policy/tally.ts'
import { dice, SEED } from '../../seed.ts'
import { firstState, testBase } from '../../workerd/gateway/base.ts'

const NOW = instant(1_000_000)
const head = (status: number, more: Partial<AnswerHead> = {}): AnswerHead => ({
  status,
  webSocket: false,
  madeByCloudflare: false,
  rateLimitedByQuota: false,
  ...more,
})

describe('an answer means', () => {
  test.each([
    [head(200), { kind: 'answered' }],
    [head(404), { kind: 'answered' }],
    [head(500), { kind: 'answered' }],
    [head(599), { kind: 'answered' }],
    [head(101, { webSocket: true }), { kind: 'answered' }],
    [head(101), { kind: 'bad-response' }],
    [head(999), { kind: 'bad-response' }],
    [head(503), { kind: 'failed-status', phase: 'status', originSaw: 'unknown' }],
    [head(503, { retryAfter: '7' }), { kind: 'failed-status', retryAfter: 7000 }],
    [head(429), { kind: 'answered' }],
    [head(429, { retryAfter: '7' }), { kind: 'overloaded', retryAfter: 7000 }],
    [head(429, { retryAfter: '7', rateLimitedByQuota: true }), { kind: 'answered' }],
    [head(521, { madeByCloudflare: true }), { kind: 'failed-status', phase: 'connect', originSaw: 'no' }],
    [head(525, { madeByCloudflare: true }), { kind: 'failed-status', phase: 'tls', originSaw: 'no' }],
    [head(522, { madeByCloudflare: true }), { kind: 'failed-status', phase: 'connect', originSaw: 'unknown' }],
    [head(530, { madeByCloudflare: true }), { kind: 'failed-status', phase: 'connect', originSaw: 'unknown' }],
    [head(521), { kind: 'failed-status', phase: 'status', originSaw: 'unknown' }], // an endpoint may say so itself
  ])('%j: %j', (answer, outcome) => expect(classifyAnswer(answer, [502, 503, 504], NOW)).toMatchObject(outcome))

  test.each([
    [head(429), { kind: 'failed-status', status: 429, phase: 'status', originSaw: 'unknown' }],
    [head(429, { retryAfter: '7' }), { kind: 'overloaded', status: 429, retryAfter: 7000 }],
    [head(429, { rateLimitedByQuota: true }), { kind: 'answered', status: 429 }],
    [head(503, { sheds: true }), { kind: 'overloaded', status: 503, retryAfter: 1000 }],
  ])('where 429 is listed, %j: %j', (answer, outcome) => expect(classifyAnswer(answer, [429], NOW)).toEqual(outcome))

  test('a rejected fetch proves nothing about what was seen', () => {
    expect(classifyThrow(Object.assign(new Error('Network connection lost.'), { retryable: true }))).toMatchObject({
      phase: 'reset',
      originSaw: 'unknown',
    })
    expect(classifyThrow(new Error('internal error; reference = x'))).toMatchObject({ phase: 'tls', originSaw: 'unknown' })
    expect(classifyThrow(undefined)).toMatchObject({ kind: 'failed' })
  })

  test.each([
    ['5', 5000],
    ['0', 0],
    ['999999', 300_000],
    ['Thu, 01 Jan 1970 00:16:45 GMT', 5000],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['-1', undefined],
    ['5.5', undefined],
    ['soon', undefined],
    [null, undefined],
  ])('Retry-After: %s', (value, length) => expect(parseRetryAfter(value, NOW)).toBe(length))
})

describe('evidence', () => {
  const base = testBase({ endpoints: ['a', 'b'].map((id) => ({ id, origin: `https://${id}.test` })) })
  const route = firstState(base, NOW)

  function evidenceOf(...outcomes: (Partial<AttemptFact> & { readonly outcome: Outcome | undefined })[]): readonly string[] {
    const ledger = newLedger()
    outcomes.forEach((given, index) => {
      const candidate = route.candidates[index % 2]
      if (candidate === undefined) throw new Error('no candidate')
      const fact = {
        attempt: index + 1,
        candidate,
        kind: 'first',
        steered: undefined,
        onTrial: false,
        startedAt: NOW,
        timeout: seconds(1),
        sentAt: NOW,
        headAt: undefined,
        expired: false,
        endedAt: NOW,
      } as const
      ledger.attempts.push({ ...fact, ...given })
    })
    return attributeAttempts(ledger, route.route.id, 'network').map(
      ({ evidence, proved }) => `${evidence.endpoint.at(-1)} ${evidence.result} ${evidence.phase}${proved ? '' : ' unproved'}`,
    )
  }
  const answered = (status = 200): { outcome: Outcome } => ({ outcome: { kind: 'answered', status } })
  const reset: { outcome: Outcome } = { outcome: { kind: 'failed', phase: 'reset', originSaw: 'unknown' } }
  const connect: { outcome: Outcome } = { outcome: { kind: 'failed', phase: 'connect', originSaw: 'unknown' } }
  const hurried: { outcome: Outcome } = {
    outcome: { kind: 'failed-status', status: 504, phase: 'timeout', originSaw: 'unknown', grpcStatus: 4 },
  }
  const status = (code: number): { outcome: Outcome } => ({
    outcome: { kind: 'failed-status', status: code, phase: 'status', originSaw: 'unknown' },
  })

  test.each([
    ['an answer', [answered()], ['a succeeded answered']],
    ['a 404', [answered(404)], ['a succeeded answered']],
    ['nothing from 500 and 429', [answered(500), answered(429)], []],
    ['a reset that another endpoint made good', [reset, answered()], ['a failed-other reset', 'b succeeded answered']],
    ['a reset alone', [reset], ['a failed-other reset unproved']],
    ['a reset that another one answered with 500', [reset, answered(500)], ['a failed-other reset unproved']],
    ['a failed connection, always', [connect], ['a failed-connect connect']],
    ['503 that another endpoint did not give', [status(503), answered()], ['a failed-other status', 'b succeeded answered']],
    ['not a status that only the operator retries', [status(409), answered()], ['b succeeded answered']],
    [
      'a pause that was asked for: nothing',
      [{ outcome: { kind: 'overloaded', status: 429, retryAfter: ms(5) } }, answered()],
      ['b succeeded answered'],
    ],
    [
      'silence past the timer',
      [{ outcome: { kind: 'superseded' }, expired: true }, answered()],
      ['a failed-other timeout', 'b succeeded answered'],
    ],
    [
      'a body that never came whole',
      [{ outcome: { kind: 'superseded' }, expired: true, headAt: NOW }, answered()],
      ['a failed-other body', 'b succeeded answered'],
    ],
    ['a lost race: nothing', [{ outcome: { kind: 'superseded' } }, answered()], ['b succeeded answered']],
    ['silence to the end of the deadline', [{ outcome: { kind: 'timed-out' }, endedAt: NOW + 295 }], ['a failed-other timeout unproved']],
    [
      'silence in less than an attempt’s time: nothing',
      [{ outcome: { kind: 'timed-out' }, endedAt: NOW + 20 }, answered()],
      ['b succeeded answered'],
    ],
    [
      'DEADLINE_EXCEEDED after an attempt’s time',
      [{ ...hurried, endedAt: NOW + 5000 }, answered()],
      ['a failed-other timeout', 'b succeeded answered'],
    ],
    ['DEADLINE_EXCEEDED at once: nothing', [hurried, answered()], ['b succeeded answered']],
    ['silence of an upload that is not whole: nothing', [{ outcome: { kind: 'timed-out' }, sentAt: undefined }], []],
    ['a reset of an upload that is not whole: nothing', [{ ...reset, sentAt: undefined }, answered()], ['b succeeded answered']],
    ['the client’s going: nothing', [{ outcome: { kind: 'client-gone' }, expired: true }], []],
  ] as const)('%s', (_, outcomes, expected) =>
    expect(evidenceOf(...(outcomes as unknown as Parameters<typeof evidenceOf>))).toEqual(expected),
  )
})

describe('budget and back-off', () => {
  const settings = { share: share(0.2), window: seconds(10), perSecond: 1 }

  test.each([
    [0, 10],
    [30, 10],
    [100, 20],
    [2000, 400],
  ])('of %i requests the share, or one a second where that is more: %i', (requests, expected) => {
    const budget = newRetryBudget(settings)
    for (let count = 0; count < requests; count += 1) depositRequest(budget, NOW)
    let granted = 0
    while (mayRetry(budget, share(1), NOW)) {
      withdrawRetry(budget, NOW)
      granted += 1
    }
    expect(granted).toBe(expected)
    expect(mayRetry(budget, share(1), instant(NOW + 11_000))).toBe(true)
  })

  test(`more requests never shrink it, more retries never grow it, a smaller scale never helps, seed ${SEED}`, () => {
    const roll = dice(SEED)
    const budget = newRetryBudget(settings)
    let now = NOW
    for (let step = 0; step < 2000; step += 1) {
      now = instant(now + roll() * 50)
      const before = mayRetry(budget, share(1), now)
      if (!before) expect(mayRetry(budget, share(0.5), now)).toBe(false)
      if (roll() < 0.7) {
        depositRequest(budget, now)
        if (before) expect(mayRetry(budget, share(1), now)).toBe(true)
      } else {
        withdrawRetry(budget, now)
        if (!before) expect(mayRetry(budget, share(1), now)).toBe(false)
      }
    }
  })

  test('full jitter, doubling up to its bound', () => {
    const bounds = { base: ms(25), max: ms(250), min: ms(0) }
    expect([1, 2, 3, 4, 5, 6].map((nth) => backoff(bounds, nth, draw(0.999_999)))).toEqual(
      [25, 50, 100, 200, 250, 250].map((most) => expect.closeTo(most, 1)),
    )
    expect(backoff(bounds, 3, draw(0))).toBe(0)
    expect(backoff({ ...bounds, min: ms(30) }, 3, draw(0))).toBe(30)
  })
})

describe('counts', () => {
  test('a tally forgets what is older than its window', () => {
    const tally = newTally(seconds(10))
    addToTally(tally, true, NOW)
    addToTally(tally, false, instant(NOW + 9000))
    expect(readTally(tally, instant(NOW + 9000))).toEqual({ total: 2, marked: 1 })
    expect(readTally(tally, instant(NOW + 11_000))).toEqual({ total: 1, marked: 0 })
    expect(readTally(tally, instant(NOW + 60_000))).toEqual({ total: 0, marked: 0 })
  })

  test('a place that was never given back is free again when its lease is over', () => {
    const load = newEndpointLoad(NOW)
    const lease = beginWaiting(load, NOW, instant(NOW + 1000))
    beginWaiting(load, NOW, instant(NOW + 5000))
    endWaiting(load, lease)
    expect(inFlight(load, NOW)).toBe(1)
    expect(inFlight(load, instant(NOW + 4000))).toBe(1)
    expect(inFlight(load, instant(NOW + 7000))).toBe(0)
    endWaiting(load, beginWaiting(load, instant(NOW + 7000), instant(NOW + 8000)))
    expect(inFlight(load, instant(NOW + 7000))).toBe(0)
  })

  test('the limit grows fast while it is used and answers are fast, and shrinks once a brown-out', () => {
    const limit = newConcurrencyLimit()
    for (let count = 0; count < 100; count += 1) growLimit(limit, 1, ms(20), NOW)
    expect(limit.value).toBe(LIMIT_START)
    for (let count = 0; count < 100; count += 1) growLimit(limit, limit.value, ms(20), NOW)
    expect(limit.value).toBe(LIMIT_START + 100)
    for (let count = 0; count < 10; count += 1) growLimit(limit, limit.value, ms(900), NOW)
    expect(limit.value).toBe(LIMIT_START + 100)
    for (let count = 0; count < 50; count += 1) shrinkLimit(limit, NOW)
    expect(limit.value).toBeCloseTo((LIMIT_START + 100) * 0.8)
    for (let count = 1; count < 100; count += 1) shrinkLimit(limit, instant(NOW + count * 1000))
    expect(limit.value).toBe(4)
  })
})
