/**
 * Folds the bases that isolates and peers name into what a vantage probes: the targets of the last few, because versions of the
 * gateway overlap during a deploy and a rollback brings one back.
 */
import type { HoldDownSettings, ProbeTarget } from '../../config/base.ts'
import type { EndpointKey, KeySetKey, VantageId } from '../../config/ids.ts'
import { KEY_SETS_MAX, type KeySetSource } from '../../config/key-set.ts'
import { TARGETS_MAX, type VantageBase } from '../../config/report.ts'
import { between, type DurationMs, type Instant, instant, ms } from '../../config/units.ts'

export interface KnownBase {
  readonly base: VantageBase
  readonly learnedAt: Instant
  readonly seenAt: Instant
}

/** A base as a peer names it. */
export interface OfferedBase {
  readonly hash: string
  readonly seenAgo: DurationMs
  readonly learnedAgo: DurationMs
}

/** Two versions of a gradual deployment, the one before, and one to spare. */
export const BASES_MAX = 4
/** A base that nobody has named for so long is of a version that is gone. The last one is kept whatever its age. */
const FORGOTTEN_AFTER = ms(600_000)
/** Longer than any message takes. */
const HOP_MAX = ms(5000)
/** Isolates with requests name theirs every few seconds: one that was not named for so long serves nothing now. */
const SERVES_FOR = ms(60_000)

/** The most recently learned first; drops what is over the bound by last-seen. */
export function learnBase(known: readonly KnownBase[], base: VantageBase, learnedAt: Instant, now: Instant): readonly KnownBase[] {
  return keep(known, { base, learnedAt, seenAt: now })
}

/** One that a peer offers: not what is about to be forgotten here, or two vantages would bring it back to each other for ever. */
export function wantsBase(known: readonly KnownBase[], offered: OfferedBase, now: Instant): boolean {
  if (known.some(({ base }) => base.hash === offered.hash)) return false
  const newest = known[0]
  if (newest === undefined || between(newest.learnedAt, now) > offered.learnedAgo) return true
  const isOld = offered.seenAgo >= FORGOTTEN_AFTER / 2
  return !isOld && (known.length < BASES_MAX || known.some(({ seenAt }) => between(seenAt, now) > offered.seenAgo))
}

/** Takes in what was wanted of a peer, as old as the peer says it is. */
export function adoptBase(known: readonly KnownBase[], base: VantageBase, offered: OfferedBase, now: Instant): readonly KnownBase[] {
  return keep(known, { base, learnedAt: instant(now - offered.learnedAgo), seenAt: instant(now - offered.seenAgo) })
}

function keep(known: readonly KnownBase[], added: KnownBase): readonly KnownBase[] {
  const others = known.filter((entry) => entry.base.hash !== added.base.hash)
  return byLearned([...others.sort((a, b) => b.seenAt - a.seenAt).slice(0, BASES_MAX - 1), added])
}

/**
 * What peers say they have seen, when it is news by more than a message can take to arrive. The ages are lengths: each hop makes
 * them younger by its own time, and what goes in circles would never grow old.
 */
export const hearOfBase = (known: readonly KnownBase[], { hash, seenAgo }: OfferedBase, now: Instant): readonly KnownBase[] =>
  known.map((entry) =>
    entry.base.hash === hash && between(entry.seenAt, now) - seenAgo > HOP_MAX ? { ...entry, seenAt: instant(now - seenAgo) } : entry,
  )

export const seeBase = (known: readonly KnownBase[], hash: string, seenAt: Instant): readonly KnownBase[] =>
  known.map((entry) => (entry.base.hash === hash && entry.seenAt < seenAt ? { ...entry, seenAt } : entry))

export function forgetBases(known: readonly KnownBase[], now: Instant): readonly KnownBase[] {
  const newest = known[0]
  return known.filter((entry) => entry === newest || between(entry.seenAt, now) < FORGOTTEN_AFTER)
}

/** The bases that isolates serve now, as far as one can tell; the newest always, for a gateway without requests. */
export const servedBases = (known: readonly KnownBase[], now: Instant): readonly KnownBase[] =>
  known.filter((entry, index) => index === 0 || between(entry.seenAt, now) < SERVES_FOR)

/** Each endpoint once, as the newest base that names it has it. */
export function targetsOf(known: readonly KnownBase[]): ReadonlyMap<EndpointKey, ProbeTarget> {
  const targets = new Map<EndpointKey, ProbeTarget>()
  for (const { base } of known) {
    for (const target of base.targets) if (!targets.has(target.key) && targets.size < TARGETS_MAX) targets.set(target.key, target)
  }
  return targets
}

/** Each source of keys once, those of the newest base first. */
export function keySourcesOf(known: readonly KnownBase[]): ReadonlyMap<KeySetKey, KeySetSource> {
  const sources = new Map<KeySetKey, KeySetSource>()
  for (const { base } of known) {
    for (const source of base.keySources ?? []) if (!sources.has(source.key) && sources.size < KEY_SETS_MAX) sources.set(source.key, source)
  }
  return sources
}

/** All vantages of the gateway, of the newest base, in order of their names. */
export const vantagesOf = (known: readonly KnownBase[]): readonly VantageId[] => [...new Set(known[0]?.base.vantages ?? [])].sort()

export const holdDownOf = (known: readonly KnownBase[]): HoldDownSettings | undefined => known[0]?.base.holdDown

const byLearned = (known: readonly KnownBase[]): readonly KnownBase[] => [...known].sort((a, b) => b.learnedAt - a.learnedAt)
