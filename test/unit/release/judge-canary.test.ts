import { describe, expect, test } from 'vitest'
import { ms, seconds } from '../../../config/units.ts'
import { atNewStep, type Evidence, foldWindow, NO_EVIDENCE } from '../../../durable-objects/policy/compare-tracks.ts'
import { hardLimit } from '../../../durable-objects/policy/hard-limit.ts'
import { judgeCanary } from '../../../durable-objects/policy/judge-canary.ts'
import { firstOf, type Kind, run, SETTINGS, type Weather } from './simulate.ts'

const HOUR = 3600
const kind = (requests: number, failing = 0.005, slow = 0.04): Kind => ({ requests, failing, slow })
/** 50 requests a second, 5 % of them the canary's, in windows of 10 s, from the start of the release: nothing is known of stable before. */
const started =
  (canary: (at: number) => Kind, stable: (at: number) => Kind = () => kind(475)): Weather =>
  (at) => ({ all: { stable: stable(at), canary: canary(at) } })
const seeds = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1)

describe('a canary like stable', () => {
  const ends: { readonly rolledBack: number | undefined; readonly promoted: number | undefined }[] = []
  test.each([0, 250, 500, 750])('judged every 10 s for an hour, 250 seeds after %d', (after) => {
    for (const seed of seeds(250)) {
      const one = run(
        started(() => kind(25)),
        HOUR,
        after + seed,
      )
      ends.push({ rolledBack: firstOf(one, 'roll-back'), promoted: firstOf(one, 'promote') })
    }
  })
  test('of all 1,000 at most 10 are rolled back', () => {
    const rolledBack = ends.filter((end) => end.rolledBack !== undefined).length
    const promoted = ends.flatMap((end) => end.promoted ?? []).sort((a, b) => a - b)
    console.info(
      `identical tracks: ${rolledBack} of ${ends.length} rolled back, ${ends.length - promoted.length} never promoted, promoted after ${promoted[promoted.length >> 1]} s in the median`,
    )
    expect(ends.length).toBe(1000)
    expect(rolledBack).toBeLessThanOrEqual(10)
    expect(promoted.length).toBeGreaterThan(950)
    // Not before the smallest sample: 500 requests, 2.5 a second.
    expect(promoted[0]).toBeGreaterThanOrEqual(200)
  })

  test('exactly at the margin it is seldom rolled back, and seldom promoted', () => {
    const runs = seeds(100).map((seed) =>
      run(
        started(() => kind(25, 0.01)),
        HOUR,
        seed,
      ),
    )
    expect(runs.filter((one) => firstOf(one, 'roll-back') !== undefined).length).toBeLessThanOrEqual(5)
    expect(runs.filter((one) => firstOf(one, 'promote') !== undefined).length).toBeLessThanOrEqual(10)
  })

  test('with little traffic it is held, then inconclusive, and never promoted by time', () => {
    for (const seed of seeds(20)) {
      const { judgements, words } = run(
        started(
          () => kind(0.4),
          () => kind(8),
        ),
        2 * HOUR,
        seed,
      )
      expect(new Set(judgements.map(({ judgement }) => judgement.verdict)), `seed ${seed}`).toEqual(new Set(['hold', 'inconclusive']))
      expect(judgements.find(({ judgement }) => judgement.verdict === 'inconclusive')?.at).toBe(HOUR)
      expect(words).toMatch(/^The step is not decided after 120 minutes: somebody has to\. \d+ of 500 requests that a promotion needs\./)
    }
  })

  test('that gets more of a bad region’s requests is not taken for a bad one', () => {
    // Of the sick region 20 % fail on both tracks; the canary has most of its requests there, stable few.
    const mixed: Weather = () => ({
      'shop well': { stable: kind(450), canary: kind(5) },
      'shop sick': { stable: kind(25, 0.2, 0.3), canary: kind(20, 0.2, 0.3) },
    })
    const runs = seeds(50).map((seed) => run(mixed, HOUR, seed))
    expect(runs.filter((one) => firstOf(one, 'roll-back') !== undefined)).toEqual([])
    // The same counts without their regions would be.
    const blind = seeds(20).map((seed) =>
      run(
        started(
          () => kind(25, 0.161),
          () => kind(475, 0.0153),
        ),
        600,
        seed,
      ),
    )
    expect(blind.every((one) => firstOf(one, 'roll-back') !== undefined)).toBe(true)
  })

  test.each([0.08, 0.3, 0.9])('is neither rolled back nor promoted while %d of all requests fail', (failing) => {
    const outage = (at: number): boolean => at >= 600 && at < 1800
    for (const seed of seeds(20)) {
      const shared = (requests: number) => (at: number) => kind(requests, outage(at) ? failing : 0.005)
      const { judgements } = run(started(shared(25), shared(475)), HOUR, seed)
      expect(
        judgements.filter(({ judgement }) => judgement.verdict === 'roll-back'),
        `seed ${seed}`,
      ).toEqual([])
      const during = judgements.filter(({ at }) => at > 610 && at <= 1800)
      expect(
        during.filter(({ judgement }) => judgement.verdict === 'promote'),
        `seed ${seed}`,
      ).toEqual([])
    }
  })
})

describe('a bad canary', () => {
  test('with 10 % errors against 0.5 %: rolled back within 60 s of its first error window in 99 of 100 seeds', () => {
    const took = seeds(100).map((seed) => {
      const bad = run(
        started(() => kind(25, 0.1)),
        900,
        seed,
      )
      const first = bad.judgements.find(({ judgement }) => judgement.numbers.canary.failed > 0)?.at ?? Number.NaN
      return (firstOf(bad, 'roll-back') ?? Number.POSITIVE_INFINITY) - first
    })
    console.info(
      `bad canary: rolled back ${took.sort((a, b) => a - b)[50]} s after its first error window in the median, ${took.at(-1)} s at worst`,
    )
    expect(took.filter((length) => length <= 60).length).toBeGreaterThanOrEqual(99)
  })

  test('that turns bad after half an hour is rolled back within two minutes', () => {
    for (const seed of seeds(30)) {
      const late = run(
        started((at) => kind(25, at < 1800 ? 0.005 : 0.1)),
        2400,
        seed,
      )
      expect(firstOf(late, 'roll-back'), `seed ${seed}`).toBeGreaterThan(1800)
      expect(firstOf(late, 'roll-back'), `seed ${seed}`).toBeLessThanOrEqual(1920)
    }
  })

  test('whose every third request is slow is rolled back for that', () => {
    for (const seed of seeds(20)) {
      const slow = run(
        started(() => kind(25, 0.005, 0.35)),
        600,
        seed,
      )
      expect(slow.judgements.at(-1)?.judgement, `seed ${seed}`).toMatchObject({ verdict: 'roll-back', cause: 'slow' })
      expect(slow.words).toContain('percentage points more')
    }
  })

  test('that fails on one route of eight is rolled back although few of all requests fail', () => {
    const one: Weather = () =>
      Object.fromEntries(
        Array.from({ length: 8 }, (_, route) => [`route ${route}`, { stable: kind(60), canary: kind(3, route === 3 ? 0.3 : 0.005) }]),
      )
    for (const seed of seeds(20)) expect(firstOf(run(one, 900, seed), 'roll-back'), `seed ${seed}`).toBeLessThanOrEqual(600)
  })

  test('is not promoted in a long healthy run that turned bad just now', () => {
    let looks = 0
    let promoted = 0
    for (const seed of seeds(20)) {
      const late = run(
        started((at) => kind(25, at < 1800 ? 0.005 : 0.06)),
        2400,
        seed,
      )
      const after = late.judgements.filter(({ at }) => at > 1850)
      looks += after.length
      promoted += after.filter(({ judgement }) => judgement.verdict === 'promote').length
    }
    expect(promoted).toBeLessThan(looks / 10)
  })
})

describe('the hard limit', () => {
  const tally = (hits: number, attempts: number) => ({ attempts, hits })
  const nothing = tally(0, 0)
  test.each([
    { what: 'six of twenty, stable well', strata: [{ stable: tally(2, 400), canary: tally(6, 20) }], broken: true },
    { what: 'five of twenty, which is not above', strata: [{ stable: tally(2, 400), canary: tally(5, 20) }], broken: false },
    { what: 'all of nineteen', strata: [{ stable: tally(2, 400), canary: tally(19, 19) }], broken: false },
    { what: 'a shared outage', strata: [{ stable: tally(200, 400), canary: tally(14, 20) }], broken: false },
    {
      what: 'an outage of the region that has most of the canary',
      strata: [
        { stable: tally(20, 40), canary: tally(10, 20) },
        { stable: tally(1, 400), canary: nothing },
      ],
      broken: false,
    },
    {
      what: 'a canary that is dead beside a stable that fails a tenth',
      strata: [{ stable: tally(40, 400), canary: tally(25, 25) }],
      broken: true,
    },
    { what: 'no stable beside it', strata: [{ stable: nothing, canary: tally(6, 20) }], broken: true },
    { what: 'nothing', strata: [], broken: false },
  ])('$what: $broken', ({ strata, broken }) => expect(hardLimit(strata, SETTINGS) !== undefined).toBe(broken))

  test('says its numbers', () => {
    const limit = hardLimit([{ stable: tally(2, 400), canary: tally(12, 20) }], SETTINGS)
    expect(judgeCanary({ evidence: NO_EVIDENCE, settings: SETTINGS, stoodFor: ms(0), limit })).toMatchObject({
      verdict: 'roll-back',
      cause: 'hard-limit',
      words: '60 % of 20 requests of the canary failed within 10 s, above the hard limit of 25 %; of stable beside it 0.5 % of 400.',
    })
  })
})

describe('what is missing', () => {
  const window = (attempts: number): Parameters<typeof foldWindow>[1] => [
    {
      name: 'all',
      stable: { attempts: attempts * 19, failed: 0, latency: [attempts * 19] },
      canary: { attempts, failed: 0, latency: [attempts] },
    },
  ]
  const settled = (): Evidence =>
    Array.from({ length: 60 }).reduce<Evidence>((evidence) => foldWindow(evidence, window(25), SETTINGS), NO_EVIDENCE)
  const judge = (evidence: Evidence) => judgeCanary({ evidence, settings: SETTINGS, stoodFor: seconds(700) })

  test('nothing at all: hold, and say so', () => {
    const words = 'There is no route and region yet in which both tracks have served at the same time.'
    expect(judge(NO_EVIDENCE)).toMatchObject({ verdict: 'hold', cause: 'nothing-to-compare', words })
    expect(judge(foldWindow(NO_EVIDENCE, [], SETTINGS)).cause).toBe('nothing-to-compare')
  })
  test('enough, then a minute of silence: no promotion on what was', () => {
    let evidence = settled()
    expect(judge(evidence).verdict).toBe('promote')
    for (let silent = 0; silent < 6; silent += 1) evidence = foldWindow(evidence, [], SETTINGS)
    expect(judge(evidence)).toMatchObject({ verdict: 'hold', cause: 'silence' })
  })
  test('a new step: what speaks for the canary is earned anew, what speaks against it stays', () => {
    const failing = foldWindow(
      settled(),
      [{ name: 'all', stable: { attempts: 475, failed: 2, latency: [475] }, canary: { attempts: 25, failed: 3, latency: [25] } }],
      SETTINGS,
    )
    const next = atNewStep(failing)
    expect(judge(next)).toMatchObject({ verdict: 'hold', cause: 'nothing-to-compare' })
    expect(judge(next).numbers.chanceOfGood).toBe(judge(failing).numbers.chanceOfGood)
  })
  test('what other regions show speaks against the canary, and never for it', () => {
    const others = (failed: number) => [
      { name: 'west', stable: { attempts: 475, failed: 2, latency: [475] }, canary: { attempts: 100, failed, latency: [100] } },
    ]
    const bad = foldWindow(settled(), window(25), SETTINGS, others(20))
    expect(judge(bad)).toMatchObject({ verdict: 'roll-back', cause: 'errors', numbers: { canary: { failed: 0 } } })
    expect(judge(bad).words).toContain('The difference in steps before, or in other regions, is above 0.5 percentage points')
    // Also while nothing is heard of the step's own.
    expect(judge(foldWindow(NO_EVIDENCE, [], SETTINGS, others(20))).numbers.chanceOfGood).toBeLessThan(0.01)
    let alone = NO_EVIDENCE
    for (let at = 0; at < 60; at += 1) alone = foldWindow(alone, [], SETTINGS, others(0))
    expect(judge(alone)).toMatchObject({ verdict: 'hold', cause: 'nothing-to-compare', numbers: { chanceOfBad: 1 } })
  })
  test('evidence survives JSON and goes on as if nothing had happened', () => {
    const evidence = settled()
    const read: Evidence = JSON.parse(JSON.stringify(evidence))
    expect(foldWindow(read, window(20), SETTINGS)).toEqual(foldWindow(evidence, window(20), SETTINGS))
    expect(JSON.stringify(evidence).length).toBeLessThan(4000)
  })
})
