/** The release engine in the director, over vantages of the virtual world: what isolates report moves the release, and nothing else does. */
import { expect, test } from 'vitest'
import type { Change, TrackCounts } from '../../../config/director.ts'
import { isolateId, releaseId, routeId } from '../../../config/ids.ts'
import type { CanaryVerdict, JudgementCause } from '../../../config/judgement.ts'
import type { AttemptReport } from '../../../config/report.ts'
import { instant, ms, seconds, share } from '../../../config/units.ts'
import { isNoteworthy, NO_RUN } from '../../../durable-objects/policy/run-evidence.ts'
import { dice } from '../../seed.ts'
import { BASE, type DirectorNode, releaseOf, told, withDirector } from '../director/director-world.ts'
import type { World } from '../health/world.ts'
import { binomial, SETTINGS } from './simulate.ts'

const NOBODY = { attempts: 0, failed: 0, slow: 0 }
const CHECKOUT = releaseId('checkout')
const act = (action: 'start' | 'pause' | 'approve' | 'promote' | 'rollback'): Change => ({ kind: 'release', release: CHECKOUT, action })
const STEPS = [
  { weight: share(0), mirror: share(0.05), pause: seconds(30), approval: false },
  { weight: share(0.05), pause: seconds(30), approval: false },
  { weight: share(0.25), pause: seconds(30), approval: true },
]
/** Wide margins: what is looked at here is who is asked and who answers, and evidence takes its time in `judge-canary.test.ts`. */
const QUICK = { ...SETTINGS, minimumSample: 50, errorMargin: share(0.04), slowFactor: 5 }
const SCENE = { ...BASE, releases: [releaseOf('checkout', { steps: STEPS })] }

/** Isolates at three vantages, 50 requests a second in all; the canary has what its weight gives it, and what is mirrored to it. */
class Traffic {
  readonly world: World
  readonly roll: () => number
  failing: { stable: number; canary: number } = { stable: 0.002, canary: 0.002 }
  #seq = 0
  constructor(world: World, seed: number) {
    this.world = world
    this.roll = dice(seed)
  }

  async second(): Promise<void> {
    const overlay = (await told(this.world))[0]
    const order = overlay?.releases[CHECKOUT]
    this.#seq += 1
    for (const [index, node] of [...this.world.nodes.values()].entries()) {
      const requests = [17, 17, 16][index] ?? 0
      const canary = binomial(requests, order?.killed === true ? 0 : (order?.regions?.['us-east-1'] ?? order?.weight ?? 0), this.roll)
      const copied = binomial(requests - canary, order?.mirror ?? 0, this.roll)
      const rows = [
        this.#row('stable', false, requests - canary),
        this.#row('canary', false, canary),
        this.#row('canary', true, copied),
      ].filter(({ attempts }) => attempts > 0)
      await node.core.report(node.name, reportOf(`isolate ${node.name}`, this.#seq, rows))
    }
    await this.world.run(1000)
  }

  async seconds(count: number): Promise<void> {
    for (let second = 0; second < count; second += 1) await this.second()
  }

  #row(track: 'stable' | 'canary', mirrored: boolean, attempts: number): TrackCounts {
    const failed = binomial(attempts, this.failing[track], this.roll)
    const latency = [...new Array<number>(10).fill(0), attempts]
    return { release: CHECKOUT, track, route: routeId('buy'), region: 'us-east-1', mirrored, attempts, failed, latency }
  }
}

const reportOf = (isolate: string, seq: number, tracks: readonly TrackCounts[]): AttemptReport => ({
  isolate: isolateId(isolate),
  seq,
  base: 'base',
  covers: ms(1000),
  requests: 0,
  attempts: 0,
  rows: [],
  tracks,
})

const orderAt = async (world: World) => (await told(world))[0]?.releases[CHECKOUT]
const releaseIn = async (director: DirectorNode) => (await director.settled(director.core.view())).releases[0]

async function until(traffic: Traffic, holds: () => Promise<boolean>, limit: number): Promise<number> {
  for (let second = 1; second <= limit; second += 1) {
    await traffic.second()
    if (await holds()) return second
  }
  throw new Error(`not in ${limit} s`)
}

test('a canary that is well goes from mirroring to the approval, and on when it is given', async () => {
  const { world, director } = await withDirector({ ...BASE, releases: [releaseOf('checkout', { steps: STEPS, analysis: QUICK })] })
  const traffic = new Traffic(world, 3)
  await traffic.seconds(30)
  await director.change([act('start')])
  await world.run(500)
  expect(await orderAt(world)).toMatchObject({ weight: 0, mirror: 0.05 })
  await until(traffic, async () => (await orderAt(world))?.weight === 0.05, 900)
  expect(await releaseIn(director)).toMatchObject({ phase: 'running', step: 1 })
  await until(traffic, async () => (await releaseIn(director))?.phase === 'waiting-approval', 900)
  expect((await orderAt(world))?.weight).toBe(0.05)
  await director.change([act('approve')])
  await world.run(500)
  expect((await orderAt(world))?.weight).toBe(0.25)
  const { entries } = await director.settled(director.core.audit({}))
  const moves = entries.filter(({ door, judgement }) => door === 'release' && judgement === undefined)
  expect(moves.length).toBe(2)
  expect(moves[0]?.reason).toMatch(/^Release checkout waits for an approval at step 2 of 3 \(5 %\)\. \d.* Both are within the margins/)
})

test('a bad canary is rolled back, with its numbers in the audit, the view and the problems; nothing raises it again', async () => {
  const { world, director } = await withDirector({ ...SCENE, releases: [releaseOf('checkout', { steps: STEPS.slice(1) })] })
  const traffic = new Traffic(world, 5)
  await traffic.seconds(30)
  await director.change([act('start')])
  traffic.failing = { stable: 0.005, canary: 0.1 }
  const took = await until(traffic, async () => (await orderAt(world))?.weight === 0, 90)
  expect(took).toBeLessThanOrEqual(70)
  const release = await releaseIn(director)
  expect(release).toMatchObject({ phase: 'rolled-back', order: { weight: 0, mirror: 0, killed: false } })
  expect(release?.judgements?.[0]).toMatchObject({ verdict: 'roll-back', cause: 'errors' })
  expect(release?.explanation).toMatch(/requests of the canary failed, .* of stable\. The difference is above 0\.5 percentage points/)
  const view = await director.settled(director.core.view())
  expect(view.problems.map(({ text }) => text)).toContainEqual(expect.stringMatching(/^Release checkout is rolled back to 0 %\./))
  await traffic.seconds(60)
  expect((await orderAt(world))?.weight).toBe(0)
})

test('each judgement that is news is in the audit with its numbers, and in the log; one that says the same again is in neither', async () => {
  const { world, director } = await withDirector({ ...SCENE, releases: [releaseOf('checkout', { steps: STEPS.slice(1) })] })
  const traffic = new Traffic(world, 5)
  await traffic.seconds(30)
  await director.change([act('start')])
  await traffic.seconds(120)
  traffic.failing = { stable: 0.005, canary: 0.1 }
  await until(traffic, async () => (await releaseIn(director))?.phase === 'rolled-back', 120)
  const { entries } = await director.settled(director.core.audit({}))
  const judged = entries.flatMap(({ judgement, differences, revision, reason }) =>
    judgement === undefined ? [] : [{ ...judgement, differences, revision, reason }],
  )
  // Twelve and more were made.
  expect(judged.length).toBeLessThan(7)
  expect(judged[0]).toMatchObject({ release: 'checkout', step: 0, verdict: 'roll-back', differences: [] })
  expect(judged[0]?.numbers.canary.failed).toBeGreaterThan(2)
  expect(judged[0]?.reason).toBe(`Release checkout, step 1, is judged: roll-back. ${judged[0]?.words}`)
  expect(judged.map(({ verdict }) => verdict)).toContain('hold')
  // The line of what it moved stands above it.
  expect(entries[0]).toMatchObject({ door: 'release', revision: (judged[0]?.revision ?? 0) + 1 })
  const told = director.alerts.filter(({ severity }) => severity === 'critical')
  expect(told.map(({ text, judgement }) => [text, judgement?.verdict])).toEqual([
    [judged[0]?.reason, 'roll-back'],
    [entries[0]?.reason, undefined],
  ])
  expect(director.alerts.length).toBe(judged.length + 1)
  // It belongs to no revision that one could go back to.
  const revisions = (await director.settled(director.core.revisions({}))).entries
  expect(new Set(revisions.map(({ revision }) => revision)).size).toBe(revisions.length)
  // Another run has its own.
  await director.change([act('start')])
  expect((await releaseIn(director))?.judgements).toEqual([])
})

test('two causes that take turns are written down once a minute', async () => {
  const numbers = { stable: NOBODY, canary: NOBODY, errorDifference: 0, slowDifference: 0, chanceOfGood: share(1), chanceOfBad: share(1) }
  const judged = (at: number, cause: JudgementCause, verdict: CanaryVerdict = 'hold', step = 0) => ({
    at: instant(at),
    step,
    judgement: { verdict, cause, words: '', numbers: { ...numbers, stoodFor: ms(0) } },
  })
  const noted = { ...NO_RUN, noted: judged(0, 'sample') }
  expect(isNoteworthy(NO_RUN, judged(0, 'sample'))).toBe(true)
  expect(isNoteworthy(noted, judged(10_000, 'silence'))).toBe(false)
  expect(isNoteworthy(noted, judged(60_000, 'silence'))).toBe(true)
  expect(isNoteworthy(noted, judged(600_000, 'sample'))).toBe(false)
  expect(isNoteworthy(noted, judged(10_000, 'within-margins', 'promote'))).toBe(true)
  expect(isNoteworthy(noted, judged(10_000, 'sample', 'hold', 1))).toBe(true)
})

test('a director that is evicted and a vantage that starts anew lose no evidence, and count nothing twice', async () => {
  const { world, director } = await withDirector({ ...SCENE, releases: [releaseOf('checkout', { steps: STEPS.slice(1) })] })
  const traffic = new Traffic(world, 7)
  await traffic.seconds(30)
  await director.change([act('start')])
  await traffic.seconds(60)
  const seen = async () => (await releaseIn(director))?.judgements?.[0]?.numbers.canary.attempts ?? 0
  const before = await seen()
  expect(before).toBeGreaterThan(80)
  director.evict()
  expect(await seen()).toBe(before)
  for (const node of world.nodes.values()) node.restart()
  await traffic.seconds(25)
  const after = await seen()
  expect(after).toBeGreaterThan(before)
  // 2.5 a second is what the canary gets; what was counted before the eviction must not come again.
  expect(after - before).toBeLessThan(25 * 2.5 * 1.8)
})

test('paused by an operator it goes no further, and is rolled back all the same', async () => {
  const { world, director } = await withDirector({ ...SCENE, releases: [releaseOf('checkout', { steps: STEPS.slice(1) })] })
  const traffic = new Traffic(world, 11)
  await traffic.seconds(20)
  await director.change([act('start')])
  await director.change([act('pause')])
  await traffic.seconds(90)
  expect(await releaseIn(director)).toMatchObject({ phase: 'paused', order: { weight: 0.05 } })
  traffic.failing = { stable: 0.005, canary: 0.5 }
  await until(traffic, async () => (await orderAt(world))?.weight === 0, 40)
})

test('regions that everybody is on are watched while the next group begins with copies', async () => {
  const steps = [STEPS[0], { weight: share(1), pause: seconds(30), approval: false }].flatMap((step) => step ?? [])
  const release = releaseOf('checkout', { steps, regions: [['us-east-1'], ['eu-west-1']] })
  const { world, director } = await withDirector({ ...SCENE, releases: [release] })
  const traffic = new Traffic(world, 13)
  for (const action of ['start', 'promote', 'promote'] as const) await director.change([act(action)])
  await traffic.seconds(30)
  expect(await orderAt(world)).toMatchObject({ mirror: 0.05, regions: { 'us-east-1': 1, 'eu-west-1': 0 } })
  traffic.failing = { stable: 0.005, canary: 0.5 }
  await until(traffic, async () => (await releaseIn(director))?.phase === 'rolled-back', 30)
  expect((await releaseIn(director))?.judgements?.[0]).toMatchObject({ cause: 'hard-limit' })
})
