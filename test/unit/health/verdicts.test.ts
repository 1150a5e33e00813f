import { describe, expect, test } from 'vitest'
import { endpointKey, routeId } from '../../../config/ids.ts'
import { instant } from '../../../config/units.ts'
import { distrustsItself } from '../../../durable-objects/policy/distrust.ts'
import { UNKNOWN_ENDPOINT } from '../../../durable-objects/policy/fold-endpoint.ts'
import { type Outcome, quorum, routeIsDown } from '../../../durable-objects/policy/quorum.ts'
import { type SettledVerdict, settleVerdict } from '../../../durable-objects/policy/settle-verdict.ts'
import type { Facet } from '../../../durable-objects/policy/vote.ts'
import { VantageState } from '../../../durable-objects/vantage-state.ts'
import { dice, SEED } from '../../seed.ts'
import { proven, vote } from './samples.ts'

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

  test(`law: the same fresh votes give the same verdict in whatever order they came, seed ${SEED}`, () => {
    const random = dice(SEED)
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
  test('up is restored after down, and not after unknown: that had its full share all along', () => {
    const at = (steps: readonly Outcome[]) =>
      steps.reduce<SettledVerdict | undefined>((held, step, index) => settleVerdict(held, step, instant(index * 1000)), undefined)
    expect(at(['undecided', 'up'])).toEqual({ verdict: 'up', since: 1000 })
    expect(at(['up', 'undecided', 'up'])).toEqual({ verdict: 'up', since: 0 })
    expect(at(['down', 'up'])).toEqual({ verdict: 'up', since: 1000, restored: true })
    expect(at(['down', 'up', 'undecided', 'up'])).toEqual({ verdict: 'up', since: 1000, restored: true })
    expect(at(['down', 'suspect', 'up'])).toEqual({ verdict: 'up', since: 2000 })
  })
  test('a restart of the vantage forgets neither the verdict nor that it was down before', () => {
    const settled = { verdict: 'up', since: instant(1000), restored: true } as const
    const key = endpointKey('k')
    const folds = new Map([[key, { ...UNKNOWN_ENDPOINT, settled }]])
    const kept = { incarnation: { createdAt: 1, bootCount: 2 }, bases: [], folds, transitions: [], keySets: new Map(), reports: [] }
    const state = new VantageState(kept, instant(5000))
    expect(state.fold(key).settled).toEqual({ ...settled, undecidedSince: 5000 })
    expect(settleVerdict(state.fold(key).settled, 'up', instant(6000))).toEqual(settled)
  })
  test('a clock that is set back an hour does not freeze a verdict for an hour', () => {
    const held = { verdict: 'down', since: instant(0), undecidedSince: instant(3_600_000) } as const
    expect(settleVerdict(held, 'undecided', instant(1000))).toMatchObject({ verdict: 'unknown' })
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
