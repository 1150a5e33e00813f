/**
 * Moves a run of a release: by judgements, by the time that a pause or a schedule takes, by operators, by vantages that have killed its canary.
 * A fold: what happened twice, or came late, changes nothing. Only a verdict to promote and an operator raise a weight; everybody may lower it.
 */
import type { ReleaseAction } from '../../config/director.ts'
import type { Judgement } from '../../config/judgement.ts'
import type { ReleaseOrder } from '../../config/overlay.ts'
import type { Release } from '../../config/release.ts'
import { type DurationMs, type Instant, ms, type Share, share } from '../../config/units.ts'
import {
  ACTIONS_FROM,
  BEFORE_ALL,
  hasTraffic,
  isWithin,
  orderOf,
  type Position,
  positionAfter,
  positionBefore,
  type ReleaseRun,
  samePosition,
  stepOf,
} from './release-run.ts'

export type ReleaseEvent =
  /** Of the run with this salt at this position. */
  | { readonly kind: 'judgement'; readonly salt: string; readonly at: Position; readonly judgement: Judgement }
  /** Time has passed. */
  | { readonly kind: 'tick' }
  /** `salt`: of a run that begins with it. */
  | { readonly kind: 'operator'; readonly action: ReleaseAction; readonly salt: string; readonly by: string }
  | { readonly kind: 'by-hand'; readonly weight: Share; readonly salt: string; readonly by: string }
  /** A vantage has taken the canary of the run with this salt away. */
  | { readonly kind: 'killed-by-vantage'; readonly salt: string; readonly why: string }

export interface ReleaseScene {
  readonly release: Release
  readonly now: Instant
  /** `emergency.json` says that it goes no further. */
  readonly frozen: boolean
}

export type ReleaseEffect =
  | { readonly kind: 'publish'; readonly order: ReleaseOrder }
  /** What was known of the canary: of a whole run, or for a promotion from this step. */
  | { readonly kind: 'forget-evidence'; readonly of: 'run' | 'step' }
  /** For people, once for each move. */
  | { readonly kind: 'tell'; readonly text: string }

export interface Stepped {
  readonly run: ReleaseRun | undefined
  readonly effects: readonly ReleaseEffect[]
}

/** From one step to the one below it, on the way back. */
export const STEP_DOWN_EVERY: DurationMs = ms(10_000)

export function stepRelease(run: ReleaseRun | undefined, event: ReleaseEvent, scene: ReleaseScene): Stepped {
  const next = move(run, event, scene)
  if (next === undefined || next === run) return { run, effects: [] }
  const order = orderOf(next, scene.release)
  const isNewRun = run?.salt !== next.salt
  const isNewStep = isNewRun || !samePosition(run.at, next.at)
  return {
    run: next,
    effects: [
      ...(isNewRun
        ? [{ kind: 'forget-evidence', of: 'run' } as const]
        : isNewStep
          ? [{ kind: 'forget-evidence', of: 'step' } as const]
          : []),
      { kind: 'publish', order },
      { kind: 'tell', text: `Release ${scene.release.id} ${describe(next, scene.release)}. ${next.why}` },
    ],
  }
}

function move(run: ReleaseRun | undefined, event: ReleaseEvent, scene: ReleaseScene): ReleaseRun | undefined {
  switch (event.kind) {
    case 'judgement':
      return run === undefined ? run : byJudgement(run, event, scene)
    case 'tick':
      return run === undefined ? run : byTime(run, scene)
    case 'operator':
      return byOperator(run, event, scene)
    case 'by-hand': {
      // Nobody is on the canary of what has ended in nothing: it is another run, that is judged anew.
      const from = run === undefined || isTaken(run) ? beginning(event.salt, scene) : run
      const back = from.kind === 'running' || from.kind === 'waiting-approval' || from.kind === 'held' ? from.kind : 'running'
      const why = `Set to ${percent(event.weight)} by ${event.by}.`
      return { ...factsOf(from), kind: 'paused', from: back, byHand: true, weight: event.weight, since: scene.now, why }
    }
    case 'killed-by-vantage':
      // Also what is completed: the word may have crossed with the last promotion, and its vantage keeps it until there is nothing left to take.
      return run === undefined || run.salt !== event.salt || isTaken(run) ? run : ended(run, 'rolled-back', event.why, scene)
    default:
      return event satisfies never
  }
}

function byJudgement(run: ReleaseRun, event: Extract<ReleaseEvent, { kind: 'judgement' }>, scene: ReleaseScene): ReleaseRun {
  const { judgement } = event
  // A judgement of another step or run is late or repeated: alarms run at least once.
  if (event.salt !== run.salt || !samePosition(event.at, run.at) || isOver(run)) return run
  switch (judgement.verdict) {
    case 'hold':
      return run
    case 'inconclusive':
      return run.kind === 'running' && run.at.step >= 0 ? { ...factsOf(run), kind: 'held', since: scene.now, why: judgement.words } : run
    case 'roll-back': {
      const isUrgent = judgement.cause === 'hard-limit' || judgement.cause === 'ejected'
      if (scene.release.rollback === 'instant' || isUrgent || (run.kind === 'paused' && run.byHand))
        return ended(run, 'rolled-back', judgement.words, scene)
      return run.kind === 'rolling-back' ? run : stepDown({ ...run, why: judgement.words }, scene)
    }
    case 'promote':
      return run.kind === 'running' && run.at.step >= 0 && hasPaused(run, scene) ? advance(run, judgement.words, scene) : run
    default:
      return judgement.verdict satisfies never
  }
}

function byTime(run: ReleaseRun, scene: ReleaseScene): ReleaseRun {
  if (run.kind === 'rolling-back') return elapsed(run, scene) >= STEP_DOWN_EVERY ? stepDown(run, scene) : run
  if (run.kind === 'waiting-approval') return run.approved ? advance(run, run.why, scene) : run
  if (run.kind !== 'running') return run
  if (run.at.step < 0) return advance(run, run.why, scene)
  // With everybody on the canary there is nothing left to compare it with: the hard limit watched it for the length of the pause.
  const isWhole = run.weight >= 1 && hasPaused(run, scene)
  return isWhole ? advance(run, 'Everybody there is on the canary, and the pause is over.', scene) : run
}

function byOperator(
  run: ReleaseRun | undefined,
  event: Extract<ReleaseEvent, { kind: 'operator' }>,
  scene: ReleaseScene,
): ReleaseRun | undefined {
  const { action, by, salt } = event
  if (action === 'start') return run === undefined || isOver(run) ? advance(beginning(salt, scene), `Started by ${by}.`, scene) : run
  // Also one that nobody has begun: overrides reach its canary without.
  if (action === 'kill') return run?.kind === 'killed' ? run : ended(run ?? beginning(salt, scene), 'killed', `Killed by ${by}.`, scene)
  if (run === undefined || ACTIONS_FROM[action]?.includes(run.kind) === false) return run
  switch (action) {
    case 'pause':
      return run.kind === 'running' || run.kind === 'waiting-approval' || run.kind === 'held'
        ? { ...factsOf(run), kind: 'paused', from: run.kind, byHand: false, since: scene.now, why: `Paused by ${by}.` }
        : run
    case 'resume':
      return resumed(run, `Resumed by ${by}.`, scene)
    case 'approve':
      return run.kind === 'waiting-approval' && !run.approved ? approved(run, `Approved by ${by}.`, scene) : run
    case 'promote':
      return enter(run, positionAfter(scene.release, run.at), `Promoted by ${by}.`, scene)
    case 'rollback':
      return run.kind === 'rolled-back' ? run : ended(run, 'rolled-back', `Rolled back by ${by}.`, scene)
    default:
      return action satisfies never
  }
}

/** The same run goes on: with its salt, and at the weight that was set by hand where that says for everybody what a step would. */
function resumed(run: ReleaseRun, why: string, scene: ReleaseScene): ReleaseRun {
  const { steps, regions } = scene.release
  const facts = { ...factsOf(run), since: scene.now, why }
  if (run.kind !== 'paused') return { ...facts, kind: 'running' }
  if (!run.byHand) return run.from === 'waiting-approval' ? { ...facts, kind: run.from, approved: false } : { ...facts, kind: 'running' }
  if (regions !== undefined) return { ...facts, kind: 'running', weight: stepOf(scene.release, run.at)?.weight ?? share(0) }
  const step = steps.findLastIndex(({ weight }) => weight <= run.weight && run.weight > 0)
  return { ...facts, kind: 'running', at: { group: 0, step: Math.max(step, run.weight > 0 ? 0 : -1) } }
}

function approved(run: Extract<ReleaseRun, { kind: 'waiting-approval' }>, why: string, scene: ReleaseScene): ReleaseRun {
  const waiting: ReleaseRun = { ...run, approved: true, why }
  return advance(waiting, why, scene)
}

/** To the next step, when it may be taken now. */
function advance(run: ReleaseRun, why: string, scene: ReleaseScene): ReleaseRun {
  if (scene.frozen || !isWithin(scene.release.schedule, scene.now)) return run
  const to = positionAfter(scene.release, run.at)
  const needsApproval = to !== undefined && stepOf(scene.release, to)?.approval === true
  const isApproved = run.kind === 'waiting-approval' && run.approved
  if (needsApproval && !isApproved)
    return run.kind === 'waiting-approval' ? run : { ...factsOf(run), kind: 'waiting-approval', approved: false, since: scene.now, why }
  return enter(run, to, why, scene)
}

function enter(run: ReleaseRun, to: Position | undefined, why: string, scene: ReleaseScene): ReleaseRun {
  const facts = { ...factsOf(run), since: scene.now, why }
  if (to === undefined) return { ...facts, kind: 'completed', weight: share(1) }
  const weight = stepOf(scene.release, to)?.weight ?? share(0)
  // What was set by hand may be above the next step already; nobody is moved back by going on.
  const isAbove = run.kind === 'paused' && run.byHand && run.weight > weight && scene.release.regions === undefined
  return { ...facts, kind: 'running', at: to, weight: isAbove ? run.weight : weight }
}

function stepDown(run: ReleaseRun, scene: ReleaseScene): ReleaseRun {
  const to = positionBefore(scene.release, run.at)
  const weight = to === undefined ? share(0) : (stepOf(scene.release, to)?.weight ?? share(0))
  if (to === undefined || (weight === 0 && to.group === 0)) return ended(run, 'rolled-back', run.why, scene)
  return { ...factsOf(run), kind: 'rolling-back', at: to, weight, since: scene.now }
}

const ended = (run: ReleaseRun, kind: 'rolled-back' | 'killed', why: string, { now }: ReleaseScene): ReleaseRun => ({
  ...factsOf(run),
  kind,
  weight: share(0),
  since: now,
  why,
})

const beginning = (salt: string, { now }: ReleaseScene): ReleaseRun => ({
  kind: 'running',
  salt,
  at: BEFORE_ALL,
  since: now,
  weight: share(0),
  why: 'It waits for its schedule, or until emergency.json lets it go on.',
})

const factsOf = ({ salt, at, since, weight, why }: ReleaseRun) => ({ salt, at, since, weight, why })

/** Nobody is on it any more. */
const isTaken = ({ kind }: ReleaseRun): boolean => kind === 'rolled-back' || kind === 'killed'

const isOver = (run: ReleaseRun): boolean => isTaken(run) || run.kind === 'completed'

/** Never negative: a clock may be set back. */
const elapsed = (run: ReleaseRun, { now }: ReleaseScene): number => Math.max(0, now - run.since)

const hasPaused = (run: ReleaseRun, scene: ReleaseScene): boolean => elapsed(run, scene) >= (stepOf(scene.release, run.at)?.pause ?? 0)

function describe(run: ReleaseRun, release: Release): string {
  const groups = release.regions === undefined ? '' : `, region group ${run.at.group + 1} of ${release.regions.length}`
  const place = run.at.step < 0 ? 'before its first step' : `at step ${run.at.step + 1} of ${release.steps.length}${groups}`
  const order = orderOf(run, release)
  const share = order.mirror > 0 ? `mirroring ${percent(order.mirror)}` : percent(run.weight)
  switch (run.kind) {
    case 'running':
    case 'held':
    case 'paused':
      return `is ${run.kind} ${place} (${share})`
    case 'waiting-approval':
      return `waits for an approval ${place} (${share})`
    case 'rolling-back':
      return `is rolling back, ${place} (${share})`
    case 'rolled-back':
      return 'is rolled back to 0 %'
    case 'killed':
      return 'is killed: nobody gets its canary'
    case 'completed':
      return 'is completed: everybody gets what was its canary'
    default:
      return run satisfies never
  }
}

export const isJudged = (run: ReleaseRun, release: Release): boolean => !isOver(run) && hasTraffic(orderOf(run, release))

export const percent = (value: number): string => `${Number((value * 100).toFixed(2))} %`
