import { beforeAll, describe, expect, test } from 'vitest'
import { Colo, EAST, FakeIsolate, type Manner, makeCryptoImmediate, WEST } from './fake-isolate.ts'

beforeAll(makeCryptoImmediate)

const eastOf = (held: { readonly snapshot?: { readonly endpoints: Readonly<Record<string, { readonly verdict: string }>> } }) =>
  held.snapshot?.endpoints[EAST]?.verdict

/** A request each 100 ms. */
async function serve(
  isolate: FakeIsolate,
  colo: Colo,
  length: number,
  seen: (request: Awaited<ReturnType<FakeIsolate['request']>>) => void = () => {},
): Promise<void> {
  const end = colo.now + length
  while (colo.now < end) {
    seen(await isolate.request())
    await colo.run(100)
  }
}

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
    expect(source.takeProbation(EAST, platform.now())).toBe(true)
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

describe('reports', () => {
  test('go every 5 to 10 s, numbered, with what happened since the last', async () => {
    const colo = new Colo()
    const isolate = new FakeIsolate(colo)
    await serve(isolate, colo, 60_000, () => isolate.record([isolate.outcome(EAST, 'succeeded')]))
    const { reports } = colo.vantage('weur')
    expect(reports.length).toBeGreaterThanOrEqual(5)
    expect(reports.length).toBeLessThanOrEqual(12)
    expect(reports.map(({ seq }) => seq)).toEqual(reports.map((_, index) => index + 1))
    expect(reports[1]?.rows).toEqual([expect.objectContaining({ endpoint: EAST, failedInRow: 0, ejected: false })])
    const requests = reports.reduce((sum, report) => sum + report.requests, 0)
    expect(requests).toBeGreaterThan(480)
    expect(requests).toBeLessThanOrEqual(600)
  })

  test('a first failure and an ejection are told within 250 ms, and the snapshot is fetched after', async () => {
    const colo = new Colo()
    const isolate = new FakeIsolate(colo)
    await serve(isolate, colo, 3000, () => isolate.record([isolate.outcome(EAST, 'succeeded')]))
    const vantage = colo.vantage('weur')
    const [syncs, reports] = [vantage.syncs.length, vantage.reports.length]
    isolate.record([isolate.outcome(EAST, 'failed-other'), isolate.outcome(WEST, 'succeeded')])
    await colo.run(250)
    expect(vantage.reports).toHaveLength(reports + 1)
    expect(vantage.reports.at(-1)?.rows[0]).toMatchObject({
      endpoint: EAST,
      failedOther: 1,
      failedInRow: 1,
      networks: 1,
      lastPhase: 'timeout',
    })
    expect(vantage.syncs.length).toBe(syncs + 1)
    await colo.run(300)
    isolate.ejected.add(EAST)
    isolate.record([isolate.outcome(EAST, 'failed-other')], true)
    await colo.run(250)
    expect(vantage.reports.at(-1)?.rows[0]).toMatchObject({ failedOther: 1, failedInRow: 2, ejected: true })
  })

  test('failures that go on are no news', async () => {
    const colo = new Colo()
    const isolate = new FakeIsolate(colo)
    let request = 0
    await serve(isolate, colo, 30_000, () => {
      request += 1
      isolate.record([isolate.outcome(EAST, request % 5 === 0 ? 'failed-other' : 'succeeded')])
    })
    expect(colo.vantage('weur').reports.length).toBeLessThanOrEqual(8)
  })

  test('forty isolates that see the same failure report one a colo and 250 ms', async () => {
    const colo = new Colo()
    const isolates = Array.from({ length: 40 }, () => new FakeIsolate(colo, 'secret'))
    for (const isolate of isolates) await isolate.request()
    for (const isolate of isolates) isolate.record([isolate.outcome(EAST, 'failed-other')], true)
    await colo.run(900)
    expect(colo.vantage('weur').reports.length).toBeGreaterThanOrEqual(1)
    expect(colo.vantage('weur').reports.length).toBeLessThanOrEqual(12)
  })

  test('one that was not taken is sent again with its number', async () => {
    const colo = new Colo()
    const isolate = new FakeIsolate(colo)
    await isolate.request()
    colo.vantage('weur').manner = 'throws'
    isolate.record([isolate.outcome(EAST, 'failed-other')], true)
    await colo.run(500)
    await serve(isolate, colo, 11_000, () => isolate.record([isolate.outcome(WEST, 'succeeded')]))
    const reports = [...colo.vantages.values()].flatMap((vantage) => vantage.reports)
    expect(reports[0]).toMatchObject({ seq: 1, rows: [{ endpoint: EAST, failedOther: 1 }] })
    // A failure is dated by when it happened, not by when somebody heard of it.
    expect(reports[0]?.rows[0]?.failedAgo).toBeGreaterThan(500)
  })

  test('while monitors and traffic disagree, successes are told each second', async () => {
    const colo = new Colo()
    const isolate = new FakeIsolate(colo)
    colo.all((vantage) => vantage.turn('suspect'))
    await serve(isolate, colo, 10_000, () => isolate.record([isolate.outcome(EAST, 'succeeded')]))
    expect(colo.vantage('weur').reports.length).toBeGreaterThanOrEqual(7)
  })

  test('at most 512 rows, the failing ones first', async () => {
    const colo = new Colo()
    const isolate = new FakeIsolate(colo)
    await isolate.request()
    for (let route = 0; route < 700; route += 1) {
      isolate.record([{ ...isolate.outcome(EAST, route === 650 ? 'failed-other' : 'succeeded'), route: `r${route}` as never }])
    }
    await colo.run(500)
    const rows = colo.vantage('weur').reports[0]?.rows ?? []
    expect(rows.length).toBeLessThanOrEqual(512)
    expect(rows[0]).toMatchObject({ failedOther: 1 })
  })
})
