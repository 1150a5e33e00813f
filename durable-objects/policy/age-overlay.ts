/** An overlay as it is sent on: what began some time ago when it came in began longer ago now. */
import { agedOverlay, type HeldOverlay, type Overlay } from '../../config/overlay.ts'
import { type Instant, ms } from '../../config/units.ts'

/** A clock that was set back takes nothing from a drain that is under way. */
export const ageOverlay = (held: HeldOverlay | undefined, now: Instant): Overlay | undefined =>
  held === undefined ? undefined : agedOverlay(held.overlay, ms(Math.max(0, now - held.at)))
