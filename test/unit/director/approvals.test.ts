/** An approval is a change also where nothing else moves by it: what rehearses without differences is never sent. */
import { expect, test } from 'vitest'
import type { ReleaseAction } from '../../../config/director.ts'
import { instant, ms, share } from '../../../config/units.ts'
import { actOnRelease } from '../../../durable-objects/policy/act-on-release.ts'
import { compareStates, driftOf } from '../../../durable-objects/policy/director-fields.ts'
import { NOTHING_WISHED, type ReleaseState } from '../../../durable-objects/policy/director-state.ts'
import { knownNames } from '../../../durable-objects/policy/known-names.ts'
import { BASE, releaseOf } from './director-world.ts'

/** A Wednesday. */
const at = (hour: number) => instant(Date.UTC(2026, 10, 25, hour))
const RELEASE = releaseOf('checkout', {
  steps: [{ weight: share(0.05), pause: ms(60_000), approval: true }],
  schedule: { days: [3], from: 9, to: 17 },
})
const NAMES = knownNames([{ ...BASE, releases: [RELEASE] }])

function act(held: ReleaseState | undefined, action: ReleaseAction, hour: number): ReleaseState {
  const said = { by: 'ann', door: 'cli', reason: 'a test', at: at(hour) } as const
  const done = actOnRelease(held, action, { release: RELEASE, said, salt: 's' })
  if (!done.ok) throw new Error(done.error.expected)
  return done.value
}

test('one outside of the schedule is a difference of its own, and is taken back with the step', () => {
  const waiting = act(undefined, 'start', 10)
  const approved = act(waiting, 'approve', 20)
  expect([waiting.phase, approved.phase]).toEqual(['waiting-approval', 'waiting-approval'])
  const state = (release: ReleaseState) => ({ ...NOTHING_WISHED, releases: [release] })
  const between = (before: ReleaseState, after: ReleaseState) => compareStates(state(before), state(after), NAMES, at(20))
  expect(between(waiting, approved)).toEqual([
    { field: 'releases.checkout.approved', before: undefined, after: 'yes', owner: 'operator', reason: 'a test' },
  ])
  expect(between(approved, act(approved, 'approve', 20))).toEqual([])
  expect(between(approved, act(approved, 'rollback', 20)).map(({ field, after }) => [field, after])).toContainEqual([
    'releases.checkout.approved',
    undefined,
  ])
  expect(driftOf(state(approved), NAMES, at(20)).map(({ field }) => field)).toContain('releases.checkout.approved')
})
