import { describe, expect, test } from 'vitest'
import { vantageId } from '../../../config/ids.ts'
import { seeds } from '../../seed.ts'
import { fullDatabase, openDatabase } from './open-database.ts'
import { FIVE, REGIONS, started, THREE, timeUntil, type Weather, World, watch } from './world.ts'

const from =
  (moment: number, state: ReturnType<Weather>): Weather =>
  (at) =>
    at >= moment ? state : 'well'
const flapping = (world: World, period: number): Weather => {
  const start = world.now
  return (at) => (Math.floor((at - start) / period) % 2 === 0 ? 'refuses' : 'well')
}

describe.each(seeds(3))('seed %i', (seed) => {
  test.each([
    { state: 'refuses', within: 2500 },
    { state: 'unavailable', within: 2500 },
    { state: 'hangs', within: 4000 },
  ] as const)('an endpoint that $state is down at every vantage within $within ms', async ({ state, within }) => {
    const world = await started(THREE, seed)
    world.weather.set('east', from(world.now, state))
    expect(await timeUntil(world, () => world.verdicts('east').every((verdict) => verdict === 'down'))).toBeLessThanOrEqual(within)
    expect(world.verdicts('west')).toEqual(['up', 'up', 'up'])
    expect(world.verdicts('south')).toEqual(['up', 'up', 'up'])
  })

  test('F10: an endpoint that flaps 3 s / 3 s makes at most 4 transitions in 2 min and 6 in 10 min', async () => {
    const world = await started(THREE, seed)
    const begun = world.now
    world.weather.set('east', flapping(world, 3000))
    await world.run(120_000)
    const inTwo = await world.transitions(begun)
    await world.run(480_000)
    const inTen = await world.transitions(begun)
    for (const vantage of THREE) {
      expect(inTwo.filter((transition) => transition.vantage === vantage).length).toBeLessThanOrEqual(4)
      expect(inTen.filter((transition) => transition.vantage === vantage).length).toBeLessThanOrEqual(6)
    }
  })

  test('F11: two of three endpoints die at once and both are down within 4 s; nobody doubts himself', async () => {
    const world = await started(FIVE, seed)
    world.weather.set('east', from(world.now, 'hangs'))
    world.weather.set('west', from(world.now + 120, 'refuses'))
    expect(
      await timeUntil(world, () => ['east', 'west'].every((name) => world.verdicts(name).every((verdict) => verdict === 'down'))),
    ).toBeLessThanOrEqual(4000)
    await world.run(2000)
    for (const node of world.nodes.values()) expect((await node.core.status(node.name)).abstains).toBe(false)
    expect(world.verdicts('south')).toEqual(FIVE.map(() => 'up'))
  })

  test('O1: with one vantage dead the others go on, and a failure is found as quickly', async () => {
    const world = await started(THREE, seed)
    const begun = world.now
    world.node('apac').alive = false
    await world.run(70_000)
    expect(await world.transitions(begun)).toEqual([])
    world.weather.set('east', from(world.now, 'refuses'))
    expect(await timeUntil(world, () => world.verdicts('east').every((verdict) => verdict === 'down'))).toBeLessThanOrEqual(2500)
  })

  test('O1: a vantage that is cut off from all others keeps its verdicts a minute, then knows nothing, and never says down', async () => {
    const world = await started(THREE, seed)
    for (const peer of ['wnam', 'weur']) world.cut.add(`apac-${peer}`)
    world.node('apac').networkBroken = true
    await watch(world, 55_000, () => expect(world.node('apac').verdict('east')).toBe('up'), 500)
    await watch(world, 20_000, () => expect(world.node('apac').verdict('east')).not.toBe('down'), 500)
    expect(world.node('apac').verdict('east')).toBe('unknown')
    expect(world.node('weur').verdict('east')).toBe('up')
    world.cut.clear()
    world.node('apac').networkBroken = false
    expect(await timeUntil(world, () => world.verdicts('east').every((verdict) => verdict === 'up'))).toBeLessThanOrEqual(5000)
  })

  test('O1: storage that is lost costs nothing but the votes of two seconds', async () => {
    const world = await started(THREE, seed)
    const begun = world.now
    world.node('weur').loseStorage()
    await world.run(10_000)
    expect((await world.transitions(begun)).filter(({ vantage, to }) => vantage !== 'weur' || to === 'down')).toEqual([])
    const status = await world.node('wnam').core.status(vantageId('wnam'))
    expect(status.peers.every(({ fresh }) => fresh)).toBe(true)
    expect(status.endpoints[0]?.votes).toHaveLength(3)
  })

  test('O1, O10: storage that is lost while the clock is 10 min behind begins a later life all the same', async () => {
    const world = await started(THREE, seed)
    const before = (await world.node('wnam').core.status(vantageId('wnam'))).peers.find(({ vantage }) => vantage === 'weur')?.incarnation
    world.node('weur').clockOff = -600_000
    world.node('weur').loseStorage()
    await world.run(10_000)
    const peer = (await world.node('wnam').core.status(vantageId('wnam'))).peers.find(({ vantage }) => vantage === 'weur')
    expect(peer?.fresh).toBe(true)
    expect(peer?.incarnation?.createdAt).toBe((before?.createdAt ?? 0) + 1)
  })

  test('O1: a zombie twin is not listened to, and ends when it hears of its successor', async () => {
    const world = await started(THREE, seed)
    const begun = world.now
    const { zombie, gone } = world.node('weur').splitOff()
    await world.node('weur').core.wake(vantageId('weur'))
    void zombie.alarm()
    await world.run(5000)
    expect(gone()).toBe(true)
    expect((await world.transitions(begun)).filter(({ to }) => to === 'down')).toEqual([])
    expect((await world.node('wnam').core.status(vantageId('wnam'))).peers.every(({ fresh }) => fresh)).toBe(true)
  })

  test('O2: a vantage whose own network is broken sees everything down, abstains, and moves nothing', async () => {
    for (const vantages of [THREE, FIVE]) {
      const world = await started(vantages, seed)
      const begun = world.now
      world.node('apac').networkBroken = true
      await world.run(120_000)
      expect(await world.transitions(begun)).toEqual([])
      expect((await world.node('apac').core.status(vantageId('apac'))).abstains).toBe(true)
    }
  })

  test('O5: all vantages restart together: verdicts and holds survive', async () => {
    const world = await started(THREE, seed)
    world.weather.set('east', from(world.now, 'refuses'))
    await world.run(6000)
    const begun = world.now
    for (const node of world.nodes.values()) {
      node.restart()
      await node.core.wake(node.name)
    }
    await watch(world, 10_000, () => expect(world.verdicts('east')).toEqual(['down', 'down', 'down']), 100)
    expect(await world.transitions(begun)).toEqual([])
    const { votes } = (await world.node('weur').core.status(vantageId('weur'))).endpoints[0] ?? {}
    expect(votes?.every(({ holdFor }) => holdFor > 5000)).toBe(true)
  })

  test('the status says that probes pass again while the hold-down lasts', async () => {
    const world = await started(THREE, seed)
    const passing = async () => (await world.node('weur').core.status(vantageId('weur'))).endpoints[0]?.votes.map((vote) => vote.passing)
    world.weather.set('east', from(world.now, 'refuses'))
    await watch(world, 3000, () => {})
    expect(await passing()).toEqual([undefined, undefined, undefined])
    world.weather.delete('east')
    await watch(world, 4000, () => {})
    expect(world.verdicts('east')).toEqual(['down', 'down', 'down'])
    expect(await passing()).toEqual([expect.toSatisfy((count: number) => count >= 3), undefined, undefined])
  })

  test('O10: clocks that are wrong by 10 min either way change nothing, and neither does setting them right', async () => {
    const world = new World(THREE, REGIONS, seed)
    world.node('wnam').clockOff = 600_000
    world.node('apac').clockOff = -600_000
    await world.start()
    world.weather.set('east', from(world.now, 'refuses'))
    expect(await timeUntil(world, () => world.verdicts('east').every((verdict) => verdict === 'down'))).toBeLessThanOrEqual(2500)
    world.node('wnam').clockOff = 0
    world.node('apac').clockOff = 0
    for (const node of world.nodes.values()) await node.core.wake(node.name)
    await watch(world, 15_000, () => expect(world.verdicts('west')).not.toContain('down'), 500)
    expect((await world.transitions()).filter(({ endpoint, from }) => endpoint !== 'east' && from !== 'unknown')).toEqual([])
    world.weather.set('east', () => 'well')
    expect(await timeUntil(world, () => world.verdicts('east').every((verdict) => verdict === 'up'), 60_000)).toBeLessThanOrEqual(45_000)
  })

  test('F15: what cannot be reached from one continent stays up for the others', async () => {
    const world = await started(FIVE, seed)
    const begun = world.now
    world.weather.set('east', (_at, vantage) => (vantage === 'wnam' || vantage === 'enam' ? 'hangs' : 'well'))
    await watch(world, 30_000, () => {}, 500)
    expect(await world.transitions(begun)).toEqual([])
    expect(world.node('wnam').snapshot?.endpoints).toMatchObject({ east: { verdict: 'up', local: 'down' } })
    expect(world.node('apac').snapshot?.endpoints).toMatchObject({ east: { verdict: 'up', local: 'up' } })
  })
})

describe('storage that takes no write', () => {
  test('a vantage that starts on it keeps its holds, votes, and is heard; so does its next life when that can be written', async () => {
    const world = await started(THREE)
    world.weather.set('east', from(world.now, 'refuses'))
    await watch(world, 5000, () => {})
    const begun = world.now
    const node = world.node('weur')
    const stored = node.database
    node.database = fullDatabase(stored)
    node.restart()
    await node.core.wake(node.name)
    await watch(world, 10_000, () => expect(node.verdict('east')).toBe('down'))
    const heard = async () => (await world.node('wnam').core.status(vantageId('wnam'))).peers.find(({ vantage }) => vantage === 'weur')
    const { problems, endpoints } = await node.core.status(node.name)
    expect(problems.map(({ text }) => text).join()).toMatch(/SQLITE_FULL/)
    expect(endpoints.find(({ key }) => key === 'east')?.votes[0]).toMatchObject({ probe: 'down', counts: true })
    expect((await heard())?.fresh).toBe(true)
    node.database = stored
    node.restart()
    await node.core.wake(node.name)
    await world.run(5000)
    expect((await heard())?.fresh).toBe(true)
    expect(await world.transitions(begun)).toEqual([])
  })

  test('one that was never written on starts all the same', async () => {
    const world = await started(THREE)
    const node = world.node('weur')
    node.database = fullDatabase(openDatabase())
    node.restart()
    await node.core.wake(node.name)
    await world.run(5000)
    await watch(world, 3000, () => {})
    expect(world.verdicts('east')).toEqual(['up', 'up', 'up'])
    expect((await node.core.status(node.name)).endpoints[0]?.votes).toHaveLength(3)
  })
})

describe('a vantage and its platform', () => {
  test('KV is written by the lowest name that is heard, at most once in 10 s', async () => {
    const world = await started(THREE)
    await world.run(30_000)
    expect(new Set(world.knownGood.map(({ by }) => by)).size).toBeLessThanOrEqual(2)
    expect(world.knownGood.length).toBeLessThanOrEqual(4)
  })

  test('an alarm that died is armed again by the next call', async () => {
    const world = await started(THREE)
    const node = world.node('apac')
    node.alive = false
    await world.run(5000)
    node.alive = true
    await node.look()
    const { counters } = await node.core.status(node.name)
    await world.run(3000)
    expect((await node.core.status(node.name)).counters.alarms).toBeGreaterThan(counters.alarms)
  })

  test('thirty endpoints that hang are handed to probers, and found down', async () => {
    const names = Array.from({ length: 30 }, (_, index) => `endpoint-${index}`)
    const world = await started(THREE, 1, [...names, 'other'])
    for (const name of names) world.weather.set(name, from(world.now, 'hangs'))
    expect(
      await timeUntil(world, () => names.every((name) => world.verdicts(name).every((verdict) => verdict === 'down')), 60_000),
    ).toBeLessThanOrEqual(15_000)
    expect(world.verdicts('other')).toEqual(['up', 'up', 'up'])
  })

  test('rows are written for what matters, not for each second', async () => {
    const world = await started(THREE)
    const before = (await world.node('weur').core.status(vantageId('weur'))).counters.rowsWritten
    await world.run(60_000)
    expect((await world.node('weur').core.status(vantageId('weur'))).counters.rowsWritten - before).toBeLessThanOrEqual(1)
  })
})
