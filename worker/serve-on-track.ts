/** What a route with a release needs beside the others while a request is served: its track, its copies for the canary, what its answer says. */
import type { Route } from '../config/base.ts'
import type { Mirror } from '../config/mirror.ts'
import type { Asking, ForwardDecision } from './decide.ts'
import type { GatewayRuntime } from './handle.ts'
import type { AttemptFact } from './policy/ledger.ts'
import type { Plan } from './policy/plan.ts'
import { routeState } from './policy/route-state.ts'
import { copyTimeout } from './policy/track-counts.ts'
import type { Platform } from './ports.ts'
import type { HeldHealth } from './snapshot-port.ts'
import { isReleased, type Tracked, takeTrack } from './take-track.ts'

export type ReleaseRuntime = Pick<GatewayRuntime, 'isolate' | 'releaseKey'>

/** Undefined where the route has no release. */
export function trackFor(
  { route, action }: Pick<ForwardDecision, 'route' | 'action'>,
  asking: Asking & { readonly health: HeldHealth },
  { isolate: { gateway }, releaseKey: key }: ReleaseRuntime,
  platform: Platform,
): Tracked | Promise<Tracked> | undefined {
  if (!isReleased(action)) return undefined
  const now = asking.inbound.receivedAt
  const stateOf = (weighted: Parameters<typeof routeState>[2]) => routeState(gateway, route, weighted, now)
  return takeTrack(asking, action, { health: asking.health, releases: gateway.releases, key, stateOf }, platform)
}

/** The route's, and what a release copies to its canary: with the client's credentials, for it is to serve these clients soon. */
export function mirrorsOf(route: Route, { track }: Plan): readonly Mirror[] | undefined {
  const mirror = track?.mirror
  if (mirror === undefined) return route.mirrors
  const timeout = copyTimeout(route.timeouts.attempt)
  return [...(route.mirrors ?? []), { ...mirror, methods: 'safe', credentials: 'keep', timeout }]
}

/** Of an answer: `canary`, `stable`, or `stable, from canary` where the canary could not. */
export function toldTrack({ track, stable }: Plan, { candidate }: Pick<AttemptFact, 'candidate'>): string | undefined {
  if (track === undefined) return undefined
  if (track.canaryOut || (stable !== undefined && candidate.route.weighted === stable.route.weighted)) return 'stable, from canary'
  return stable === undefined ? 'stable' : 'canary'
}
