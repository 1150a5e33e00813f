/**
 * What becomes of the overlay that vantages hold when the director has lost its storage, or has an older one: it is put in force again, as a
 * first revision of a later epoch. Who said what and until when is lost with the storage: nothing that was taken away comes back by that.
 */
import type { EndpointId, PoolId, ReleaseId } from '../../config/ids.ts'
import { compareOverlays, type Overlay, type OverlayOrder } from '../../config/overlay.ts'
import { type Instant, instant, ms } from '../../config/units.ts'
import type { DirectorState, Said } from './director-state.ts'

/** The newest of what vantages hold, when there is one that the director does not know of. */
export function toTakeOver(own: OverlayOrder, held: readonly (Overlay | undefined)[]): Overlay | undefined {
  const newest = held.reduce((best, each) => {
    if (each === undefined || best === undefined) return best ?? each
    return compareOverlays(each.order, best.order) > 0 ? each : best
  }, undefined)
  if (newest === undefined) return undefined
  // A director without a revision has nothing to set against it, whatever the clock says of its epoch.
  return own.revision === 0 || compareOverlays(newest.order, own) > 0 ? newest : undefined
}

/** Above both: revisions go on from where vantages stood, so that no `If-Match` of before fits by chance. */
export const orderAfter = (own: OverlayOrder, held: OverlayOrder, now: Instant): OverlayOrder => ({
  epoch: Math.max(own.epoch, held.epoch + 1, own.revision === 0 ? 0 : now),
  revision: Math.max(own.revision, held.revision) + 1,
})

export function stateOf(overlay: Overlay, said: Said): DirectorState {
  const pools = Object.entries(overlay.weights) as [PoolId, Readonly<Record<EndpointId, number>>][]
  const releases = Object.entries(overlay.releases) as [ReleaseId, Overlay['releases'][ReleaseId]][]
  return {
    weights: pools.flatMap(([pool, weights]) =>
      (Object.entries(weights) as [EndpointId, number][]).map(([endpoint, weight]) => ({
        ...said,
        owner: 'operator' as const,
        pool,
        endpoint,
        weight,
      })),
    ),
    drains: overlay.drains.map(({ target, direction, over, begun }) => {
      const since = instant(said.at - begun)
      const ends = direction === 'back' ? { until: instant(since + over) } : {}
      return { ...said, target, direction, over: ms(over), since, ...ends }
    }),
    releases: releases.map(([release, order]) => ({
      ...said,
      release,
      phase: order.killed ? ('killed' as const) : ('paused' as const),
      step: 0,
      since: said.at,
      order,
    })),
    shares: [],
  }
}
