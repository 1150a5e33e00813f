/** The law of a pool's rate: isolates of many colos in virtual time, with the production counters and their object. */
import { describe, expect, test } from 'vitest'
import type { PriorityClass } from '../../../config/limits.ts'
import type { CountedLimit } from '../../../config/rate-limit.ts'
import { instant, ms, seconds } from '../../../config/units.ts'
import { WAIT_MAX } from '../../../worker/limits/global-counter.ts'
import { KeyNames } from '../../../worker/limits/key-names.ts'
import { type LimitPool, makeLimitPool, type Room } from '../../../worker/limits/limit-pool.ts'
import { newGatewayState, type RouteState, routeState } from '../../../worker/policy/route-state.ts'
import type { Tracked } from '../../../worker/take-track.ts'
import { dice, SEED } from '../../seed.ts'
import { poolsOf, testBase, toPool } from '../../workerd/gateway/base.ts'
import { excess, NEAR, type Network, Shard, TestIsolate, VirtualClock } from './colos.ts'

const CLASSES: readonly PriorityClass[] = ['high', 'normal', 'low']
const RATE = { limit: 100, window: seconds(1), burst: 50, scope: 'global' } as const

/** The pool as each class sees it. */
function states(): ReadonlyMap<PriorityClass, RouteState> {
  const base = testBase({
    endpoints: [{ id: 'a', origin: 'https://a.test' }],
    pool: { limits: { adaptive: false, classes: CLASSES, rate: RATE } },
    routes: CLASSES.map((priority) => ({ id: priority, priority, action: toPool('pool') })),
  })
  const gateway = newGatewayState(base)
  return new Map(
    base.routes.map((route) => {
      const [weighted] = poolsOf(route)
      if (weighted === undefined) throw new Error('a route without a pool')
      return [route.priority, routeState(gateway, route, weighted, instant(0))]
    }),
  )
}

/** Digests are made on other threads, for which virtual time does not wait: all are made before. */
async function namesOf(limits: readonly CountedLimit[]): Promise<KeyNames> {
  const names = new KeyNames(undefined)
  for (const { id } of limits) await names.nameOf(id)
  return names
}

interface Seen {
  readonly at: number
  readonly priority: PriorityClass
  readonly room: Room
}

async function run(rates: Readonly<Record<PriorityClass, number>>, isolates: number, network: Network, roll: () => number) {
  const clock = new VirtualClock()
  // Each limit has an object of its own.
  const shards = new Map<string, Shard>()
  const shardOf = (id: string): Shard => {
    const held = shards.get(id) ?? new Shard(clock)
    shards.set(id, held)
    return held
  }
  const pool = states()
  const limits = pool.get('low')?.limits?.rate ?? []
  const names = await namesOf(limits)
  const all = Array.from({ length: isolates }, (_, index) => {
    const isolate = new TestIsolate(clock, { lease: () => Promise.reject(new Error('unused')) }, `isolate-${index}`)
    const counters = new Map(
      limits.map(({ id }) => [id, new TestIsolate(clock, shardOf(id).over(network, roll), `isolate-${index}`)] as const),
    )
    const take = (limit: CountedLimit, key: string) => counters.get(limit.id)?.take(limit, key) ?? Promise.reject(new Error(limit.id))
    const limitPool: LimitPool = makeLimitPool({ counters: { global: { take }, colo: { take } }, names })
    return { isolate, limitPool }
  })
  const seen: Seen[] = []
  for (const priority of CLASSES) {
    const arrive = (): void => {
      clock.wakeAfter((-Math.log(1 - roll()) * 1000) / rates[priority], arrive)
      const one = all[Math.floor(roll() * isolates)]
      const state = pool.get(priority)
      if (one === undefined || state === undefined) throw new Error('nobody to ask')
      void one.limitPool({ state, tracked: undefined }, one.isolate.platform).then((room) => seen.push({ at: clock.now(), priority, room }))
    }
    if (rates[priority] > 0) arrive()
  }
  await clock.run(10_000)
  return seen
}

const admitted = (seen: readonly Seen[], ...of: readonly PriorityClass[]): readonly number[] =>
  seen.filter(({ room, priority }) => room.kind === 'room' && of.includes(priority)).map(({ at }) => at)
const codes = (seen: readonly Seen[], of: PriorityClass): ReadonlySet<string> =>
  new Set(seen.flatMap(({ room, priority }) => (room.kind === 'limited' && priority === of ? [room.code] : [])))
/** A grant is used within the wait of whoever asked for it, or never; who is asked after it may make the request wait as long again. */
const size = (share: number, asked: number): number => RATE.burst * share + (RATE.limit * share * WAIT_MAX * asked) / RATE.window

describe('never more than rate and burst, and each class and those below it no more than its share', () => {
  test.each([1, 5])(`seed ${SEED}: three times too much, over %i isolates`, async (isolates) => {
    const roll = dice(SEED + isolates)
    // Nothing is lost: whom nobody can count would come in.
    const network = { latency: () => 1 + roll() * 60, lost: 0, repeated: 0.05 }
    const seen = await run({ high: 100, normal: 100, low: 100 }, isolates, network, roll)
    expect(excess(admitted(seen, ...CLASSES), RATE, size(1, 1))).toBeLessThanOrEqual(1e-6)
    expect(excess(admitted(seen, 'normal', 'low'), { ...RATE, limit: 80 }, size(0.8, 2))).toBeLessThanOrEqual(1e-6)
    expect(excess(admitted(seen, 'low'), { ...RATE, limit: 60 }, size(0.6, 3))).toBeLessThanOrEqual(1e-6)
    expect(admitted(seen, ...CLASSES).length).toBeGreaterThan(500)
    expect(codes(seen, 'high')).toEqual(new Set(['ERR_OVER_LIMIT']))
    expect(codes(seen, 'low')).toContain('ERR_SHED')
  })

  test(`a flood of the lowest class leaves the others their room, seed ${SEED}`, async () => {
    const seen = await run({ high: 15, normal: 5, low: 600 }, 2, NEAR, dice(SEED))
    const shareIn = (of: PriorityClass): number => admitted(seen, of).length / seen.filter(({ priority }) => priority === of).length
    // What isolates hold ahead of a counter near its ceiling, nobody else has: of 60 seeds the unluckiest had 0.948 and 0.879.
    expect(shareIn('high')).toBeGreaterThan(0.9)
    expect(shareIn('normal')).toBeGreaterThan(0.8)
    expect(shareIn('low')).toBeLessThan(0.15)
  })
})

describe('a request on a canary', () => {
  const begun = async (over: readonly string[]): Promise<Room> => {
    const limits = { adaptive: false, classes: ['normal'] as const, rate: RATE }
    const base = testBase({ endpoints: [{ id: 'a', origin: 'https://a.test' }], pool: { limits } })
    const [pool] = base.pools
    const [route] = base.routes
    if (pool === undefined || route === undefined) throw new Error('an empty base')
    const gateway = newGatewayState({ ...base, pools: ['canary', 'stable'].map((id) => ({ ...pool, id: id as typeof pool.id })) })
    const stateOf = (id: string) => routeState(gateway, route, { pool: id as typeof pool.id, weight: 1 }, instant(0))
    const tracked = { track: { canaryOut: false, counted: true }, state: stateOf('canary'), stable: stateOf('stable') } as Tracked
    const take = ({ id }: CountedLimit) =>
      over.includes(id) ? ({ kind: 'over', retryAfter: ms(1200) } as const) : ({ kind: 'taken' } as const)
    const ports = { counters: { global: { take }, colo: { take } }, names: new KeyNames(undefined) }
    const { platform } = new TestIsolate(new VirtualClock(), { lease: () => Promise.reject(new Error('unused')) }, 'one')
    return makeLimitPool(ports)({ state: tracked.state, tracked }, platform)
  }
  test('begins there while it has room', async () => {
    expect(await begun([])).toMatchObject({ kind: 'room', state: { pool: { id: 'canary' } }, tracked: { track: { canaryOut: false } } })
  })
  test('begins on stable, uncounted, when it has none', async () => {
    const room = await begun(['pool:canary'])
    expect(room).toMatchObject({ kind: 'room', state: { pool: { id: 'stable' } } })
    expect(room).toMatchObject({ tracked: { track: { canaryOut: true, counted: false }, state: { pool: { id: 'stable' } } } })
    expect(room.kind === 'room' && room.tracked?.stable).toBe(undefined)
  })
  test('is refused when stable has none either', async () => {
    expect(await begun(['pool:canary', 'pool:stable'])).toMatchObject({
      kind: 'limited',
      code: 'ERR_OVER_LIMIT',
      reason: 'rate of pool:stable',
      retryAfter: 1200,
      logged: true,
    })
  })
})
