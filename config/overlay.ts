/**
 * What operators want otherwise than the bundle says, as isolates are told of it: control plane → data plane, with the snapshot. The director
 * alone writes it, its revision orders it, and it never ages out. It changes weights, takes endpoints out and says where releases stand; it
 * can add no endpoint and no route. What it names and a base does not have is inert.
 */
import type { Endpoint } from './base.ts'
import type { EndpointId, PoolId, ReleaseId } from './ids.ts'
import { type DurationMs, type Instant, ms, type Share } from './units.ts'

export interface Overlay {
  readonly format: 1
  readonly order: OverlayOrder
  /** In place of the base's weights, pool by pool; 0 as there: nothing, in panic neither. An endpoint that is not named keeps its own. */
  readonly weights: Readonly<Record<PoolId, Readonly<Record<EndpointId, number>>>>
  readonly drains: readonly Drain[]
  readonly releases: Readonly<Record<ReleaseId, ReleaseOrder>>
}

/** Which of two overlays is newer: the epoch first. A director whose storage was lost begins a later epoch. */
export interface OverlayOrder {
  /** When the director's storage was made, in ms of its clock. */
  readonly epoch: number
  /** From 1; grows with every change. */
  readonly revision: number
}

/** Every endpoint that it names is going out, is out, or is coming back. One that the base drains stays out all the same. */
export interface Drain {
  readonly target: DrainTarget
  readonly direction: 'out' | 'back'
  /** Over how long; 0 at once. In between the endpoint has a share of its traffic, as one that ramps up. */
  readonly over: DurationMs
  /** How long ago it began when this was sent: clocks of two machines are never compared. */
  readonly begun: DurationMs
}

export type DrainTarget =
  | { readonly kind: 'endpoint'; readonly endpoint: EndpointId }
  | { readonly kind: 'region'; readonly region: string }
  | { readonly kind: 'cloud'; readonly cloud: string }

/** Where a release stands, for isolates. */
export interface ReleaseOrder {
  /** Share of keys that the canary has: 0 to 1 in steps of 0.0001. */
  readonly weight: Share
  /** By region of the endpoint that stable would take, where the release goes region by region; a region that is not named has none. */
  readonly regions?: Readonly<Record<string, Share>>
  /** Share of requests of which the canary gets a copy that nobody sees. */
  readonly mirror: Share
  /** Nobody gets the canary, whatever overrides say. */
  readonly killed: boolean
  /** Which keys are among the first: the same through a whole run of a release, another for the next run. */
  readonly salt: string
}

/**
 * What `emergency.json` takes away, as a vantage has read it. It can only take: it is merged over everything else, and needs no director.
 * Names are the file's; what is none of a base is inert.
 */
export interface Emergency {
  /** Of the object that it was read from. */
  readonly etag: string
  /** Names of endpoints, regions or clouds. */
  readonly drain: readonly string[]
  /**
   * Names of endpoints that keep what they have open and get nothing new while another endpoint of their pool could take a request. When none
   * could, they go before those that are down. One that has no weight anyway stays without.
   */
  readonly weightZero: readonly string[]
  /** Releases that go no further; `*`: all, and no weight is changed by anybody. */
  readonly freeze: readonly string[]
  /** Releases whose canary nobody gets; `*`: all. */
  readonly killCanary: readonly string[]
}

/** Everything that is otherwise than a base says, as isolates hold it and tell it on. */
export interface InForce {
  readonly overlay?: Overlay
  /** Several while vantages do not say the same: together they take what each of them takes. */
  readonly emergencies: readonly Emergency[]
  /** Pools whose weights of the overlay are left aside where this is shown: by them no endpoint would have one. Never told on. */
  readonly weightsIgnored?: readonly PoolId[]
}

/** An overlay, and when its `begun` were true by the clock of whoever holds it. */
export interface HeldOverlay {
  readonly overlay: Overlay
  readonly at: Instant
}

/** Whether a drain is about an endpoint. */
export function isAt(target: DrainTarget, { id, region, cloud }: Pick<Endpoint, 'id' | 'region' | 'cloud'>): boolean {
  switch (target.kind) {
    case 'endpoint':
      return target.endpoint === id
    case 'region':
      return target.region === region
    case 'cloud':
      return target.cloud === cloud
    default:
      return target satisfies never
  }
}

/** What it says so much later. */
export const agedOverlay = (overlay: Overlay, passed: DurationMs): Overlay =>
  overlay.drains.length === 0
    ? overlay
    : { ...overlay, drains: overlay.drains.map((drain) => ({ ...drain, begun: ms(Math.max(0, drain.begun + passed)) })) }

/** Positive when `a` is the newer one. */
export const compareOverlays = (a: OverlayOrder, b: OverlayOrder): number => a.epoch - b.epoch || a.revision - b.revision
