import { describe, expect, test } from 'vitest'
import type { Release } from '../../../config/release.ts'
import { instant, share } from '../../../config/units.ts'
import { isWithin } from '../../../durable-objects/policy/release-run.ts'
import { STEP_DOWN_EVERY } from '../../../durable-objects/policy/step-release.ts'
import { Driven, GROUPS, judgement, RELEASE, started, step } from './driven.ts'

describe('a run that is well', () => {
  test('mirrors first, then takes each step with a promotion and after its pause, never by time', () => {
    const driven = started()
    expect(driven.order).toMatchObject({ weight: 0, mirror: 0.1, salt: 'first', killed: false })
    for (const weight of [0.01, 0.05, 0.25, 1]) {
      const before = driven.order
      driven.judge('promote')
      expect(driven.order).toEqual(before)
      driven.wait(86_400_000).judge('hold')
      expect(driven.order).toEqual(before)
      driven.judge('promote')
      expect(driven.order).toMatchObject({ weight, mirror: 0, salt: 'first' })
    }
    expect(driven.run?.kind).toBe('running')
    // Nothing is left to compare with; its pause is still waited for.
    expect(driven.wait(59_000).run?.kind).toBe('running')
    expect(driven.wait(1000).run?.kind).toBe('completed')
    expect(driven.told.at(-1)).toContain('is completed')
    expect(driven.forgot).toEqual(['run', 'step', 'step', 'step', 'step'])
  })

  test('a judgement of another step, or the same one twice, changes nothing', () => {
    const driven = started().wait().judge('promote')
    const before = driven.run
    expect(driven.wait().judge('promote', 'errors', { group: 0, step: 0 }).run).toEqual(before)
    expect(driven.send({ kind: 'judgement', salt: 'other', at: { group: 0, step: 1 }, judgement: judgement('roll-back') }).run).toEqual(
      before,
    )
  })

  test('region groups: the second begins when the first has passed every step', () => {
    const driven = started(GROUPS)
    const seen: string[] = []
    for (let round = 0; round < 40 && driven.run?.kind !== 'completed'; round += 1) {
      seen.push(JSON.stringify(driven.order?.regions))
      driven.wait().judge('promote')
    }
    expect([...new Set(seen)]).toEqual([
      '{"east":0}',
      '{"east":0.01}',
      '{"east":0.05}',
      '{"east":0.25}',
      '{"east":1}',
      '{"east":1,"west":0,"south":0}',
      '{"east":1,"west":0.01,"south":0.01}',
      '{"east":1,"west":0.05,"south":0.05}',
      '{"east":1,"west":0.25,"south":0.25}',
      '{"east":1,"west":1,"south":1}',
    ])
  })
})

describe('a run that is not', () => {
  test('is rolled back at once, and says why', () => {
    const driven = started().wait().judge('promote').judge('roll-back')
    expect(driven.order).toMatchObject({ weight: 0, mirror: 0, killed: false })
    expect(driven.told.at(-1)).toBe('Release checkout is rolled back to 0 %. Because of errors.')
    expect(driven.wait().judge('promote').run?.kind).toBe('rolled-back')
  })

  test('goes down step by step where it is told to, and at once where that cannot wait', () => {
    const stepping: Release = { ...GROUPS, rollback: 'step-down' }
    const at25 = (): Driven => {
      const driven = started(stepping)
      while (driven.run?.at.group !== 1 || driven.run.weight < 0.25) driven.wait().judge('promote')
      return driven
    }
    const driven = at25().judge('roll-back')
    const seen = [driven.order?.regions]
    for (let round = 0; round < 20; round += 1) seen.push(driven.wait(STEP_DOWN_EVERY).order?.regions)
    const words = [...new Set(seen.map((regions) => JSON.stringify(regions)))]
    expect(words.slice(0, 6)).toEqual([
      '{"east":1,"west":0.05,"south":0.05}',
      '{"east":1,"west":0.01,"south":0.01}',
      '{"east":1,"west":0,"south":0}',
      '{"east":1}',
      '{"east":0.25}',
      '{"east":0.05}',
    ])
    expect(driven.run?.kind).toBe('rolled-back')
    expect(at25().judge('roll-back', 'hard-limit').run?.kind).toBe('rolled-back')
    expect(at25().judge('roll-back').judge('roll-back', 'ejected').run?.kind).toBe('rolled-back')
  })

  test('is held when it is inconclusive, until an operator decides', () => {
    const driven = started().wait().judge('promote').wait().judge('inconclusive', 'patience')
    expect(driven.run).toMatchObject({ kind: 'held', weight: 0.01 })
    expect(driven.wait().judge('promote').run?.kind).toBe('held')
    expect(driven.operator('resume').run).toMatchObject({ kind: 'running', at: { step: 1 }, since: driven.now })
    expect(driven.judge('inconclusive').operator('promote').run).toMatchObject({ kind: 'running', weight: 0.05 })
  })

  test('is taken by a vantage: rolled back with its reason; another run’s is none of it', () => {
    const driven = started().wait().judge('promote')
    expect(driven.send({ kind: 'killed-by-vantage', salt: 'before', why: 'Too late.' }).run?.kind).toBe('running')
    driven.send({ kind: 'killed-by-vantage', salt: 'first', why: 'weur: 60 % failed.' })
    expect(driven.run).toMatchObject({ kind: 'rolled-back', why: 'weur: 60 % failed.' })
  })

  test('is taken by a vantage while its last promotion was on the way: what is completed is rolled back as well, once', () => {
    const driven = started()
    while (driven.run?.kind !== 'completed') driven.operator('promote')
    const killed = { kind: 'killed-by-vantage', salt: 'first', why: 'weur: 60 % failed.' } as const
    expect(driven.send({ ...killed, salt: 'before' }).run?.kind).toBe('completed')
    expect(driven.send(killed).run).toMatchObject({ kind: 'rolled-back', weight: 0, why: 'weur: 60 % failed.' })
    const { told, run } = driven
    expect(driven.wait(1000).send(killed).run).toEqual(run)
    expect(driven.told).toEqual(told)
    expect(driven.operator('kill').send(killed).run?.kind).toBe('killed')
  })
})

describe('gates', () => {
  test('an approval', () => {
    const gated: Release = { ...RELEASE, steps: [step(0.01), step(0.5, { approval: true })] }
    const driven = started(gated).wait().judge('promote')
    expect(driven.run).toMatchObject({ kind: 'waiting-approval', weight: 0.01 })
    expect(driven.wait(86_400_000).judge('promote').run?.kind).toBe('waiting-approval')
    expect(driven.operator('approve').run).toMatchObject({ kind: 'running', weight: 0.5 })
    expect(started(gated).wait().judge('promote').judge('roll-back').run?.kind).toBe('rolled-back')
    // Of the first step: nobody sees anything before.
    const first = started({ ...RELEASE, steps: [step(0.01, { approval: true })] })
    expect(first.order).toMatchObject({ weight: 0, mirror: 0 })
    expect(first.operator('approve').run).toMatchObject({ kind: 'running', weight: 0.01 })
  })

  test.each([
    { at: '2026-11-25T10:00:00Z', open: true },
    { at: '2026-11-25T08:59:59Z', open: false },
    { at: '2026-11-25T09:00:00Z', open: true },
    { at: '2026-11-25T15:59:59Z', open: true },
    { at: '2026-11-25T16:00:00Z', open: false },
    { at: '2026-11-28T10:00:00Z', open: false },
    { at: '2026-11-29T10:00:00Z', open: false },
    { at: '2026-11-30T10:00:00Z', open: true },
  ])('a schedule of Monday to Thursday, 9 to 16: $at is $open', ({ at, open }) =>
    expect(isWithin({ days: [1, 2, 3, 4], from: 9, to: 16 }, instant(Date.parse(at)))).toBe(open),
  )

  test('a schedule stops every step but an operator’s', () => {
    const driven = started({ ...RELEASE, schedule: { days: [3], from: 9, to: 11 } })
    driven.wait(3_600_000).judge('promote')
    expect(driven.order?.mirror).toBe(0.1)
    expect(driven.operator('promote').order).toMatchObject({ weight: 0.01 })
    expect(driven.wait(6 * 86_400_000 + 82_800_000).judge('promote').order).toMatchObject({ weight: 0.05 })
    const early = new Driven({ ...RELEASE, schedule: { days: [3], from: 11, to: 12 } }).operator('start')
    expect(early.order).toMatchObject({ weight: 0, mirror: 0 })
    expect(early.wait(3_600_000).order).toMatchObject({ mirror: 0.1 })
  })

  test('an emergency that freezes', () => {
    const driven = started().wait()
    driven.frozen = true
    expect(driven.judge('promote').order?.mirror).toBe(0.1)
    expect(driven.judge('roll-back').run?.kind).toBe('rolled-back')
  })
})

describe('operators', () => {
  test('a weight by hand pauses it; going on moves nobody back', () => {
    const driven = started().send({ kind: 'by-hand', weight: share(0.2), salt: 'other', by: 'Ada' })
    expect(driven.run).toMatchObject({ kind: 'paused', byHand: true })
    expect(driven.order).toEqual({ weight: 0.2, mirror: 0, killed: false, salt: 'first' })
    expect(driven.wait().judge('promote').order?.weight).toBe(0.2)
    expect(driven.operator('resume').run).toMatchObject({ kind: 'running', weight: 0.2, at: { step: 2 } })
    expect(driven.wait().judge('promote').order?.weight).toBe(0.25)
    expect(
      started()
        .send({ kind: 'by-hand', weight: share(0.5), salt: 'x', by: 'Ada' })
        .judge('roll-back').order?.weight,
    ).toBe(0)
  })

  test('pause and resume keep the salt; a new run has another', () => {
    const driven = started().wait().judge('promote').operator('pause')
    expect(driven.wait().judge('promote').order?.weight).toBe(0.01)
    expect(driven.operator('resume').order).toMatchObject({ weight: 0.01, salt: 'first' })
    expect(driven.operator('rollback').operator('start', 'second').order).toMatchObject({ salt: 'second', weight: 0 })
    expect(driven.forgot.at(-1)).toBe('run')
    expect(driven.operator('start', 'third').order?.salt).toBe('second')
  })

  test('kill is possible from everywhere, also of what nobody has begun', () => {
    expect(new Driven(RELEASE).operator('kill').order).toMatchObject({ killed: true, weight: 0 })
    expect(started().operator('kill').judge('promote').wait().order).toMatchObject({ killed: true, weight: 0, mirror: 0 })
    expect(new Driven(RELEASE).operator('pause').run).toBeUndefined()
  })
})
