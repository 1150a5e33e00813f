/**
 * What an operator's word makes of a release: the same fold as judgements and time go through (`step-release.ts`), and what should have been the
 * case where the word makes no sense. Taking away is always possible.
 */
import type { ReleaseAction } from '../../config/director.ts'
import type { ReleasePhase } from '../../config/director-view.ts'
import type { Release } from '../../config/release.ts'
import { err, ok, type Result } from '../../config/result.ts'
import type { Share } from '../../config/units.ts'
import type { ReleaseState, Said } from './director-state.ts'
import { ACTIONS_FROM } from './release-run.ts'
import { runOf, stateOfRun } from './release-state.ts'
import { stepRelease } from './step-release.ts'

export type ReleaseWord = ReleaseAction | { readonly weight: Share }

export interface ReleaseScene {
  readonly release: Release
  readonly said: Said
  /** Of a run that begins now: no other run has had it. */
  readonly salt: string
}

/** What should have been the case. */
export interface Refusal {
  readonly expected: string
  readonly found: string
}

export function actOnRelease(held: ReleaseState | undefined, word: ReleaseWord, scene: ReleaseScene): Result<ReleaseState, Refusal> {
  const { release, said, salt } = scene
  const refusal = typeof word === 'string' ? refuse(held?.phase ?? 'idle', word) : undefined
  if (refusal !== undefined) return err(refusal)
  const run = held === undefined ? undefined : runOf(held, release)
  const event =
    typeof word === 'string'
      ? ({ kind: 'operator', action: word, salt, by: said.by } as const)
      : ({ kind: 'by-hand', weight: word.weight, salt, by: said.by } as const)
  // What an emergency freezes was refused before.
  const next = stepRelease(run, event, { release, now: said.at, frozen: false }).run
  if (next === undefined) return err({ expected: 'a release that has been begun', found: 'idle' })
  // Whoever has a word for it has looked at it: a bundle that has come is pointed at no more.
  return ok(next === run && held !== undefined ? held : stateOfRun(next, release, said))
}

/** It has ended, one way or another. */
export const isOver = (phase: ReleasePhase): boolean => phase === 'completed' || phase === 'rolled-back' || phase === 'killed'

function refuse(phase: ReleasePhase, action: ReleaseAction): Refusal | undefined {
  if (action === 'kill') return undefined
  if (action === 'start') {
    return phase === 'idle' || isOver(phase) ? undefined : { expected: 'a release that is not under way', found: phase }
  }
  if (phase !== 'idle' && ACTIONS_FROM[action]?.includes(phase) === true) return undefined
  return { expected: EXPECTED[action], found: phase }
}

const EXPECTED = {
  pause: 'a release that is running, held or waits for an approval',
  resume: 'a release that is paused or held',
  approve: 'a release that waits for an approval',
  promote: 'a release that is under way',
  rollback: 'a release that has been begun',
} as const
