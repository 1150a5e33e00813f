/**
 * Decides when the keys of an issuer are fetched again, and which of two key sets counts: state and event in, state out. A set that counted
 * goes on counting while its issuer is silent, until it is a day old; a set without a usable key replaces nothing.
 */
import { ageOfKeys, KEYS_GOOD_FOR, type KeySetNews, type PublicJwk } from '../../config/key-set.ts'
import { versionOf } from '../../config/key-set-version.ts'
import type { KeySetReading } from '../../config/read-key-set.ts'
import { after, between, type Draw, type DurationMs, type Instant, instant, ms } from '../../config/units.ts'

/** At most, from one fetch in turn to the next; and from one out of turn to the next. */
export const FETCH_EVERY = ms(30_000)
/** Vantages must not ask in step: up to so large a part of it earlier. */
const JITTER_SHARE = 0.2
/** After a first failure while there is nothing to go on with; doubled by each further one. */
const RETRY_COLD = ms(2000)
const RETRY_MAX = ms(60_000)
/** What a message may make younger: less is no news of the same keys, or they would never grow old in circles. */
const HOP_MAX = ms(5000)
/** Two words of an issuer within it are of the same time: then the version that was seen first later counts, or one of the two everywhere. */
const SAME_TIME = ms(1000)
/** Reasons for keys that were left out, for people. */
const DROPPED_MAX = 5

export interface GoodKeySet {
  readonly keys: readonly PublicJwk[]
  readonly version: string
  /** When the issuer last said so, by this vantage's clock. */
  readonly confirmedAt: Instant
  /** When this version was first seen, by this vantage's clock. */
  readonly since: Instant
  /** Of the answer that these keys came in, for the next question. Absent when a peer told them. */
  readonly etag?: string
}

export interface KeySetFold {
  /** The last that was of use. */
  readonly good?: GoodKeySet
  /** Where the discovery document says that the keys are. */
  readonly place?: { readonly url: string; readonly readAt: Instant }
  readonly failedInRow: number
  readonly dueAt: Instant
  /** The last fetch out of turn. */
  readonly wantedAt?: Instant
  readonly problem?: { readonly at: Instant; readonly text: string }
  /** Keys of the last answer that were left out, for people. */
  readonly dropped: readonly string[]
}

export const NEVER_FETCHED: KeySetFold = { failedInRow: 0, dueAt: instant(0), dropped: [] }

/** What came of a fetch. */
export type KeyFetch =
  | { readonly kind: 'keys'; readonly reading: KeySetReading; readonly etag?: string }
  /** The issuer still has the version that it was asked with. */
  | { readonly kind: 'same'; readonly version: string }
  | { readonly kind: 'failed'; readonly detail: string }

export interface Moment {
  readonly now: Instant
  readonly draw: Draw
}

/** What counts now; undefined when nothing does any more. */
export const usableKeys = ({ good }: KeySetFold, now: Instant): GoodKeySet | undefined =>
  good !== undefined && ageOfKeys(good.confirmedAt, now) < KEYS_GOOD_FOR ? good : undefined

/** Due, or planned absurdly far ahead because the clock was set back. */
export const isFetchDue = ({ dueAt }: KeySetFold, now: Instant): boolean => now >= dueAt || dueAt - now > RETRY_MAX

/** An isolate met a key that is not in the set. The state is the same object when it has to wait for the next fetch in turn. */
export function foldWanted(fold: KeySetFold, now: Instant): KeySetFold {
  const isEarly = fold.wantedAt !== undefined && Math.abs(between(fold.wantedAt, now)) < FETCH_EVERY
  return isEarly || isFetchDue(fold, now) ? fold : { ...fold, wantedAt: now, dueAt: now }
}

export function foldFetch(fold: KeySetFold, fetched: KeyFetch, { now, draw }: Moment): KeySetFold {
  switch (fetched.kind) {
    case 'keys': {
      const { reading, etag } = fetched
      const version = versionOf(reading.keys)
      const { keys, since } = fold.good?.version === version ? fold.good : { keys: reading.keys, since: now }
      const good = { keys, version, since, confirmedAt: now, ...(etag === undefined ? {} : { etag }) }
      return { ...well(fold, now, draw), good, dropped: reading.dropped.slice(0, DROPPED_MAX).map(showDropped) }
    }
    case 'same': {
      // A peer's newer set has come meanwhile: asked without a tag, the issuer says which it is.
      if (fold.good?.version !== fetched.version) return { ...fold, dueAt: after(now, RETRY_COLD) }
      return { ...well(fold, now, draw), good: { ...fold.good, confirmedAt: now } }
    }
    case 'failed': {
      const failedInRow = fold.failedInRow + 1
      const pause = retryAfter(usableKeys(fold, now) === undefined, failedInRow, draw)
      return { ...fold, failedInRow, dueAt: after(now, pause), problem: { at: now, text: fetched.detail } }
    }
    default:
      return fetched satisfies never
  }
}

function well({ problem, ...fold }: KeySetFold, now: Instant, draw: Draw): KeySetFold {
  return { ...fold, failedInRow: 0, dueAt: after(now, ms(FETCH_EVERY * (1 - JITTER_SHARE * draw))) }
}

/** With keys to go on with there is time; without them nobody comes in until there are some. */
function retryAfter(isCold: boolean, failedInRow: number, draw: Draw): DurationMs {
  const pause = Math.min(RETRY_MAX, (isCold ? RETRY_COLD : FETCH_EVERY) * 2 ** Math.min(failedInRow - 1, 10))
  return ms(pause * (1 - 0.5 * draw))
}

/** What a peer tells. The newer counts; of two versions that are as new as each other all vantages take the same. */
export function foldOffered(fold: KeySetFold, news: KeySetNews, now: Instant): KeySetFold {
  const { version, age, keys } = news
  if (age >= KEYS_GOOD_FOR) return fold
  const good = usableKeys(fold, now)
  const confirmedAt = instant(now - age)
  const since = instant(now - (news.since ?? age))
  if (good === undefined) return keys === undefined ? fold : { ...fold, good: { keys, version, confirmedAt, since } }
  const gain = ageOfKeys(good.confirmedAt, now) - age
  if (good.version === version) return gain > HOP_MAX ? { ...fold, good: { ...good, confirmedAt } } : fold
  const isNewer = Math.abs(gain) > SAME_TIME ? gain > 0 : isLaterVersion({ version, since }, good)
  return isNewer && keys !== undefined ? { ...fold, good: { keys, version, confirmedAt, since } } : fold
}

/** A rotation brings what nobody has seen before; the old set may have been confirmed a moment ago. Of two that are as new all take the same. */
function isLaterVersion(offered: Pick<GoodKeySet, 'version' | 'since'>, held: GoodKeySet): boolean {
  const later = between(held.since, offered.since)
  return Math.abs(later) > SAME_TIME ? later > 0 : offered.version > held.version
}

/** What is told of it, with its keys for whoever holds another version. Undefined while nothing counts. */
export function tellKeys(key: KeySetNews['key'], fold: KeySetFold, held: string | undefined, now: Instant): KeySetNews | undefined {
  const good = usableKeys(fold, now)
  if (good === undefined) return undefined
  const news = { key, version: good.version, age: ageOfKeys(good.confirmedAt, now) }
  return held === good.version ? news : { ...news, keys: good.keys }
}

const showDropped = ({ at, kid, why }: KeySetReading['dropped'][number]): string => `key ${kid ?? `number ${at + 1}`}: ${why}`
