/**
 * Folds an operator's changes into the state, all of them or none: names that no base has, and what makes no sense where things stand, are
 * defects with the place in the request. Saying again what holds already changes nothing.
 */

import type { Path } from '../../config/defect.ts'
import type { Change, ChangeDefect } from '../../config/director.ts'
import { show } from '../../config/document.ts'
import type { ReleaseId } from '../../config/ids.ts'
import { changeDefect } from '../../config/read-change.ts'
import { err, ok, type Result } from '../../config/result.ts'
import { didYouMean } from '../../config/suggest.ts'
import { actOnRelease, isOver, type ReleaseWord } from './act-on-release.ts'
import { type DirectorState, DRAINS_MAX, RELEASES_MAX, type Said, WEIGHTS_MAX } from './director-state.ts'
import { endByTime } from './end-by-time.ts'
import { drain, undrain } from './fold-drains.ts'
import { clearWeights, setWeights } from './fold-weights.ts'
import type { KnownNames } from './known-names.ts'
import { raisedFrozen } from './raises-frozen.ts'

export interface ChangeScene {
  readonly said: Said
  readonly names: KnownNames
  /** The state at that revision; undefined when it is not kept. */
  readonly stateAt: (revision: number) => DirectorState | undefined
  /** Of a release that begins with this change, with its name behind it: two that begin at once have other clients. */
  readonly salt: string
  /** What `emergency.json` freezes: releases, or `*` for everything that gives traffic. */
  readonly frozen: readonly string[]
}

/** Where a change stands in the request, and the list that takes what is wrong with it. */
export interface Place {
  readonly path: Path
  readonly found: ChangeDefect[]
}

export function foldChanges(
  state: DirectorState,
  changes: readonly Change[],
  scene: ChangeScene,
): Result<DirectorState, readonly ChangeDefect[]> {
  const found: ChangeDefect[] = []
  const after = changes.reduce((held, change, index) => foldChange(held, change, scene, { path: ['changes', index], found }), state)
  if (found.length > 0) return err(found)
  const tooMany = checkBounds(after)
  return tooMany === undefined ? ok(after) : err([tooMany])
}

const WHILE_FROZEN = 'nothing while emergency.json freezes it'

function foldChange(state: DirectorState, change: Change, scene: ChangeScene, place: Place): DirectorState {
  if (isFrozen(change, scene)) return refused(state, place, WHILE_FROZEN, change.kind)
  const after = foldOne(state, change, scene, place)
  const raised = raisedFrozen(state, after, scene.frozen)
  return raised === undefined ? after : refused(state, place, WHILE_FROZEN, `${change.kind}, which gives the canary of ${raised} more`)
}

function foldOne(state: DirectorState, change: Change, scene: ChangeScene, place: Place): DirectorState {
  switch (change.kind) {
    case 'set-weights':
      return setWeights(state, change, scene, place)
    case 'clear-weights':
      return clearWeights(state, change, scene, place)
    case 'drain':
      return drain(state, change, scene, place)
    case 'undrain':
      return undrain(state, change, scene, place)
    case 'release':
      return changeRelease(state, { release: change.release, word: change.action }, scene, place)
    case 'set-release':
      return changeRelease(state, { release: change.release, word: { weight: change.weight } }, scene, place)
    case 'clear-release':
      return clearRelease(state, change.release, scene, place)
    case 'revert':
      return revert(state, change.revision, scene, place)
    default:
      return change satisfies never
  }
}

/** An emergency can only take: what takes goes on. */
function isFrozen(change: Change, { frozen }: ChangeScene): boolean {
  if (change.kind === 'drain' || change.kind === 'undrain') return false
  if (frozen.includes('*')) return change.kind !== 'release' || !TAKES.has(change.action)
  if (change.kind === 'release') return frozen.includes(change.release) && !TAKES.has(change.action)
  if (change.kind === 'clear-release') return frozen.includes(change.release)
  return change.kind === 'set-release' && frozen.includes(change.release) && change.weight > 0
}

/** Phases in which a release moves by itself. */
const MOVES: ReadonlySet<string> = new Set(['running', 'waiting-approval', 'rolling-back'])

const TAKES: ReadonlySet<string> = new Set(['pause', 'rollback', 'kill'])

function changeRelease(
  state: DirectorState,
  { release: id, word }: { readonly release: ReleaseId; readonly word: ReleaseWord },
  { names, said, salt }: ChangeScene,
  place: Place,
): DirectorState {
  const release = names.releases.get(id)
  const held = state.releases.find((each) => each.release === id)
  if (release === undefined)
    return unknown(state, place, { field: 'release', what: 'a release of the gateway', known: names.releases.keys() }, id)
  const acted = actOnRelease(held, word, { release, said, salt: `${salt}.${id}` })
  if (!acted.ok) return refused(state, place, acted.error.expected, acted.error.found)
  return { ...state, releases: [...state.releases.filter((each) => each !== held), acted.value] }
}

/** A release that has been begun is no file's any more, until somebody says so. */
function clearRelease(state: DirectorState, id: ReleaseId, { names }: ChangeScene, place: Place): DirectorState {
  const held = state.releases.find((each) => each.release === id)
  const isKnown = names.releases.has(id)
  if (held === undefined)
    return isKnown ? state : unknown(state, place, { field: 'release', what: 'a release of the gateway', known: names.releases.keys() }, id)
  if (isKnown && !isOver(held.phase)) return refused(state, place, 'a release that is rolled back, completed or killed', held.phase)
  return { ...state, releases: state.releases.filter((each) => each !== held) }
}

/** What was to end by now has ended. A release that ran is paused: what its engine knew of the last minutes is gone. */
function revert(state: DirectorState, revision: number, { stateAt, said }: ChangeScene, place: Place): DirectorState {
  const then = stateAt(revision)
  if (then === undefined)
    return refused(state, { ...place, path: [...place.path, 'revision'] }, 'a revision that is kept', String(revision))
  return {
    ...endByTime(then, said.at),
    releases: then.releases.map((release) => {
      const now = state.releases.find((each) => each.release === release.release)
      const goesOn =
        release.phase === 'running' && now?.order.salt === release.order.salt && now.phase === 'running' && now.step === release.step
      return goesOn || !MOVES.has(release.phase) ? release : { ...release, phase: 'paused', since: said.at }
    }),
  }
}

function checkBounds({ weights, drains, releases, shares }: DirectorState): ChangeDefect | undefined {
  const over = [
    ['weights', weights.length, WEIGHTS_MAX],
    ['drains', drains.length, DRAINS_MAX],
    ['releases', releases.length + shares.length, RELEASES_MAX],
  ].find(([, count, max]) => (count as number) > (max as number))
  return over === undefined ? undefined : { path: ['changes'], expected: `at most ${over[2]} ${over[0]} in all`, found: String(over[1]) }
}

function refused(state: DirectorState, { path, found }: Place, expected: string, was: string): DirectorState {
  found.push({ path, expected, found: was })
  return state
}

interface Lookup {
  readonly field: string
  /** `a pool of the gateway` */
  readonly what: string
  readonly known: Iterable<string>
}

function unknown(state: DirectorState, { path, found }: Place, { field, what, known }: Lookup, name: string): DirectorState {
  found.push(changeDefect({ path: [...path, field], expected: what, found: show(name), suggestion: didYouMean(name, known) }))
  return state
}
