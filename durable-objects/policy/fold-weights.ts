/** Folds weights that operators set and clear into the state. A pool is never left with weights that add up to nothing. */
import type { Change } from '../../config/director.ts'
import { show } from '../../config/document.ts'
import type { EndpointId, PoolId } from '../../config/ids.ts'
import { changeDefect } from '../../config/read-change.ts'
import { didYouMean } from '../../config/suggest.ts'
import { after } from '../../config/units.ts'
import { weightsInForce } from './compose-overlay.ts'
import type { DirectorState, WeightEntry } from './director-state.ts'
import type { ChangeScene, Place } from './fold-changes.ts'
import type { KnownNames } from './known-names.ts'

type SetWeights = Extract<Change, { kind: 'set-weights' }>
type ClearWeights = Extract<Change, { kind: 'clear-weights' }>

export function setWeights(
  state: DirectorState,
  { pool, weights, lasts }: SetWeights,
  { names, said }: ChangeScene,
  place: Place,
): DirectorState {
  const endpoints = names.pools.get(pool)
  if (endpoints === undefined) return unknownPool(state, pool, names, place)
  const asked = Object.entries(weights) as [EndpointId, number][]
  const unknown = asked.filter(([endpoint]) => !endpoints.has(endpoint))
  for (const [endpoint] of unknown) {
    const path = [...place.path, 'weights', endpoint]
    const suggestion = didYouMean(endpoint, endpoints.keys())
    place.found.push(changeDefect({ path, expected: `an endpoint of ${pool}`, found: show(endpoint), suggestion, atKey: true }))
  }
  if (unknown.length > 0) return state
  const entry = { ...said, owner: 'operator', pool, ...(lasts === undefined ? {} : { until: after(said.at, lasts) }) } as const
  const set = asked.reduce((held, [endpoint, weight]) => setWeight(held, { ...entry, endpoint, weight }), state)
  return leavesSomething(set, pool, names) ? set : sumsToNothing(state, pool, place)
}

function setWeight(state: DirectorState, entry: WeightEntry): DirectorState {
  const held = state.weights.find((each) => each.owner === entry.owner && each.pool === entry.pool && each.endpoint === entry.endpoint)
  if (held?.weight === entry.weight && held.until === entry.until) return state
  return { ...state, weights: [...state.weights.filter((each) => each !== held), entry] }
}

/** Of names that no base has any more as well: what is inert must be possible to remove. */
export function clearWeights(state: DirectorState, change: ClearWeights, { names }: ChangeScene, place: Place): DirectorState {
  const { pool, endpoints } = change
  const isHeld = state.weights.some((entry) => entry.pool === pool)
  if (!isHeld && !names.pools.has(pool)) return unknownPool(state, pool, names, place)
  const known = new Set([
    ...(names.pools.get(pool)?.keys() ?? []),
    ...state.weights.flatMap((entry) => (entry.pool === pool ? [entry.endpoint] : [])),
  ])
  for (const [index, endpoint] of (endpoints ?? []).entries()) {
    if (known.has(endpoint)) continue
    const path = [...place.path, 'endpoints', index]
    place.found.push(
      changeDefect({ path, expected: `an endpoint of ${pool}`, found: show(endpoint), suggestion: didYouMean(endpoint, known) }),
    )
  }
  const goes = (entry: WeightEntry): boolean =>
    entry.owner === 'operator' && entry.pool === pool && (endpoints === undefined || endpoints.includes(entry.endpoint))
  if (!state.weights.some(goes)) return state
  const left = { ...state, weights: state.weights.filter((entry) => !goes(entry)) }
  return leavesSomething(left, pool, names) ? left : sumsToNothing(state, pool, place)
}

/** A pool that the bundle itself leaves without is its own matter. */
export function leavesSomething(state: DirectorState, pool: PoolId, names: KnownNames): boolean {
  const endpoints = [...(names.pools.get(pool)?.values() ?? [])]
  const own = weightsInForce(state).filter((entry) => entry.pool === pool)
  const said = new Map(own.map(({ endpoint, weight }) => [endpoint, weight]))
  return endpoints.every(({ weight }) => weight === 0) || endpoints.some(({ id, weight }) => (said.get(id) ?? weight) > 0)
}

function sumsToNothing(state: DirectorState, pool: PoolId, { path, found }: Place): DirectorState {
  const suggestion = 'to take traffic away, drain the endpoints'
  found.push(changeDefect({ path, expected: `weights of which one is above 0 in ${pool}`, found: 'a sum of 0', suggestion }))
  return state
}

function unknownPool(state: DirectorState, pool: PoolId, { pools }: KnownNames, { path, found }: Place): DirectorState {
  const suggestion = didYouMean(pool, pools.keys())
  found.push(changeDefect({ path: [...path, 'pool'], expected: 'a pool of the gateway', found: show(pool), suggestion }))
  return state
}
