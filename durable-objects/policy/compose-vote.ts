/** Composes what one vantage tells its peers about one endpoint from what it holds. It decides nothing new. */
import type { EndpointKey, RouteId } from '../../config/ids.ts'
import type { Reason } from '../../config/snapshot.ts'
import { type Instant, ms } from '../../config/units.ts'
import { type EndpointFold, type HeldReason, longestHold, type RouteFold } from './fold-endpoint.ts'
import { PROBES_BEFORE_VOTE } from './fold-probe.ts'
import { type TrafficWindow, total, WINDOW, within } from './traffic-window.ts'
import type { Facet, Vote } from './vote.ts'

/** Reasons of one vote; a verdict shows five of all. */
const REASONS_MAX = 3

/**
 * The vote of a vantage, or none before two own probes. `disputed` are the routes that some vantage holds down: only about these
 * does it say where it sees success.
 */
export function composeVote(
  endpoint: EndpointKey,
  fold: EndpointFold,
  seen: { readonly window: TrafficWindow; readonly disputed: readonly RouteId[] },
  now: Instant,
): Vote | undefined {
  if (fold.probe.seen < PROBES_BEFORE_VOTE) return undefined
  const routesDown = routesDownOf(fold)
  const routesUp = seen.disputed.filter((route) => {
    const pair = seen.window.get(route, endpoint)
    return !routesDown.includes(route) && pair !== undefined && total([pair], now).succeeded > 0
  })
  return {
    endpoint,
    probe: fold.probe.facet,
    ...(fold.watched === undefined ? {} : { watched: fold.watched }),
    traffic: trafficFacet(endpoint, fold, seen.window, now),
    routesDown,
    routesUp,
    stood: ms(Math.max(0, now - Math.max(fold.probe.since, fold.ejection?.since ?? 0))),
    hold: longestHold(fold, now),
    proof: seen.window.proof(endpoint, now),
    ...(fold.probe.latency === undefined ? {} : { latency: fold.probe.latency }),
    reasons: reasonsOf(fold).map((reason) => sendReason(reason, now)),
  }
}

/** `up` only while some isolate's last word, within the window, was a success. */
function trafficFacet(endpoint: EndpointKey, fold: EndpointFold, window: TrafficWindow, now: Instant): Facet {
  if (fold.ejection !== undefined) return 'down'
  const voices = window.ofEndpoint(endpoint).flatMap((pair) => pair.voices)
  return voices.some((voice) => voice.failedInRow === 0 && within(voice.at, now, WINDOW)) ? 'up' : 'unknown'
}

export function routesDownOf(fold: EndpointFold): readonly RouteId[] {
  const routes = Object.entries(fold.routes) as [RouteId, RouteFold][]
  return routes.flatMap(([route, { ejection }]) => (ejection === undefined ? [] : [route])).sort()
}

function reasonsOf(fold: EndpointFold): readonly HeldReason[] {
  const routes = Object.values<RouteFold>(fold.routes).flatMap(({ ejection }) => (ejection === undefined ? [] : [ejection.reason]))
  const probe = (fold.watched ?? fold.probe.facet) === 'down' && fold.probeReason !== undefined ? [fold.probeReason] : []
  return [...(fold.ejection === undefined ? [] : [fold.ejection.reason]), ...probe, ...routes].slice(0, REASONS_MAX)
}

export const sendReason = ({ at, ...reason }: HeldReason, now: Instant): Reason => ({ ...reason, age: ms(Math.max(0, now - at)) })
