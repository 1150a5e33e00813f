/**
 * What is in force here: the base, what operators want otherwise (the overlay), and above both what an emergency takes away. Compiled once for
 * each change, so that a request looks an endpoint up and no more; a request goes on with what it began with. Names that the base does not
 * have do nothing. One order, the first wins: emergency, overlay, base; who owns what within the overlay is the director's affair.
 *
 * An emergency only takes: no endpoint stands better, weighs more or has a larger share by it. Nor does the overlay give back what the base
 * drains: `drain: true` is the file's word, and the file's to take back. Nor do weights of the overlay leave a pool without an endpoint that the
 * base gives weight to: they were said of another base, such as one with an endpoint more, and are left aside.
 */
import type { Endpoint } from '../../config/base.ts'
import type { EndpointId, PoolId, ReleaseId } from '../../config/ids.ts'
import {
  agedOverlay,
  type Drain,
  type Emergency,
  type HeldOverlay,
  type InForce,
  isAt,
  type Overlay,
  type ReleaseOrder,
} from '../../config/overlay.ts'
import { after, between, type DurationMs, type Instant, ms, type Share, share } from '../../config/units.ts'

export interface AppliedOverlay {
  /** What was compiled, for people and for other isolates. Absent where there is an emergency alone. */
  readonly held?: HeldOverlay
  readonly emergencies: readonly Emergency[]
  /** Pools whose weights of the overlay are left aside: no endpoint would have one. */
  readonly weightsIgnored: readonly PoolId[]
  /** Those that are otherwise than the base has them. */
  readonly endpoints: ReadonlyMap<EndpointId, AppliedEndpoint>
  /** Ask `releaseOrder`. */
  readonly releases: ReadonlyMap<ReleaseId, ReleaseOrder>
  /** Nobody gets any canary. */
  readonly killsAll: boolean
}

export interface AppliedEndpoint {
  /** In place of the base's. */
  readonly weight: number
  readonly setBy: 'base' | 'overlay'
  /** Each drain that names it and takes its time, or has taken it. */
  readonly drains: readonly TimedDrain[]
  /** An emergency has drained it. */
  readonly cut: boolean
  /** An emergency has put it to weight 0: see `TIERS.spared`. */
  readonly spared: boolean
}

export interface TimedDrain {
  readonly direction: Drain['direction']
  /** Of this isolate's clock. */
  readonly since: Instant
  readonly over: DurationMs
}

/** As much of a base as can be otherwise. */
export interface OverlaidBase {
  readonly pools: readonly { readonly id: PoolId; readonly endpoints: readonly OverlaidEndpoint[] }[]
}
export type OverlaidEndpoint = Pick<Endpoint, 'id' | 'region' | 'cloud' | 'weight' | 'drain'>

/** Undefined when nothing is otherwise. `emergencies`: as vantages have told them; together they take what each of them takes. */
export function applyOverlay(
  { pools }: OverlaidBase,
  held: HeldOverlay | undefined,
  emergencies: readonly Emergency[],
): AppliedOverlay | undefined {
  if (held === undefined && emergencies.length === 0) return undefined
  const names = (of: (emergency: Emergency) => readonly string[]): ReadonlySet<string> => new Set(emergencies.flatMap(of))
  const taken = { cut: names(({ drain }) => drain), spared: names(({ weightZero }) => weightZero) }
  const endpoints = new Map<EndpointId, AppliedEndpoint>()
  const allWeights = new Map(Object.entries<Readonly<Record<EndpointId, number>>>(held?.overlay.weights ?? {}))
  const weightsIgnored: PoolId[] = []
  for (const pool of pools) {
    const said = new Map(Object.entries<number>(allWeights.get(pool.id) ?? {}))
    const ignored = leavesNone(pool.endpoints, said)
    if (ignored) weightsIgnored.push(pool.id)
    const weights = ignored ? new Map<string, number>() : said
    for (const endpoint of pool.endpoints) {
      const applied = applyTo(endpoint, { weight: weights.get(endpoint.id), held, ...taken })
      if (applied !== undefined) endpoints.set(endpoint.id, applied)
    }
  }
  const kills = names(({ killCanary }) => killCanary)
  return {
    ...(held === undefined ? {} : { held }),
    emergencies,
    weightsIgnored,
    endpoints,
    releases: releasesOf(held?.overlay, kills),
    killsAll: kills.has('*'),
  }
}

/** The base gives some endpoint weight, and by these none has any: they are left aside. */
export function leavesNone(endpoints: readonly OverlaidEndpoint[], weights: ReadonlyMap<string, number>): boolean {
  const given = endpoints.filter(({ weight, drain }) => weight > 0 && !drain)
  return given.length > 0 && endpoints.every(({ id, weight, drain }) => drain || (weights.get(id) ?? weight) === 0)
}

interface Said {
  readonly weight: number | undefined
  readonly held: HeldOverlay | undefined
  readonly cut: ReadonlySet<string>
  readonly spared: ReadonlySet<string>
}

/** Undefined when nothing names it. */
function applyTo(endpoint: OverlaidEndpoint, { weight, held, cut, spared }: Said): AppliedEndpoint | undefined {
  const { id, region, cloud } = endpoint
  const drains = held === undefined ? [] : held.overlay.drains.filter(({ target }) => isAt(target, endpoint))
  const isCut = cut.has(id) || cut.has(region) || cut.has(cloud)
  const isSpared = spared.has(id)
  if (weight === undefined && drains.length === 0 && !isCut && !isSpared) return undefined
  return {
    weight: weight ?? endpoint.weight,
    setBy: weight === undefined ? 'base' : 'overlay',
    drains: drains.map(({ direction, over, begun }) => ({ direction, over, since: after((held as HeldOverlay).at, ms(-begun)) })),
    cut: isCut,
    spared: isSpared,
  }
}

function releasesOf(overlay: Overlay | undefined, kills: ReadonlySet<string>): ReadonlyMap<ReleaseId, ReleaseOrder> {
  const said = Object.entries(overlay?.releases ?? {}) as [ReleaseId, ReleaseOrder][]
  const releases = new Map(said)
  for (const id of kills) if (id !== '*') releases.set(id as ReleaseId, killed(releases.get(id as ReleaseId)))
  return kills.has('*') ? new Map([...releases].map(([id, order]) => [id, killed(order)])) : releases
}

const NOWHERE: ReleaseOrder = { weight: share(0), mirror: share(0), killed: true, salt: '' }

const killed = (order: ReleaseOrder = NOWHERE): ReleaseOrder => ({ ...order, killed: true })

/** Where a release stands; undefined when nobody has said: everybody is on stable. */
export function releaseOrder(applied: AppliedOverlay | undefined, release: ReleaseId): ReleaseOrder | undefined {
  if (applied === undefined) return undefined
  return applied.releases.get(release) ?? (applied.killsAll ? NOWHERE : undefined)
}

/**
 * The share of its traffic that an endpoint has by its drains: 1 when none says anything, 0 when it is drained, and on a straight line in
 * between. Several: the least of them, so that who leaves a drained region is still in a drained cloud.
 */
export function drainShare({ cut, drains }: AppliedEndpoint, now: Instant): Share {
  let least = cut ? 0 : 1
  for (const { direction, since, over } of drains) {
    const gone = over === 0 ? 1 : Math.min(1, Math.max(0, (now - since) / over))
    least = Math.min(least, direction === 'out' ? 1 - gone : gone)
  }
  return share(least)
}

/** It gets nothing any more. One that comes back is not drained, even in the moment in which its share is still 0. */
export const isDrainedBy = ({ cut, drains }: AppliedEndpoint, now: Instant): boolean =>
  cut || drains.some(({ direction, since, over }) => direction === 'out' && now - since >= over)

/** As it is told on at `now`. */
export const toldInForce = ({ held, emergencies }: Pick<AppliedOverlay, 'held' | 'emergencies'>, now: Instant): InForce => ({
  ...(held === undefined ? {} : { overlay: agedOverlay(held.overlay, between(held.at, now)) }),
  emergencies,
})

/** As it is shown to people, with what this isolate leaves aside. */
export const shownInForce = (applied: AppliedOverlay, now: Instant): InForce => ({
  ...toldInForce(applied, now),
  ...(applied.weightsIgnored.length === 0 ? {} : { weightsIgnored: applied.weightsIgnored }),
})
