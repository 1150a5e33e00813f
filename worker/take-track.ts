/**
 * Puts a request of a route with a release on its track: finds out by what the client is recognised and whether it may choose, asks the policy, and
 * looks whether the canary has anybody to ask. A route without a release never comes here; one whose release nobody has begun costs two look-ups.
 */
import type { ForwardAction, ReleasedTracks, WeightedPool } from '../config/action.ts'
import type { ReleaseOrder } from '../config/overlay.ts'
import type { Release } from '../config/release.ts'
import { draw, type Instant } from '../config/units.ts'
import type { Asking } from './decide.ts'
import { releaseOrder } from './policy/apply-overlay.ts'
import { chooseTrack, hasShare, placeOf, type Recognised, type ReleaseStanding, type TrackChoice } from './policy/choose-track.ts'
import { isPanic, pickEndpoint } from './policy/order-endpoints.ts'
import type { OverrideProblem, PlannedTrack } from './policy/plan.ts'
import { isSafe } from './policy/replay-rule.ts'
import type { RouteState } from './policy/route-state.ts'
import { standing, TIERS } from './policy/standing.ts'
import { affinityKey } from './policy/steering/affinity-key.ts'
import { steerBy } from './policy/steering/steer-by.ts'
import type { Releases } from './policy/track-state.ts'
import type { Platform } from './ports.ts'
import { type ReleaseKeyPort, recogniseSigned } from './recognise-signed.ts'
import type { HeldHealth } from './snapshot-port.ts'

/** A request on its track. */
export interface Tracked {
  readonly track: PlannedTrack
  /** Of the pool with which it begins. */
  readonly state: RouteState
  /** Where it goes on, when it begins on the canary. */
  readonly stable?: RouteState
  /** The value of `Set-Cookie`, for a client that is given a key. */
  readonly cookie?: string
}

export interface TrackParts {
  readonly health: HeldHealth
  readonly releases: Releases
  /** Absent: nothing that is signed is given or believed. */
  readonly key: ReleaseKeyPort | undefined
  readonly stateOf: (weighted: WeightedPool) => RouteState
}

type ReleasedAction = ForwardAction & { readonly release: ReleasedTracks }

export const isReleased = (action: ForwardAction): action is ReleasedAction => action.release !== undefined

export function takeTrack(asking: Asking, action: ReleasedAction, parts: TrackParts, platform: Platform): Tracked | Promise<Tracked> {
  const release = parts.releases.get(action.release.id)
  if (release === undefined) throw new Error(`the release ${action.release.id} is not in the base`)
  const held = standingOf(parts.health, release)
  const scene: Scene = { asking, action, release, standing: held, parts }
  if (!held.heard || held.order?.killed === true) return begin(scene, NOBODY)
  const wantsKey = held.order !== undefined && hasShare(held.order)
  const signed = recogniseSigned(release, asking, { wantsKey, key: parts.key }, platform)
  if (signed instanceof Promise) return signed.then((found) => begin(scene, found))
  return begin(scene, wantsKey && signed.key === undefined ? { ...signed, key: plainKey(release, asking) } : signed)
}

/** What was found out about who it is. */
export interface Found extends Recognised {
  readonly ignored?: OverrideProblem
  readonly cookie?: string
}

const NOBODY: Found = { key: undefined, override: undefined }

interface Scene {
  readonly asking: Asking
  readonly action: ReleasedAction
  readonly release: Release
  readonly standing: ReleaseStanding
  readonly parts: TrackParts
}

function standingOf({ applied }: HeldHealth, { id }: Release): ReleaseStanding {
  return applied?.held === undefined ? UNHEARD : { heard: true, order: releaseOrder(applied, id) }
}

const UNHEARD: ReleaseStanding = { heard: false }

/** Undefined for cookies, which are signed. */
export function plainKey({ key }: Release, { request: { headers }, inbound: { query, address }, identity }: Asking): string | undefined {
  return key.kind === 'cookie' ? undefined : affinityKey(key, { headers, query, address, identity })
}

function begin(scene: Scene, found: Found): Tracked {
  const { action, asking, release, standing: held, parts } = scene
  const [first] = action.pools
  if (first === undefined) throw new Error(`the release ${release.id} has no stable track`)
  const stable = parts.stateOf(first)
  const now = asking.inbound.receivedAt
  const order = held.heard ? held.order : undefined
  const choice = chooseTrack(held, found, () => (order === undefined ? undefined : regionOf(scene, stable, order, found.key)))
  const about = { release, choice, ...(found.ignored === undefined ? {} : { ignored: found.ignored }) }
  const cookie = found.cookie === undefined ? {} : { cookie: found.cookie }
  if (choice.track === 'stable')
    return { track: { ...about, canaryOut: false, ...compared(scene, choice, order) }, state: stable, ...cookie }
  const canary = parts.stateOf(action.release.canary)
  const { health } = parts
  if (!isPanic({ route: canary, health }, now))
    return { track: { ...about, canaryOut: false, counted: choice.why === 'share' }, state: canary, stable, ...cookie }
  const missed = choice.why === 'share' ? missedBy(canary, stable, health, now) : undefined
  const track = { ...about, canaryOut: true, counted: false, ...(missed === undefined ? {} : { missed }) }
  return { track, state: stable, ...cookie }
}

/** While the canary has copies alone, what is compared with them is what could have been copied. */
function compared(
  { action, asking: { inbound } }: Scene,
  { why }: TrackChoice,
  order: ReleaseOrder | undefined,
): Pick<PlannedTrack, 'counted' | 'mirror'> {
  if (order === undefined || order.killed || order.mirror <= 0) return { counted: why === 'share' }
  const copied = isSafe(inbound.method) && !inbound.headers.webSocket
  return {
    counted: why === 'share' || (why === 'no-share' && copied),
    ...(copied ? { mirror: { share: order.mirror, to: action.release.canary } } : {}),
  }
}

/** Nobody of the canary is in. Whom operators have taken out has not failed, and where stable is out as well it is not the canary's doing. */
function missedBy(canary: RouteState, stable: RouteState, health: HeldHealth, now: Instant): PlannedTrack['missed'] {
  if (isPanic({ route: stable, health }, now)) return undefined
  return canary.candidates.find((candidate) => standing(candidate, health, now).tier === TIERS.out)
}

/** Of the endpoint that stable would take: by the client's own dice, so that who is drawn is drawn there again. */
function regionOf({ asking, parts }: Scene, stable: RouteState, { salt }: ReleaseOrder, key = ''): string | undefined {
  const { request, inbound, identity } = asking
  const { place, query, address } = inbound
  const steered = steerBy(stable.steering, { headers: request.headers, place, query, address, identity }, () => key)
  const facts = { route: stable, health: parts.health, ...(steered === undefined ? {} : { steerBy: steered }) }
  const pick = pickEndpoint(facts, () => false, inbound.receivedAt, draw(placeOf(`${salt} region`, key)))
  return pick.kind === 'picked' ? pick.candidate.endpoint.region : undefined
}
