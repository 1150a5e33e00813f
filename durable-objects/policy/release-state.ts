/**
 * A run of a release as the director writes it down, and back. What it holds beside the run (whose word it was, a bundle that came meanwhile) is
 * the director's. What was written before there were runs, or taken over from vantages, becomes a run that is paused at its weight.
 */
import { RELEASE_PHASES, type ReleasePhase } from '../../config/director-view.ts'
import { isRecord } from '../../config/parse-snapshot.ts'
import type { Release } from '../../config/release.ts'
import { type Instant, share as shareOf } from '../../config/units.ts'
import { orderOfShare } from './compose-overlay.ts'
import type { ReleaseState, Said, ShareEntry } from './director-state.ts'
import { BEFORE_ALL, hasTraffic, orderOf, type Position, type ReleaseRun } from './release-run.ts'

const KINDS: ReadonlySet<string> = new Set(RELEASE_PHASES.filter((phase) => phase !== 'idle'))

export function runOf(state: ReleaseState, release: Release): ReleaseRun {
  const { engine, since, order } = state
  if (isWhole(engine, release)) {
    const run = { ...(engine as unknown as ReleaseRun), since, salt: order.salt }
    // Gone back to an earlier revision: what ran then is paused.
    return run.kind === state.phase || state.phase !== 'paused' ? run : { ...run, kind: 'paused', from: 'running', byHand: false }
  }
  const facts = { salt: order.salt, since, weight: order.weight, why: state.explanation ?? state.reason }
  const at = { group: 0, step: Math.min(state.step, release.steps.length - 1) }
  const phase: ReleasePhase = state.phase
  if (phase === 'rolled-back' || phase === 'completed' || phase === 'killed') return { ...facts, at, kind: phase }
  return { ...facts, at, kind: 'paused', from: 'running', byHand: true }
}

/** A bundle may have fewer steps or groups than the one that it was written for: then it is nowhere, and is paused. */
function isWhole(raw: unknown, { steps, regions }: Release): boolean {
  if (!isRecord(raw) || !KINDS.has(String(raw['kind'])) || !isRecord(raw['at'])) return false
  const { group, step } = raw['at'] as unknown as Position
  const isPlace = Number.isInteger(group) && Number.isInteger(step) && group >= 0 && step >= -1
  return isPlace && step < steps.length && group < Math.max(1, regions?.length ?? 1) && typeof raw['weight'] === 'number'
}

/** The step that waited for somebody has their word, and waits for its schedule. */
export const isApproved = ({ phase, engine }: ReleaseState): boolean =>
  phase === 'waiting-approval' && isRecord(engine) && engine['kind'] === phase && engine['approved'] === true

export function stateOfRun(run: ReleaseRun, release: Release, said: Said, held?: ReleaseState): ReleaseState {
  const { since, salt: _, ...engine } = run
  const order = orderOf(run, release)
  return {
    ...said,
    release: release.id,
    phase: run.kind,
    step: Math.max(0, run.at.step),
    since,
    order,
    explanation: run.why,
    // Of one that has ended there is nothing to look at.
    ...(held?.flagged === undefined || !hasTraffic(order) ? {} : { flagged: held.flagged }),
    engine,
  }
}

/** What weights.json gave has ended: it is a run of its own now, with the salt that it had, so that no file raises it again. */
export function rolledBackShare(
  entry: ShareEntry,
  { release, why, now }: { readonly release: Release; readonly why: string; readonly now: Instant },
): ReleaseState {
  const run = { kind: 'rolled-back', salt: orderOfShare(entry).salt, at: BEFORE_ALL, since: now, weight: shareOf(0), why } as const
  return stateOfRun(run, release, { by: 'director', door: 'release', reason: why, at: now })
}
