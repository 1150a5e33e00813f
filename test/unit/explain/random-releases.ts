/** Releases by dice: in place of the one pool of a route, and where each stands at some moment. */
import type { Base } from '../../../config/base.ts'
import type { Overlay, ReleaseOrder } from '../../../config/overlay.ts'
import { type Instant, share } from '../../../config/units.ts'
import { type AppliedOverlay, applyOverlay } from '../../../worker/policy/apply-overlay.ts'
import { chance, maybe, oneOf, type Roll } from './rolls.ts'

type RouteFile = { readonly name: string; readonly pool?: string } & Readonly<Record<string, unknown>>

/** Some routes, and the releases that they have got. */
export function withReleases(routes: readonly RouteFile[], pools: readonly string[], roll: Roll) {
  const releases: Record<string, object> = {}
  const released = routes.map((route) => {
    const { pool, ...rest } = route
    if (pool === undefined || !chance(roll, 0.3)) return route
    const other = 'home' in rest ? pool : oneOf(roll, pools)
    releases[route.name] = {
      stable: { pool },
      canary: { pool: other, ...(other === pool || chance(roll, 0.3) ? { requestHeaders: { set: { 'x-version': 'next' } } } : {}) },
      key: oneOf(roll, [{ clientAddress: true }, { header: 'x-tenant' }, { cookie: 'edge-track' }]),
      ...maybe(roll, 0.7, () => ({ override: { header: 'x-override' } })),
    }
    return { ...rest, release: route.name }
  })
  return { routes: released, releases }
}

/** Undefined when nobody has heard of anything. */
export function randomStanding(base: Base, now: Instant, roll: Roll): AppliedOverlay | undefined {
  if (base.releases === undefined || chance(roll, 0.2)) return undefined
  const orders = base.releases.flatMap(({ id }) => (chance(roll, 0.15) ? [] : [[id, randomOrder(roll)] as const]))
  const releases = Object.fromEntries(orders) as Overlay['releases']
  return applyOverlay(base, { overlay: { format: 1, order: { epoch: 1, revision: 1 }, weights: {}, drains: [], releases }, at: now }, [])
}

const randomOrder = (roll: Roll): ReleaseOrder => ({
  weight: share(oneOf(roll, [0, 0.3, 0.7, 1])),
  mirror: share(oneOf(roll, [0, 0, 0.5])),
  killed: chance(roll, 0.1),
  salt: 'run',
  ...maybe(roll, 0.2, () => ({ regions: { 'us-east-1': share(1), 'eu-west-1': share(0.5) } })),
})
