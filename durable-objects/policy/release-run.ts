/** Where a run of a release stands, and what that means for isolates. What moves it is `step-release.ts`. */
import type { ReleaseAction } from '../../config/director.ts'
import type { ReleaseOrder } from '../../config/overlay.ts'
import type { Release, ReleaseSchedule, ReleaseStep } from '../../config/release.ts'
import { type Instant, type Share, share } from '../../config/units.ts'

/** A run that nobody has begun is none. */
export type ReleaseRun = RunFacts &
  (
    | { readonly kind: 'running' }
    /** The next step has to be approved; `approved`: it was, and waits for the schedule. */
    | { readonly kind: 'waiting-approval'; readonly approved: boolean }
    /** Inconclusive: an operator resumes, promotes or rolls back. */
    | { readonly kind: 'held' }
    /** By an operator. `weight` then is theirs where they set it: everywhere the same. */
    | { readonly kind: 'paused'; readonly from: 'running' | 'waiting-approval' | 'held'; readonly byHand: boolean }
    | { readonly kind: 'rolling-back' }
    | { readonly kind: 'rolled-back' }
    | { readonly kind: 'completed' }
    | { readonly kind: 'killed' }
  )

export type RunKind = ReleaseRun['kind']

export interface RunFacts {
  /** Which keys are among the first: the same through the whole run. */
  readonly salt: string
  readonly at: Position
  /** Since when it is at this position, or in this kind. */
  readonly since: Instant
  /** Of the group that is at this step. */
  readonly weight: Share
  /** Why it is where it is, in whole sentences. */
  readonly why: string
}

export interface Position {
  /** Of regions; 0 where all go at once. */
  readonly group: number
  /** -1: before the first. */
  readonly step: number
}

/** The first moment of a run. */
export const BEFORE_ALL: Position = { group: 0, step: -1 }

export const samePosition = (a: Position, b: Position): boolean => a.group === b.group && a.step === b.step

export const groupsOf = ({ regions }: Release): number => Math.max(1, regions?.length ?? 1)

export const stepOf = ({ steps }: Release, { step }: Position): ReleaseStep | undefined => steps[step]

/** Undefined after the last step of the last group. */
export function positionAfter(release: Release, { group, step }: Position): Position | undefined {
  if (step + 1 < release.steps.length) return { group, step: step + 1 }
  return group + 1 < groupsOf(release) && release.steps.length > 0 ? { group: group + 1, step: 0 } : undefined
}

/** Undefined before the first step of the first group. */
export function positionBefore(release: Release, { group, step }: Position): Position | undefined {
  if (step > 0) return { group, step: step - 1 }
  return group > 0 ? { group: group - 1, step: release.steps.length - 1 } : undefined
}

const NOTHING = share(0)

/** What isolates are told. */
export function orderOf(run: ReleaseRun, release: Release): ReleaseOrder {
  const { salt, at, weight } = run
  switch (run.kind) {
    case 'rolled-back':
    case 'killed':
      return { weight: NOTHING, mirror: NOTHING, killed: run.kind === 'killed', salt }
    case 'completed': {
      // Regions that are in no group never get the canary: it may have no endpoint there.
      const regions = release.regions?.flat().map((name) => [name, share(1)] as const)
      return {
        weight: share(1),
        mirror: NOTHING,
        killed: false,
        salt,
        ...(regions === undefined ? {} : { regions: Object.fromEntries(regions) }),
      }
    }
    case 'paused':
    case 'running':
    case 'waiting-approval':
    case 'held':
    case 'rolling-back': {
      if (run.kind === 'paused' && run.byHand) return { weight, mirror: NOTHING, killed: false, salt }
      const mirror = run.kind === 'rolling-back' ? NOTHING : (stepOf(release, at)?.mirror ?? NOTHING)
      return { weight, mirror, killed: false, salt, ...regionsOf(release, at, weight) }
    }
    default:
      return run satisfies never
  }
}

/** Groups before this one have passed every step and keep the last weight; groups after it have none. */
function regionsOf({ regions, steps }: Release, { group }: Position, weight: Share): Pick<ReleaseOrder, 'regions'> {
  if (regions === undefined) return {}
  const passed = steps.at(-1)?.weight ?? NOTHING
  const entries = regions
    .slice(0, group + 1)
    .flatMap((names, index) => names.map((name) => [name, index < group ? passed : weight] as const))
  return { regions: Object.fromEntries(entries) }
}

/** Whether the canary may have requests: then it is judged, whoever has paused what. */
export const hasTraffic = (order: ReleaseOrder): boolean =>
  !order.killed &&
  (order.mirror > 0 || (order.regions === undefined ? order.weight > 0 : Object.values(order.regions).some((each) => each > 0)))

/** Days and hours of UTC. The first day of Unix time was a Thursday, which is 4. */
export function isWithin(schedule: ReleaseSchedule | undefined, now: Instant): boolean {
  if (schedule === undefined) return true
  const days = Math.floor(now / 86_400_000)
  const hour = Math.floor((now - days * 86_400_000) / 3_600_000)
  return schedule.days.includes(((days + 3) % 7) + 1) && hour >= schedule.from && hour < schedule.to
}

/** From where an operator's word makes sense; absent: from everywhere. Taking away always does. */
export const ACTIONS_FROM: Readonly<Partial<Record<ReleaseAction, readonly RunKind[]>>> = {
  pause: ['running', 'waiting-approval', 'held'],
  resume: ['paused', 'held'],
  approve: ['waiting-approval'],
  promote: ['running', 'waiting-approval', 'held', 'paused'],
  rollback: ['running', 'waiting-approval', 'held', 'paused', 'rolling-back', 'completed', 'killed', 'rolled-back'],
}
