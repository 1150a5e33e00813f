import { beforeAll, describe, expect, test } from 'vitest'
import { Colo, EAST, FakeIsolate, type Manner, makeCryptoImmediate, serve, WEST } from './fake-isolate.ts'

beforeAll(makeCryptoImmediate)

const eastOf = (held: { readonly snapshot?: { readonly endpoints: Readonly<Record<string, { readonly verdict: string }>> } }) =>
  held.snapshot?.endpoints[EAST]?.verdict

describe('an isolate', () => {
  test('that is cold waits for the vantage, a warm one never waits', async () => {
    const colo = new Colo()
    const isolate = new FakeIsolate(colo)
    const first = await isolate.request()
    expect(first.waited).toBeGreaterThan(0)
    expect(first.waited).toBeLessThanOrEqual(100)
    expect(first.held).toMatchObject({ age: 'fresh', silent: false, snapshot: { vantage: 'weur' } })
    await serve(isolate, colo, 5000, ({ waited }) => expect(waited).toBe(0))
  })

  test('that nobody answers waits during its first refresh, and in vain never again', async () => {
    const colo = new Colo()
    colo.behaveAll('hangs')
    colo.manner = 'hangs'
    colo.knownGoodManner = 'hangs'
    const isolate = new FakeIsolate(colo)
    expect((await isolate.request()).waited).toBeGreaterThan(0)
    await serve(isolate, colo, 6000)
    await serve(isolate, colo, 60_000, ({ waited }) => expect(waited).toBe(0))
  })

  test('gets the same object as long as nothing changed', async () => {
    const colo = new Colo()
    const isolate = new FakeIsolate(colo)
    const { held } = await isolate.request()
    await serve(isolate, colo, 3000, (request) => expect(request.held).toBe(held))
    colo.vantage('weur').turn('down')
    await serve(isolate, colo, 1600)
    expect(eastOf((await isolate.request()).held)).toBe('down')
  })

  test('asks the nearest vantage once a second with requests, and not at all without', async () => {
    const colo = new Colo()
    const isolate = new FakeIsolate(colo)
    await serve(isolate, colo, 10_000)
    const { length } = colo.vantage('weur').syncs
    expect(length).toBeGreaterThanOrEqual(6)
    expect(length).toBeLessThanOrEqual(11)
    expect(colo.vantage('wnam').syncs).toHaveLength(0)
    await colo.run(60_000)
    expect(colo.vantage('weur').syncs).toHaveLength(length)
  })

  test('teaches a vantage that does not know its base', async () => {
    const colo = new Colo()
    colo.vantage('weur').known.clear()
    const isolate = new FakeIsolate(colo)
    const { held } = await isolate.request()
    expect(held.age).toBe('fresh')
    expect(colo.vantage('weur').learnt).toHaveLength(1)
  })

  test('eight of one colo make about the calls of one, and all know within 1.6 s', async () => {
    const colo = new Colo()
    const isolates = Array.from({ length: 8 }, () => new FakeIsolate(colo, 'secret'))
    const serveAll = async (length: number) => {
      const end = colo.now + length
      while (colo.now < end) {
        for (const isolate of isolates) await isolate.request()
        await colo.run(100)
      }
    }
    await serveAll(5000)
    const before = colo.vantage('weur').syncs.length
    await serveAll(10_000)
    expect(colo.vantage('weur').syncs.length - before).toBeLessThanOrEqual(14)
    colo.vantage('weur').turn('down')
    await serveAll(1600)
    for (const isolate of isolates) expect(eastOf((await isolate.request()).held)).toBe('down')
  })

  test('uses what another isolate left five seconds ago, and asks all the same', async () => {
    const colo = new Colo()
    await new FakeIsolate(colo, 'secret').request()
    colo.all((vantage) => vantage.turn('down'))
    await colo.run(5000)
    const isolate = new FakeIsolate(colo, 'secret')
    await isolate.request()
    await colo.run(100)
    expect(eastOf((await isolate.request()).held)).toBe('down')
  })

  test('takes no cache entry that another key signed, or that was changed', async () => {
    const colo = new Colo()
    const forger = new FakeIsolate(colo, 'another secret')
    await forger.request()
    colo.behaveAll('hangs')
    const isolate = new FakeIsolate(colo, 'secret')
    expect((await isolate.request()).held.age).toBe('none')
    const own = new FakeIsolate(colo, 'another secret')
    for (const [url, entry] of colo.entries) colo.entries.set(url, { ...entry, body: entry.body.replace('"up"', '"down"') })
    expect((await own.request()).held.age).toBe('none')
  })

  test('goes to another vantage when the nearest does not answer, and stays fresh', async () => {
    const colo = new Colo()
    const isolate = new FakeIsolate(colo)
    await serve(isolate, colo, 2000)
    colo.vantage('weur').manner = 'hangs'
    await serve(isolate, colo, 12_000, ({ waited }) => expect(waited).toBeLessThanOrEqual(50))
    expect((await isolate.request()).held).toMatchObject({ age: 'fresh', silent: false })
    expect(colo.vantage('wnam').syncs.length + colo.vantage('apac').syncs.length).toBeGreaterThan(3)
  })

  test('starts from KV when no vantage answers, and says that this is stale', async () => {
    const colo = new Colo()
    colo.behaveAll('throws')
    colo.knownGood = { format: 1, snapshot: colo.vantage('apac').snapshot() }
    const isolate = new FakeIsolate(colo)
    await serve(isolate, colo, 300)
    expect((await isolate.request()).held).toMatchObject({ age: 'stale', snapshot: { vantage: 'apac' } })
    // What the vantages say later is newer.
    colo.behaveAll('answers')
    await serve(isolate, colo, 10_000)
    const { held } = await isolate.request()
    expect(held.age).toBe('fresh')
    expect(held.snapshot?.vantage).not.toBe('apac')
  })

  test('O3: with everything gone it goes on with what it has: fresh 10 s, stale 10 min, then without; backs off to 8 s', async () => {
    const colo = new Colo()
    const isolate = new FakeIsolate(colo)
    await serve(isolate, colo, 1000)
    colo.behaveAll('hangs')
    colo.manner = 'hangs'
    colo.knownGoodManner = 'hangs'
    const ages = new Map<string, number>()
    let waited = 0
    const from = colo.now
    while (colo.now - from < 700_000) {
      const request = await isolate.request()
      waited = Math.max(waited, request.waited)
      if (!ages.has(request.held.age)) ages.set(request.held.age, colo.now - from)
      await colo.run(500)
    }
    expect(waited).toBeLessThanOrEqual(50)
    expect([...ages.keys()]).toEqual(['fresh', 'stale', 'too-old'])
    expect(ages.get('stale')).toBeLessThan(12_000)
    expect(ages.get('too-old')).toBeGreaterThan(590_000)
    expect((await isolate.request()).held.silent).toBe(true)
    const calls = [...colo.vantages.values()].reduce((sum, { syncs }) => sum + syncs.length, 0)
    expect(calls).toBeLessThan(400)
  })

  test('whose clock is set back ten minutes does not wait at each request until it has caught up', async () => {
    const colo = new Colo()
    const isolate = new FakeIsolate(colo)
    await serve(isolate, colo, 3000)
    await colo.run(2000)
    colo.now -= 600_000
    await serve(isolate, colo, 1000)
    await serve(isolate, colo, 5000, ({ held, waited }) => {
      expect(waited).toBe(0)
      expect(held.age).toBe('fresh')
    })
  })

  test('honours `busy`', async () => {
    const colo = new Colo()
    const isolate = new FakeIsolate(colo)
    colo.behaveAll('busy')
    await serve(isolate, colo, 10_000)
    const calls = [...colo.vantages.values()].reduce((sum, { syncs }) => sum + syncs.length, 0)
    expect(calls).toBeLessThanOrEqual(6)
  })

  test('uses a permit once, and not after 2 s', async () => {
    const colo = new Colo()
    const isolate = new FakeIsolate(colo)
    isolate.wants = [EAST]
    colo.vantage('weur').permits = [EAST]
    const { platform, source } = isolate
    await isolate.request()
    expect(colo.vantage('weur').syncs[0]?.wantsProbation).toEqual([EAST])
    expect(source.takeProbation(WEST, platform.now())).toBe(false)
    for (let asked = 0; asked < 3; asked += 1) expect(source.holdsProbation(EAST, platform.now())).toBe(true)
    expect(source.takeProbation(EAST, platform.now())).toBe(true)
    expect(source.holdsProbation(EAST, platform.now())).toBe(false)
    expect(source.takeProbation(EAST, platform.now())).toBe(false)
    await serve(isolate, colo, 1500)
    await colo.run(2001)
    expect(source.takeProbation(EAST, platform.now())).toBe(false)
  })

  test('wants permits for what is down, and for what its vantage alone holds down', async () => {
    const colo = new Colo()
    const isolate = new FakeIsolate(colo)
    const vantage = colo.vantage('weur')
    vantage.localRoutesDown = ['shop']
    await serve(isolate, colo, 2500)
    expect(vantage.syncs.at(-1)?.wantsProbation).toEqual([EAST])
  })

  test.each(
    (['throws', 'throws at once', 'hangs', 'rubbish', 'busy'] satisfies Manner[]).flatMap((vantages) =>
      (['answers', 'throws', 'hangs', 'rubbish'] satisfies Manner[]).map((others) => [vantages, others] as const),
    ),
  )('vantages: %s, cache and KV: %s: no request fails or waits over 100 ms, and it recovers', async (vantages, others) => {
    const colo = new Colo()
    colo.behaveAll(vantages)
    colo.manner = others
    colo.knownGoodManner = others
    const isolate = new FakeIsolate(colo)
    const evidence = () => [isolate.outcome(EAST, 'failed-other'), isolate.outcome(WEST, 'succeeded')]
    await serve(isolate, colo, 15_000, ({ waited }) => {
      expect(waited).toBeLessThanOrEqual(101)
      isolate.record(evidence(), true)
    })
    colo.behaveAll('answers')
    colo.manner = 'answers'
    colo.knownGoodManner = 'answers'
    await serve(isolate, colo, 40_000, () => isolate.record(evidence()))
    expect((await isolate.request()).held.age).toBe('fresh')
    expect([...colo.vantages.values()].flatMap(({ reports }) => reports).length).toBeGreaterThan(0)
    await Promise.all(colo.deferred.filter((_, index) => index < 20))
  })
})
