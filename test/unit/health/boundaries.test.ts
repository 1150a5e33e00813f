import { describe, expect, test } from 'vitest'
import { endpointKey, vantageId } from '../../../config/ids.ts'
import { parseLastKnownGood, parseSnapshot, parseVantages } from '../../../config/parse-snapshot.ts'
import { instant, ms } from '../../../config/units.ts'
import { isVantage } from '../../../config/vantages.ts'
import { UNKNOWN_ENDPOINT } from '../../../durable-objects/policy/fold-endpoint.ts'
import { parseMessage } from '../../../durable-objects/policy/parse-message.ts'
import { openVantageStorage } from '../../../durable-objects/storage/vantage-storage.ts'
import { statusDocument } from '../../../worker/operator/status.ts'
import { parseSyncReply } from '../../../worker/snapshot/ask-vantages.ts'
import { orderVantages } from '../../../worker/snapshot/choose-vantage.ts'
import { dice, SEED } from '../../seed.ts'
import { Colo, FakeIsolate, RUBBISH } from './fake-isolate.ts'
import { openDatabase } from './open-database.ts'
import { spoiled } from './samples.ts'

const snapshot = new Colo().vantage('weur').snapshot()
const message = {
  format: 1,
  from: 'weur',
  incarnation: { createdAt: 1, bootCount: 1 },
  seq: 1,
  abstains: false,
  votes: [
    {
      endpoint: 'east',
      probe: 'up',
      traffic: 'unknown',
      routesDown: [],
      routesUp: [],
      stood: 0,
      hold: 0,
      proof: { succeeded: 0, failed: 0 },
      reasons: [],
    },
  ],
  load: { requests: 0, attempts: 0 },
  knows: [],
  bases: [],
  needs: [],
  documents: [],
}

describe('what comes from elsewhere', () => {
  test('is taken when it is right', () => {
    expect(parseSnapshot(snapshot)).toEqual(snapshot)
    expect(parseLastKnownGood({ format: 1, snapshot })).toEqual(snapshot)
    expect(parseMessage(message)).toEqual(message)
    expect(parseSyncReply({ kind: 'same', next: 1000, probation: ['east', 7] })).toEqual({ kind: 'same', next: 1000, probation: ['east'] })
    expect(parseSyncReply({ kind: 'busy', retryAfter: 1e9 })).toEqual({ kind: 'busy', retryAfter: 60_000 })
  })

  test('never throws, and never yields another verdict than up, down, unknown or suspect', () => {
    for (const raw of [...RUBBISH, ...spoiled(snapshot)]) {
      for (const health of Object.values(parseSnapshot(raw)?.endpoints ?? {}))
        expect(['up', 'down', 'unknown', 'suspect']).toContain(health.verdict)
      parseSyncReply({ kind: 'snapshot', snapshot: raw, next: 1000, probation: [] })
      parseSyncReply(raw)
    }
    for (const raw of [...RUBBISH, ...spoiled(message)]) {
      for (const vote of parseMessage(raw)?.votes ?? []) expect(['up', 'down', 'unknown']).toContain(vote.probe)
    }
  })

  test('names of vantages are location hints that host objects', () => {
    expect(parseVantages(['wnam', 'sam', 7, '__proto__', 'weur'], isVantage)).toEqual(['wnam', 'weur'])
    expect(parseVantages(null, isVantage)).toEqual([])
  })
})

describe('the nearest vantage', () => {
  const five = ['wnam', 'enam', 'weur', 'eeur', 'apac'].map(vantageId)
  test.each([
    ['Paris', { latitude: 48.9, longitude: 2.4 }, 'weur'],
    ['Warsaw', { latitude: 52.2, longitude: 21 }, 'eeur'],
    ['San Francisco', { latitude: 37.8, longitude: -122.4 }, 'wnam'],
    ['New York', { latitude: 40.7, longitude: -74 }, 'enam'],
    ['Sydney', { latitude: -33.9, longitude: 151.2 }, 'apac'],
    ['Suva, across the date line', { latitude: -18.1, longitude: 178.4 }, 'apac'],
  ])('of %s', (_name, place, nearest) => {
    expect(orderVantages(five, place, 'i' as never)[0]).toBe(nearest)
  })
  test(`without coordinates isolates spread evenly, each keeping to its own, seed ${SEED}`, () => {
    const random = dice(SEED)
    const counts = new Map<string, number>()
    for (let index = 0; index < 1000; index += 1) {
      const isolate = `${random()}` as never
      const first = orderVantages(five, undefined, isolate)[0] as string
      expect(orderVantages(five, undefined, isolate)[0]).toBe(first)
      counts.set(first, (counts.get(first) ?? 0) + 1)
    }
    for (const count of counts.values()) expect(Math.abs(count - 200)).toBeLessThan(70)
  })
})

describe('storage', () => {
  const fold = { ...UNKNOWN_ENDPOINT, hold: { falls: 2, until: instant(5), length: ms(120_000) } }
  test('keeps what was saved; each start is counted', () => {
    const database = openDatabase()
    const first = openVantageStorage(database)
    expect(first.begin(instant(7))).toMatchObject({ incarnation: { createdAt: 7, bootCount: 1 }, folds: new Map() })
    first.writeName(vantageId('weur'))
    first.save({ folds: [[endpointKey('east'), fold]], gone: [], transitions: [] })
    const kept = openVantageStorage(database).begin(instant(99))
    expect(kept).toMatchObject({ self: 'weur', incarnation: { createdAt: 7, bootCount: 2 } })
    expect(kept.folds.get(endpointKey('east'))).toEqual(fold)
    expect(kept.problem).toBeUndefined()
  })
  test('keeps the last 200 transitions', () => {
    const storage = openVantageStorage(openDatabase())
    storage.begin(instant(0))
    const transition = (at: number) => ({ at: instant(at), endpoint: endpointKey('east'), from: 'up', to: 'down', reasons: [] }) as const
    for (let at = 1; at <= 450; at += 1) storage.save({ folds: [], gone: [], transitions: [transition(at)] })
    const { transitions } = storage.begin(instant(0))
    expect(transitions).toHaveLength(200)
    expect(transitions.at(-1)?.at).toBe(450)
  })
  test.each([
    "UPDATE fold SET document = '{}'",
    "UPDATE fact SET value = '7' WHERE name = 'incarnation'",
    'DROP TABLE base',
    "INSERT INTO base VALUES ('h', 'not JSON')",
  ])('begins anew after: %s', (damage) => {
    const database = openDatabase()
    const storage = openVantageStorage(database)
    storage.begin(instant(1))
    storage.save({ folds: [[endpointKey('east'), fold]], gone: [], transitions: [] })
    database.run(damage)
    const kept = storage.begin(instant(50))
    expect(kept.problem).toMatch(/thrown away/)
    expect(kept).toMatchObject({ incarnation: { createdAt: 50, bootCount: 1 }, folds: new Map() })
  })
})

test('the status shows what answers and what does not', async () => {
  const colo = new Colo()
  const { platform } = new FakeIsolate(colo)
  const vantage = (name: string) => {
    if (name === 'wnam') throw new Error('no stub')
    return { status: () => (name === 'weur' ? new Promise<never>(() => {}) : Promise.resolve({ vantage: name } as never)) }
  }
  const document = statusDocument(
    { pools: [], vantages: ['wnam', 'weur', 'apac'].map(vantageId), vantage, problems: async () => [] },
    platform,
  )
  await colo.run(2500)
  expect((await document).vantages).toEqual([
    { vantage: 'wnam', answered: false, problem: 'no stub' },
    { vantage: 'weur', answered: false, problem: 'no answer in 2000 ms' },
    { vantage: 'apac', answered: true, status: { vantage: 'apac' } },
  ])
})

test('the status asks the director, not longer than vantages, and does without one', async () => {
  const colo = new Colo()
  const { platform } = new FakeIsolate(colo)
  const told = async (view?: () => Promise<unknown>) => {
    const director = view === undefined ? undefined : () => ({ view }) as never
    const ports = { pools: [], vantages: [], vantage: () => ({}) as never, problems: async () => [], director }
    const document = statusDocument(ports, platform)
    await colo.run(2500)
    return (await document).director
  }
  const problems = [{ ago: 0, text: 'weights.json is refused: version: expected 1, found 2' }]
  expect(await told(async () => ({ revision: 3, problems }))).toEqual({ answered: true, revision: 3, problems })
  expect(await told(() => new Promise<never>(() => {}))).toEqual({
    answered: false,
    problem: 'The director does not answer: no answer in 2000 ms. What is in force stays in force.',
  })
  expect(await told()).toBeUndefined()
})
