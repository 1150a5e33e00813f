/**
 * How an answer's body is cared for. Whoever passes a body on as it came never learns that it broke: the runtime copies it outside the
 * Worker. Seeing it costs CPU, so most bodies are passed on, a share is looked after, and all of an endpoint that has just broken one.
 */
import type { Bytes, Draw, DurationMs, Instant } from '../../config/units.ts'
import { bytes, instant, ms } from '../../config/units.ts'
import type { Candidate } from './route-state.ts'

/** Said before the attempt: whether its body may be looked at at all. That costs a little, and must be arranged with the fetch. */
export type BodyArming =
  /** Passed on, unseen. */
  | { readonly kind: 'none' }
  /** `watchAll`: the route times the silence of each. `slow`: by nature, as others are; nobody is judged by it. */
  | {
      readonly kind: 'armed'
      readonly holdUpTo: Bytes
      readonly watchLarge: boolean
      readonly watchAll: boolean
      readonly slow: boolean
    }

/** Said at the head. */
export type BodyCare =
  | { readonly kind: 'pass' }
  /**
   * Read whole before the head goes on: a break, or a trickle past the timer, is a failed attempt like any other. `briefly`: only while that may help,
   * because the route has not asked for it.
   */
  | { readonly kind: 'hold'; readonly briefly: boolean }
  /** Handed on piece by piece: a break is seen and counted, but not mended. `mayBeSilent`: the route's idle timeout is not for it. */
  | { readonly kind: 'watch'; readonly judgesSpeed: boolean; readonly mayBeSilent: boolean }

/**
 * One body of an endpoint in so many ms is looked after. So long a fault goes unseen, whatever the rate; where requests are few, and their
 * cost does not matter, hardly a body is not looked after.
 */
const LOOK_EVERY = 50
/** Of the large ones, this share: to watch 10 MiB costs nearly as much as to pass them on. */
const SAMPLE_LARGE = 1 / 32
/** Held, when looked after: as much as comes with the head, or right behind it. */
const HOLD_SAMPLED = bytes(16 * 1024)
/** From here on a body is large. */
const LARGE = 64 * 1024
/** So long every body of an endpoint is looked after once it has broken one, and none is held once they have been found to be slow, in ms. */
const SUSPICION = 10_000

/** A body that is held for so long arms all that follow, in ms: before any timer expires, a trickle would have reached a second's requests. */
const HOLD_SUSPICIOUS = 150

const UNARMED: BodyArming = { kind: 'none' }

export function armBody(candidate: Candidate, method: string, now: Instant, draw: Draw): BodyArming {
  if (method === 'HEAD') return UNARMED
  const { bufferUpTo, timeouts } = candidate.route.route
  const watchAll = timeouts.idleOfAll === true
  const suspect = isSuspect(candidate, now)
  const due = now >= candidate.bodyLookAt || candidate.bodyLookAt - now > LOOK_EVERY
  if (due) candidate.bodyLookAt = instant(now + LOOK_EVERY)
  if (bufferUpTo === 0 && !suspect && !due && !watchAll) return UNARMED
  const slow = now < candidate.bodySlowUntil
  const holdUpTo = bytes(Math.max(bufferUpTo, slow ? 0 : HOLD_SAMPLED))
  return { kind: 'armed', holdUpTo, watchLarge: suspect || draw < SAMPLE_LARGE, watchAll, slow }
}

export interface BodyHead {
  /** By `Content-Length`. */
  readonly length: number | undefined
  readonly contentType: string | null
}

/**
 * A body without a length may go on for ever: it is held only where the route asks for it. A stream of events is never held, whatever the
 * route asks: each event is for now. Nor is its silence anybody's fault.
 */
export function careFor(arming: BodyArming, head: BodyHead, bufferUpTo: Bytes): BodyCare {
  if (arming.kind === 'none') return PASS
  if (head.contentType !== null && EVENT_STREAM.test(head.contentType)) return arming.watchLarge ? WATCH_EVENTS : PASS
  const watches = arming.watchLarge || arming.watchAll
  if (head.length === undefined) return bufferUpTo > 0 ? HOLD : watches ? WATCH_UNSIZED : PASS
  if (head.length <= arming.holdUpTo) return head.length <= bufferUpTo ? HOLD : HOLD_BRIEFLY
  if (head.length > LARGE && !watches) return PASS
  return arming.slow ? WATCH_UNSIZED : WATCH_SIZED
}

/** Media types are case-insensitive (RFC 9110 section 8.3.1). */
const EVENT_STREAM = /^\s*text\/event-stream(?:[\s;]|$)/i

const PASS: BodyCare = { kind: 'pass' }
const HOLD: BodyCare = { kind: 'hold', briefly: false }
const HOLD_BRIEFLY: BodyCare = { kind: 'hold', briefly: true }
const WATCH_SIZED: BodyCare = { kind: 'watch', judgesSpeed: true, mayBeSilent: false }
const WATCH_UNSIZED: BodyCare = { kind: 'watch', judgesSpeed: false, mayBeSilent: false }
const WATCH_EVENTS: BodyCare = { kind: 'watch', judgesSpeed: false, mayBeSilent: true }

/** Slower than this, over `SLOW_WINDOW` of waiting for the endpoint, a body of known length counts as broken. Bytes a second. */
export const SLOW_FLOOR = 1024
export const SLOW_WINDOW: DurationMs = ms(2000)

function isSuspect({ bodySuspectUntil, bodyHeldSince }: Candidate, now: Instant): boolean {
  return now < bodySuspectUntil || (bodyHeldSince > 0 && now - bodyHeldSince > HOLD_SUSPICIOUS)
}

/** A body begins to be held; the first of those that have not come is what counts. */
export function beginHold(candidate: Candidate, now: Instant): void {
  if (candidate.bodyHeldSince === 0) candidate.bodyHeldSince = now
}

/** One came whole: bodies flow. */
export function endHold(candidate: Candidate): void {
  candidate.bodyHeldSince = instant(0)
}

/** Its bodies do not come whole at once, and neither do those of another that was asked for the same: that is no trickle. */
export function noteSlowBodies(candidate: Candidate, now: Instant): void {
  endHold(candidate)
  candidate.bodySlowUntil = instant(now + SUSPICION)
}

export function suspectBody(candidate: Candidate, now: Instant): void {
  candidate.bodySuspectUntil = instant(now + SUSPICION)
}
