/** Says what a run waits for, with the last judgement of its canary. For people. */
import type { Judgement } from '../../config/judgement.ts'
import { isWithin, positionAfter, type ReleaseRun, stepOf } from './release-run.ts'
import type { ReleaseScene } from './step-release.ts'

export function waitsFor(run: ReleaseRun, scene: ReleaseScene, last: Judgement | undefined): string {
  // Why it ended is the last judgement, where it was one.
  if (run.kind === 'rolled-back' || run.kind === 'killed' || run.kind === 'completed') return run.why
  return [waiting(run, scene), last === undefined ? '' : `Last judgement, ${last.verdict}: ${last.words}`]
    .filter((text) => text !== '')
    .join(' ')
}

function waiting(run: ReleaseRun, { release, now, frozen }: ReleaseScene): string {
  switch (run.kind) {
    case 'running': {
      if (frozen) return 'It waits for the end of the emergency that freezes it.'
      if (run.at.step < 0) return run.why
      const left = Math.ceil(((stepOf(release, run.at)?.pause ?? 0) - Math.max(0, now - run.since)) / 1000)
      const pause = left > 0 ? `The pause of this step has ${left} s left. ` : ''
      const schedule = isWithin(release.schedule, now) ? '' : 'Steps are taken within the schedule alone. '
      const isLast = positionAfter(release, run.at) === undefined
      const next =
        run.weight >= 1
          ? 'Then it goes on.'
          : `It waits for a judgement that says promote, and then ${isLast ? 'is completed' : 'goes on'}.`
      return `${pause}${schedule}${next}`
    }
    case 'waiting-approval':
      return run.approved ? 'It is approved, and waits for its schedule.' : 'The next step waits for an approval.'
    case 'held':
      return `It is held until somebody resumes, promotes or rolls back. ${run.why}`
    case 'paused':
      return `It is paused until somebody resumes it. ${run.why}`
    case 'rolling-back':
      return `It goes back step by step. ${run.why}`
    case 'rolled-back':
    case 'killed':
    case 'completed':
      return run.why
    default:
      return run satisfies never
  }
}
