/**
 * Hedging: when a first attempt that is merely slow gets a second one beside it, at another endpoint. Each hedge is paid for by the
 * requests before it, so that hedges never come to more than their share of what might have been hedged, whatever fails.
 */
import type { HedgeSettings } from '../../config/resilience.ts'
import { after, between, type Draw, type DurationMs, type Instant, type Share } from '../../config/units.ts'
import { isPatient } from './attribute-attempts.ts'
import { type LatencyEstimate, newLatencyEstimate, noteLatency, quantileOf } from './latency-estimate.ts'
import type { AttemptFact, Ledger } from './ledger.ts'
import type { Pick } from './order-endpoints.ts'
import { pickElsewhere } from './pick-elsewhere.ts'
import type { Plan } from './plan.ts'
import { TIERS } from './standing.ts'

/** What an isolate keeps for a route that hedges. */
export interface Hedging {
  readonly settings: HedgeSettings
  /** Of the first attempts; absent when the moment is fixed. */
  readonly latencies: LatencyEstimate | undefined
  /** Hedges that requests have paid for and none has used. */
  saved: number
  /** The moment as last worked out. */
  delay: DurationMs | undefined
  delayUntil: Instant
}

/** Of one request that may be hedged. */
export interface HedgePlan {
  readonly hedging: Hedging
  /** After the first attempt was sent; absent while too few have been seen. */
  readonly delay: DurationMs | undefined
}

/** Hedges that may be saved for a time when many attempts are slow at once. More would be a wave of its own. */
const SAVED_MAX = 10
/** For so long a quantile is used again before it is worked out anew, in ms. */
const DELAY_KEPT = 100

export function newHedging(settings: HedgeSettings, now: Instant): Hedging {
  const fixed = settings.after.kind === 'fixed' ? settings.after.delay : undefined
  const latencies = fixed === undefined ? newLatencyEstimate(now) : undefined
  return { settings, latencies, saved: 0, delay: fixed, delayUntil: now }
}

/** A request that may be hedged: when that would be. */
export function planHedge(hedging: Hedging, now: Instant): HedgePlan {
  const { settings, latencies } = hedging
  if (latencies !== undefined && settings.after.kind === 'quantile' && (now >= hedging.delayUntil || hedging.delay === undefined)) {
    hedging.delay = quantileOf(latencies, settings.after.quantile, now)
    hedging.delayUntil = after(now, DELAY_KEPT as DurationMs)
  }
  return { hedging, delay: hedging.delay }
}

/** Such a request has come. `scale` comes with the snapshot: while attempts per request are too many, it pays for less. */
export function depositHedgeable({ hedging }: HedgePlan, scale: Share): void {
  hedging.saved = Math.min(SAVED_MAX * scale, hedging.saved + hedging.settings.share * scale)
}

export function withdrawHedge({ hedging }: HedgePlan): void {
  hedging.saved -= 1
}

/** Only what has been paid for whole. */
const mayHedge = ({ hedging }: HedgePlan): boolean => hedging.saved >= 1

export type HedgeChance =
  /** Never, as things stand. */
  | { readonly kind: 'none' }
  | { readonly kind: 'later'; readonly at: Instant }
  | { readonly kind: 'now'; readonly pick: Extract<Pick, { kind: 'picked' }> }

const NO_CHANCE: HedgeChance = { kind: 'none' }

/** Whether the one attempt that waits is to be hedged. Only at an endpoint that is in, and within its limit: a hedge must not add to an overload. */
export function hedgeChance(ledger: Ledger, plan: Plan, now: Instant, draw: Draw): HedgeChance {
  const { hedge } = plan
  if (hedge?.delay === undefined || plan.route.route.retry.attemptsMax < 2) return NO_CHANCE
  const first = loneFirst(ledger)
  if (first?.sentAt === undefined || first.outcome !== undefined || first.expired) return NO_CHANCE
  const at = after(first.sentAt, hedge.delay)
  if (now < at) return { kind: 'later', at }
  if (!mayHedge(hedge)) return NO_CHANCE
  const pick = pickElsewhere(plan, ledger, now, draw)
  return pick.kind === 'picked' && pick.standing.tier === TIERS.routable ? { kind: 'now', pick } : NO_CHANCE
}

/** The first attempt, when nothing but a trial was started beside it. */
function loneFirst(ledger: Ledger): AttemptFact | undefined {
  let first: AttemptFact | undefined
  for (const fact of ledger.attempts) {
    if (fact.kind === 'probation') continue
    if (fact.kind !== 'first') return undefined
    first = fact
  }
  return first
}

/** An answer that is no good, while the other of the pair still waits: it may have a better one. */
export const isPoorOfPair = (fact: AttemptFact, ledger: Ledger): boolean =>
  fact.outcome?.kind === 'answered' && fact.outcome.status >= 500 && ledger.attempts.some(({ kind }) => kind === 'hedge')

/**
 * What the request says about how long first attempts take. One that was broken off for a hedge took at least so long: left out, the slow
 * ones would vanish from the estimate, and each quantile of what remains would be hedged as well.
 */
export function learnLatency({ hedging }: HedgePlan, ledger: Ledger, now: Instant): void {
  if (hedging.latencies === undefined) return
  for (const fact of ledger.attempts) {
    const { kind, outcome, sentAt, endedAt } = fact
    if (kind !== 'first' || sentAt === undefined || endedAt === undefined) continue
    // Out of a time that its client has set: else one in a hurry (`grpc-timeout`) would have everybody hedged at once.
    if (outcome?.kind === 'timed-out' && !isPatient(fact)) continue
    if (outcome?.kind === 'answered' || outcome?.kind === 'superseded' || outcome?.kind === 'timed-out')
      noteLatency(hedging.latencies, between(sentAt, endedAt), now)
  }
}
