/**
 * Merges the layers into what isolates are told. In this order, the first that says something: operators, the release engine, weights.json;
 * what none of them names is the bundle's. Emergencies are not the director's: vantages merge them over all of this.
 */
import type { EndpointId, PoolId, ReleaseId } from '../../config/ids.ts'
import type { Drain, Overlay, OverlayOrder, ReleaseOrder } from '../../config/overlay.ts'
import { type Instant, ms, share } from '../../config/units.ts'
import type { DirectorState, DrainEntry, ShareEntry, WeightEntry } from './director-state.ts'

export function composeOverlay(state: DirectorState, order: OverlayOrder, now: Instant): Overlay {
  const weights: Record<PoolId, Record<EndpointId, number>> = {}
  for (const { pool, endpoint, weight } of weightsInForce(state)) weights[pool] = { ...weights[pool], [endpoint]: weight }
  const releases: Record<ReleaseId, ReleaseOrder> = Object.fromEntries(ordersInForce(state))
  return { format: 1, order, weights, drains: state.drains.map((entry) => tellDrain(entry, now)), releases }
}

export const ordersInForce = (state: DirectorState): ReadonlyMap<ReleaseId, ReleaseOrder> =>
  new Map([
    ...sharesInForce(state).map((entry) => [entry.release, orderOfShare(entry)] as const),
    ...state.releases.map(({ release, order }) => [release, order] as const),
  ])

/** Of two owners' words about the same endpoint of a pool the operator's. What was said of it in a pool that it has left since is about nothing. */
export function weightsInForce({ weights }: DirectorState): readonly WeightEntry[] {
  const operators = operatorPlaces(weights)
  return weights.filter((entry) => entry.owner === 'operator' || !operators.has(placeOf(entry)))
}

/** Those of which operators have a word. */
export const operatorPlaces = (weights: readonly WeightEntry[]): ReadonlySet<string> =>
  new Set(weights.flatMap((entry) => (entry.owner === 'operator' ? [placeOf(entry)] : [])))

/** An endpoint in a pool, as fields name it. */
export const placeOf = ({ pool, endpoint }: { readonly pool: string; readonly endpoint: string }): string => `pools.${pool}.${endpoint}`

/** A release that has been begun is the engine's, also when it has ended: a file must not raise what was rolled back. */
export const sharesInForce = ({ shares, releases }: DirectorState): readonly ShareEntry[] =>
  shares.filter((entry) => !releases.some(({ release }) => release === entry.release))

/** The salt stays: a later file that says more moves nobody back. */
export const orderOfShare = ({ release, weight }: ShareEntry): ReleaseOrder => ({ weight, mirror: share(0), killed: false, salt: release })

const tellDrain = ({ target, direction, over, since }: DrainEntry, now: Instant): Drain => ({
  target,
  direction,
  over,
  begun: ms(Math.max(0, now - since)),
})
