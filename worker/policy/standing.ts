/**
 * Whether an endpoint may take a request now, and why. Tiers, best first; steering decides within one (`order-endpoints.ts`).
 * A drained endpoint is in no tier: not even panic sends it anything.
 */
import type { Instant } from '../../config/units.ts'
import { instant } from '../../config/units.ts'
import { type AppliedEndpoint, isDrainedBy } from './apply-overlay.ts'
import { inFlight, isOverLimit } from './endpoint-load.ts'
import type { HeldHealth } from './held-health.ts'
import type { Outlier } from './outlier.ts'
import type { Candidate } from './route-state.ts'

export const TIERS = {
  routable: 0,
  /** It says that it would rather not (`x-envoy-degraded`). */
  degraded: 1,
  'over-limit': 2,
  /** The serving vantage alone cannot reach it, or a stale snapshot says down, or nobody has tried it long after its hold-down. */
  last: 3,
  paused: 4,
  /** In, but as many attempts wait there as may: none is begun. */
  full: 5,
  /**
   * An emergency has put it to weight 0: it keeps what it has, and gets nothing new while anybody else of the pool could take a request. It goes
   * before those that are out: else to spare a well endpoint would send requests to a sick one.
   */
  spared: 6,
  /** Panic only. */
  out: 7,
  never: 8,
} as const
export type Tier = (typeof TIERS)[keyof typeof TIERS]

export type StandingReason =
  | 'routable'
  | 'degraded'
  | 'over-limit'
  | 'down-from-here'
  | 'down-when-last-heard'
  | 'untried-after-ejection'
  | 'paused-by-retry-after'
  | 'at-its-limit'
  | 'verdict-down'
  | 'ejected'
  | 'drains-itself'
  | 'spared-by-emergency'
  | 'drained'
  | 'drained-by-overlay'
  | 'drained-by-emergency'
  | 'no-weight'
  | 'no-weight-by-overlay'

export interface EndpointStanding {
  readonly tier: Tier
  readonly reason: StandingReason
}

const STANDINGS = {
  routable: { tier: TIERS.routable, reason: 'routable' },
  degraded: { tier: TIERS.degraded, reason: 'degraded' },
  overLimit: { tier: TIERS['over-limit'], reason: 'over-limit' },
  downFromHere: { tier: TIERS.last, reason: 'down-from-here' },
  downWhenLastHeard: { tier: TIERS.last, reason: 'down-when-last-heard' },
  untried: { tier: TIERS.last, reason: 'untried-after-ejection' },
  paused: { tier: TIERS.paused, reason: 'paused-by-retry-after' },
  full: { tier: TIERS.full, reason: 'at-its-limit' },
  verdictDown: { tier: TIERS.out, reason: 'verdict-down' },
  drainsItself: { tier: TIERS.out, reason: 'drains-itself' },
  ejected: { tier: TIERS.out, reason: 'ejected' },
  spared: { tier: TIERS.spared, reason: 'spared-by-emergency' },
  drained: { tier: TIERS.never, reason: 'drained' },
  drainedByOverlay: { tier: TIERS.never, reason: 'drained-by-overlay' },
  drainedByEmergency: { tier: TIERS.never, reason: 'drained-by-emergency' },
  noWeight: { tier: TIERS.never, reason: 'no-weight' },
  noWeightByOverlay: { tier: TIERS.never, reason: 'no-weight-by-overlay' },
} as const satisfies Record<string, EndpointStanding>

/** Makes no garbage: it is asked for every endpoint of every request. */
export function standing(candidate: Candidate, health: HeldHealth, now: Instant): EndpointStanding {
  const { endpoint } = candidate
  if (endpoint.drain) return STANDINGS.drained
  const applied = health.applied?.endpoints.get(endpoint.id)
  if (applied !== undefined) return appliedStanding(candidate, applied, health, now)
  return endpoint.weight === 0 ? STANDINGS.noWeight : ownStanding(candidate, health, now)
}

/** A weight of 0 is the base's, whoever sets it: nothing, in panic neither. An emergency's is softer: see `TIERS.spared`. */
function appliedStanding(candidate: Candidate, applied: AppliedEndpoint, health: HeldHealth, now: Instant): EndpointStanding {
  if (applied.cut) return STANDINGS.drainedByEmergency
  if (isDrainedBy(applied, now)) return STANDINGS.drainedByOverlay
  if (applied.weight === 0) return applied.setBy === 'base' ? STANDINGS.noWeight : STANDINGS.noWeightByOverlay
  const own = ownStanding(candidate, health, now)
  return applied.spared ? worseOf(STANDINGS.spared, own) : own
}

/** Of one that nobody has taken out on purpose. */
function ownStanding(candidate: Candidate, health: HeldHealth, now: Instant): EndpointStanding {
  const ejected = worseOf(outlierStanding(candidate.state.outlier, now), outlierStanding(candidate.outlier, now))
  if (ejected === STANDINGS.ejected) return ejected
  if (now < candidate.drainsUntil || now < candidate.state.drainsUntil) return STANDINGS.drainsItself
  const said = verdictStanding(candidate, health)
  if (said === STANDINGS.verdictDown) return said
  if (candidate.concurrencyMax !== undefined && isFull(candidate, now)) return STANDINGS.full
  if (now < candidate.pausedUntil) return STANDINGS.paused
  if (ejected !== STANDINGS.routable) return ejected
  if (said.tier > TIERS['over-limit']) return said
  return isOverLimit(candidate.state.load, now) ? STANDINGS.overLimit : said
}

/** For so long, in ms, an endpoint that says it is being drained gets nothing here. By then the probes have heard it too; if not, the next answer says it again. */
const DRAIN_FOR = 10_000

/**
 * Envoy's `x-envoy-immediate-health-check-fail`, heard by a client's network. An application behind the endpoint can say it as well, so it is
 * believed for the route alone; for all routes when two have heard it from there, and two networks.
 */
export function noteDraining(candidate: Candidate, network: string, now: Instant): void {
  candidate.drainsUntil = instant(now + DRAIN_FOR)
  candidate.drainHeardBy = network
  if (candidate.state.candidates.some((other) => agreesOnDrain(other, candidate, now))) candidate.state.drainsUntil = candidate.drainsUntil
}

/** Where nobody knows the clients, anybody is believed. */
const agreesOnDrain = (other: Candidate, { route, drainHeardBy }: Candidate, now: Instant): boolean =>
  now < other.drainsUntil && other.route.route.id !== route.route.id && (drainHeardBy === '' || other.drainHeardBy !== drainHeardBy)

/** As many attempts wait there as this route may have. What is out can be full as well: panic must ask. */
export const isFull = ({ concurrencyMax, state }: Candidate, now: Instant): boolean =>
  concurrencyMax !== undefined && inFlight(state.load, now) >= concurrencyMax

/** What this isolate's own ejection alone says. */
function outlierStanding(outlier: Outlier, now: Instant): EndpointStanding {
  const held = outlier.standing
  if (held.kind === 'in') return STANDINGS.routable
  // Nothing replayable has come to try it with for a second hold-down: let what comes try it, last in order.
  const untriedFrom = instant(held.until + (held.until - held.since))
  return held.triedAt === undefined && now >= untriedFrom ? STANDINGS.untried : STANDINGS.ejected
}

function verdictStanding(candidate: Candidate, health: HeldHealth): EndpointStanding {
  if (health.snapshot === undefined || health.age === 'too-old' || health.age === 'none') return STANDINGS.routable
  const said = health.snapshot.endpoints[candidate.endpoint.key]
  if (said === undefined) return STANDINGS.routable
  const route = candidate.route.route.id
  if (said.verdict === 'down' || (said.routesDown.length > 0 && said.routesDown.includes(route))) {
    return health.age === 'fresh' ? STANDINGS.verdictDown : STANDINGS.downWhenLastHeard
  }
  if (said.local === 'down' || (said.localRoutesDown.length > 0 && said.localRoutesDown.includes(route))) return STANDINGS.downFromHere
  return said.degraded === true ? STANDINGS.degraded : STANDINGS.routable
}

/** By the fresh word of all, whatever this isolate itself has ejected. */
export const isDownByVerdict = (candidate: Candidate, health: HeldHealth): boolean =>
  verdictStanding(candidate, health) === STANDINGS.verdictDown

const worseOf = (a: EndpointStanding, b: EndpointStanding): EndpointStanding => (a.tier >= b.tier ? a : b)

/** Ejected by this isolate, for the route or as a whole. */
export const isEjected = (candidate: Candidate): boolean =>
  candidate.outlier.standing.kind === 'ejected' || candidate.state.outlier.standing.kind === 'ejected'

/** Ejected, with every hold-down over: it wants a trial. */
export function wantsTrial(candidate: Candidate, now: Instant): boolean {
  return isEjected(candidate) && isHeldNoLonger(candidate.outlier, now) && isHeldNoLonger(candidate.state.outlier, now)
}

const isHeldNoLonger = (outlier: Outlier, now: Instant): boolean => outlier.standing.kind === 'in' || now >= outlier.standing.until

/** The best tier among these: what is spared or out may take a request only when nobody of its pool is better. */
export function leastOf(stands: readonly EndpointStanding[]): Tier {
  let least: Tier = TIERS.never
  for (const { tier } of stands) if (tier < least) least = tier
  return least
}

/** By the file, by operators or by an emergency: it gets nothing, whoever else is out. */
export function isDrained({ endpoint }: Pick<Candidate, 'endpoint'>, { applied }: Pick<HeldHealth, 'applied'>, now: Instant): boolean {
  if (endpoint.drain) return true
  const otherwise = applied?.endpoints.get(endpoint.id)
  return otherwise !== undefined && isDrainedBy(otherwise, now)
}

/** As operators want it, else as the file has it. */
export const weightOf = ({ endpoint }: Pick<Candidate, 'endpoint'>, { applied }: Pick<HeldHealth, 'applied'>): number =>
  applied?.endpoints.get(endpoint.id)?.weight ?? endpoint.weight
