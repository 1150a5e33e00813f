/**
 * Folds what vantages and doors say of bundles into which ones are about and which is current: the one that came last. A bundle that comes back
 * (a rollback) is current again when nobody has named the other for ten minutes: with a small share of few requests a new one is named seldom,
 * and must not come anew each time.
 */
import type { DirectorBase } from '../../config/director.ts'
import { between, type DurationMs, type Instant, instant, ms } from '../../config/units.ts'

export interface KnownDirectorBase {
  readonly base: DirectorBase
  readonly learnedAt: Instant
  readonly seenAt: Instant
}

export interface BasesFold {
  /** The most recently learned first. */
  readonly known: readonly KnownDirectorBase[]
  /** Hash of the one that came last. Absent: none is known. */
  readonly current?: string
}

/** Two versions of a gradual deployment, the one before, and one to spare. */
const BASES_MAX = 4
/** One that was not named for so long serves nothing now. A gateway that was heard of within this is alive: without one nothing has to be done each second. */
const ALIVE_FOR = ms(600_000)
/** One that is named is named each few seconds. */
const IS_NAMED = ms(10_000)

/** A new one is current at once, whatever share of the requests it has as yet. */
export function learnDirectorBase(fold: BasesFold, base: DirectorBase, seenAgo: DurationMs, now: Instant): BasesFold {
  if (fold.known.some((each) => each.base.hash === base.hash)) return nameBase(fold, base.hash, seenAgo, now)
  const others = [...fold.known].sort((a, b) => rank(b, fold) - rank(a, fold)).slice(0, BASES_MAX - 1)
  const known = [{ base, learnedAt: now, seenAt: instant(now - seenAgo) }, ...others].sort((a, b) => b.learnedAt - a.learnedAt)
  const isNews = seenAgo < ALIVE_FOR || fold.current === undefined
  return { known, ...(isNews ? { current: base.hash } : fold.current === undefined ? {} : { current: fold.current }) }
}

/** The current one is the last to be forgotten. */
const rank = ({ base, seenAt }: KnownDirectorBase, { current }: BasesFold): number =>
  base.hash === current ? Number.POSITIVE_INFINITY : seenAt

/** Somebody says that a gateway named it so long ago. */
export function nameBase(fold: BasesFold, hash: string, seenAgo: DurationMs, now: Instant): BasesFold {
  const seenAt = instant(now - seenAgo)
  const known = fold.known.map((each) => (each.base.hash === hash && each.seenAt < seenAt ? { ...each, seenAt } : each))
  const named = known.find((each) => each.base.hash === hash)
  const current = known.find((each) => each.base.hash === fold.current)
  if (named === undefined || current === undefined || named === current) return { ...fold, known }
  const isBack = between(named.seenAt, now) < IS_NAMED && between(current.seenAt, now) >= ALIVE_FOR
  return { known, current: isBack ? hash : current.base.hash }
}

/** The current one, then those that may still serve. Names in any of them are known. */
export function servingBases({ known, current }: BasesFold, now: Instant): readonly DirectorBase[] {
  const first = known.filter(({ base }) => base.hash === current)
  const others = known.filter((each) => !first.includes(each) && between(each.seenAt, now) < ALIVE_FOR)
  return [...first, ...others].map(({ base }) => base)
}

export const isAlive = ({ known }: BasesFold, now: Instant): boolean => known.some(({ seenAt }) => between(seenAt, now) < ALIVE_FOR)

/** Hashes that a vantage names, that nobody here knows, and that may still serve; its newest always. */
export const lackedBases = (
  { known }: BasesFold,
  named: readonly { readonly hash: string; readonly seenAgo: DurationMs }[],
): readonly string[] =>
  named.flatMap(({ hash, seenAgo }, index) =>
    (index === 0 || seenAgo < ALIVE_FOR) && !known.some(({ base }) => base.hash === hash) ? [hash] : [],
  )
