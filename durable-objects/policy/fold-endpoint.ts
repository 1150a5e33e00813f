/**
 * Folds probes, traffic findings and probation outcomes into one vantage's opinion of one endpoint: the state behind its vote.
 * Streaks, flap score and hold-down live here, in the voter. A passing probe never restores what traffic ejected, and the reverse.
 */
import type { HoldDownSettings, Monitor } from '../../config/base.ts'
import type { RouteId, VantageId } from '../../config/ids.ts'
import { type DurationMs, type Instant, ms } from '../../config/units.ts'
import { foldProbe, NEVER_PROBED, type ProbeFold } from './fold-probe.ts'
import { counted, fall, type HoldDown, holdLeft, NEVER_FELL } from './hold-down.ts'
import type { Finding } from './judge-traffic.ts'
import type { ProbeResult } from './probe-result.ts'
import type { SettledVerdict } from './settle-verdict.ts'
import type { Facet } from './vote.ts'

/** A reason with the moment of the holder's own clock; it becomes an age when it is sent. */
export interface HeldReason {
  readonly vantage: VantageId
  readonly facet: 'probe' | 'traffic'
  readonly phase: string
  readonly status?: number
  readonly at: Instant
  readonly detail: string
}

/** Traffic ejected it. While the hold lasts nothing is tried; then probation requests decide. */
export interface Ejection {
  readonly since: Instant
  /** Passed probation requests since the hold ended. */
  readonly succeeded: number
  /** The last outcome that bore on it: what felled it or its late news, then probation. */
  readonly evidenceAt: Instant
  readonly reason: HeldReason
}

export interface RouteFold {
  readonly ejection?: Ejection
  readonly hold: HoldDown
}

export interface EndpointFold {
  readonly probe: ProbeFold
  readonly probeReason?: HeldReason
  /** Where the monitor is only watched: what `probe.facet` would be, which is unknown then, so that nothing follows from it. */
  readonly watched?: Facet
  readonly ejection?: Ejection
  /** Of the endpoint as a whole: both facets add to one flap score, since they see the same falls. */
  readonly hold: HoldDown
  readonly routes: Readonly<Record<RouteId, RouteFold>>
  readonly settled?: SettledVerdict
}

export interface FoldRules {
  readonly self: VantageId
  readonly holdDown: HoldDownSettings
}

/** Probation requests that must succeed, none failing, before traffic comes back. */
export const PROBATION_SUCCESSES = 5
/** An ejection that nobody tries to end ends so long after its hold, or after once more its hold when that is longer. */
const UNTRIED_MIN = ms(60_000)
/** Routes of one endpoint that a vantage can hold down apart; with more it is the endpoint. */
const ROUTES_MAX = 64

export const UNKNOWN_ENDPOINT: EndpointFold = { probe: NEVER_PROBED, hold: NEVER_FELL, routes: {} }

export function foldProbeResult(
  fold: EndpointFold,
  result: ProbeResult,
  rules: FoldRules & { readonly monitor: Monitor },
  now: Instant,
): EndpointFold {
  if (rules.monitor.monitorOnly === true) return watch(fold, result, rules, now)
  const probe = foldProbe(fold.probe, result, { monitor: rules.monitor, held: holdLeft(fold.hold, now) > 0 }, now)
  if (probe.facet === fold.probe.facet) return { ...fold, probe }
  if (probe.facet !== 'down' || result.kind === 'passed') return { ...fold, probe }
  const probeReason = reasonFor(result, `${probe.failedInRow} probes in a row failed`, rules, now)
  // An endpoint that was never up has not flapped: it comes up as soon as it answers.
  const wasUp = fold.probe.facet === 'up' && fold.ejection === undefined
  return { ...fold, probe, probeReason, hold: wasUp ? fall(fold.hold, rules.holdDown, now) : fold.hold }
}

const reasonFor = (
  { phase, status, detail }: Extract<ProbeResult, { kind: 'failed' }>,
  what: string,
  { self }: FoldRules,
  now: Instant,
): HeldReason => ({
  vantage: self,
  facet: 'probe',
  phase,
  ...(status === undefined ? {} : { status }),
  at: now,
  detail: `${what}: ${detail}`,
})

/** Streaks as ever, kept out of everything that follows from probes: facet, hold, latency, whether it would rather not be used. */
function watch(fold: EndpointFold, result: ProbeResult, rules: FoldRules & { readonly monitor: Monitor }, now: Instant): EndpointFold {
  const before = fold.watched ?? 'unknown'
  const seen = foldProbe({ ...fold.probe, facet: before }, result, { monitor: rules.monitor, held: false }, now)
  const { usual: _, degraded: __, ...probe } = seen
  const next = { ...fold, probe: { ...probe, facet: 'unknown' as const }, watched: seen.facet }
  if (seen.facet !== 'down' || before === 'down' || result.kind === 'passed') return next
  return { ...next, probeReason: reasonFor(result, `only watched; ${seen.failedInRow} probes in a row failed`, rules, now) }
}

export function foldFinding(fold: EndpointFold, finding: Finding, rules: FoldRules, now: Instant): EndpointFold {
  const reason: HeldReason = {
    vantage: rules.self,
    facet: 'traffic',
    phase: finding.phase,
    ...(finding.status === undefined ? {} : { status: finding.status }),
    at: now,
    detail: finding.detail,
  }
  if (finding.reach === 'endpoint') {
    // A fall that the probes have seen already is the same one.
    const alreadyFell = fold.ejection === undefined && fold.probe.facet === 'down'
    return { ...fold, ...eject(fold, reason, alreadyFell ? undefined : rules.holdDown, now) }
  }
  const held = fold.routes[finding.route] ?? { hold: NEVER_FELL }
  if (fold.routes[finding.route] === undefined && Object.keys(fold.routes).length >= ROUTES_MAX) return fold
  return { ...fold, routes: { ...fold.routes, [finding.route]: { ...held, ...eject(held, reason, rules.holdDown, now) } } }
}

function eject(held: RouteFold, reason: HeldReason, holdDown: HoldDownSettings | undefined, now: Instant): RouteFold {
  const { ejection, hold } = held
  // Late news of the same fall: requests that were on their way, reports that waited. From here on probation alone judges.
  if (ejection !== undefined) return { ejection: { ...ejection, evidenceAt: now }, hold }
  const fallen = holdDown === undefined ? hold : fall(hold, holdDown, now)
  return { ejection: { since: now, succeeded: 0, evidenceAt: now, reason }, hold: fallen }
}

/** Outcomes of probation requests on one route. They count for the route and for the endpoint as a whole. */
export function foldProbation(
  fold: EndpointFold,
  outcome: { readonly route: RouteId; readonly succeeded: number; readonly failed: number },
  rules: FoldRules,
  now: Instant,
): EndpointFold {
  const route = fold.routes[outcome.route]
  const routes = route === undefined ? fold.routes : { ...fold.routes, [outcome.route]: probation(route, outcome, rules.holdDown, now) }
  const { ejection, ...rest } = fold
  const whole = probation({ hold: fold.hold, ...(ejection === undefined ? {} : { ejection }) }, outcome, rules.holdDown, now)
  return { ...rest, routes, ...whole }
}

function probation(
  held: RouteFold,
  outcome: { readonly succeeded: number; readonly failed: number },
  holdDown: HoldDownSettings,
  now: Instant,
): RouteFold {
  const { ejection, hold } = held
  if (ejection === undefined || holdLeft(hold, now) > 0) return held
  if (outcome.failed > 0) return { ejection: { ...ejection, succeeded: 0, evidenceAt: now }, hold: fall(hold, holdDown, now) }
  const succeeded = ejection.succeeded + outcome.succeeded
  return succeeded >= PROBATION_SUCCESSES ? { hold } : { ejection: { ...ejection, succeeded, evidenceAt: now }, hold }
}

/**
 * Drops what has aged out: hold scores beyond their memory, and ejections that nobody has tried to end. Where requests are so rare that no
 * isolate has one while it holds a permit, probation never begins: then what comes tries it, as with an isolate's own ejections.
 */
export function forgetOld(fold: EndpointFold, holdDown: HoldDownSettings, now: Instant): EndpointFold {
  const { ejection, ...rest } = fold
  const age = (held: RouteFold): RouteFold => {
    const hold = counted(held.hold, now)
    return held.ejection === undefined || isUntried(held.ejection, hold, fold.probe, now) ? { hold } : { ...held, hold }
  }
  const routes = (Object.entries(fold.routes) as [RouteId, RouteFold][])
    .map(([route, held]) => [route, age(held)] as const)
    .filter(([, held]) => held.ejection !== undefined || now - held.hold.until <= holdDown.memory)
  return { ...rest, ...age({ hold: fold.hold, ...(ejection === undefined ? {} : { ejection }) }), routes: Object.fromEntries(routes) }
}

/** While probes fail probation is not permitted: the time for it begins when they pass. */
function isUntried({ evidenceAt }: Ejection, hold: HoldDown, probe: ProbeFold, now: Instant): boolean {
  if (probe.facet === 'down' || holdLeft(hold, now) > 0) return false
  const idle = Math.abs(now - Math.max(hold.until, evidenceAt, probe.since))
  return idle > Math.max(UNTRIED_MIN, hold.length)
}

/**
 * Whether an isolate may send a probation request: nothing is held against the endpoint, or the ejection has served its time,
 * that of the whole endpoint before those of its routes.
 * Not while its probes fail: each probation that fails makes the next hold longer, and a healed region would pay for it.
 */
export function mayTry(fold: EndpointFold, now: Instant): boolean {
  if (fold.probe.facet === 'down') return false
  if (fold.ejection !== undefined) return holdLeft(fold.hold, now) === 0
  const holds = Object.values<RouteFold>(fold.routes).flatMap(({ ejection, hold }) => (ejection === undefined ? [] : [hold]))
  return holds.length === 0 || holds.some((hold) => holdLeft(hold, now) === 0)
}

/** How long the endpoint stays down at least, for all or for some route. */
export function longestHold(fold: EndpointFold, now: Instant): DurationMs {
  const isDown = fold.probe.facet === 'down' || fold.ejection !== undefined
  const ofRoutes = Object.values<RouteFold>(fold.routes).map(({ ejection, hold }) => (ejection === undefined ? 0 : holdLeft(hold, now)))
  return ms(Math.max(isDown ? holdLeft(fold.hold, now) : 0, ...ofRoutes))
}
