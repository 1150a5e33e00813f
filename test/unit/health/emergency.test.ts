/** `emergency.json` in vantages: read by each of them by itself, in force in seconds with the director gone, kept while it cannot be read, and lifted by its end alone. */
import { beforeEach, describe, expect, test } from 'vitest'
import { vantageId } from '../../../config/ids.ts'
import type { Emergency } from '../../../config/overlay.ts'
import { parseEmergencyNews } from '../../../durable-objects/policy/parse-emergency-news.ts'
import { started, THREE, type World } from './world.ts'

/** Where the world's clock begins. */
const EPOCH = 1_795_000_000_000
const FILE = 'emergency.json'
const fire = (parts: object = {}): object => ({ version: 1, reason: 'fire', by: 'ann', drain: ['us-east-1'], ...parts })

/** Virtual time costs real time, and the machine may be busy with other things. */
const PATIENCE = 60_000

let world: World
beforeEach(async () => {
  world = await started(THREE)
}, PATIENCE)

const emergencyAt = async (vantage: string): Promise<Emergency | undefined> => {
  const { core } = world.node(vantage)
  const reply = await core.sync(vantageId(vantage), { base: 'base', active: true, wantsProbation: [] })
  return reply.kind === 'snapshot' ? reply.snapshot.emergency : undefined
}
const everywhere = () => Promise.all(THREE.map(emergencyAt))
const drains = async () => (await everywhere()).map((emergency) => emergency?.drain.join(' '))
const statusOf = (vantage: string) => world.node(vantage).core.status(vantageId(vantage))
/** With an isolate that asks each second at each vantage. */
const pass = async (length: number): Promise<void> => {
  for (let passed = 0; passed < length; passed += 1000) {
    await everywhere()
    await world.run(1000)
  }
}

describe('while isolates ask', () => {
  beforeEach(() => pass(6000), PATIENCE)

  test('it is in force everywhere within two seconds, and lifted within two', async () => {
    const etag = world.files.put(FILE, fire())
    await pass(2000)
    expect(await everywhere()).toEqual(THREE.map(() => ({ etag, drain: ['us-east-1'], weightZero: [], freeze: [], killCanary: [] })))
    world.files.remove(FILE)
    await pass(2000)
    expect(await everywhere()).toEqual([undefined, undefined, undefined])
  })

  test('all vantages say the same within a moment of the first that has read it, though one alone is asked by isolates', async () => {
    const [served = '', ...others] = THREE
    for (let passed = 0; passed < 70_000; passed += 1000) {
      await emergencyAt(served)
      await world.run(1000)
    }
    const says = async (name: string): Promise<boolean> => (await statusOf(name)).emergency?.held !== undefined
    for (const is of [true, false]) {
      if (is) world.files.put(FILE, fire())
      else world.files.remove(FILE)
      let waited = 0
      while ((await Promise.all(THREE.map(says))).every((one) => one !== is)) {
        await world.run(20)
        waited += 20
      }
      expect(waited).toBeLessThanOrEqual(1100)
      await world.run(200)
      expect(await Promise.all([served, ...others].map(says))).toEqual([is, is, is])
      await world.run(3300)
    }
  })

  test('each vantage reads once a second, and snapshots are made anew only by another file', async () => {
    world.files.put(FILE, fire())
    await pass(3000)
    const [before, seq] = [world.files.reads.get(FILE) ?? 0, await seqs()]
    await pass(30_000)
    const each = ((world.files.reads.get(FILE) ?? 0) - before) / THREE.length
    expect(each).toBeGreaterThanOrEqual(28)
    expect(each).toBeLessThanOrEqual(31)
    expect(await seqs()).toEqual(seq)
  })

  const seqs = async () =>
    Promise.all(
      THREE.map(async (name) => {
        const reply = await world.node(name).core.sync(vantageId(name), { base: 'base', active: true, wantsProbation: [] })
        return reply.kind === 'snapshot' ? reply.snapshot.seq : 0
      }),
    )

  test.each([
    ['no JSON', '{'],
    ['a typo', fire({ drian: [] })],
    ['a megabyte', ' '.repeat(1024 * 1024)],
  ])('one that is %s leaves in force what was, and every status says why', async (_, bad) => {
    world.files.put(FILE, fire())
    await pass(2000)
    world.files.put(FILE, bad)
    await pass(20_000)
    expect(await drains()).toEqual(THREE.map(() => 'us-east-1'))
    for (const name of THREE) {
      const { emergency, problems } = await statusOf(name)
      expect(emergency?.problem).toMatch(/^emergency\.json is refused, what was read before stays in force: /)
      expect(problems[0]?.text).toBe(emergency?.problem)
    }
    world.files.put(FILE, fire({ drain: ['aws'] }))
    await pass(2000)
    expect(await drains()).toEqual(THREE.map(() => 'aws'))
    expect((await statusOf('wnam')).emergency?.problem).toBeUndefined()
  })

  test('unreadable for all, it stays, over a restart too; and goes when it can be read to be gone', async () => {
    world.files.put(FILE, fire())
    await pass(2000)
    world.files.unreadableFor.add('*')
    world.files.remove(FILE)
    await pass(600_000)
    world.node('weur').restart()
    await pass(3000)
    expect(await drains()).toEqual(THREE.map(() => 'us-east-1'))
    expect((await statusOf('weur')).emergency).toMatchObject({
      held: { reason: 'fire', by: 'ann' },
      problem: expect.stringContaining('on fire'),
    })
    world.files.unreadableFor.clear()
    await pass(2000)
    expect(await drains()).toEqual([undefined, undefined, undefined])
  })

  test('a vantage that alone cannot read learns it from its peers, both ways', async () => {
    world.files.unreadableFor.add('apac')
    await pass(5000)
    world.files.put(FILE, fire())
    await pass(4000)
    expect(await drains()).toEqual(THREE.map(() => 'us-east-1'))
    world.files.remove(FILE)
    await pass(5000)
    expect(await drains()).toEqual([undefined, undefined, undefined])
  })

  test('a peer that has read nothing for long takes nothing back', async () => {
    world.files.put(FILE, fire())
    for (const name of ['wnam', 'weur']) world.files.unreadableFor.add(name)
    await pass(60_000)
    expect(await drains()).toEqual(THREE.map(() => 'us-east-1'))
  })

  test('a clock that is set back keeps nobody from hearing peers', async () => {
    world.files.unreadableFor.add('apac')
    world.node('apac').clockOff = -3_600_000
    await pass(5000)
    world.files.put(FILE, fire())
    await pass(5000)
    expect(await drains()).toEqual(THREE.map(() => 'us-east-1'))
  })

  test('it ends by itself, by the clock of each vantage', async () => {
    const now = EPOCH + world.now
    world.node('apac').clockOff = 20_000
    world.files.put(FILE, fire({ expires: new Date(now + 30_000).toISOString() }))
    await pass(2000)
    expect(await drains()).toEqual(THREE.map(() => 'us-east-1'))
    await pass(10_000)
    expect(await drains()).toEqual(['us-east-1', 'us-east-1', undefined])
    await pass(20_000)
    expect(await drains()).toEqual([undefined, undefined, undefined])
    expect((await statusOf('wnam')).emergency?.held?.expiresIn).toBeLessThan(0)
  })
})

test('while nobody asks, each vantage reads once in five seconds', async () => {
  await world.run(120_000)
  const before = world.files.reads.get(FILE) ?? 0
  await world.run(60_000)
  const each = ((world.files.reads.get(FILE) ?? 0) - before) / THREE.length
  expect(each).toBeGreaterThanOrEqual(11)
  expect(each).toBeLessThanOrEqual(13)
})

describe('what a peer says of it', () => {
  const held = { emergency: { etag: 'e', drain: ['a'], weightZero: [], freeze: [], killCanary: [] }, by: 'ann', reason: 'fire' }
  test.each([{ age: 0 }, { age: 5, held }, { age: 5, held: { ...held, expires: 7 } }])('%j is taken', (news) => {
    expect(parseEmergencyNews(news)).toEqual(news)
  })
  test.each([
    undefined,
    null,
    'x',
    {},
    { age: -1 },
    { age: Number.NaN },
    { age: 0, held: null },
    { age: 0, held: { ...held, by: 5 } },
    { age: 0, held: { ...held, reason: 'x'.repeat(201) } },
    { age: 0, held: { ...held, expires: 'soon' } },
    { age: 0, held: { ...held, emergency: { ...held.emergency, drain: 'a' } } },
    { age: 0, held: { ...held, emergency: { ...held.emergency, etag: undefined } } },
  ])('%j is refused whole', (news) => expect(parseEmergencyNews(news)).toBeUndefined())
})
