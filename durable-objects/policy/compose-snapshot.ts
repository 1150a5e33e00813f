/**
 * Composes what a vantage publishes to isolates: the verdict of the quorum on every endpoint, and beside it the vantage's own
 * view, which orders but never ejects.
 */
import type { EndpointKey, RouteId } from '../../config/ids.ts'
import type { Emergency } from '../../config/overlay.ts'
import type { EndpointHealth, HealthSnapshot, Reason } from '../../config/snapshot.ts'
import { type DurationMs, type Instant, ms } from '../../config/units.ts'
import { routeIsDown } from './quorum.ts'
import type { SettledVerdict } from './settle-verdict.ts'
import type { Vote } from './vote.ts'

/** Reasons that a verdict shows: enough for each of five vantages. */
const REASONS_MAX = 5

/** A vote that counts, and how long ago its message came in; 0 for the own one. */
export interface HeardVote {
  readonly vote: Vote
  readonly heardAgo: DurationMs
}

export interface EndpointView {
  readonly settled: SettledVerdict
  /** The own vote; absent before two own probes. */
  readonly own?: Vote
  /** The vantage doubts its own probes. */
  readonly abstains: boolean
  /** All votes that count, the own one first when it counts. */
  readonly votes: readonly HeardVote[]
  readonly configured: number
  /** The own last probe said so. */
  readonly degraded?: boolean
  /** How fast the own probes are, and what was last said of it; absent where no pool asks. */
  readonly latency?: ProbeLatency
}

export interface ProbeLatency {
  readonly usual: DurationMs | undefined
  readonly said: DurationMs | undefined
}

export function composeHealth(view: EndpointView, now: Instant): EndpointHealth {
  const { settled, own, votes } = view
  const routes = [...new Set(votes.flatMap(({ vote }) => vote.routesDown))].sort()
  const routesDown = routes.filter((route) =>
    routeIsDown(
      votes.map(({ vote }) => vote),
      route,
      view.configured,
    ),
  )
  return {
    verdict: settled.verdict,
    stoodFor: ms(Math.max(0, now - settled.since)),
    ...(settled.restored === true ? { restored: true as const } : {}),
    local: localView(own, view.abstains),
    routesDown,
    localRoutesDown: (own?.routesDown ?? []).filter((route) => !routesDown.includes(route)),
    ...latencyView(view.latency),
    ...(view.degraded === true && !view.abstains ? { degraded: true as const } : {}),
    reasons: reasonsOf(view),
  }
}

function localView(own: Vote | undefined, abstains: boolean): EndpointHealth['local'] {
  if (own === undefined) return 'unknown'
  if (own.traffic === 'down') return 'down'
  return abstains ? 'unknown' : own.probe
}

/** Less is jitter: so large a part of what was said, or so many ms. */
const CHANGE_MIN = 0.25
const CHANGE_MIN_MS = 5

function latencyView(latency: ProbeLatency | undefined): Pick<EndpointHealth, 'latency'> {
  if (latency?.usual === undefined) return {}
  const { usual, said } = latency
  const kept = said !== undefined && Math.abs(usual - said) <= Math.max(CHANGE_MIN_MS, CHANGE_MIN * said)
  return { latency: kept ? said : ms(Math.max(1, Math.round(usual))) }
}

/** Why it is down, suspect or down for some route; nothing for what is well. */
function reasonsOf({ votes }: EndpointView): readonly Reason[] {
  const each = votes.map(({ vote, heardAgo }) => vote.reasons.map((reason) => ({ ...reason, age: ms(reason.age + heardAgo) })))
  // One of each vantage first: five reasons should not all be those of the most talkative.
  const first = each.flatMap((reasons) => reasons.slice(0, 1))
  return [...first, ...each.flatMap((reasons) => reasons.slice(1))].slice(0, REASONS_MAX)
}

/** What makes two snapshots say the same: everything but ages and lengths. */
export function contentOf({
  endpoints,
  retryScale,
  keySets,
  overlay,
  emergency,
}: Pick<HealthSnapshot, 'endpoints' | 'retryScale' | 'keySets' | 'overlay' | 'emergency'>): string {
  const said = (Object.entries(endpoints) as [EndpointKey, EndpointHealth][]).map(([key, health]) => [
    key,
    health.verdict,
    health.restored,
    health.local,
    health.routesDown,
    health.localRoutesDown,
    health.latency,
    health.degraded,
    health.reasons.map(({ vantage, facet, phase, status, detail }) => [vantage, facet, phase, status, detail]),
  ])
  return JSON.stringify([said, retryScale, keySets, overlay?.order, emergency && takes(emergency)])
}

/** All of it: vantages that take canaries away add to what was read, and its tag is cut at its longest. */
const takes = ({ etag, drain, weightZero, freeze, killCanary }: Emergency): readonly unknown[] => [
  etag,
  drain,
  weightZero,
  freeze,
  killCanary,
]

/** Routes that some vote holds an endpoint down for. */
export function disputedRoutes(votes: readonly Vote[]): readonly RouteId[] {
  return [...new Set(votes.flatMap((vote) => vote.routesDown))]
}
