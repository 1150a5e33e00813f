/** Faults that operators inject into a route on purpose, as the base says them. */
import type { DurationMs, Share } from './units.ts'

export interface Faults {
  /** By the calendar: milliseconds since 1970 in UTC. From then on nothing is injected. */
  readonly expires?: number
  /** Only into requests that carry a token of an operator. */
  readonly gated: boolean
  readonly delay?: { readonly length: DurationMs; readonly share: Share }
  readonly abort?: { readonly status: number; readonly share: Share }
}

/** Farthest that a fault may expire ahead, in days: what is forgotten ends by itself. */
export const FAULT_DAYS_MAX = 7

/** The header that carries a token. It never goes on to an endpoint. */
export const FAULT_HEADER = 'meridian-fault'

/** Shortest secret that signs tokens, in characters. A shorter one is none: the gate never opens. */
export const FAULT_KEY_MIN = 16

/** What a token's signature covers: the host and the route for which it was made, and the second in which it expires. */
export const faultClaim = (host: string, route: string, expires: number): string => `meridian fault 1\n${expires}\n${host}\n${route}`

/** A token as it is written: `v1.EXPIRES.SIGNATURE`, the signature in base64url. */
export const writeFaultToken = (expires: number, signature: string): string => `v1.${expires}.${signature}`

export interface FaultToken {
  /** In seconds since 1970. */
  readonly expires: number
  /** 32 bytes in base64url. */
  readonly signature: string
}

/** Undefined for whatever is not written so. */
export function readFaultToken(text: string): FaultToken | undefined {
  const [, expires, signature] = /^v1\.([1-9]\d{0,10})\.([A-Za-z0-9_-]{43})$/.exec(text) ?? []
  return signature === undefined ? undefined : { expires: Number(expires), signature }
}
