/**
 * Whether a weights file may be put in force where things stand: its names are of some bundle that serves, it leaves every pool with something,
 * also beside what operators have set, and no emergency freezes it. All that is wrong at once, with the place in the file.
 */
import { type Defect, showPath } from '../../config/defect.ts'
import type { ChangeDefect, Difference, DirectorBase } from '../../config/director.ts'
import { poolId } from '../../config/ids.ts'
import type { WeightsFile } from '../../config/operator-files/weights-file.ts'
import { weightsDefects } from '../../config/operator-files/weights-names.ts'
import { operatorPlaces, placeOf } from './compose-overlay.ts'
import { type DirectorState, RELEASES_MAX, WEIGHTS_MAX } from './director-state.ts'
import { leavesSomething } from './fold-weights.ts'
import type { KnownNames } from './known-names.ts'

export interface WeightsScene {
  /** What would be in force. */
  readonly after: DirectorState
  readonly names: KnownNames
  readonly bases: readonly DirectorBase[]
  /** What `emergency.json` freezes. */
  readonly frozen: readonly string[]
}

export type WeightsDefect = Defect | ChangeDefect

/** `document`: the file as it was written, of any shape: what is malformed in it is told elsewhere. */
export const checkNames = (document: unknown, { bases }: Pick<WeightsScene, 'bases'>): readonly WeightsDefect[] =>
  weightsDefects(document, bases)

export function checkWeightsFile(file: WeightsFile, scene: WeightsScene): readonly WeightsDefect[] {
  const named = checkNames(file, scene)
  const told = new Set(named.map(({ path }) => showPath(path)))
  return [...named, ...sums(file, scene).filter(({ path }) => !told.has(showPath(path))), ...bounds(scene.after), ...freezes(file, scene)]
}

/** With what operators have set, which goes before the file. */
function sums(file: WeightsFile, { after, names }: WeightsScene): readonly ChangeDefect[] {
  const emptied = Object.keys(file.pools).filter((pool) => names.pools.has(poolId(pool)) && !leavesSomething(after, poolId(pool), names))
  const expected = 'a weight above 0 for one of its endpoints at least'
  return emptied.map((pool) => ({ path: ['pools', pool], expected, found: 'weights that sum to 0 with those that operators have set' }))
}

function bounds({ weights, shares, releases }: DirectorState): readonly ChangeDefect[] {
  const over = (path: string, count: number, max: number): readonly ChangeDefect[] =>
    count > max ? [{ path: [path], expected: `at most ${max} in all, with those that operators have set`, found: String(count) }] : []
  return [...over('pools', weights.length, WEIGHTS_MAX), ...over('releases', shares.length + releases.length, RELEASES_MAX)]
}

/** An emergency can only take: what a file gives has to wait, and to be put again. */
function freezes({ releases = {} }: WeightsFile, { frozen }: WeightsScene): readonly ChangeDefect[] {
  const expected = 'no change while emergency.json freezes it: put the file again afterwards'
  if (frozen.includes('*')) return [{ path: [], expected, found: 'other weights than are in force' }]
  const held = Object.entries(releases).filter(([release, { weight }]) => weight > 0 && frozen.includes(release))
  return held.map(([release]) => ({ path: ['releases', release, 'weight'], expected, found: 'a weight above 0' }))
}

/** Differences that are told of. */
const TOLD_MAX = 20

/** Somebody was faster: what they have changed since the revision that the file was written for. */
export function conflictDefects(base: number, revision: number, differences: readonly Difference[]): readonly ChangeDefect[] {
  const path = ['base']
  const expected = `${revision}, the revision in force`
  if (base > revision) return [{ path, expected, found: `${base}, which has never been` }]
  const told = differences.slice(0, TOLD_MAX).map(({ field, before, after, owner, reason }) => ({
    path,
    expected: `${field} as it was then: ${before ?? 'as deployed'}`,
    found: `${after ?? 'as deployed'}${owner === undefined ? '' : `, by ${owner}`}${reason === undefined ? '' : ` (${reason})`}`,
  }))
  return [{ path, expected, found: `${base}, since when others have changed something` }, ...told]
}

/** What the file says and a higher owner overrules: it does nothing meanwhile. */
export function overruledBy({ weights, releases }: DirectorState, file: WeightsFile): readonly string[] {
  const operators = operatorPlaces(weights)
  const begun = new Set(releases.map(({ release }) => release as string))
  return [
    ...Object.entries(file.pools).flatMap(([pool, endpoints]) =>
      Object.keys(endpoints)
        .map((endpoint) => placeOf({ pool, endpoint }))
        .filter((name) => operators.has(name)),
    ),
    ...Object.keys(file.releases ?? {}).flatMap((release) => (begun.has(release) ? [`releases.${release}`] : [])),
  ]
}
