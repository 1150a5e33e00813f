/**
 * Decides how long an endpoint that fell stays down at least: longer with each fall, so that one that flaps is left alone.
 * Part of the voter's own vote; the verdict has no hold-down of its own.
 */
import type { HoldDownSettings } from '../../config/base.ts'
import { after, between, type DurationMs, type Instant, instant, ms } from '../../config/units.ts'

export interface HoldDown {
  /** Falls within the memory, the last included; 0 when it never fell. */
  readonly falls: number
  /** When the hold of the last fall ends. */
  readonly until: Instant
  readonly length: DurationMs
}

export const NEVER_FELL: HoldDown = { falls: 0, until: instant(0), length: ms(0) }

/** The hold after another fall. Falls are forgotten once `memory` has passed since the last hold ended. */
export function fall(hold: HoldDown, settings: HoldDownSettings, now: Instant): HoldDown {
  const remembered = hold.falls > 0 && between(hold.until, now) <= settings.memory
  const falls = remembered ? hold.falls + 1 : 1
  const length = ms(Math.min(settings.max, settings.base * settings.factor ** (falls - 1)))
  return { falls, until: after(now, length), length }
}

/** What is left of the hold. Never more than its whole length, also when the clock was set back meanwhile. */
export const holdLeft = (hold: HoldDown, now: Instant): DurationMs => ms(Math.max(0, Math.min(hold.length, between(now, hold.until))))

/** The hold as this moment's clock counts it: one that was set back meanwhile must not hold for as long as it was set back. */
export const counted = (hold: HoldDown, now: Instant): HoldDown =>
  between(now, hold.until) > hold.length ? { ...hold, until: after(now, hold.length) } : hold
