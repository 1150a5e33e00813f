/**
 * Whether an endpoint may take a request now, and why. Tiers, best first; steering decides within one (`order-endpoints.ts`).
 * A drained endpoint is in no tier: not even panic sends it anything.
 */
import type { Instant } from '../../config/units.ts'
import { instant } from '../../config/units.ts'
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
  /** Panic only. */
  out: 6,
  never: 7,
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
  | 'drained'
  | 'no-weight'

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
  drained: { tier: TIERS.never, reason: 'drained' },
  noWeight: { tier: TIERS.never, reason: 'no-weight' },
} as const satisfies Record<string, EndpointStanding>

/** Makes no garbage: it is asked for every endpoint of every request. */
export function standing(candidate: Candidate, health: HeldHealth, now: Instant): EndpointStanding {
  const { endpoint } = candidate
  if (endpoint.drain) return STANDINGS.drained
  if (endpoint.weight === 0) return STANDINGS.noWeight
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
