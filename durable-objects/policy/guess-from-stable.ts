/**
 * What is guessed of a window from stable's windows before it: the share of stable's requests that fail, and from where on a request is slow.
 * A guess from the window itself would be worth nothing as evidence. Counts are forgotten with time, so that guesses follow stable.
 */
import { LATENCY_BOUNDS } from '../../config/director.ts'
import type { Block } from './block-evidence.ts'

/** One route in one region in one window. */
export interface Stratum {
  /** Route and region, as one name. */
  readonly name: string
  readonly stable: TrackSample
  readonly canary: TrackSample
}

export interface TrackSample {
  readonly attempts: number
  readonly failed: number
  /** By `LATENCY_BOUNDS`, one more for the rest. */
  readonly latency: readonly number[]
}

/** What stable was like in one stratum. */
export interface Known {
  readonly attempts: number
  readonly failed: number
  readonly latency: readonly number[]
}

export type AllKnown = Readonly<Record<string, Known>>

/** Strata that are remembered, those that came first. */
export const STRATA_MAX = 64
/** What is kept of a window's counts after the next: failures are forgotten in a minute, so that guesses follow; latencies in six. */
const KEEP_COUNTS = 0.8
const KEEP_LATENCY = 0.97
/** What stable's share of errors may be while nothing is known of it: which of them it is does not need to be known. */
export const FIRST_GUESSES: readonly number[] = [0.002, 0.01, 0.05, 0.2]
/** Requests of stable before which nothing is guessed from them. */
const KNOWN_MIN = 20
/** A stratum of which no more is left is forgotten. */
const FORGOTTEN = 0.1
/** The share of stable's requests that counts as slow, at most. */
export const SLOW_SHARE = 0.05

/** What is compared in a stratum, and stable's share as it was before this window. */
export interface NamedBlock extends Omit<Block, 'guess'> {
  /** Undefined while nothing is known of stable. */
  readonly guess: number | undefined
  readonly name: string
}

export function errorBlocks(known: AllKnown, strata: readonly Stratum[]): readonly NamedBlock[] {
  const all = Object.values(known)
  const attempts = all.reduce((sum, one) => sum + one.attempts, 0)
  const failed = all.reduce((sum, one) => sum + one.failed, 0)
  if (attempts < KNOWN_MIN) return unguessed(strata)
  // A stratum of which little is known is taken for one like the others.
  const usual = (failed + 0.25) / (attempts + 50)
  return strata.map(({ name, stable, canary }) => ({
    name,
    stable: { attempts: stable.attempts, hits: stable.failed },
    canary: { attempts: canary.attempts, hits: canary.failed },
    guess: ((known[name]?.failed ?? 0) + KNOWN_MIN * usual) / ((known[name]?.attempts ?? 0) + KNOWN_MIN),
  }))
}

/** In the first window there is nothing to guess from. */
const unguessed = (strata: readonly Stratum[]): readonly NamedBlock[] =>
  strata.map(({ name, stable, canary }) => ({
    name,
    stable: { attempts: stable.attempts, hits: stable.failed },
    canary: { attempts: canary.attempts, hits: canary.failed },
    guess: undefined,
  }))

/** Slow is what is above stable's 95th percentile of the windows before this one: that of its own window would depend on what is compared. */
export function slowBlocks(known: AllKnown, strata: readonly Stratum[]): readonly NamedBlock[] {
  return strata.flatMap(({ name, stable, canary }) => {
    const before = known[name]?.latency ?? []
    const total = before.reduce((sum, count) => sum + count, 0)
    if (total < KNOWN_MIN) return []
    const from = slowFrom(before, total)
    return [
      {
        name,
        stable: { attempts: sumFrom(stable.latency, 0), hits: sumFrom(stable.latency, from) },
        canary: { attempts: sumFrom(canary.latency, 0), hits: sumFrom(canary.latency, from) },
        guess: (sumFrom(before, from) + 0.25) / (total + 1),
      },
    ]
  })
}

/** The first bucket that is above the 95th percentile. */
function slowFrom(latency: readonly number[], total: number): number {
  let above = total
  for (let bucket = 0; bucket < latency.length; bucket += 1) {
    above -= latency[bucket] ?? 0
    if (above <= total * SLOW_SHARE) return bucket + 1
  }
  return LATENCY_BOUNDS.length + 1
}

const sumFrom = (latency: readonly number[], from: number): number => {
  let sum = 0
  for (let bucket = from; bucket < latency.length; bucket += 1) sum += latency[bucket] ?? 0
  return sum
}

export function learn(known: AllKnown, strata: readonly Stratum[]): AllKnown {
  const learned: Record<string, Known> = {}
  for (const name of Object.keys(known)) {
    const one = remember(known[name], strata.find((stratum) => stratum.name === name)?.stable)
    if (one.attempts >= FORGOTTEN) learned[name] = one
  }
  let room = STRATA_MAX - Object.keys(learned).length
  for (const { name, stable } of strata) {
    if (known[name] !== undefined || stable.attempts === 0 || room === 0) continue
    learned[name] = remember(undefined, stable)
    room -= 1
  }
  return learned
}

function remember(one: Known | undefined, more: TrackSample | undefined): Known {
  // Three digits: what is kept is written to storage with each window.
  const add = (old: number, keep: number, count: number) => Math.round((old * keep + count) * 1000) / 1000
  const buckets = Math.max(one?.latency.length ?? 0, more?.latency.length ?? 0)
  return {
    attempts: add(one?.attempts ?? 0, KEEP_COUNTS, more?.attempts ?? 0),
    failed: add(one?.failed ?? 0, KEEP_COUNTS, more?.failed ?? 0),
    latency: Array.from({ length: buckets }, (_, at) => add(one?.latency[at] ?? 0, KEEP_LATENCY, more?.latency[at] ?? 0)),
  }
}
