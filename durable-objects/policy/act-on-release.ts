/**
 * What an operator's word makes of a release. Steps that are taken by judgement, gates and schedules are the engine's (`step-release.ts`);
 * both go through here into the same state. Taking away is always possible, and giving only from where it makes sense.
 */
import type { ReleaseAction } from '../../config/director.ts'
import type { ReleasePhase } from '../../config/director-view.ts'
import type { ReleaseOrder } from '../../config/overlay.ts'
import type { Release } from '../../config/release.ts'
import { err, ok, type Result } from '../../config/result.ts'
import { type Share, share } from '../../config/units.ts'
import type { ReleaseState, Said } from './director-state.ts'

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
  const phase: ReleasePhase = held?.phase ?? 'idle'
  if (typeof word !== 'string') return ok(byHand(held, word.weight, scene))
  switch (word) {
    case 'start':
      return phase === 'running' || phase === 'paused' ? refuse('a release that is not under way', phase) : ok(begin(scene))
    case 'pause':
      return held?.phase === 'running' ? ok(moved(held, 'paused', scene)) : refuse('a release that is running', phase)
    case 'resume':
      return held?.phase === 'paused' ? ok(moved(held, 'running', scene)) : refuse('a release that is paused', phase)
    case 'approve':
      return refuse('a release that waits for an approval', phase)
    case 'promote':
      return held?.phase === 'running' || held?.phase === 'paused' ? ok(promote(held, scene)) : refuse('a release that is under way', phase)
    case 'rollback':
      return held === undefined ? refuse('a release that has been begun', phase) : ok(ended(held, 'rolled-back', scene))
    case 'kill':
      return ok(kill(held, scene))
    default:
      return word satisfies never
  }
}

const refuse = (expected: string, found: string): Result<never, Refusal> => err({ expected, found })

const NOBODY: Omit<ReleaseOrder, 'salt'> = { weight: share(0), mirror: share(0), killed: false }

const begin = ({ release, said, salt }: ReleaseScene): ReleaseState => ({
  ...said,
  release: release.id,
  phase: 'running',
  step: 0,
  since: said.at,
  order: { ...NOBODY, salt, ...orderOfStep(release, 0) },
})

const orderOfStep = ({ steps }: Release, step: number): Pick<ReleaseOrder, 'weight' | 'mirror'> => ({
  weight: steps[step]?.weight ?? share(1),
  mirror: steps[step]?.mirror ?? share(0),
})

const moved = (held: ReleaseState, phase: ReleaseState['phase'], { said }: ReleaseScene): ReleaseState => ({
  ...held,
  ...said,
  phase,
  since: said.at,
})

function promote(held: ReleaseState, scene: ReleaseScene): ReleaseState {
  const step = held.step + 1
  const isLast = step >= scene.release.steps.length
  const { regions: _, ...order } = held.order
  return {
    ...moved(held, isLast ? 'completed' : held.phase, scene),
    step: isLast ? held.step : step,
    order: { ...order, killed: false, ...(isLast ? { weight: share(1), mirror: share(0) } : orderOfStep(scene.release, step)) },
  }
}

const ended = (held: ReleaseState, phase: 'rolled-back' | 'killed', scene: ReleaseScene): ReleaseState => ({
  ...moved(held, phase, scene),
  order: { ...NOBODY, salt: held.order.salt, killed: phase === 'killed' },
})

/** Also one that nobody has begun: overrides reach its canary without. */
const kill = (held: ReleaseState | undefined, scene: ReleaseScene): ReleaseState => ended(held ?? begin(scene), 'killed', scene)

/** The salt of the run stays, so that raising by hand moves nobody back. */
function byHand(held: ReleaseState | undefined, weight: Share, scene: ReleaseScene): ReleaseState {
  const before = held ?? begin(scene)
  return { ...moved(before, 'paused', scene), order: { ...NOBODY, salt: before.order.salt, weight } }
}
