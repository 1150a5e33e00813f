/**
 * How what is in force is kept for isolates that start while no vantage answers: in the colo's cache for a day, and in KV without an end of
 * life, since an overlay never ages. Signed with the secret that both Workers have, where there is one.
 *
 * Whoever can write there could take every endpoint out or give everybody a canary, for as long as no vantage answers. So with the secret an entry
 * that is not signed is none. Without the secret an entry can only take away (drains and killed canaries; no weights, no shares), and the first
 * word of any vantage ends it, whatever it says of its own order.
 */
import type { ReleaseId } from './ids.ts'
import type { InForce, Overlay, ReleaseOrder } from './overlay.ts'
import { parseInForce } from './parse-overlay.ts'
import { type DurationMs, ms, share } from './units.ts'

/** Of the entry in KV. */
export const KNOWN_OVERLAY_KEY = 'overlay'
/** How long the colo's cache keeps it. */
export const KNOWN_OVERLAY_LIVES: DurationMs = ms(86_400_000)
/** A longer entry is none. */
const TEXT_MAX = 4_000_000

/** What is signed, and with what: of another purpose than everything else that the secret signs. */
export const overlaySecret = (secret: string): string => `meridian overlay 1 ${secret}`

export const overlayDocument = ({ overlay, emergencies }: InForce): string => JSON.stringify({ format: 1, overlay, emergencies })

export function parseOverlayDocument(document: string): InForce | undefined {
  if (document.length > TEXT_MAX) return undefined
  const raw: unknown = JSON.parse(document)
  return parseInForce(raw)
}

/** As much of it as is believed where there is no secret. */
export function takingOnly({ overlay, emergencies }: InForce): InForce {
  if (overlay === undefined) return { emergencies }
  const releases = Object.entries<ReleaseOrder>(overlay.releases).map(([id, order]) => [id as ReleaseId, noCanary(order)] as const)
  const taking: Overlay = {
    ...overlay,
    weights: {},
    drains: overlay.drains.filter(({ direction }) => direction === 'out'),
    releases: Object.fromEntries(releases),
  }
  return { overlay: taking, emergencies }
}

const noCanary = ({ killed, salt }: ReleaseOrder): ReleaseOrder => ({ weight: share(0), mirror: share(0), killed, salt })

/** Of an entry whose age nobody knows: every drain in it has come to its end. A moment may not begin again each time that it is read. */
export const ofOldEntry = ({ overlay, emergencies }: InForce): InForce =>
  overlay === undefined
    ? { emergencies }
    : { overlay: { ...overlay, drains: overlay.drains.map((drain) => ({ ...drain, begun: drain.over })) }, emergencies }
