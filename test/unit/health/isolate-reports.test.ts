import { beforeAll, describe, expect, test } from 'vitest'
import { Colo, EAST, FakeIsolate, makeCryptoImmediate, serve, WEST } from './fake-isolate.ts'

beforeAll(makeCryptoImmediate)

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
