/**
 * What one request's attributions change: streaks, shares, ejections, restorations, pauses. The fold of the isolate's passive health.
 */

import type { RouteId } from '../../config/ids.ts'
import type { HealthSnapshot } from '../../config/snapshot.ts'
import type { Instant } from '../../config/units.ts'
import { after, between, instant, ms } from '../../config/units.ts'
import type { Attribution } from './attribute-attempts.ts'
import { suspectBody } from './body-care.ts'
import { noteOverload } from './endpoint-load.ts'
import type { HeldHealth } from './held-health.ts'
import type { Ledger } from './ledger.ts'
import {
  countFailure,
  countUnproved,
  type EjectionCause,
  eject,
  failTrial,
  foldSuccess,
  foldVerdict,
  judgeFailures,
  networksWithin,
  type OutlierEffect,
  type OutlierRules,
} from './outlier.ts'
import type { Candidate, EndpointState, GatewayState } from './route-state.ts'
import { isDrained, isEjected } from './standing.ts'
import { readTally, type TallyCount } from './tally.ts'

/** For the log and the urgent report: what happened to whom. */
export interface Learned {
  readonly candidate: Candidate
  readonly effect: Exclude<OutlierEffect, 'nothing'>
  readonly cause?: EjectionCause
}

/** `health`: who is drained is no proof that a route fails everywhere. */
export function learn(attributions: readonly Attribution[], now: Instant, health: InForceHere = NOTHING_IN_FORCE): readonly Learned[] {
  let learned: Learned[] | undefined
  for (const attribution of attributions) {
    const change = learnOne(attribution, now, health)
    if (change !== undefined) learned = [...(learned ?? []), change]
  }
  return learned ?? NOTHING
}

const NOTHING: readonly Learned[] = []

type InForceHere = Pick<HeldHealth, 'applied'>
const NOTHING_IN_FORCE: InForceHere = {}

function learnOne({ fact, evidence, proved }: Attribution, now: Instant, health: InForceHere): Learned | undefined {
  const { candidate } = fact
  const wide = candidate.state.outlier
  if (evidence.result === 'succeeded') {
    const atRoute = foldSuccess(candidate.outlier, evidence.probation, now)
    const asWhole = foldSuccess(wide, evidence.probation, now)
    return atRoute === 'restored' || asWhole === 'restored' ? { candidate, effect: 'restored' } : undefined
  }
  if (!proved) {
    countUnproved(candidate.outlier, evidence.network, now)
    return judgeRoute(candidate, now, health)
  }
  const rules = rulesOf(candidate)
  if (evidence.result === 'failed-connect') {
    countFailure(wide, evidence.network, now)
    if (wide.standing.kind === 'ejected')
      return evidence.probation ? said(candidate, failTrial(wide, rules, now), wide.standing.cause) : undefined
    const cause = wide.failedInRow >= rules.settings.consecutiveConnect ? 'connect' : undefined
    return cause === undefined ? undefined : said(candidate, eject(wide, cause, rules, now), cause)
  }
  if (evidence.phase === 'body') suspectBody(candidate, now)
  countFailure(candidate.outlier, evidence.network, now)
  const { standing } = candidate.outlier
  if (standing.kind === 'ejected' || wide.standing.kind === 'ejected')
    return evidence.probation ? failTrials(candidate, rules, now) : undefined
  return judgeRoute(candidate, now, health)
}

/** Ejects for the route when its failures say so, and everywhere when a second route and a second client network agree. */
function judgeRoute(candidate: Candidate, now: Instant, health: InForceHere): Learned | undefined {
  if (candidate.outlier.standing.kind === 'ejected') return undefined
  const rules = rulesOf(candidate)
  const cause = judgeFailures(candidate.outlier, restOfPool(candidate, now), rules.settings, now)
  if (cause === undefined || failsEverywhere(candidate, health, now)) return undefined
  const effect = eject(candidate.outlier, cause, rules, now)
  if (effect === 'ejected' && isEndpointWide(candidate.state, rules, now)) eject(candidate.state.outlier, 'routes', rules, now)
  return said(candidate, effect, cause)
}

function failTrials(candidate: Candidate, rules: OutlierRules, now: Instant): Learned | undefined {
  const atRoute = failTrial(candidate.outlier, rules, now)
  const asWhole = failTrial(candidate.state.outlier, rules, now)
  return atRoute === 'ejected' || asWhole === 'ejected' ? { candidate, effect: 'ejected' } : undefined
}

/** A body of the winning answer was seen to its end. A whole one clears what broken ones have said. */
export function learnWholeBody(candidate: Candidate): void {
  candidate.brokenInRow = 0
}

/**
 * A body broke, or came to a standstill: the client had the head already, so no other endpoint can prove whose fault it was. A second
 * client network does: what one client asks for may break wherever it is asked.
 */
export function learnBrokenBody(
  { fact, evidence }: Attribution,
  now: Instant,
  health: InForceHere = NOTHING_IN_FORCE,
): Learned | undefined {
  const { candidate } = fact
  const rules = rulesOf(candidate)
  candidate.brokenInRow += 1
  suspectBody(candidate, now)
  countFailure(candidate.outlier, evidence.network, now)
  if (isEjected(candidate)) return evidence.probation ? failTrials(candidate, rules, now) : undefined
  if (candidate.brokenInRow < rules.settings.consecutiveOther || failsEverywhere(candidate, health, now)) return undefined
  if (evidence.network !== '' && networksWithin(candidate.outlier, rules.settings.window, now) < 2) return undefined
  candidate.brokenInRow = 0
  return said(candidate, eject(candidate.outlier, 'body', rules, now), 'body')
}

/** A route that fails wherever it is tried is at fault itself: nobody is better, so nobody is ejected. */
function failsEverywhere(candidate: Candidate, health: InForceHere, now: Instant): boolean {
  return candidate.route.candidates.every(
    (other) =>
      other === candidate ||
      isDrained(other, health, now) ||
      other.outlier.standing.kind === 'ejected' ||
      other.outlier.failedInRow > 0 ||
      other.brokenInRow > 0,
  )
}

function isEndpointWide(state: EndpointState, rules: OutlierRules, now: Instant): boolean {
  // Two pools of one route are one route: who breaks it breaks both.
  const routes = new Set<RouteId>()
  let networks = 0
  for (const { outlier, route } of state.candidates) {
    if (outlier.standing.kind !== 'ejected') continue
    routes.add(route.route.id)
    networks = Math.max(networks, networksWithin(outlier, rules.settings.window, now))
  }
  return routes.size >= 2 && networks >= 2
}

function restOfPool(candidate: Candidate, now: Instant): TallyCount {
  let total = 0
  let marked = 0
  for (const other of candidate.route.candidates) {
    if (other === candidate) continue
    const count = readTally(other.outlier.tally, now)
    total += count.total
    marked += count.marked
  }
  return { total, marked }
}

const rulesOf = (candidate: Candidate): OutlierRules => ({ settings: candidate.route.pool.outlier, holdDown: candidate.route.holdDown })

const said = (candidate: Candidate, effect: OutlierEffect, cause: EjectionCause): Learned | undefined =>
  effect === 'nothing' ? undefined : { candidate, effect, cause }

/**
 * An endpoint said that it has no room. It is passed over for as long as it asked, when its mesh sheds or another endpoint did not need the pause:
 * then it is its limit, not the client's. One client network alone proves nothing: quotas are by client, and an application can say what it likes.
 */
export function notePauses(ledger: Ledger, network: string, now: Instant): void {
  for (const { candidate, outcome, endedAt } of ledger.attempts) {
    if (outcome === undefined || !('retryAfter' in outcome) || outcome.retryAfter === undefined) continue
    if (!isHeardTwice(candidate, network, now)) continue
    if (outcome.kind === 'overloaded') noteOverload(candidate.state.load, now)
    const sheds = outcome.kind === 'overloaded' && outcome.status >= 500
    const helped = ledger.attempts.some((other) => other.candidate !== candidate && other.outcome?.kind === 'answered')
    if (!sheds && !helped) continue
    const until = after(endedAt ?? now, ms(Math.min(outcome.retryAfter, candidate.route.route.retry.retryAfterMax)))
    candidate.pausedUntil = instant(Math.max(candidate.pausedUntil, until))
  }
}

/** By two client networks within the pool's window. Where nobody knows the clients, anybody is believed. */
function isHeardTwice(candidate: Candidate, network: string, now: Instant): boolean {
  if (network === '') return true
  const { noRoom } = candidate
  if (noRoom !== undefined && noRoom.network !== network && between(noRoom.at, now) <= candidate.route.pool.outlier.window) return true
  candidate.noRoom = { network, at: now }
  return false
}

/** A snapshot that says something new: it may end ejections of this isolate. */
export function learnVerdicts(gateway: GatewayState, snapshot: HealthSnapshot, now: Instant): void {
  for (const endpoint of gateway.endpoints.values()) {
    const verdict = snapshot.endpoints[endpoint.key]
    if (verdict === undefined) continue
    foldVerdict(endpoint.outlier, verdict.verdict, now)
    for (const { outlier, route } of endpoint.candidates) {
      const down = verdict.verdict === 'down' || verdict.routesDown.includes(route.route.id)
      foldVerdict(outlier, down ? 'down' : verdict.verdict, now)
    }
  }
}
