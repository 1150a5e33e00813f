/** Whether a change gives anybody a canary that an emergency freezes, by whatever way: a revert and the end of a run do too. An emergency can only take. */
import type { ReleaseId } from '../../config/ids.ts'
import type { ReleaseOrder } from '../../config/overlay.ts'
import { share } from '../../config/units.ts'
import { ordersInForce } from './compose-overlay.ts'
import type { DirectorState } from './director-state.ts'

/** Of a release of which nobody has said anything. */
const NO_ORDER: ReleaseOrder = { weight: share(0), mirror: share(0), killed: false, salt: '' }

/** The first frozen release that has more than before. */
export function raisedFrozen(before: DirectorState, after: DirectorState, frozen: readonly string[]): ReleaseId | undefined {
  if (frozen.length === 0 || (before.releases === after.releases && before.shares === after.shares)) return undefined
  const [was, is] = [ordersInForce(before), ordersInForce(after)]
  const all = [...new Set([...was.keys(), ...is.keys()])].filter((id) => frozen.includes('*') || frozen.includes(id))
  return all.find((id) => hasRisen(was.get(id) ?? NO_ORDER, is.get(id) ?? NO_ORDER))
}

/** With another salt other keys are among the first, so that somebody has the canary anew. */
function hasRisen(before: ReleaseOrder, after: ReleaseOrder): boolean {
  if (after.killed) return false
  if (before.killed || after.mirror > before.mirror) return true
  // The empty name stands for every region that neither names.
  const regions = ['', ...Object.keys(before.regions ?? {}), ...Object.keys(after.regions ?? {})]
  const salted = before.salt === after.salt
  return regions.some((region) => shareIn(after, region) > (salted ? shareIn(before, region) : 0))
}

const shareIn = ({ weight, regions }: ReleaseOrder, region: string): number =>
  regions === undefined ? weight : Object.hasOwn(regions, region) ? (regions[region] ?? 0) : 0
