import { describe, expect, test, vi } from 'vitest'
import { endpointKey, isolateId, routeId } from '../../../config/ids.ts'
import type { ReportRow } from '../../../config/report.ts'
import { instant, ms } from '../../../config/units.ts'
import {
  foldFinding,
  foldProbation,
  foldProbeResult,
  forgetOld,
  mayTry,
  UNKNOWN_ENDPOINT,
} from '../../../durable-objects/policy/fold-endpoint.ts'
import { judgePair } from '../../../durable-objects/policy/judge-traffic.ts'
import { TrafficWindow } from '../../../durable-objects/policy/traffic-window.ts'
import { failed, HOLD, passed, rules } from './samples.ts'

describe('traffic', () => {
  const route = routeId('shop')
  const row = (endpoint: string, changes: Partial<ReportRow>): ReportRow => ({
    route,
    endpoint: endpointKey(endpoint),
    succeeded: 0,
    failedConnect: 0,
    failedOther: 0,
    failedInRow: 0,
    networks: 0,
    ejected: false,
    probationSucceeded: 0,
    probationFailed: 0,
    ...changes,
  })
  let now = instant(1_000_000)
  const window = (...reports: readonly (readonly [isolate: string, ...rows: ReportRow[]])[]) => {
    const traffic = new TrafficWindow()
    now = instant(1_000_000)
    for (const [isolate, ...rows] of reports) {
      traffic.add({ isolate: isolateId(isolate), seq: 1, base: 'b', covers: ms(5000), requests: 1, attempts: 1, rows }, now)
      now = instant(now + 20)
    }
    return traffic
  }
  const judge = (traffic: TrafficWindow, endpoint = 'east') => {
    const pair = traffic.get(route, endpointKey(endpoint))
    return pair === undefined ? undefined : judgePair(traffic, pair, now)?.reach
  }
  const hang = row('east', { succeeded: 300, failedOther: 3, failedInRow: 3, networks: 2, ejected: true, lastPhase: 'timeout' })
  const refuse = row('east', { succeeded: 300, failedConnect: 2, failedInRow: 2, networks: 1, ejected: true, lastPhase: 'connect' })
  const well = row('west', { succeeded: 300 })
  const fine = row('east', { succeeded: 300 })

  test.each([
    ['one isolate of one has a streak', [['a', hang, well]], 'route'],
    ['connect-class is endpoint-wide', [['a', refuse, well]], 'endpoint'],
    ['no other endpoint succeeds: the route may be to blame', [['a', hang]], undefined],
    ['every endpoint fails', [['a', hang, { ...hang, endpoint: endpointKey('west') }]], undefined],
    [
      'one of ten isolates, the others well after it',
      [['a', hang, well], ...Array.from({ length: 9 }, (_, index) => [`w${index}`, fine, well] as const)],
      undefined,
    ],
    [
      'three of ten',
      [
        ...Array.from({ length: 7 }, (_, index) => [`w${index}`, fine, well] as const),
        ['a', hang, well],
        ['b', hang, well],
        ['c', hang, well],
      ],
      'route',
    ],
    [
      'F9b: 2 % fail, with a streak of three by chance',
      [['a', row('east', { succeeded: 600, failedOther: 15, failedInRow: 3, ejected: true }), well]],
      undefined,
    ],
    [
      'F9b: 2 % fail for ever',
      Array.from(
        { length: 20 },
        (_, index) => [`w${index}`, row('east', { succeeded: 98, failedOther: 2, failedInRow: index % 7 === 0 ? 1 : 0 }), well] as const,
      ),
      undefined,
    ],
    [
      'F9: 30 % fail',
      [
        ['a', row('east', { succeeded: 70, failedOther: 30, networks: 2 }), well],
        ['b', row('east', { succeeded: 7, failedOther: 3, failedInRow: 1 }), well],
      ],
      'route',
    ],
    [
      'four isolates with one failure each',
      ['a', 'b', 'c', 'd'].map((name) => [name, row('east', { succeeded: 5, failedOther: 1, failedInRow: 1 }), well] as const),
      'route',
    ],
    [
      'three isolates with one failure each',
      ['a', 'b', 'c'].map((name) => [name, row('east', { succeeded: 5, failedOther: 1, failedInRow: 1 }), well] as const),
      undefined,
    ],
    [
      'S9: a client whose requests are aborted or stalled leaves rows without outcomes',
      [['a', row('east', {}), row('west', {})]],
      undefined,
    ],
    [
      'S9: crafted 5xx fail at every endpoint',
      [
        ['a', hang, { ...hang, endpoint: endpointKey('west') }],
        ['b', fine, well],
      ],
      undefined,
    ],
  ] as const)('%s', (_name, reports, reach) => {
    expect(judge(window(...(reports as unknown as (readonly [string, ...ReportRow[]])[])))).toBe(reach)
  })

  test('two routes and two client networks make it endpoint-wide; one network, or forty routes that are well, do not', () => {
    const other = (changes: Partial<ReportRow>) =>
      row('east', { route: routeId('other'), failedOther: 3, failedInRow: 3, networks: 2, ejected: true, ...changes })
    const otherWell = row('west', { route: routeId('other'), succeeded: 10 })
    expect(judge(window(['a', hang, well, other({}), otherWell]))).toBe('endpoint')
    expect(judge(window(['a', hang, well, other({ networks: 1 }), otherWell]))).toBe('route')
    const forty = Array.from({ length: 38 }, (_, index) => row('east', { route: routeId(`r${index}`), succeeded: 10 }))
    expect(judge(window(['a', hang, well, other({}), otherWell, ...forty]))).toBe('route')
  })

  test('a hundred failing routes are judged together as each alone, with a few looks at each', () => {
    const names = Array.from({ length: 100 }, (_, index) => routeId(`r${index}`))
    const traffic = window([
      'a',
      ...names.flatMap((name) => [
        { ...hang, route: name, networks: 1 },
        { ...well, route: name },
      ]),
    ])
    const pairs = traffic.failing(now)
    const alone = pairs.map((pair) => judgePair(traffic, pair, now))
    const looks = vi.spyOn(traffic, 'ofRoute')
    const looked = new Map()
    expect(pairs.map((pair) => judgePair(traffic, pair, now, looked))).toEqual(alone)
    expect(alone.every((finding) => finding?.reach === 'route')).toBe(true)
    expect(looks.mock.calls.length).toBeLessThanOrEqual(4 * pairs.length)
  })

  test('what was forgiven is not held against it again; what is old neither', () => {
    const traffic = window(['a', hang, well])
    traffic.forgive(endpointKey('east'), now)
    expect(judge(traffic)).toBeUndefined()
    const old = window(['a', hang, well])
    now = instant(now + 10_001)
    expect(judge(old)).toBeUndefined()
  })

  test('ejected: held 30 s, then five probation successes restore; passing probes do not', () => {
    const finding = { route, endpoint: endpointKey('east'), reach: 'endpoint', phase: 'connect', detail: '' } as const
    let fold = foldFinding(UNKNOWN_ENDPOINT, finding, rules, instant(0))
    expect(mayTry(fold, instant(29_999))).toBe(false)
    for (let at = 0; at < 40_000; at += 1000) fold = foldProbeResult(fold, passed, rules, instant(at))
    expect(fold.ejection).toBeDefined()
    expect(mayTry(fold, instant(40_000))).toBe(true)
    for (let success = 1; success <= 5; success += 1) {
      expect(fold.ejection).toBeDefined()
      fold = foldProbation(fold, { route, succeeded: 1, failed: 0 }, rules, instant(40_000 + success))
    }
    expect(fold.ejection).toBeUndefined()
  })

  test('probation while the probes fail would only lengthen the hold: not permitted', () => {
    const finding = { route, endpoint: endpointKey('east'), reach: 'endpoint', phase: 'connect', detail: '' } as const
    const fold = [failed, failed].reduce(
      (held, result) => foldProbeResult(held, result, rules, instant(1)),
      foldFinding(UNKNOWN_ENDPOINT, finding, rules, instant(0)),
    )
    expect(mayTry(fold, instant(60_000))).toBe(false)
  })

  test('a fall that both facets see is one fall', () => {
    const finding = { route, endpoint: endpointKey('east'), reach: 'endpoint', phase: 'connect', detail: '' } as const
    const up = [passed, passed].reduce((held, result) => foldProbeResult(held, result, rules, instant(0)), UNKNOWN_ENDPOINT)
    const probesFirst = foldFinding(
      [failed, failed].reduce((held, result) => foldProbeResult(held, result, rules, instant(1)), up),
      finding,
      rules,
      instant(2),
    )
    const trafficFirst = [failed, failed].reduce(
      (held, result) => foldProbeResult(held, result, rules, instant(2)),
      foldFinding(up, finding, rules, instant(1)),
    )
    expect(probesFirst.hold.falls).toBe(1)
    expect(trafficFirst.hold.falls).toBe(1)
  })

  test('an ejection that nobody tries to end is forgotten a minute after its hold, but not that it fell', () => {
    const finding = { route, endpoint: endpointKey('east'), reach: 'route', phase: 'status', detail: '' } as const
    const fold = foldFinding(UNKNOWN_ENDPOINT, finding, rules, instant(0))
    expect(forgetOld(fold, HOLD, instant(89_000)).routes[route]?.ejection).toBeDefined()
    const forgotten = forgetOld(fold, HOLD, instant(90_001))
    expect(forgotten.routes[route]).toEqual({ hold: expect.objectContaining({ falls: 1 }) })
    expect(foldFinding(forgotten, finding, rules, instant(90_002)).routes[route]?.hold).toMatchObject({ falls: 2, length: 120_000 })
    expect(forgetOld(forgotten, HOLD, instant(630_001)).routes[route]).toBeUndefined()
  })

  test('while its probes fail nobody may try it: it is not forgotten', () => {
    const finding = { route, endpoint: endpointKey('east'), reach: 'endpoint', phase: 'status', detail: '' } as const
    const fell = foldFinding(UNKNOWN_ENDPOINT, finding, rules, instant(0))
    const down = [failed, failed].reduce((held, result) => foldProbeResult(held, result, rules, instant(1)), fell)
    const late = forgetOld(down, HOLD, instant(500_000))
    expect(late.ejection).toBeDefined()
    const up = [passed, passed].reduce((held, result) => foldProbeResult(held, result, rules, instant(500_001)), late)
    expect(forgetOld(up, HOLD, instant(559_000)).ejection).toBeDefined()
    expect(forgetOld(up, HOLD, instant(561_000)).ejection).toBeUndefined()
  })

  test('a clock that is set back an hour makes no hold longer than it is', () => {
    const finding = { route, endpoint: endpointKey('east'), reach: 'endpoint', phase: 'connect', detail: '' } as const
    let fold = foldFinding(UNKNOWN_ENDPOINT, finding, rules, instant(3_600_000))
    for (let now = 0; now <= 31_000; now += 1000) fold = forgetOld(fold, HOLD, instant(now))
    expect(mayTry(fold, instant(31_000))).toBe(true)
  })

  test('what is held as a whole is not tried because a route has served its time', () => {
    const finding = { route, endpoint: endpointKey('east'), phase: 'status', detail: '' } as const
    const first = foldFinding(UNKNOWN_ENDPOINT, { ...finding, reach: 'route' }, rules, instant(0))
    const fold = foldFinding(first, { ...finding, reach: 'endpoint' }, rules, instant(20_000))
    expect(mayTry(fold, instant(40_000))).toBe(false)
    expect(mayTry(fold, instant(50_000))).toBe(true)
  })
})
