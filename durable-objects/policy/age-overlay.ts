/** An overlay as it is sent on: what began some time ago when it came in began longer ago now. */
import type { Overlay } from '../../config/overlay.ts'
import { type Instant, ms } from '../../config/units.ts'

/** An overlay and when it came in, by the clock of whoever holds it. */
export interface HeldOverlay {
  readonly overlay: Overlay
  readonly at: Instant
}

export function ageOverlay(held: HeldOverlay | undefined, now: Instant): Overlay | undefined {
  if (held === undefined) return undefined
  const { overlay, at } = held
  const passed = Math.max(0, now - at)
  if (overlay.drains.every(({ over }) => over === 0)) return overlay
  return { ...overlay, drains: overlay.drains.map((drain) => ({ ...drain, begun: ms(drain.begun + passed) })) }
}
