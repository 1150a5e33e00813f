/** Folds what others than operators say into the state: a weights.json as a whole, the next states of releases, a bundle that has come. */
import type { DirectorBase } from '../../config/director.ts'
import type { EndpointId, PoolId, ReleaseId } from '../../config/ids.ts'
import type { Share } from '../../config/units.ts'
import type { DirectorState, ReleaseState, Said, ShareEntry, WeightEntry } from './director-state.ts'
import { hasTraffic } from './release-run.ts'

interface FileWords {
  readonly weights: readonly { readonly pool: PoolId; readonly endpoint: EndpointId; readonly weight: number }[]
  readonly shares: readonly { readonly release: ReleaseId; readonly weight: Share }[]
}

/** In place of all that earlier files said. What a file says again keeps its first date; one that says the same as before changes nothing. */
export function foldFile(state: DirectorState, file: FileWords, said: Said): DirectorState {
  const before = state.weights.filter(({ owner }) => owner === 'weights.json')
  const weights = file.weights.map((word): WeightEntry => {
    const held = before.find(({ pool, endpoint, weight }) => pool === word.pool && endpoint === word.endpoint && weight === word.weight)
    return held ?? { ...said, owner: 'weights.json', ...word }
  })
  const shares = file.shares.map(
    (word): ShareEntry =>
      state.shares.find(({ release, weight }) => release === word.release && weight === word.weight) ?? { ...said, ...word },
  )
  const isSame = sameEntries(before, weights) && sameEntries(state.shares, shares)
  return isSame ? state : { ...state, weights: [...state.weights.filter(({ owner }) => owner === 'operator'), ...weights], shares }
}

const sameEntries = (held: readonly unknown[], next: readonly unknown[]): boolean =>
  held.length === next.length && next.every((entry) => held.includes(entry))

export function foldReleases(state: DirectorState, next: ReadonlyMap<ReleaseId, ReleaseState | undefined>): DirectorState {
  const stay = state.releases.filter(({ release }) => !next.has(release))
  const moved = [...next.values()].filter((entry) => entry !== undefined)
  const isSame = stay.length + moved.length === state.releases.length && moved.every((entry) => state.releases.includes(entry))
  return isSame ? state : { ...state, releases: [...stay, ...moved] }
}

/**
 * A bundle that has come: each of its releases that is in force goes on, is put back to nothing, or is pointed at until an operator has a word for
 * it, as the bundle says. Nobody is on the canary of one that is taken away, so that there is nothing to look at. Weights and drains are not the
 * bundle's, and go on.
 */
export function foldDeploy(state: DirectorState, { hash, releases }: DirectorBase): DirectorState {
  const says = (id: ReleaseId, what: 'clear' | 'flag'): boolean =>
    releases.some((release) => release.id === id && release.onDeploy === what)
  const kept = state.releases.filter(({ release }) => !says(release, 'clear'))
  const shares = state.shares.filter(({ release }) => !says(release, 'clear'))
  const flagged = kept.map((entry) =>
    says(entry.release, 'flag') && hasTraffic(entry.order) && entry.flagged !== hash ? { ...entry, flagged: hash } : entry,
  )
  const isSame =
    shares.length === state.shares.length &&
    flagged.length === state.releases.length &&
    flagged.every((entry) => state.releases.includes(entry))
  return isSame ? state : { ...state, releases: flagged, shares }
}
