/**
 * When this isolate takes an endpoint out by itself, and when it lets it back. One `Outlier` is kept per (route, endpoint) and
 * one per endpoint for what concerns it as a whole. Changed in place; every function says what happened.
 *
 * It falls by a streak, or by a share of failures far above the rest of its pool. It comes back by hold-down and five passed trials,
 * or when a snapshot that has shown it down shows it up. Which outcomes are evidence at all is `attribute-attempts.ts`'s to say.
 */
import type { HoldDownSettings, OutlierSettings } from '../../config/base.ts'
import type { Verdict } from '../../config/snapshot.ts'
import { after, type DurationMs, type Instant, ms } from '../../config/units.ts'
import { addToTally, clearTally, newTally, readTally, type Tally, type TallyCount } from './tally.ts'

/** Passed trials that restore an endpoint. */
export const TRIALS_TO_RESTORE = 5

export type EjectionCause = 'connect' | 'streak' | 'share' | 'body' | 'routes'

export type OutlierStanding =
  | { readonly kind: 'in'; readonly restoredAt?: Instant }
  | {
      readonly kind: 'ejected'
      readonly cause: EjectionCause
      readonly since: Instant
      /** End of the hold-down. From here on it wants trials; before, only panic sends it any. */
      readonly until: Instant
      /** Trials passed in a row. */
      readonly passed: number
      /** A snapshot has shown it down since it was ejected. */
      readonly shownDown: boolean
      readonly triedAt?: Instant
    }

export interface Outlier {
  standing: OutlierStanding
  failedInRow: number
  /** Attributable outcomes; the failed are marked. */
  readonly tally: Tally
  /** Failures that nothing proves to be the endpoint's. */
  readonly unproved: Tally
  /** The client networks of the latest failures, at most two, with the time of each. */
  readonly networks: Map<string, Instant>
  falls: number
  lastFallAt: Instant
}

export type OutlierEffect = 'nothing' | 'detected' | 'ejected' | 'restored'

export const newOutlier = (window: DurationMs): Outlier => ({
  standing: { kind: 'in' },
  failedInRow: 0,
  tally: newTally(window),
  unproved: newTally(window),
  networks: new Map(),
  falls: 0,
  lastFallAt: Number.NEGATIVE_INFINITY as Instant,
})

export interface OutlierRules {
  readonly settings: OutlierSettings
  readonly holdDown: HoldDownSettings
}

/** An attributable success. `onTrial`: it was sent while the endpoint was ejected. */
export function foldSuccess(outlier: Outlier, onTrial: boolean, now: Instant): OutlierEffect {
  addToTally(outlier.tally, false, now)
  outlier.failedInRow = 0
  const standing = outlier.standing
  if (standing.kind === 'in' || !onTrial) return 'nothing'
  const passed = standing.passed + 1
  if (passed >= TRIALS_TO_RESTORE) return restore(outlier, now)
  outlier.standing = { ...standing, passed, triedAt: now }
  return 'nothing'
}

/** Counts an attributable failure. Whether it ejects is `judgeFailures`'s to say: that needs to know the rest of the pool. */
export function countFailure(outlier: Outlier, network: string, now: Instant): void {
  addToTally(outlier.tally, true, now)
  outlier.failedInRow += 1
  noteNetwork(outlier, network, now)
}

/** A failure that no other endpoint's answer proves to be this one's fault: it counts in the share alone, and there only with a second network. */
export function countUnproved(outlier: Outlier, network: string, now: Instant): void {
  addToTally(outlier.unproved, true, now)
  noteNetwork(outlier, network, now)
}

/** What the failures so far mean, or undefined. `rest` are the counts of the pool's other endpoints on the same route. */
export function judgeFailures(outlier: Outlier, rest: TallyCount, settings: OutlierSettings, now: Instant): EjectionCause | undefined {
  if (outlier.failedInRow >= settings.consecutiveOther) return 'streak'
  const proved = readTally(outlier.tally, now)
  const unproved = networksWithin(outlier, settings.window, now) >= 2 ? readTally(outlier.unproved, now).marked : 0
  const total = proved.total + unproved
  if (total < settings.attemptsMin || rest.total === 0) return undefined
  return (proved.marked + unproved) / total > rest.marked / rest.total + settings.shareAbovePool ? 'share' : undefined
}

/** The failure of a trial ends the trials; a hold-down that is running is left as it is. */
export function failTrial(outlier: Outlier, rules: OutlierRules, now: Instant): OutlierEffect {
  const standing = outlier.standing
  if (standing.kind === 'in') return 'nothing'
  if (now < standing.until) {
    outlier.standing = { ...standing, passed: 0 }
    return 'nothing'
  }
  return eject(outlier, standing.cause, rules, now)
}

export function eject(outlier: Outlier, cause: EjectionCause, rules: OutlierRules, now: Instant): OutlierEffect {
  outlier.failedInRow = 0
  if (rules.settings.mode === 'detected') {
    clearTally(outlier.tally)
    return 'detected'
  }
  const { base, factor, max, memory } = rules.holdDown
  outlier.falls = now - outlier.lastFallAt > memory ? 1 : outlier.falls + 1
  outlier.lastFallAt = now
  const hold = ms(Math.min(max, base * factor ** (outlier.falls - 1)))
  const shownDown = outlier.standing.kind === 'ejected' && outlier.standing.shownDown
  outlier.standing = { kind: 'ejected', cause, since: now, until: after(now, hold), passed: 0, shownDown }
  return 'ejected'
}

/** A new snapshot's verdict. Those who see more than this isolate may end its ejection, but not its hold-down. */
export function foldVerdict(outlier: Outlier, verdict: Verdict, now: Instant): OutlierEffect {
  const standing = outlier.standing
  if (standing.kind === 'in') return 'nothing'
  if (verdict === 'down' && !standing.shownDown) outlier.standing = { ...standing, shownDown: true }
  if (verdict === 'up' && standing.shownDown && now >= standing.until) return restore(outlier, now)
  return 'nothing'
}

function restore(outlier: Outlier, now: Instant): OutlierEffect {
  outlier.standing = { kind: 'in', restoredAt: now }
  outlier.failedInRow = 0
  // What it did before it fell must not make it fall again.
  clearTally(outlier.tally)
  clearTally(outlier.unproved)
  return 'restored'
}

function noteNetwork(outlier: Outlier, network: string, now: Instant): void {
  outlier.networks.delete(network)
  outlier.networks.set(network, now)
  if (outlier.networks.size <= 2) return
  for (const oldest of outlier.networks.keys()) {
    outlier.networks.delete(oldest)
    return
  }
}

export function networksWithin(outlier: Outlier, window: DurationMs, now: Instant): number {
  let count = 0
  for (const at of outlier.networks.values()) if (now - at <= window) count += 1
  return count
}
