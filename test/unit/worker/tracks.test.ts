/** What becomes of a request on the canary: who rescues it, where a write goes, what is learnt of whom, and what is counted. */
import { describe, expect, test } from 'vitest'
import { type DurationMs, instant, ms, seconds } from '../../../config/units.ts'
import { countTracks } from '../../../worker/observe/count-tracks.ts'
import type { Outcome } from '../../../worker/policy/classify-outcome.ts'
import type { AttemptFact } from '../../../worker/policy/ledger.ts'
import type { Plan, PlannedTrack } from '../../../worker/policy/plan.ts'
import { copyTimeout, judgeAttempt, latencyPlace, takeTrackCounts, timeOnTracks } from '../../../worker/policy/track-counts.ts'
import { dice } from '../../seed.ts'
import { RETRY } from '../../workerd/gateway/base.ts'
import { type ReleasedParts, releasedBase } from '../../workerd/gateway/released.ts'
import { answers, type Behaviour, type Carried, type Client, FAILURES, VirtualGateway } from './carry.ts'

const at = (...ids: readonly string[]) => ids.map((id, index) => ({ id, origin: `https://${id}.test`, region: `region-${index}` }))
const POOLS = { stable: at('s1', 's2'), canary: at('c1', 'c2') }
const {
  resets = answers(),
  hangs = answers(),
  refuses = answers(),
  'answers 503': unavailable = answers(),
  'answers 521': unsent = answers(),
} = FAILURES

function gatewayOf(behaviours: Readonly<Record<string, Behaviour>>, parts: ReleasedParts = POOLS): VirtualGateway {
  return new VirtualGateway(releasedBase(parts), { s1: answers(), s2: answers(), c1: answers(), c2: answers(), ...behaviours }, dice(1))
}

const tracksOf = ({ ledger }: Carried) =>
  ledger.attempts.map(({ candidate: { endpoint, route }, kind }) => `${kind} ${endpoint.id} of ${route.weighted.pool}`)
const onCanary = (behaviours: Readonly<Record<string, Behaviour>>, parts?: ReleasedParts, client: Client = {}) =>
  gatewayOf(behaviours, parts).carry({ canary: true, ...client })

describe('a request on the canary', () => {
  test('stays there while it is answered', () => expect(tracksOf(onCanary({}))).toEqual(['first c1 of canary']))
  test('is passed a 500, as on stable', () => expect(tracksOf(onCanary({ c1: answers(500) }))).toEqual(['first c1 of canary']))
  test('is rescued there first', () => expect(tracksOf(onCanary({ c1: resets }))).toEqual(['first c1 of canary', 'rescue c2 of canary']))
  test('then on stable', () =>
    expect(tracksOf(onCanary({ c1: resets, c2: unavailable }))).toEqual([
      'first c1 of canary',
      'rescue c2 of canary',
      'rescue s1 of stable',
    ]))
  test('goes to stable at once when one attempt is left', () =>
    expect(tracksOf(onCanary({ c1: resets }, { ...POOLS, route: { retry: { ...RETRY, attemptsMax: 2 } } }))).toEqual([
      'first c1 of canary',
      'rescue s1 of stable',
    ]))
  test('goes to stable when nobody else is on the canary', () =>
    expect(tracksOf(onCanary({ c1: resets }, { ...POOLS, canary: at('c1') }))).toEqual(['first c1 of canary', 'rescue s1 of stable']))
  test('stays on stable from then on', () =>
    expect(tracksOf(onCanary({ c1: resets, s1: resets }, { ...POOLS, canary: at('c1') }))).toEqual([
      'first c1 of canary',
      'rescue s1 of stable',
      'retry s2 of stable',
    ]))
  test('is not rescued where nothing is', () =>
    expect(tracksOf(onCanary({ c1: resets, c2: resets }, { ...POOLS, route: { retry: { ...RETRY, attemptsMax: 1 } } }))).toEqual([
      'first c1 of canary',
    ]))
  test('begins on stable when the canary is full', () => {
    const full = {
      ...POOLS,
      canary: at('c1').map((each) => ({ ...each, concurrency: 1 })),
      pool: { limits: { adaptive: false, classes: ['normal' as const] } },
    }
    const gateway = gatewayOf({ c1: answers(200, ms(500)) }, full)
    gateway.send({ canary: true })
    expect(tracksOf(gateway.carry({ canary: true }))).toEqual(['first s1 of stable'])
  })
  test('is hedged on the canary alone', () => {
    const hedge = { after: { kind: 'fixed' as const, delay: ms(100) }, share: 1 as never }
    const hedged = (canary: ReturnType<typeof at>) => {
      const gateway = gatewayOf({ c1: answers(200, ms(250)) }, { ...POOLS, canary, route: { hedge } })
      gateway.carry({ canary: true })
      return tracksOf(gateway.carry({ canary: true }))
    }
    expect(hedged(at('c1', 'c2'))).toEqual(['first c1 of canary', 'hedge c2 of canary'])
    expect(hedged(at('c1'))).toEqual(['first c1 of canary'])
  })
})

describe('a write on the canary', () => {
  const write = (behaviour: Behaviour, route: ReleasedParts['route'] = {}) =>
    tracksOf(onCanary({ c1: behaviour, c2: behaviour }, { ...POOLS, route }, { method: 'POST' }))
  test('that the canary may have seen is not sent to stable', () => expect(write(resets)).toEqual(['first c1 of canary']))
  test('not even where writes go anywhere', () => {
    const attempts = write(resets, { writes: 'anywhere' })
    expect(attempts.length).toBeGreaterThan(1)
    expect(attempts.filter((each) => each.endsWith('stable'))).toEqual([])
  })
  test('that was certainly not sent goes on', () => expect(write(unsent)).toContain('rescue s1 of stable'))
})

describe('when everything on the canary fails', () => {
  test.each(Object.entries({ resets, hangs, refuses, unavailable }))(
    'nobody of it sees that (%s), and stable pays no budget',
    (_, failure) => {
      const gateway = gatewayOf({ c1: failure, c2: failure })
      const carried = gateway.load(50, seconds(12), (index) => ({ canary: true, network: `network ${index % 50}` }))
      expect(carried.filter(({ step }) => step.kind !== 'answer' || step.attempt.outcome?.kind !== 'answered').map(tracksOf)).toEqual([])
      expect(carried.flatMap(({ ledger }) => ledger.attempts).filter(({ kind }) => kind === 'retry')).toEqual([])
    },
  )

  test('the same pool loses no endpoint for stable', () => {
    const { canary: _, ...same } = POOLS
    const gateway = new VirtualGateway(releasedBase(same), { s1: answers(), s2: answers() }, dice(2))
    const [canary, stable] = [gateway.canaryOf(gateway.route), gateway.route]
    const broken = { s1: unavailable, s2: unavailable }
    for (const [id, behaviour] of Object.entries(broken)) gateway.behaviours.set(id, behaviour)
    gateway.load(50, seconds(5), (index) => ({ canary: true, network: `network ${index % 50}` }))
    expect(stable.candidates.map(({ outlier }) => outlier.standing.kind)).toEqual(['in', 'in'])
    expect([...(canary.shared ?? [])]).toEqual(['key of s1', 'key of s2'])
    expect(stable.shared).toBeUndefined()
    expect(canary.budget).toBe(stable.budget)
  })
})

describe('what is counted', () => {
  const gateway = gatewayOf({})
  const [canary] = gateway.canaryOf(gateway.route).candidates
  const [stable] = gateway.route.candidates
  const track = (parts: Partial<PlannedTrack>): PlannedTrack => ({
    release: releasedBase(POOLS).releases?.[0] as PlannedTrack['release'],
    choice: { track: 'canary', why: 'share' },
    canaryOut: false,
    counted: true,
    ...parts,
  })
  const fact = (outcome: Outcome | undefined, parts: Partial<AttemptFact> = {}): AttemptFact => ({
    attempt: 1,
    candidate: canary as AttemptFact['candidate'],
    kind: 'first',
    steered: 'listed',
    onTrial: false,
    startedAt: instant(0),
    timeout: ms(300),
    sentAt: instant(0),
    headAt: undefined,
    expired: false,
    endedAt: instant(40),
    outcome,
    ...parts,
  })
  const counted = (attempts: readonly AttemptFact[], parts: Partial<PlannedTrack> = {}) => {
    takeTrackCounts(gateway.state.trackCounters)
    countTracks({ track: track(parts) } as Plan, { attempts: [...attempts], clientGone: false })
    return takeTrackCounts(gateway.state.trackCounters)?.map(({ track: which, region, attempts: total, failed, latency, mirrored }) => [
      which,
      region,
      mirrored,
      total,
      failed,
      latency.flatMap((many, place) => (many === 0 ? [] : [place])),
    ])
  }
  const place = latencyPlace(40)

  test.each<[string, ...facts: [Outcome | undefined, failed: number | undefined], ...more: Partial<AttemptFact>[]]>([
    ['an answer', { kind: 'answered', status: 200 }, 0],
    ['a 404', { kind: 'answered', status: 404 }, 0],
    ['a 500', { kind: 'answered', status: 500 }, 1],
    ['a 503', { kind: 'failed-status', status: 503, phase: 'status', originSaw: 'unknown' }, 1],
    ['a 429 with a pause', { kind: 'overloaded', status: 429, retryAfter: ms(1000) }, 0],
    ['a 503 of a mesh that sheds', { kind: 'overloaded', status: 503, retryAfter: ms(1000) }, 1],
    ['a reset', { kind: 'failed', phase: 'reset', originSaw: 'unknown' }, 1],
    ['a reset while its client still sent', { kind: 'failed', phase: 'reset', originSaw: 'unknown' }, undefined, { sentAt: undefined }],
    ['rubbish', { kind: 'bad-response' }, 1],
    ['silence', { kind: 'timed-out' }, 1, { endedAt: instant(5000) }],
    ['silence of a client in a hurry', { kind: 'timed-out' }, undefined],
    ['a client that went', { kind: 'client-gone' }, undefined],
    ['one that answered after its time', { kind: 'answered', status: 200 }, 1, { expired: true }],
    ['one that lost to its hedge', { kind: 'superseded' }, 0],
  ])('%s', (...[, outcome, failed, parts]) => {
    const found = counted([fact(outcome, parts)])
    expect(found?.map(([which, region, mirrored, total, bad]) => [which, region, mirrored, total, bad])).toEqual(
      failed === undefined ? undefined : [['canary', 'region-0', false, 1, failed]],
    )
  })

  const SLOW = { stable: at('s1'), canary: at('c1') }
  test.each([
    { what: 'a request that may be sent again', client: {}, more: {}, failed: 1 },
    { what: 'one in time', client: {}, more: {}, length: 250, failed: 0 },
    { what: 'a write that nothing may follow', client: { method: 'POST' }, more: { replay: 'if-unsent' as const }, failed: 0 },
    { what: 'an upload that is gone', client: { streamed: true }, more: { body: 'streamed' as const }, failed: 0 },
  ])('the same slowness is the same on both tracks, each of one endpoint: $what', ({ client, more, length = 350, failed }) => {
    const slow = answers(200, ms(length))
    for (const canary of [false, true]) {
      const one = gatewayOf({ s1: slow, c1: slow }, SLOW)
      const { ledger } = one.carry({ canary, ...client })
      expect(ledger.attempts[0]?.timeout !== undefined).toBe(canary && Object.keys(more).length === 0)
      const plan = { route: one.route, replay: 'anywhere', body: 'kept', track: track({}), ...more } as Plan
      countTracks(plan, ledger)
      expect(takeTrackCounts(one.state.trackCounters)?.map((each) => [each.track, each.attempts, each.failed])).toEqual([
        [canary ? 'canary' : 'stable', 1, failed],
      ])
    }
  })

  test('while there are copies, which are broken off after the time of an attempt, stable is held to that time as well', () => {
    const { ledger } = gatewayOf({ s1: answers(200, ms(350)) }, SLOW).carry({})
    const mirror = {} as NonNullable<PlannedTrack['mirror']>
    expect(timeOnTracks({ route: gateway.route, replay: 'if-unsent', body: 'kept', track: track({ mirror }) })).toBe(ms(300))
    expect(ledger.attempts.map((each) => judgeAttempt(each, ms(300)))).toEqual(['failed'])
    expect(copyTimeout(ms(60_000))).toBe(25_000)
  })

  test('how long the head took, and nothing where none came', () => {
    expect(counted([fact({ kind: 'answered', status: 200 })])?.[0]?.[5]).toEqual([place])
    expect(counted([fact({ kind: 'failed', phase: 'reset', originSaw: 'unknown' })])?.[0]?.[5]).toEqual([])
  })

  test('the first attempt, not what rescued it', () => {
    const rescue = fact({ kind: 'answered', status: 200 }, { kind: 'rescue', candidate: stable as AttemptFact['candidate'] })
    expect(counted([fact({ kind: 'bad-response' }), rescue])).toEqual([['canary', 'region-0', false, 1, 1, []]])
  })

  test('not a trial, nor who chose their track', () => {
    expect(counted([fact({ kind: 'answered', status: 200 }, { kind: 'probation' })])).toBeUndefined()
    expect(counted([fact({ kind: 'answered', status: 200 })], { counted: false })).toBeUndefined()
  })

  test('a canary that nobody could ask has failed', () =>
    expect(counted([], { counted: false, canaryOut: true, missed: canary as NonNullable<PlannedTrack['missed']> })).toEqual([
      ['canary', 'region-0', false, 1, 1, []],
    ]))

  test('taken once', () => {
    counted([fact({ kind: 'answered', status: 200 })])
    expect(takeTrackCounts(gateway.state.trackCounters)).toBeUndefined()
  })

  test.each([
    [0, 0],
    [1, 0],
    [1.1, 1],
    [1_000_000, 44],
  ])('%d ms has place %d', (length, expected) => expect(latencyPlace(length as DurationMs)).toBe(expected))
})

describe('the same pool with other headers', () => {
  const { canary: _, ...same } = POOLS
  const alone = { stable: at('s1') }
  const forCanary = (behaviour: Behaviour, parts: ReleasedParts) => {
    let first = true
    const once: Behaviour = (...asked) => {
      const failing = first
      first = false
      return (failing ? behaviour : answers())(...asked)
    }
    return tracksOf(onCanary({ s1: once }, parts))
  }
  test('an answer that says no is rescued in the canary, then on stable', () => {
    expect(forCanary(unavailable, same)).toEqual(['first s1 of stable', 'rescue s2 of stable'])
    expect(forCanary(unavailable, alone)).toEqual(['first s1 of stable', 'rescue s1 of stable'])
  })
  test('with one attempt left, who gave no answer is not asked again while there is another', () => {
    const hasty = { ...same, route: { retry: { ...RETRY, attemptsMax: 2 } } }
    expect(forCanary(resets, hasty)).toEqual(['first s1 of stable', 'rescue s2 of stable'])
    expect(forCanary(unavailable, hasty)).toEqual(['first s1 of stable', 'rescue s1 of stable'])
    expect(forCanary(resets, alone)).toEqual(['first s1 of stable', 'rescue s1 of stable'])
  })
})
