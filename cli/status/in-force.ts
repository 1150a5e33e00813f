/** What operators want otherwise, in a word of an explanation and in notes of an endpoint: by the same functions that requests are sent by. */
import type { PoolId } from '../../config/ids.ts'
import type { InForce } from '../../config/overlay.ts'
import { instant } from '../../config/units.ts'
import { type AppliedEndpoint, applyOverlay, isDrainedBy, type OverlaidEndpoint } from '../../worker/policy/apply-overlay.ts'
import { showLength } from './show-length.ts'

/** Whose word counts; nothing when nothing is in force. */
export function inForceInShort(inForce: InForce | undefined): string[] {
  if (inForce === undefined) return []
  const { overlay, emergencies } = inForce
  const emergency = emergencies.length === 0 ? [] : [`an emergency (${emergencies.map(({ etag }) => etag).join(', ')})`]
  return [
    `in force: ${[...(overlay === undefined ? [] : [`revision ${overlay.order.revision}`]), ...emergency].join(', and above it ') || 'nothing'}`,
    ...ignoredLines(inForce),
  ]
}

/** What the isolate that answered does not go by. */
export const ignoredLines = ({ weightsIgnored }: InForce): string[] =>
  (weightsIgnored ?? []).map((pool) => `  weights of ${pool} are left aside: by them no endpoint of it would have weight`)

/** Of one endpoint; when it was said is now. */
export function inForceNotes(inForce: InForce | undefined, pool: PoolId, endpoint: Omit<OverlaidEndpoint, 'weight' | 'drain'>): string[] {
  if (inForce === undefined) return []
  const { emergencies, weightsIgnored = [] } = inForce
  const overlay = inForce.overlay !== undefined && weightsIgnored.includes(pool) ? { ...inForce.overlay, weights: {} } : inForce.overlay
  // No weight is known here: as of a base that gives none, so that what is said stands.
  const pools = [{ id: pool, endpoints: [{ ...endpoint, weight: 0, drain: false }] }]
  const applied = applyOverlay({ pools }, overlay === undefined ? undefined : { overlay, at: NOW }, emergencies)
  const said = applied?.endpoints.get(endpoint.id)
  return said === undefined ? [] : notes(said)
}

const NOW = instant(0)

function notes(said: AppliedEndpoint): string[] {
  if (said.cut) return ['drained by an emergency: no new request']
  if (isDrainedBy(said, NOW)) return ['drained by operators: no new request']
  const moving = said.drains
    .map(({ direction, since, over }) => ({ direction, left: Math.max(0, over + since) }))
    .filter(({ left }) => left > 0)
    .map(({ direction, left }) => (direction === 'out' ? `going out within ${showLength(left)}` : `coming back within ${showLength(left)}`))
  return [
    ...(said.spared ? ['spared by an emergency: nothing new while another could take it'] : []),
    ...moving,
    ...(said.setBy === 'base' ? [] : [`weight ${said.weight} by operators`]),
  ]
}
