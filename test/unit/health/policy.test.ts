import { describe, expect, test } from 'vitest'
import type { HoldDownSettings } from '../../../config/base.ts'
import { endpointKey, isolateId, routeId, vantageId } from '../../../config/ids.ts'
import type { ReportRow } from '../../../config/report.ts'
import { draw, instant, ms } from '../../../config/units.ts'
import { distrustsItself } from '../../../durable-objects/policy/distrust.ts'
import { BASES_MAX, forgetBases, type KnownBase, learnBase, seeBase, targetsOf } from '../../../durable-objects/policy/fold-bases.ts'
import {
  foldFinding,
  foldProbation,
  foldProbeResult,
  forgetOld,
  mayTry,
  UNKNOWN_ENDPOINT,
} from '../../../durable-objects/policy/fold-endpoint.ts'
import { foldPeer, isFresh } from '../../../durable-objects/policy/fold-peer.ts'
import { foldProbe, NEVER_PROBED } from '../../../durable-objects/policy/fold-probe.ts'
import { fall, holdLeft, NEVER_FELL } from '../../../durable-objects/policy/hold-down.ts'
import { judgePair } from '../../../durable-objects/policy/judge-traffic.ts'
import type { ProbeResult } from '../../../durable-objects/policy/probe-result.ts'
import { quorum, routeIsDown } from '../../../durable-objects/policy/quorum.ts'
import { retryScale } from '../../../durable-objects/policy/scale-retries.ts'
import { assignProbes, isDue, nextProbe, REPROBE_AFTER } from '../../../durable-objects/policy/schedule-probes.ts'
import { settleVerdict } from '../../../durable-objects/policy/settle-verdict.ts'
import { FULL_BUCKET, takeToken } from '../../../durable-objects/policy/token-bucket.ts'
import { TrafficWindow } from '../../../durable-objects/policy/traffic-window.ts'
import type { Facet, PeerMessage, Vote } from '../../../durable-objects/policy/vote.ts'
import { mulberry, targetOf } from './world.ts'

const HOLD: HoldDownSettings = { base: ms(30_000), factor: 4, max: ms(600_000), memory: ms(600_000) }
const { monitor } = targetOf('east')
const passed: ProbeResult = { kind: 'passed', status: 200, latency: ms(20) }
const failed: ProbeResult = { kind: 'failed', phase: 'connect', latency: ms(5), detail: 'refused' }
const timedOut: ProbeResult = { kind: 'failed', phase: 'timeout', latency: ms(800), detail: 'no answer' }
const rules = { self: vantageId('weur'), holdDown: HOLD, monitor }

const vote = (probe: Facet, traffic: Facet = 'unknown', changes: Partial<Vote> = {}): Vote => ({
  endpoint: endpointKey('east'),
  probe,
  traffic,
  routesDown: [],
  routesUp: [],
  stood: ms(0),
  hold: ms(0),
  proof: { succeeded: 0, failed: 0 },
  reasons: [],
  ...changes,
})
const proven = { proof: { succeeded: 5, failed: 0 } }

describe('quorum', () => {
  test.each([
    // probe facets of the fresh votes (u up, d down, ? unknown), vantages configured, verdict
    ['uuu', 3, 'up'],
    ['uud', 3, 'up'],
    ['udd', 3, 'down'],
    ['ddd', 3, 'down'],
    ['dd', 3, 'down'],
    ['ud', 3, 'undecided'],
    ['uu', 3, 'up'],
    ['d', 3, 'undecided'],
    ['u', 3, 'undecided'],
    ['', 3, 'undecided'],
    ['d??', 3, 'undecided'],
    ['u??', 3, 'up'],
    ['dd?', 3, 'down'],
    ['???', 3, 'undecided'],
    ['uuudd', 5, 'up'],
    ['uuddd', 5, 'down'],
    ['uudd', 5, 'undecided'],
    ['udd', 5, 'down'],
    ['dd', 5, 'undecided'],
    ['uu', 5, 'undecided'],
    ['dd', 4, 'down'],
    ['udd', 4, 'down'],
    ['d', 2, 'undecided'],
    ['dd', 2, 'down'],
    ['ud', 2, 'undecided'],
    ['d', 1, 'down'],
    ['u', 1, 'up'],
    ['?', 1, 'undecided'],
    ['', 1, 'undecided'],
  ])('probes %s of %i vantages: %s', (facets, configured, expected) => {
    const votes = [...facets].map((facet) => vote(facet === 'u' ? 'up' : facet === 'd' ? 'down' : 'unknown'))
    expect(quorum(votes, configured)).toBe(expected)
  })

  test.each([
    ['gray failure at two vantages with traffic', [vote('up', 'down'), vote('up', 'down'), vote('up'), vote('up'), vote('up')], 'down'],
    ['gray failure at one', [vote('up', 'down'), vote('up'), vote('up'), vote('up'), vote('up')], 'up'],
    [
      'gray failure at two, three see it succeed',
      [vote('up', 'down'), vote('up', 'down'), vote('up', 'up'), vote('up', 'up'), vote('up', 'up')],
      'up',
    ],
    ['unreachable from one continent', [vote('down', 'down'), vote('down', 'down'), vote('up'), vote('up'), vote('up')], 'up'],
    ['unreachable from most', [vote('down', 'down'), vote('down', 'down'), vote('down', 'down'), vote('up'), vote('up')], 'down'],
    ['probes fail, traffic is proven', [vote('down', 'up', proven), vote('down'), vote('down')], 'suspect'],
    ['probes fail, four successes', [vote('down', 'up', { proof: { succeeded: 4, failed: 0 } }), vote('down'), vote('down')], 'down'],
    [
      'probes fail, one failure in the proof',
      [vote('down', 'up', proven), vote('down', 'up', { proof: { succeeded: 9, failed: 1 } }), vote('down')],
      'down',
    ],
    ['probes pass again, traffic does not', [vote('up', 'down'), vote('up', 'down'), vote('up', 'down')], 'down'],
  ] as const)('%s', (_name, votes, expected) => {
    expect(quorum(votes, votes.length)).toBe(expected)
  })

  test('law: the same fresh votes give the same verdict in whatever order they came', () => {
    const random = mulberry(7)
    const facets: readonly Facet[] = ['up', 'down', 'unknown']
    const any = (): Facet => facets[Math.floor(random() * 3)] as Facet
    for (let run = 0; run < 2000; run += 1) {
      const votes = Array.from({ length: Math.floor(random() * 6) }, () => vote(any(), any(), random() < 0.3 ? proven : {}))
      const shuffled = votes.map((each) => ({ each, order: random() })).sort((a, b) => a.order - b.order)
      const verdict = quorum(votes, 5)
      expect(
        quorum(
          shuffled.map(({ each }) => each),
          5,
        ),
      ).toBe(verdict)
      const down = votes.filter(({ probe, traffic }) => probe === 'down' || traffic === 'down').length
      // Never down without two votes, and without half of the vantages.
      if (verdict === 'down') expect(down).toBeGreaterThanOrEqual(2)
      if (verdict === 'down') expect(votes.length).toBeGreaterThanOrEqual(3)
    }
  })

  test('law: a vote that falls silent never makes a verdict down', () => {
    const all: readonly Facet[] = ['up', 'down', 'unknown']
    const facets = all.flatMap((a) => all.flatMap((b) => all.flatMap((c) => all.map((d) => [a, b, c, d]))))
    for (const each of facets) {
      const votes = each.map((facet) => vote(facet))
      if (quorum(votes, 4) === 'down') continue
      // Taking away an up-vote may leave two down-votes in the majority of those that still speak; taking a down-vote or an unknown one never does.
      votes.forEach((gone, index) => {
        if (gone.probe !== 'up') expect(quorum(votes.toSpliced(index, 1), 4)).not.toBe('down')
      })
    }
  })

  test('a route is down when two vantages say so and not more see it succeed', () => {
    const route = routeId('checkout')
    const down = vote('up', 'unknown', { routesDown: [route] })
    const up = vote('up', 'up', { routesUp: [route] })
    expect(routeIsDown([down, down, vote('up')], route, 3)).toBe(true)
    expect(routeIsDown([down, vote('up'), vote('up')], route, 3)).toBe(false)
    expect(routeIsDown([down, down, up, up], route, 5)).toBe(false)
    expect(routeIsDown([down, down], route, 5)).toBe(false)
    expect(routeIsDown([down], route, 1)).toBe(true)
  })
})

describe('settled verdict', () => {
  test('what was said last stands for 60 s without a quorum, then nothing is known', () => {
    let settled = settleVerdict(undefined, 'down', instant(0))
    settled = settleVerdict(settled, 'undecided', instant(1000))
    expect(settleVerdict(settled, 'undecided', instant(60_999))).toMatchObject({ verdict: 'down', since: 0 })
    expect(settleVerdict(settled, 'undecided', instant(61_000))).toMatchObject({ verdict: 'unknown', since: 61_000 })
    expect(settleVerdict(settled, 'down', instant(30_000))).toEqual({ verdict: 'down', since: 0 })
  })
  test('law: undecided never makes down', () => {
    for (const verdict of ['up', 'suspect', 'unknown'] as const) {
      for (let now = 0; now < 200_000; now += 999) {
        expect(settleVerdict({ verdict, since: instant(0), undecidedSince: instant(0) }, 'undecided', instant(now)).verdict).not.toBe(
          'down',
        )
      }
    }
  })
})

describe('distrust', () => {
  const opinions = (facets: string) =>
    new Map(
      [...facets].map((facet, index) => [endpointKey(`${index}`), facet === 'u' ? 'up' : facet === 'd' ? 'down' : 'unknown'] as const),
    )
  test.each([
    ['everything is down here only', 'ddd', ['uuu', 'uuu'], true],
    ['two of three die, seen by all', 'ddu', ['ddu', 'ddu'], false],
    ['two of three die, one peer has not seen it yet', 'ddu', ['ddu', 'uuu'], false],
    ['two of three die, seen here first', 'ddu', ['uuu', 'uuu'], true],
    ['one of three', 'duu', ['uuu', 'uuu'], false],
    ['half of four is not more than half', 'dduu', ['uuuu', 'uuuu'], false],
    ['one peer alone is no majority', 'ddd', ['uuu'], false],
    ['nobody to ask', 'ddd', [], false],
    ['peers without an opinion', 'ddd', ['???', '???'], false],
    ['nothing probed', '???', ['uuu', 'uuu'], false],
    ['the only one that sees things well', 'uuu', ['ddd', 'ddd', 'uuu'], true],
  ])('%s', (_name, own, peers, expected) => {
    expect(distrustsItself(opinions(own), peers.map(opinions))).toBe(expected)
  })
})

describe('hold-down', () => {
  test('30 s, then four times as long with each fall, 10 min at most; forgotten 10 min after a hold has ended', () => {
    let hold = fall(NEVER_FELL, HOLD, instant(0))
    const lengths = [hold.length]
    for (let falls = 0; falls < 4; falls += 1) {
      hold = fall(hold, HOLD, instant(hold.until + 1000))
      lengths.push(hold.length)
    }
    expect(lengths).toEqual([30_000, 120_000, 480_000, 600_000, 600_000])
    expect(fall(hold, HOLD, instant(hold.until + 600_001)).length).toBe(30_000)
  })
  test('a clock that is set back holds for the length of the hold, no longer', () => {
    const hold = fall(NEVER_FELL, HOLD, instant(1_000_000))
    expect(holdLeft(hold, instant(400_000))).toBe(30_000)
    expect(holdLeft(hold, instant(1_030_000))).toBe(0)
  })
  test.each([
    [120_000, 4],
    [600_000, 6],
  ])('law: a flap of 3 s / 3 s for %i ms makes at most %i transitions, whatever its phase', (length, most) => {
    for (let phase = 0; phase < 6000; phase += 250) {
      let fold = UNKNOWN_ENDPOINT
      let transitions = 0
      for (let now = 0; now < length; now += 1000) {
        const before = fold.probe.facet
        fold = foldProbeResult(fold, (now + phase) % 6000 < 3000 ? passed : failed, rules, instant(now))
        if (before !== 'unknown' && fold.probe.facet !== before) transitions += 1
      }
      expect(transitions).toBeLessThanOrEqual(most)
    }
  })
})

describe('probes', () => {
  test.each([
    ['p', 'unknown'],
    ['f', 'unknown'],
    ['pp', 'up'],
    ['ff', 'down'],
    ['pf', 'unknown'],
    ['pff', 'down'],
    ['ppfp', 'up'],
    ['ppffp', 'down'],
    ['ppffpp', 'up'],
    ['ppfpfpfp', 'up'],
  ])('results %s: %s', (results, facet) => {
    const fold = [...results].reduce(
      (held, result, index) => foldProbe(held, result === 'p' ? passed : failed, { monitor, held: false }, instant(index)),
      NEVER_PROBED,
    )
    expect(fold.facet).toBe(facet)
  })
  test('held down, passes restore nothing until the hold is over', () => {
    const down = [failed, failed].reduce((held, result) => foldProbe(held, result, { monitor, held: false }, instant(0)), NEVER_PROBED)
    const passing = [passed, passed, passed].reduce((held, result) => foldProbe(held, result, { monitor, held: true }, instant(1)), down)
    expect(passing.facet).toBe('down')
    expect(foldProbe(passing, passed, { monitor, held: false }, instant(2)).facet).toBe('up')
  })
  test('no opinion before two own probes, even when one is asked for', () => {
    const quick = { ...monitor, consecutiveDown: 1, consecutiveUp: 1 }
    const once = foldProbe(NEVER_PROBED, failed, { monitor: quick, held: false }, instant(0))
    expect(once.facet).toBe('unknown')
    expect(foldProbe(once, failed, { monitor: quick, held: false }, instant(1)).facet).toBe('down')
  })
  test('after a first failure 250 ms, otherwise the interval within 5 % either way', () => {
    const up = [passed, passed].reduce((held, result) => foldProbe(held, result, { monitor, held: false }, instant(0)), NEVER_PROBED)
    const ended = { startedAt: instant(10_000), now: instant(10_020) }
    expect(nextProbe(foldProbe(up, failed, { monitor, held: false }, instant(0)), monitor, ended, draw(0.5))).toBe(10_020 + REPROBE_AFTER)
    for (const roll of [0, 0.5, 0.999]) {
      const next = nextProbe(up, monitor, ended, draw(roll)) - 10_000
      expect(next).toBeGreaterThanOrEqual(950)
      expect(next).toBeLessThanOrEqual(1050)
    }
    const down = [failed, failed].reduce((held, result) => foldProbe(held, result, { monitor, held: false }, instant(0)), up)
    expect(nextProbe(down, monitor, ended, draw(0.5))).toBe(11_000)
  })
  test('due when the time has come, when never planned, and when the clock was set back', () => {
    expect(isDue(undefined, monitor, instant(0))).toBe(true)
    expect(isDue(instant(1000), monitor, instant(999))).toBe(false)
    expect(isDue(instant(1000), monitor, instant(1000))).toBe(true)
    expect(isDue(instant(600_000), monitor, instant(1000))).toBe(true)
  })
  test.each([
    [6, 0, []],
    [7, 7, [6, 1]],
    [20, 13, [6, 6, 1]],
  ])('of %i due endpoints, %i silent: handed over %j', (due, silent, handed) => {
    const keys = Array.from({ length: due }, (_, index) => endpointKey(`e${String(index).padStart(2, '0')}`))
    const plan = assignProbes(keys, keys.slice(0, silent))
    expect(plan.handedOver.map((keys) => keys.length)).toEqual(handed)
    expect([...plan.own, ...plan.handedOver.flat()].sort()).toEqual(keys)
  })
  test('a timeout is remembered as one', () => {
    expect(foldProbe(NEVER_PROBED, timedOut, { monitor, held: false }, instant(0)).timedOut).toBe(true)
    expect(foldProbe(NEVER_PROBED, failed, { monitor, held: false }, instant(0)).timedOut).toBe(false)
  })
})

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

  test('what was forgiven is not held against it again; what is old neither', () => {
    const traffic = window(['a', hang, well])
    traffic.forgive(endpointKey('east'))
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

  test('an ejection that nobody tries to end is forgotten 10 min after its hold', () => {
    const finding = { route, endpoint: endpointKey('east'), reach: 'route', phase: 'status', detail: '' } as const
    const fold = foldFinding(UNKNOWN_ENDPOINT, finding, rules, instant(0))
    expect(forgetOld(fold, HOLD, instant(629_000)).routes[route]?.ejection).toBeDefined()
    expect(forgetOld(fold, HOLD, instant(630_001)).routes[route]).toBeUndefined()
  })
})

describe('bounds', () => {
  test('law: at most 400 tokens in any second, whatever the arrivals', () => {
    const random = mulberry(3)
    let bucket = FULL_BUCKET
    const taken: number[] = []
    for (let now = 0; now < 10_000; now += random() * 2) {
      const result = takeToken(bucket, instant(now))
      bucket = result.bucket
      if (result.taken) taken.push(now)
    }
    for (let first = 0; first < taken.length; first += 1) {
      const inSecond = taken.filter((at) => at >= (taken[first] as number) && at < (taken[first] as number) + 1000).length
      expect(inSecond).toBeLessThanOrEqual(401)
    }
    expect(taken.length).toBeGreaterThan(3000 - 100)
  })
  test('a clock that is set back does not stop the refill', () => {
    let bucket = { tokens: 0, filledAt: instant(600_000) }
    bucket = takeToken(bucket, instant(0)).bucket
    expect(takeToken(bucket, instant(100)).taken).toBe(true)
  })
  test.each([
    [100, 100, 1],
    [100, 120, 1],
    [100, 128, 0.8],
    [100, 140, 0.5],
    [100, 160, 0],
    [100, 300, 0],
    [49, 147, 1],
    [0, 0, 1],
  ])('%i requests and %i attempts: retries scaled by %d', (requests, attempts, scale) => {
    expect(retryScale([{ requests, attempts }])).toBeCloseTo(scale)
  })
})

describe('peers', () => {
  const message = (createdAt: number, bootCount: number, seq: number): PeerMessage => ({
    format: 1,
    from: vantageId('weur'),
    incarnation: { createdAt, bootCount },
    seq,
    abstains: false,
    votes: [],
    load: { requests: 0, attempts: 0 },
    knows: [],
    bases: [],
    needs: [],
    documents: [],
  })
  test.each([
    ['a newer message', message(1, 1, 6), true],
    ['the same again', message(1, 1, 5), false],
    ['an older one that was late', message(1, 1, 4), false],
    ['a later life with a smaller number', message(1, 2, 1), true],
    ['a zombie twin with a larger one', message(1, 0, 99), false],
    ['storage made anew', message(2, 1, 1), true],
  ])('%s', (_name, arrived, taken) => {
    const held = foldPeer(undefined, message(1, 1, 5), instant(0))
    const next = foldPeer(held, arrived, instant(1000))
    expect(next.message === arrived).toBe(taken)
    expect(next.advancedAt).toBe(taken ? 1000 : 0)
  })
  test('fresh for 3 s by the clock of the receiver', () => {
    const peer = foldPeer(undefined, message(1, 1, 1), instant(1000))
    expect([999, 1000, 3999, 4000].map((now) => isFresh(peer, instant(now)))).toEqual([false, true, true, false])
  })
})

describe('bases', () => {
  const base = (hash: string, endpoints: readonly string[] = [hash]) => ({
    hash,
    targets: endpoints.map(targetOf),
    vantages: [vantageId('weur')],
    holdDown: HOLD,
  })
  test('the last four by last-seen are kept; the targets are their union, the newest first', () => {
    let known: readonly KnownBase[] = []
    for (let index = 1; index <= 6; index += 1) {
      known = learnBase(known, base(`b${index}`, [`e${index}`, 'shared']), instant(index), instant(index))
      known = seeBase(known, 'b1', instant(index + 0.5))
    }
    expect(known.map((entry) => entry.base.hash)).toEqual(['b6', 'b5', 'b4', 'b1'])
    expect(known).toHaveLength(BASES_MAX)
    expect([...targetsOf(known).keys()]).toEqual(['e6', 'shared', 'e5', 'e4', 'e1'])
  })
  test('one that nobody names for an hour is dropped, but never the last', () => {
    const known = learnBase(learnBase([], base('old'), instant(0), instant(0)), base('new'), instant(1), instant(1))
    expect(forgetBases(known, instant(3_700_000)).map((entry) => entry.base.hash)).toEqual(['new'])
  })
})
