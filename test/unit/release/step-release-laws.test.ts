import { describe, expect, test } from 'vitest'
import { RELEASE_ACTIONS } from '../../../config/director.ts'
import type { CanaryVerdict, JudgementCause } from '../../../config/judgement.ts'
import type { Release } from '../../../config/release.ts'
import { instant, share } from '../../../config/units.ts'
import { hasTraffic, type orderOf } from '../../../durable-objects/policy/release-run.ts'
import { type ReleaseEvent, STEP_DOWN_EVERY } from '../../../durable-objects/policy/step-release.ts'
import { dice, seeds } from '../../seed.ts'
import { Driven, GROUPS, judgement, RELEASE } from './driven.ts'

describe('laws over 400 random histories', () => {
  test('weights rise by promotion and by operators alone, regions go in order, a roll-back ends at nothing', () => {
    const giving = new Set<string>(['start', 'resume', 'approve', 'promote'])
    for (const seed of seeds(400)) {
      const roll = dice(seed)
      const release: Release = { ...(roll() < 0.5 ? RELEASE : GROUPS), rollback: roll() < 0.5 ? 'instant' : 'step-down' }
      const driven = new Driven({ ...release, steps: release.steps.map((each) => ({ ...each, approval: roll() < 0.2 })) })
      let promoted = 0
      for (let turn = 0; turn < 60; turn += 1) {
        const before = driven.order
        const wasWhole = driven.run?.kind === 'running' && driven.run.weight === 1
        driven.frozen = roll() < 0.1
        driven.now = instant(driven.now + Math.floor(roll() * 50_000) - 5000)
        const event = randomEvent(roll, driven)
        driven.send(event)
        const rose = weightsOf(driven.order, release).some((weight, index) => weight > (weightsOf(before, release)[index] ?? 0))
        const mayRise =
          event.kind === 'by-hand' ||
          (event.kind === 'operator' && giving.has(event.action)) ||
          (event.kind === 'judgement' && event.judgement.verdict === 'promote') ||
          (event.kind === 'tick' && (wasWhole || driven.run?.why.includes('Approved') === true || driven.run?.at.step === 0))
        if (rose) {
          promoted += 1
          expect(mayRise, `seed ${seed}, turn ${turn}: ${JSON.stringify(event)}`).toBe(true)
          if (event.kind !== 'operator' && event.kind !== 'by-hand') expect(driven.frozen, `seed ${seed}`).toBe(false)
        }
        const regions = driven.order?.regions
        if (regions?.['west'] !== undefined) expect(regions['east'], `seed ${seed}`).toBe(1)
      }
      expect(promoted).toBeLessThan(60)
      if (driven.run === undefined) continue
      const kind = driven.run.kind
      driven.judge('roll-back')
      for (let turn = 0; turn < 20; turn += 1) driven.wait(STEP_DOWN_EVERY)
      if (kind === 'completed') continue
      expect(driven.order !== undefined && hasTraffic(driven.order), `seed ${seed}`).toBe(false)
    }
  })
})

function randomEvent(roll: () => number, driven: Driven): ReleaseEvent {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(roll() * from.length)] as T
  const salt = roll() < 0.9 ? (driven.run?.salt ?? 'none') : 'late'
  if (roll() < 0.25) return { kind: 'tick' }
  if (roll() < 0.3) return { kind: 'operator', action: pick(RELEASE_ACTIONS), salt: `salt ${roll()}`, by: 'Ada' }
  if (roll() < 0.05) return { kind: 'by-hand', weight: share(pick([0, 0.02, 0.2, 1])), salt: `salt ${roll()}`, by: 'Ada' }
  if (roll() < 0.03) return { kind: 'killed-by-vantage', salt, why: 'weur: too many.' }
  const verdict = pick<CanaryVerdict>(['promote', 'promote', 'promote', 'promote', 'hold', 'inconclusive', 'roll-back'])
  const at = roll() < 0.9 && driven.run !== undefined ? driven.run.at : { group: 0, step: Math.floor(roll() * 5) }
  return { kind: 'judgement', salt, at, judgement: judgement(verdict, pick<JudgementCause>(['errors', 'hard-limit'])) }
}

/** By region; where all go at once there is one. */
function weightsOf(order: ReturnType<typeof orderOf> | undefined, release: Release): readonly number[] {
  if (release.regions === undefined) return [order?.weight ?? 0]
  return ['east', 'west', 'south'].map((region) => (order?.regions === undefined ? (order?.weight ?? 0) : (order.regions[region] ?? 0)))
}
