/**
 * What is known of a canary against stable: a fold over windows of counts, each a route in a region that both tracks have served. Windows are
 * compared within routes and regions alone, so that a canary that gets more of a slow region's requests is not taken for a slow one. What
 * follows from it is `judge-canary.ts`'s.
 */
import type { TrackNumbers } from '../../config/judgement.ts'
import type { AnalysisSettings } from '../../config/release.ts'
import { bet, logSum, newPurse, type Purse, partsOf, worth } from './bettors.ts'
import { type Block, blockEvidence, type Tally } from './block-evidence.ts'
import {
  type AllKnown,
  errorBlocks,
  FIRST_GUESSES,
  learn,
  type NamedBlock,
  SLOW_SHARE,
  STRATA_MAX,
  type Stratum,
  slowBlocks,
} from './guess-from-stable.ts'
import { type LastMinute, learnUsual, type RecentWindow } from './last-minute.ts'

export type Facet = 'errors' | 'slow'
export const FACETS = ['errors', 'slow'] as const

/** All of it is plain data that survives JSON. */
export interface Evidence extends LastMinute {
  /** Against "no worse than the margins permit": since the run began, so that looking through all steps is one look. */
  readonly worse: Readonly<Record<Facet, Worse>>
  /** Against "worse than the margins permit": since the step began. */
  readonly within: Readonly<Record<Facet, Purse>>
  /** What stable was like in each stratum, older windows counting less. */
  readonly known: AllKnown
  /** Since the step began. */
  readonly step: StepSums
  /** Windows since one held anything to compare. */
  readonly quiet: number
}

/** Over all strata together, and in each alone: a fault of one route of many would drown in the sum. */
interface Worse {
  readonly together: Purse
  readonly alone: readonly { readonly name: string; readonly purse: Purse }[]
}

export interface StepSums {
  readonly stable: TrackNumbers
  readonly canary: TrackNumbers
  /** Differences of shares times the canary's requests. */
  readonly errorExcess: number
  readonly slowExcess: number
  /** The canary's requests whose slowness could be compared. */
  readonly slowAttempts: number
}

/** A minute of windows. */
export const RECENT_WINDOWS = 6
/** Differences above the margin that are bet on, and which part of the purse each has. */
const EXCESSES = [0.015, 0.05, 0.15, 0.4, 0.85]
const EXCESS_PARTS = partsOf([0.1, 0.35, 0.25, 0.1, 0.05])
/**
 * A guess that is so many margins above stable bets against "no worse than stable" and not against "no worse than the margin": that is quicker by
 * half, and a canary that is within the margin is so far from the guess that it loses all the same (`judge-canary.test.ts` shows how seldom it does not).
 */
const FAR_MARGINS = 10
/** Parts of the margin that a canary which is within it is guessed to use, and which part of the purse each has. */
const USES = [0, 0.5]
const USE_PARTS = partsOf([0.6, 0.3])

const NOTHING: TrackNumbers = { attempts: 0, failed: 0, slow: 0 }
const NO_SUMS: StepSums = { stable: NOTHING, canary: NOTHING, errorExcess: 0, slowExcess: 0, slowAttempts: 0 }
const NEW_WITHIN = { errors: newPurse(USE_PARTS), slow: newPurse(USE_PARTS) }
const NEW_WORSE: Worse = { together: newPurse(EXCESS_PARTS), alone: [] }

/** At the start of a run. */
export const NO_EVIDENCE: Evidence = {
  worse: { errors: NEW_WORSE, slow: NEW_WORSE },
  within: NEW_WITHIN,
  known: {},
  step: NO_SUMS,
  recent: [],
  quiet: 0,
  usual: { attempts: 0, hits: 0 },
}

/** At the start of a step: what speaks against the canary stays, what speaks for it has to be earned anew. */
export const atNewStep = (evidence: Evidence): Evidence => ({ ...evidence, within: NEW_WITHIN, step: NO_SUMS, quiet: 0 })

/** Logarithm of the evidence that the canary is worse: of one facet. */
export function worthOfWorse({ together, alone }: Worse): number {
  // Shares of the purse by the order in which strata were first seen: 1/2, 1/6, 1/12, …; what no stratum has bets nothing.
  const parts = alone.map(({ purse }, index) => worth(purse) - Math.log((index + 1) * (index + 2)))
  return logSum([worth(together), logSum([...parts, -Math.log(alone.length + 1)])]) - Math.log(2)
}

/** By how much the canary's share may be above stable's. */
export const marginOf = (facet: Facet, { errorMargin, slowFactor }: AnalysisSettings): number =>
  facet === 'errors' ? errorMargin : SLOW_SHARE * (slowFactor - 1)

/** `others`: of regions that are not of the step. What they show speaks against the canary, and never for it. */
export function foldWindow(
  evidence: Evidence,
  strata: readonly Stratum[],
  settings: AnalysisSettings,
  others: readonly Stratum[] = [],
): Evidence {
  const compared = strata.filter(isCompared)
  const known = learn(evidence.known, [...strata, ...others])
  const blocks = blocksOf(evidence.known, compared)
  const worse = watch(evidence, [...compared, ...others.filter(isCompared)], settings)
  if (compared.length === 0) return { ...evidence, worse, known, quiet: evidence.quiet + 1 }
  const recent = [...evidence.recent, windowOf(compared)]
  return {
    worse,
    within: {
      errors: betOnWithin(evidence.within.errors, blocks.errors, marginOf('errors', settings)),
      slow: betOnWithin(evidence.within.slow, blocks.slow, marginOf('slow', settings)),
    },
    known,
    step: addSums(evidence.step, blocks, windowOf(compared)),
    recent: recent.slice(-RECENT_WINDOWS),
    quiet: 0,
    usual: learnUsual(evidence, recent.slice(0, -RECENT_WINDOWS), settings),
  }
}

const isCompared = ({ stable, canary }: Stratum): boolean => stable.attempts > 0 && canary.attempts > 0

const blocksOf = (known: AllKnown, compared: readonly Stratum[]) => ({
  errors: errorBlocks(known, compared),
  slow: slowBlocks(known, compared),
})

function watch({ worse, known }: Evidence, compared: readonly Stratum[], settings: AnalysisSettings): Evidence['worse'] {
  const blocks = blocksOf(known, compared)
  return {
    errors: betOnWorse(worse.errors, blocks.errors, marginOf('errors', settings)),
    slow: betOnWorse(worse.slow, blocks.slow, marginOf('slow', settings)),
  }
}

function betOnWorse(worse: Worse, blocks: readonly NamedBlock[], margin: number): Worse {
  if (blocks.length === 0) return worse
  const together = evidenceOfWorse(blocks, margin)
  const names = blocks.map(({ name }) => name).filter((name) => !worse.alone.some((held) => held.name === name))
  const fresh = names.slice(0, Math.max(0, STRATA_MAX - worse.alone.length)).map((name) => ({ name, purse: NEW_WORSE.together }))
  return {
    together: bet(worse.together, together, EXCESS_PARTS),
    alone: [...worse.alone, ...fresh].map((held) => {
      const own = blocks.filter(({ name }) => name === held.name)
      if (own.length === 0) return held
      const evidence = blocks.length === 1 ? together : evidenceOfWorse(own, margin)
      return { name: held.name, purse: bet(held.purse, evidence, EXCESS_PARTS) }
    }),
  }
}

function evidenceOfWorse(blocks: readonly NamedBlock[], margin: number): readonly number[] {
  const against = (all: readonly Block[], excess: number): number =>
    blockEvidence(all, margin + excess, excess >= FAR_MARGINS * margin ? 0 : margin)
  const known = guessed(blocks)
  if (known.length > 0) return EXCESSES.map((excess) => against(known, excess))
  // The mean of e-values is one.
  const each = FIRST_GUESSES.map((guess) => blocks.map(({ stable, canary }) => ({ stable, canary, guess })))
  return EXCESSES.map((excess) => logSum(each.map((all) => against(all, excess))) - Math.log(each.length))
}

/** What nothing is known of yet is counted, and speaks for nobody. */
function betOnWithin(purse: Purse, blocks: readonly NamedBlock[], margin: number): Purse {
  const known = guessed(blocks)
  if (known.length === 0) return purse
  return bet(
    purse,
    USES.map((use) => blockEvidence(known, use * margin, margin)),
    USE_PARTS,
  )
}

const guessed = (blocks: readonly NamedBlock[]): readonly Block[] =>
  blocks.flatMap(({ stable, canary, guess }) => (guess === undefined ? [] : [{ stable, canary, guess }]))

function windowOf(strata: readonly Stratum[]): RecentWindow {
  const sum = (track: 'stable' | 'canary'): Tally => ({
    attempts: strata.reduce((total, stratum) => total + stratum[track].attempts, 0),
    hits: strata.reduce((total, stratum) => total + stratum[track].failed, 0),
  })
  return { stable: sum('stable'), canary: sum('canary') }
}

function addSums(sums: StepSums, blocks: Readonly<Record<Facet, readonly NamedBlock[]>>, { stable, canary }: RecentWindow): StepSums {
  const slow = (track: 'stable' | 'canary'): number => blocks.slow.reduce((sum, block) => sum + block[track].hits, 0)
  return {
    stable: addNumbers(sums.stable, stable, slow('stable')),
    canary: addNumbers(sums.canary, canary, slow('canary')),
    errorExcess: sums.errorExcess + excessOf(blocks.errors),
    slowExcess: sums.slowExcess + excessOf(blocks.slow),
    slowAttempts:
      sums.slowAttempts + blocks.slow.reduce((sum, block) => sum + (block.stable.attempts === 0 ? 0 : block.canary.attempts), 0),
  }
}

const excessOf = (blocks: readonly NamedBlock[]): number =>
  blocks.reduce(
    (sum, { stable, canary }) => sum + (stable.attempts === 0 ? 0 : canary.hits - (canary.attempts * stable.hits) / stable.attempts),
    0,
  )

const addNumbers = (sum: TrackNumbers, { attempts, hits }: Tally, slow: number): TrackNumbers => ({
  attempts: sum.attempts + attempts,
  failed: sum.failed + hits,
  slow: sum.slow + slow,
})
