/**
 * What this isolate has waiting at one endpoint, and how fast that answers. All routes share it. Changed in place, twice an attempt.
 */
import { REQUEST_MAX } from '../../config/resilience.ts'
import type { DurationMs, Instant } from '../../config/units.ts'
import { type ConcurrencyLimit, growLimit, newConcurrencyLimit, shrinkLimit } from './concurrency-limit.ts'

export interface EndpointLoad {
  /** Attempts without a head so far. Read it with `inFlight`, which forgets those whose end was never told. */
  waiting: number
  /** The attempts that wait, by the second in which they end at the latest. */
  readonly leases: Int32Array
  sweptTo: number
  readonly limit: ConcurrencyLimit
}

/** Seconds of leases that are kept: no request waits longer for its head. An upload that takes longer is counted until then. */
const LEASE_SECONDS = REQUEST_MAX / 1000 + 4

export const newEndpointLoad = (now: Instant): EndpointLoad => ({
  waiting: 0,
  leases: new Int32Array(LEASE_SECONDS),
  sweptTo: Math.floor(now / 1000),
  limit: newConcurrencyLimit(),
})

/** Returns the lease to give to `endWaiting`. The platform may drop a request without a word; its lease runs out at `latest`. */
export function beginWaiting(load: EndpointLoad, now: Instant, latest: Instant): number {
  inFlight(load, now)
  const first = Math.floor(now / 1000)
  const lease = Math.min(Math.floor(latest / 1000) + 1, first + LEASE_SECONDS - 1)
  const place = lease % LEASE_SECONDS
  load.leases[place] = (load.leases[place] ?? 0) + 1
  load.waiting += 1
  return lease
}

/** It may last longer than was known: the lease to give to `endWaiting` from now on. An attempt whose lease had run out counts again. */
export function prolongWaiting(load: EndpointLoad, lease: number, now: Instant, latest: Instant): number {
  endWaiting(load, lease)
  return beginWaiting(load, now, latest)
}

export function endWaiting(load: EndpointLoad, lease: number): void {
  if (lease < load.sweptTo) return
  const place = lease % LEASE_SECONDS
  load.leases[place] = (load.leases[place] ?? 0) - 1
  load.waiting -= 1
}

export function inFlight(load: EndpointLoad, now: Instant): number {
  const second = Math.floor(now / 1000)
  if (second <= load.sweptTo) return load.waiting
  const from = Math.max(load.sweptTo, second - LEASE_SECONDS)
  for (let lease = from; lease < second; lease += 1) {
    const place = lease % LEASE_SECONDS
    load.waiting -= load.leases[place] ?? 0
    load.leases[place] = 0
  }
  load.sweptTo = second
  return load.waiting
}

export const noteAnswer = (load: EndpointLoad, latency: DurationMs, now: Instant): void =>
  growLimit(load.limit, load.waiting + 1, latency, now)

/** A timeout or an overload signal. */
export const noteOverload = (load: EndpointLoad, now: Instant): void => shrinkLimit(load.limit, now)

export const isOverLimit = (load: EndpointLoad, now: Instant): boolean => inFlight(load, now) >= Math.floor(load.limit.value)
