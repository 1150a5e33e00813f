/**
 * Folds what a vantage reads of `emergency.json`, and what its peers have read, into what it acts upon. What was read last counts: the bucket
 * is strongly consistent. What cannot be read, or is refused, leaves in force what was; only an object that is gone, or has expired, ends it.
 */
import { type Defect, showPath } from '../../config/defect.ts'
import { EMERGENCY_BYTES_MAX, type EmergencyFile, hasExpired, parseEmergencyFile } from '../../config/operator-files/emergency-file.ts'
import { tooLong } from '../../config/operator-files/read-json.ts'
import type { Emergency } from '../../config/overlay.ts'
import { after, between, type DurationMs, type Instant, ms } from '../../config/units.ts'
import type { BucketAnswer } from './bucket-answer.ts'

/** What a file says, with whose word it is. */
export interface HeldEmergency {
  readonly emergency: Emergency
  readonly by: string
  readonly reason: string
  /** In ms since 1970. */
  readonly expires?: number
}

export interface EmergencyFold {
  /** Absent: there is none, as far as is known. */
  readonly held?: HeldEmergency
  /** When the bucket last said so, here or at a peer. Absent: never yet. */
  readonly confirmedAt?: Instant
  /** Tag of the object that was read last, whatever was in it. */
  readonly seen?: string
  /** Why that one does not count. */
  readonly refusal?: string
  /** Why the last reading failed. */
  readonly failure?: string
}

/** What a vantage tells its peers of it. */
export interface EmergencyNews {
  /** Since the bucket said so. */
  readonly age: DurationMs
  readonly held?: HeldEmergency
}

export const NEVER_READ: EmergencyFold = {}

/** A message takes up to a second: what a peer says is newer only when it is newer by more than that. */
const NEWER_BY = ms(2000)

export function foldReading(fold: EmergencyFold, answer: BucketAnswer, now: Instant): EmergencyFold {
  const { failure: _, ...kept } = withoutFuture(fold, now)
  switch (answer.kind) {
    case 'failed':
      return { ...kept, failure: `emergency.json cannot be read, what was read before stays in force: ${answer.detail}` }
    case 'missing':
      return { confirmedAt: now }
    case 'unchanged':
      return kept.refusal === undefined ? { ...kept, confirmedAt: now } : kept
    case 'too-long':
      return refused(kept, answer.etag, [tooLong(answer.length, EMERGENCY_BYTES_MAX)])
    case 'object': {
      const { file, defects } = parseEmergencyFile(answer.text)
      return file === undefined
        ? refused(kept, answer.etag, defects)
        : { held: heldOf(file, answer.etag), confirmedAt: now, seen: answer.etag }
    }
    default:
      return answer satisfies never
  }
}

/** A clock that was set back must not make what was read long ago the newest of all. */
const withoutFuture = (fold: EmergencyFold, now: Instant): EmergencyFold =>
  fold.confirmedAt !== undefined && fold.confirmedAt > now ? { ...fold, confirmedAt: now } : fold

function heldOf({ by, reason, expires, drain, weightZero, freeze, killCanary }: EmergencyFile, etag: string): HeldEmergency {
  return { emergency: { etag, drain, weightZero, freeze, killCanary }, by, reason, ...(expires === undefined ? {} : { expires }) }
}

/** Defects that a problem tells of; `npx meridian check` tells all. */
const TOLD_MAX = 3

function refused(fold: EmergencyFold, etag: string, defects: readonly Defect[]): EmergencyFold {
  const told = defects
    .slice(0, TOLD_MAX)
    .map(({ path, expected, found }) => `${showPath(path).slice(0, 80)}: expected ${expected}, found ${found}`)
  const more = defects.length > TOLD_MAX ? ` (and ${defects.length - TOLD_MAX} more)` : ''
  return { ...fold, seen: etag, refusal: `emergency.json is refused, what was read before stays in force: ${told.join('; ')}${more}` }
}

/** Takes what a peer has read, where that is newer. */
export function foldNews(fold: EmergencyFold, news: EmergencyNews, now: Instant): EmergencyFold {
  const readAt = after(now, ms(-news.age))
  if (fold.confirmedAt !== undefined && between(fold.confirmedAt, readAt) < NEWER_BY) return fold
  const { failure } = fold
  return {
    confirmedAt: readAt,
    ...(news.held === undefined ? {} : { held: news.held, seen: news.held.emergency.etag }),
    ...(failure === undefined ? {} : { failure }),
  }
}

/** Whether a peer has read something else: one of the two is late. */
export const differsFrom = ({ held }: EmergencyFold, news: EmergencyNews): boolean => held?.emergency.etag !== news.held?.emergency.etag

/** Undefined while nothing has been read, here or there. */
export function tellEmergency({ held, confirmedAt }: EmergencyFold, now: Instant): EmergencyNews | undefined {
  if (confirmedAt === undefined) return undefined
  return { age: ms(Math.max(0, between(confirmedAt, now))), ...(held === undefined ? {} : { held }) }
}

/** What isolates are told. */
export const emergencyInForce = ({ held }: EmergencyFold, now: Instant): Emergency | undefined =>
  held === undefined || hasExpired(held, now) ? undefined : held.emergency
