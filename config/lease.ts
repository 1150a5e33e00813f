/**
 * What an isolate asks whoever counts for all colos, and what it is answered: data plane → control plane. Plain data over RPC, compatible one version back.
 * A lease is a number of requests that an isolate may let in without asking again, for a short time.
 */
import { type DurationMs, ms } from './units.ts'

export interface LeaseRequest {
  /** Of the limit: the name by which keys leave the isolate, 32 hex digits. */
  readonly key: string
  readonly terms: LeaseTerms
  /** Requests that wait for the answer. What they are granted is used when it arrives, or never. */
  readonly spend: number
  /** For those that may come while the lease lasts. */
  readonly ahead: number
  /** How the lease is called if there is one. No two are called the same: a request that is delivered twice is granted once. */
  readonly lease: string
  /** Leases from here that are used up or over, each said once. */
  readonly done: readonly DoneLease[]
}

/** How the key may be used. The object knows no configuration: during a deploy isolates of two versions ask. */
export interface LeaseTerms {
  readonly limit: number
  readonly window: DurationMs
  readonly burst: number
}

export interface DoneLease {
  readonly lease: string
  /** So much of it nobody has used, and nobody will. */
  readonly unused: number
}

export type LeaseReply =
  | {
      readonly kind: 'granted'
      readonly spent: number
      readonly ahead: number
      /** Still to be had, by anybody. */
      readonly left: number
      /** Until there is one more to be had; 0 while there is. */
      readonly retryAfter: DurationMs
    }
  | { readonly kind: 'busy'; readonly retryAfter: DurationMs }

/** What an object offers to isolates. */
export interface LimiterForIsolates {
  lease(request: LeaseRequest): Promise<LeaseReply>
}

/** From when it was asked for: the isolate's clock says when it is over, and the object takes it for over only later. */
export const LEASE_LIFETIME = ms(2000)
/** A busier isolate asks more often. */
export const AHEAD_MAX = 1000
export const SPEND_MAX = 64
/** More are forgotten, which costs their key what they held until they are over. */
export const DONE_MAX = 8

/** Objects that share the keys of one limit: one alone does 300 requests a second. */
export const LIMITER_SHARDS = 32

/** The name of the object that counts a key. A key's name is a digest, so that its first digits spread evenly. */
export const limiterOf = (limit: string, key: string): string => `${limit}/${Number.parseInt(key.slice(0, 4), 16) % LIMITER_SHARDS}`
