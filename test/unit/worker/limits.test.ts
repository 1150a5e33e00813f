import { describe, expect, test } from 'vitest'
import type { Pool } from '../../../config/base.ts'
import type { PoolLimits, PriorityClass } from '../../../config/limits.ts'
import { type Instant, instant, after as later, ms, seconds } from '../../../config/units.ts'
import { growLimit, newConcurrencyLimit } from '../../../worker/policy/concurrency-limit.ts'
import { beginWaiting, inFlight } from '../../../worker/policy/endpoint-load.ts'
import { pickEndpoint } from '../../../worker/policy/order-endpoints.ts'
import { dice, SEED } from '../../seed.ts'
import { type BaseParts, testBase, toPool } from '../../workerd/gateway/base.ts'
import { answers, type Behaviour, type Carried, FAILURES, VirtualGateway } from './carry.ts'
import { candidateOf, factsFor, healthOf, NOW } from './pool-facts.ts'

const CLASSES: readonly PriorityClass[] = ['high', 'normal', 'low']
const TIMEOUTS = { request: seconds(5), attempt: seconds(1), slow: 'race', idle: seconds(30) } as const

/** One route a class, all to one pool. */
const baseWith = (limits: PoolLimits | undefined, endpoints: BaseParts['endpoints'], pool: Partial<Pool> = {}) =>
  testBase({
    endpoints,
    pool: { ...pool, ...(limits === undefined ? {} : { limits }) },
    routes: CLASSES.map((priority) => ({ id: priority, priority, action: toPool('pool'), timeouts: TIMEOUTS })),
  })

const ENDPOINTS = ['a', 'b', 'c'].map((id) => ({ id, origin: `https://${id}.test` }))
const codeOf = ({ step }: Carried): string => (step.kind === 'give-up' ? step.code : (step.code ?? 'served'))
const counted = (carried: readonly Carried[]): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const each of carried) counts[codeOf(each)] = (counts[codeOf(each)] ?? 0) + 1
  return counts
}

/** An endpoint with so many workers, a queue before them: `usual` ms of work each, whoever still waits for it. */
function queueing(
  workers: number,
  usual: number,
  slower: (at: Instant) => number = () => 0,
): Behaviour & { readonly worked: () => number } {
  const freeAt = Array.from({ length: workers }, () => 0)
  let worked = 0
  const behaviour: Behaviour = (at) => {
    const first = freeAt.indexOf(Math.min(...freeAt))
    const start = Math.max(at, freeAt[first] ?? 0)
    freeAt[first] = start + usual
    worked += 1
    return { after: ms(start + usual + slower(at) - at), outcome: { kind: 'answered', status: 200 } }
  }
  return Object.assign(behaviour, { worked: () => worked })
}

describe('a limit of an endpoint', () => {
  const one = [{ ...(ENDPOINTS[0] ?? { id: 'a', origin: '' }), concurrency: 10 }]
  const waiting = (count: number, priority: PriorityClass, classes: readonly PriorityClass[] = CLASSES) => {
    const gateway = new VirtualGateway(baseWith({ adaptive: false, classes }, one), { a: answers() }, dice(SEED))
    const [candidate] = gateway.routeNamed(priority).candidates
    for (let held = 0; held < count; held += 1)
      if (candidate !== undefined) beginWaiting(candidate.state.load, gateway.now, later(gateway.now, seconds(5)))
    return codeOf(gateway.carry({ route: priority }))
  }
  test.each([
    ['high', 9, 'served'],
    ['high', 10, 'ERR_OVER_LIMIT'],
    ['normal', 7, 'served'],
    ['normal', 8, 'ERR_SHED'],
    ['low', 5, 'served'],
    ['low', 6, 'ERR_SHED'],
  ] as const)('of ten, a %s request with %i waiting: %s', (priority, count, expected) => expect(waiting(count, priority)).toBe(expected))

  test('is whole for the highest class that there is', () => {
    expect(waiting(9, 'normal', ['normal', 'low'])).toBe('served')
    expect(waiting(7, 'low', ['normal', 'low'])).toBe('served')
    expect(waiting(8, 'low', ['normal', 'low'])).toBe('ERR_SHED')
    expect(waiting(9, 'low', ['low'])).toBe('served')
  })

  test('sends to another endpoint while one has room, and to none that is down', () => {
    const facts = factsFor(
      ENDPOINTS.map(({ id }) => ({ id, concurrency: 2 })),
      { pool: { limits: { adaptive: false, classes: ['normal'] } }, health: healthOf({ a: {}, b: {}, c: { verdict: 'down' } }) },
    )
    const fill = (id: string) => {
      for (let count = 0; count < 2; count += 1) beginWaiting(candidateOf(facts, id).state.load, NOW, later(NOW, seconds(5)))
    }
    const pick = () => pickEndpoint(facts, () => false, NOW, dice(SEED)())
    fill('a')
    expect(pick()).toMatchObject({ candidate: { endpoint: { id: 'b' } } })
    fill('b')
    expect(pick()).toEqual({ kind: 'full' })
  })
})

test('a queue that builds up within seconds does not become what is usual', () => {
  const limit = newConcurrencyLimit()
  for (let count = 0; count < 1000; count += 1) growLimit(limit, 1, ms(20), instant(NOW + count))
  for (let count = 0; count < 2000; count += 1) growLimit(limit, limit.value, ms(20 + count / 4), instant(NOW + 1000 + count))
  expect(limit.usual).toBeLessThan(40)
  expect(limit.isProven).toBe(true)
  // A workload that has become slower for good is usual after a minute or two.
  for (let count = 0; count < 1000; count += 1) growLimit(limit, 1, ms(200), instant(NOW + 3000 + count * 120))
  expect(limit.usual).toBeGreaterThan(150)
})

describe('law: no limit is ever exceeded', () => {
  test.each([
    ['listed', { adaptive: false, classes: CLASSES }],
    ['weighted', { adaptive: false, classes: CLASSES, concurrency: 25 }],
    ['latency', { adaptive: true, classes: CLASSES, concurrency: 25 }],
  ] as const)('steering %s, limits %j', (steering, limits) => {
    const gateway = new VirtualGateway(
      baseWith(
        limits,
        ENDPOINTS.map((each) => ({ ...each, concurrency: 10 })),
        { steering },
      ),
      { a: queueing(2, 40), b: FAILURES['hangs'] ?? answers(), c: FAILURES['answers 503'] ?? answers() },
      dice(SEED),
    )
    let most = 0
    let mostInPool = 0
    const watch = (): void => {
      const loads = [...gateway.underWay.values()]
      most = Math.max(most, ...loads)
      mostInPool = Math.max(
        mostInPool,
        loads.reduce((sum, each) => sum + each, 0),
      )
    }
    for (let time = 0; time < 6000; time += 5) gateway.at(later(gateway.now, ms(time)), watch)
    const carried = gateway.load(400, seconds(6), (index) => ({ route: CLASSES[index % 3] ?? 'high' }))
    expect(most, `seed ${SEED}`).toBeLessThanOrEqual(10)
    expect(most).toBeGreaterThanOrEqual(8)
    if (!('concurrency' in limits)) return
    expect(mostInPool).toBeLessThanOrEqual(25)
    expect(counted(carried)['ERR_SHED'] ?? 0).toBeGreaterThan(0)
  })

  /** What is sent, what has no timer and what outlives its timer is under way until it ends. */
  test.each([
    ['writes', 1, { method: 'POST' }],
    ['uploads', 3, { method: 'POST', streamed: true }],
    ['reads of a pool of one', 1, { method: 'GET' }],
    ['reads that race', 3, { method: 'GET' }],
  ] as const)('%s that take longer than an attempt', (_, count, client) => {
    const endpoints = ENDPOINTS.slice(0, count).map((each) => ({ ...each, concurrency: 10 }))
    const late = answers(200, ms(4500))
    const gateway = new VirtualGateway(
      baseWith({ adaptive: false, classes: ['high'] }, endpoints),
      { a: late, b: late, c: late },
      dice(SEED),
    )
    let most = 0
    for (let time = 0; time < 12_000; time += 5)
      gateway.at(later(gateway.now, ms(time)), () => {
        most = Math.max(most, ...gateway.underWay.values())
      })
    const carried = gateway.load(100, seconds(10), () => ({ ...client, route: 'high' }))
    expect(most, `seed ${SEED}`).toBe(10)
    expect(counted(carried)['served'] ?? 0).toBeGreaterThan(0)
    // Places come back, all of them.
    expect(gateway.routeNamed('high').candidates.map(({ state }) => inFlight(state.load, gateway.now))).toEqual(endpoints.map(() => 0))
  })
})

describe('F21: five times the load for 30 s, where three times would fit', () => {
  /** A fifth is high, three tenths normal, half low. */
  const drawn = dice(SEED + 1)
  const classOf = (): PriorityClass => {
    const draw = drawn()
    return draw < 0.2 ? 'high' : draw < 0.5 ? 'normal' : 'low'
  }
  const run = (limits: PoolLimits) => {
    const servers = { a: queueing(4, 20), b: queueing(4, 20), c: queueing(4, 20) }
    const gateway = new VirtualGateway(baseWith(limits, ENDPOINTS, { steering: 'weighted' }), servers, dice(SEED))
    const load = (rate: number, length: number) => gateway.load(rate, seconds(length), () => ({ route: classOf() }))
    load(200, 10)
    const all = load(1000, 30)
    const of = (name: PriorityClass) => all.filter(({ route }) => route === name)
    load(200, 5)
    return { gateway, all, high: of('high'), normal: of('normal'), low: of('low'), afterwards: load(200, 10) }
  }
  const served = (carried: readonly Carried[]): number => carried.filter((each) => codeOf(each) === 'served').length / carried.length

  test('with adaptive limits: the high ones are all served, the low ones shed first, and it is over when it is over', () => {
    const { gateway, all, high, normal, low, afterwards } = run({ adaptive: true, classes: CLASSES })
    const admitted = all.filter(({ ledger }) => ledger.attempts.length > 0)
    const attempts = admitted.reduce((sum, { ledger }) => sum + ledger.attempts.length, 0) / admitted.length
    expect(served(high), `seed ${SEED}`).toBe(1)
    expect(served(normal)).toBeGreaterThan(0.99)
    expect(served(low)).toBeLessThan(0.4)
    // What fits is used: 600 a second, of which 500 are high and normal.
    expect(admitted.length / 30).toBeGreaterThan(550)
    expect(Math.max(...high.map(({ receivedAt, endedAt }) => endedAt - receivedAt))).toBeLessThan(500)
    expect(attempts).toBeLessThanOrEqual(1.2)
    expect(served(afterwards)).toBeGreaterThanOrEqual(0.99)
    expect(gateway.routeNamed('high').candidates.every(({ outlier }) => outlier.standing.kind === 'in')).toBe(true)
  })

  test('with configured limits as well', () => {
    const { high, normal, low, afterwards } = run({ adaptive: false, classes: CLASSES, concurrency: 60 })
    expect(served(high), `seed ${SEED}`).toBe(1)
    expect(served(normal)).toBeGreaterThan(0.9)
    expect(served(low)).toBeLessThan(0.5)
    expect(served(afterwards)).toBeGreaterThanOrEqual(0.99)
  })
})
