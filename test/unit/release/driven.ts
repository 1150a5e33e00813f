/** A release that is driven by hand through its fold: the clock, the events, and what was told. Its state goes through JSON each time. */
import { expect } from 'vitest'
import type { ReleaseAction } from '../../../config/director.ts'
import { poolId, releaseId } from '../../../config/ids.ts'
import type { CanaryVerdict, Judgement, JudgementCause } from '../../../config/judgement.ts'
import type { Release, ReleaseStep } from '../../../config/release.ts'
import { type Instant, instant, ms, seconds, share } from '../../../config/units.ts'
import { orderOf, type Position, type ReleaseRun } from '../../../durable-objects/policy/release-run.ts'
import { type ReleaseEvent, stepRelease } from '../../../durable-objects/policy/step-release.ts'
import { SETTINGS } from './simulate.ts'

export const step = (weight: number, more: Partial<ReleaseStep> = {}): ReleaseStep => ({
  weight: share(weight),
  pause: seconds(60),
  approval: false,
  ...more,
})
export const RELEASE: Release = {
  id: releaseId('checkout'),
  tracks: { stable: { pool: poolId('shop') }, canary: { pool: poolId('shop-next') } },
  key: { kind: 'client-address' },
  steps: [step(0, { mirror: share(0.1) }), step(0.01), step(0.05), step(0.25), step(1)],
  analysis: SETTINGS,
  rollback: 'instant',
  onDeploy: 'keep',
}
export const GROUPS: Release = { ...RELEASE, regions: [['east'], ['west', 'south']] }
/** A Wednesday, 10:00 UTC. */
const MORNING = instant(Date.UTC(2026, 10, 25, 10))

export const judgement = (verdict: CanaryVerdict, cause: JudgementCause = 'errors'): Judgement => {
  const track = { attempts: 0, failed: 0, slow: 0 }
  const numbers = {
    stable: track,
    canary: track,
    errorDifference: 0,
    slowDifference: 0,
    chanceOfGood: share(1),
    chanceOfBad: share(1),
    stoodFor: ms(0),
  }
  return { verdict, cause, numbers, words: `Because of ${cause}.` }
}

/** A run, with the clock and the last word of its steps. */
export class Driven {
  run: ReleaseRun | undefined
  now: Instant = MORNING
  frozen = false
  told: string[] = []
  forgot: string[] = []
  readonly release: Release
  constructor(release: Release) {
    this.release = release
  }
  send(event: ReleaseEvent): this {
    const { run, effects } = stepRelease(this.run, event, { release: this.release, now: this.now, frozen: this.frozen })
    // It goes through JSON as in the director's storage.
    this.run = run === undefined ? undefined : JSON.parse(JSON.stringify(run))
    for (const effect of effects) {
      if (effect.kind === 'tell') this.told.push(effect.text)
      if (effect.kind === 'forget-evidence') this.forgot.push(effect.of)
      if (effect.kind === 'publish') expect(run && orderOf(run, this.release)).toEqual(effect.order)
    }
    return this
  }
  operator = (action: ReleaseAction, salt = 'new'): this => this.send({ kind: 'operator', action, salt, by: 'Ada' })
  judge(verdict: CanaryVerdict, cause?: JudgementCause, at: Position | undefined = this.run?.at): this {
    return this.send({
      kind: 'judgement',
      salt: this.run?.salt ?? '',
      at: at ?? { group: 0, step: 0 },
      judgement: judgement(verdict, cause),
    })
  }
  wait(length = 60_000): this {
    this.now = instant(this.now + length)
    return this.send({ kind: 'tick' })
  }
  get order() {
    return this.run === undefined ? undefined : orderOf(this.run, this.release)
  }
}

export const started = (release = RELEASE): Driven => new Driven(release).operator('start', 'first')
