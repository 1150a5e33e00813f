/** What tests ask of isolates that hold something in force. */
import { releaseId } from '../../../config/ids.ts'
import { instant, share } from '../../../config/units.ts'
import { releaseOrder } from '../../../worker/policy/apply-overlay.ts'
import { pickEndpoint } from '../../../worker/policy/order-endpoints.ts'
import type { HeldHealth } from '../../../worker/snapshot-port.ts'
import { dice, SEED } from '../../seed.ts'
import { drainOf, overlayOf } from '../worker/overlays.ts'
import { factsFor } from '../worker/pool-facts.ts'
import type { Colo } from './fake-isolate.ts'

export const SECRET = 'secret of the test'
export const CHECKOUT = releaseId('checkout')
export const DRAINED = overlayOf(
  { drains: [drainOf('east')], releases: { [CHECKOUT]: { weight: share(0.5), mirror: share(0), killed: true, salt: 's' } } },
  7,
)

export const revision = (held: HeldHealth): number | undefined => held.applied?.held?.overlay.order.revision
/** Where a request goes. */
export const goesTo = (
  held: HeldHealth,
  colo: Pick<Colo, 'now'>,
  facts = factsFor([{ id: 'east' }, { id: 'west', priority: 1 }]),
): string => {
  const pick = pickEndpoint({ ...facts, health: held }, () => false, instant(colo.now), dice(SEED)())
  return pick.kind === 'picked' ? pick.candidate.endpoint.id : pick.kind
}
export const mayHaveCanary = (held: HeldHealth): boolean => releaseOrder(held.applied, CHECKOUT)?.killed === false
