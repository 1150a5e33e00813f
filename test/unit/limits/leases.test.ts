/** Laws of limits that count for all colos: isolates and their object in virtual time, over networks that are late, lose and repeat. */
import { describe, expect, test } from 'vitest'
import type { RateLimit } from '../../../config/rate-limit.ts'
import { ms, seconds } from '../../../config/units.ts'
import { KEYS_MAX } from '../../../durable-objects/limiter-core.ts'
import { WAIT_MAX } from '../../../worker/limits/global-counter.ts'
import { dice, SEED } from '../../seed.ts'
import { excess, NEAR, type Network, Shard, TestIsolate, VirtualClock } from './colos.ts'

const LIMIT: RateLimit = {
  id: 'all',
  limit: 100,
  window: seconds(10),
  burst: 100,
  by: { kind: 'client' },
  scope: 'global',
  onUnavailable: 'allow',
  headers: 'refused',
}
const KEY = '0'.repeat(32)

interface Run {
  readonly limit: RateLimit
  readonly isolates: number
  /** A second, of all isolates together. */
  readonly rate: number
  readonly length: number
  readonly network: Network
  readonly roll: () => number
  /** Whether the object loses its memory at some moments. */
  readonly restartEach?: number
}

interface Seen {
  readonly admitted: readonly number[]
  readonly over: number
  readonly unavailable: number
  readonly calls: number
  readonly restarts: readonly number[]
}

async function run({ limit, isolates, rate, length, network, roll, restartEach }: Run): Promise<Seen> {
  const clock = new VirtualClock()
  const shard = new Shard(clock)
  const limiter = shard.over(network, roll)
  const all = Array.from({ length: isolates }, (_, index) => new TestIsolate(clock, limiter, `isolate-${index}`))
  const admitted: number[] = []
  const restarts: number[] = []
  const counts = { over: 0, unavailable: 0 }
  const arrive = (): void => {
    clock.wakeAfter((-Math.log(1 - roll()) * 1000) / rate, arrive)
    void all[Math.floor(roll() * isolates)]?.take(limit, KEY).then((taken) => {
      if (taken.kind === 'taken') admitted.push(clock.now())
      else counts[taken.kind] += 1
    })
  }
  const restart = (): void => {
    if (restartEach === undefined) return
    clock.wakeAfter(restartEach * (0.5 + roll()), restart)
    restarts.push(clock.now())
    shard.restart()
  }
  arrive()
  if (restartEach !== undefined) clock.wakeAfter(restartEach, restart)
  await clock.run(length)
  return { admitted, ...counts, calls: shard.calls, restarts }
}

/** What a limit may give at once, with what is on its way. */
const sizeOf = ({ limit, window, burst }: RateLimit): number => burst + (limit * WAIT_MAX) / window

describe('however many isolates, never more than burst, rate and a quarter of a second', () => {
  const cases = Array.from({ length: 12 }, (_, index) => index)
  test.each(cases)(`seed ${SEED}, run %i`, async (index) => {
    const roll = dice(SEED + index)
    const pick = <Value>(...values: readonly [Value, ...Value[]]): Value => values[Math.floor(roll() * values.length)] ?? values[0]
    const limit = { ...LIMIT, limit: pick(1, 5, 100, 1000), window: seconds(pick(1, 10, 60)), burst: pick(1, 3, 20, 100) }
    const far = pick(1, 40, 400, 3000)
    const network = { latency: () => 1 + roll() * far, lost: pick(0, 0.05, 0.3), repeated: pick(0, 0.1) }
    const seen = await run({ limit, isolates: pick(1, 3, 20), rate: pick(5, 60, 200), length: 12_000, network, roll })
    expect(excess(seen.admitted, limit, sizeOf(limit))).toBeLessThanOrEqual(1e-6)
    expect(seen.admitted.length + seen.over + seen.unavailable).toBeGreaterThan(20)
  })
})

describe('whoever stays below the limit is let in', () => {
  // Of sixteen each has a request in two seconds, and some of what it was granted ahead ends unused: of 200 seeds 27 refused any, and the
  // unluckiest 15 of 500.
  test.each([
    [1, 0],
    [4, 0],
    [16, 0.05],
  ])(`at 80 %% of it, over %i isolates, but for a share of %d, seed ${SEED}`, async (isolates, share) => {
    const seen = await run({ limit: LIMIT, isolates, rate: 8, length: 60_000, network: NEAR, roll: dice(SEED) })
    expect(seen.unavailable).toBe(0)
    expect(seen.over).toBeLessThanOrEqual(share * seen.admitted.length)
    expect(seen.calls).toBeLessThan(seen.admitted.length * 1.05)
  })

  test('a busy key asks seldom: leases grow', async () => {
    const limit = { ...LIMIT, limit: 10_000, burst: 10_000 }
    const seen = await run({ limit, isolates: 4, rate: 400, length: 20_000, network: NEAR, roll: dice(SEED) })
    expect(seen).toMatchObject({ over: 0, unavailable: 0 })
    expect(seen.calls).toBeLessThan(seen.admitted.length / 25)
  })
})

describe('whoever is far over the limit', () => {
  test('gets what the limit gives, and costs each isolate a few questions a second', async () => {
    const seen = await run({ limit: LIMIT, isolates: 5, rate: 300, length: 20_000, network: NEAR, roll: dice(SEED) })
    expect(seen.admitted.length).toBeLessThanOrEqual(100 + 200 + 3)
    expect(seen.admitted.length).toBeGreaterThan(270)
    expect(seen.calls / 20 / 5).toBeLessThan(6)
  })
})

test('an object that loses its memory gives again what it gave in the last second, and no more', async () => {
  const limit = { ...LIMIT, limit: 60, window: seconds(60), burst: 60 }
  const seen = await run({ limit, isolates: 4, rate: 30, length: 60_000, network: NEAR, roll: dice(SEED), restartEach: 10_000 })
  expect(seen.restarts.length).toBeGreaterThan(3)
  // After the first two seconds nothing is left, so that in each later second one or two are given.
  expect(seen.admitted.length).toBeLessThanOrEqual(60 + 60 + seen.restarts.length * 3)
})

/** How long each of fifty requests a second waits, for 20 s, at an object that never answers. */
async function waitsWithoutAnswer(keyAt: (now: number) => string): Promise<readonly number[]> {
  const clock = new VirtualClock()
  const shard = new Shard(clock)
  const isolate = new TestIsolate(clock, shard.over({ latency: () => 1, lost: 1, repeated: 0 }, dice(SEED)), 'a')
  const waits: number[] = []
  const ask = (): void => {
    clock.wakeAfter(20, ask)
    const from = clock.now()
    void isolate.take(LIMIT, keyAt(from)).then((taken) => {
      expect(taken.kind).toBe('unavailable')
      waits.push(clock.now() - from)
    })
  }
  ask()
  await clock.run(20_000)
  return waits
}

test('an object that does not answer costs one wait a second and isolate, and then nobody waits', async () => {
  const waits = await waitsWithoutAnswer((now) => `${KEY.slice(0, 20)}${String(now).slice(-12)}`)
  expect(Math.max(...waits)).toBeLessThanOrEqual(WAIT_MAX + 5)
  // The first second, in which nothing is known yet, apart.
  expect(waits.slice(60).filter((wait) => wait > 0).length).toBeLessThan(25)
})

test('a busy key of an object that hangs keeps one request waiting, and none of the others', async () => {
  const waits = await waitsWithoutAnswer(() => KEY)
  expect(waits.length).toBeGreaterThan(900)
  // Those of the first moments know nothing yet; then one finds out each two seconds whether it answers again.
  expect(waits.filter((wait) => wait > 0).length).toBeLessThan(75)
})

test('random keys fill neither memory nor storage, and above 400 a second they are turned away', async () => {
  const clock = new VirtualClock()
  const shard = new Shard(clock)
  const replies = { granted: 0, busy: 0 }
  const roll = dice(SEED)
  const key = (): string => Array.from({ length: 32 }, () => Math.floor(roll() * 16).toString(16)).join('')
  const terms = { limit: 1, window: ms(3_600_000), burst: 1 }
  for (let round = 0; round < 50; round += 1) {
    for (let count = 0; count < 500; count += 1) {
      const reply = await shard.lease({ key: key(), terms, spend: 1, ahead: 0, lease: `a/${round}/${count}`, done: [] })
      replies[reply.kind] += 1
    }
    await clock.run(1100)
  }
  expect(replies.granted).toBeLessThan(50 * 400)
  expect(replies.busy).toBeGreaterThan(3000)
  expect(shard.kept()).toBe(KEYS_MAX)
})

test('a crowd that an answering object keeps waiting is over the limit, and not let in as uncounted', async () => {
  const limit = { ...LIMIT, limit: 100, window: seconds(1), burst: 50 }
  const seen = await run({
    limit,
    isolates: 1,
    rate: 300,
    length: 10_000,
    network: { latency: () => 30, lost: 0, repeated: 0 },
    roll: dice(SEED),
  })
  expect(seen.unavailable).toBeLessThan(10)
  expect(seen.over).toBeGreaterThan(1000)
  expect(seen.admitted.length).toBeGreaterThan(800)
})
