/**
 * What the data plane needs of the world. `platform.ts` gives the real one; tests and a simulator give theirs, so that
 * the production code runs in virtual time unchanged.
 */
import type { Draw, DurationMs, Instant } from '../config/units.ts'

export interface Platform {
  readonly now: () => Instant
  readonly draw: () => Draw
  /** A random UUID, version 4. */
  readonly uuid: () => string
  /** Resolves after `length`, or at once when `signal` aborts; never rejects. */
  readonly sleep: (length: DurationMs, signal?: AbortSignal) => Promise<void>
  /** Calls `wake` once after `length`, unless the returned function is called before. What `sleep` is for work that is given up more often than not. */
  readonly wakeAfter: (length: DurationMs, wake: () => void) => () => void
  /**
   * Sends to an endpoint, as `Outgoing` says and nothing beside it; `clientCertificate` names the binding that presents one. Rejects as the
   * platform does, and with `unsent` where there is no such binding.
   */
  readonly fetch: (url: string, outgoing: Outgoing, clientCertificate?: string) => Promise<Response>
  /** Keeps the isolate alive for work that outlives the response (30 s at most on Cloudflare). */
  readonly defer: (work: Promise<unknown>) => void
  /** Ends the request that this belongs to with everything that it holds, sockets among it, without a closing word. Absent where the platform cannot. */
  readonly cut?: (why: string) => void
}

/** What is sent to an endpoint. Plain data for `fetch`: a `Request` would be copied once more by it. */
export interface Outgoing {
  readonly method: string
  readonly headers: Headers
  readonly body?: ArrayBuffer | Uint8Array | ReadableStream
  /** Redirects are the client's to follow. */
  readonly redirect: 'manual'
  /** The platform's cache is gone around, both ways. */
  readonly cf: { readonly cacheTtl: -1; readonly cacheLevel: 'bypass' }
  readonly signal?: AbortSignal
  /** The answer's body comes as it is on the wire, never decoded, and must be passed on as such. */
  readonly encodeResponseBody?: 'manual'
}
