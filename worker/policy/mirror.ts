/**
 * Which copies of a request are sent. They are sent when the request itself has its answer: then no attempt waits for a head any more, so
 * that copies can take nothing from attempts. They teach nothing: not health, not load, not budgets.
 */
import type { Base } from '../../config/base.ts'
import type { Mirror } from '../../config/mirror.ts'
import { after, type Draw, type DurationMs, type Instant, instant, ms } from '../../config/units.ts'
import { beginWaiting, type EndpointLoad, endWaiting, inFlight, newEndpointLoad } from './endpoint-load.ts'
import type { RequestBody } from './plan.ts'

export interface MirroredRequest {
  readonly safe: boolean
  readonly body: RequestBody
  readonly webSocket: boolean
}

/** `no`: it is not to be copied. `cannot`: it should be, and its content has been streamed away. */
export type MirrorChoice = 'send' | 'no' | 'cannot'

export function chooseMirror(mirror: Mirror, { safe, body, webSocket }: MirroredRequest, draw: Draw): MirrorChoice {
  if (webSocket || (mirror.methods === 'safe' && !safe) || draw >= mirror.share) return 'no'
  return body === 'streamed' ? 'cannot' : 'send'
}

/** What an isolate has under way of all routes' copies, and what became of the others since it was last said. */
export interface Mirroring {
  readonly load: EndpointLoad
  /** Headers that do not go into copies without credentials. */
  readonly credentials: readonly string[]
  dropped: number
  failed: number
  saidAt: Instant
}

/** Copies that an isolate has waiting at most. Slow mirrors would otherwise hold bodies and connections without bound. */
export const MIRRORS_IN_FLIGHT_MAX = 64

/** Between two lines about copies that were dropped or failed. */
const SAID_EVERY = ms(10_000)

export const newMirroring = (base: Pick<Base, 'admission'>): Mirroring => ({
  load: newEndpointLoad(instant(0)),
  credentials: credentialHeaders(base),
  dropped: 0,
  failed: 0,
  saidAt: instant(0),
})

/** The lease to give to `endMirror`; undefined, and counted, when too many are under way. */
export function beginMirror(mirroring: Mirroring, now: Instant, timeout: DurationMs): number | undefined {
  if (inFlight(mirroring.load, now) < MIRRORS_IN_FLIGHT_MAX) return beginWaiting(mirroring.load, now, after(now, timeout))
  mirroring.dropped += 1
  return undefined
}

export const endMirror = (mirroring: Mirroring, lease: number): void => endWaiting(mirroring.load, lease)

export interface MirrorLosses {
  readonly dropped: number
  readonly failed: number
}

/** What is to be said about copies that were lost; undefined while there are none or it was said just now. */
export function takeLosses(mirroring: Mirroring, now: Instant): MirrorLosses | undefined {
  const { dropped, failed, saidAt } = mirroring
  if (dropped + failed === 0 || Math.abs(now - saidAt) < SAID_EVERY) return undefined
  mirroring.dropped = 0
  mirroring.failed = 0
  mirroring.saidAt = now
  return { dropped, failed }
}

/** Headers that say who a client is, or prove it (RFC 9449 section 4.1, RFC 9440). */
const CREDENTIALS: readonly string[] = [
  'authorization',
  'cookie',
  'dpop',
  'x-forwarded-client-cert',
  'client-cert',
  'client-cert-chain',
  'x-api-key',
]

/**
 * And wherever else the configuration looks for tokens, on whichever host: a client that shows one where none counts shows it all the same.
 * Cookies go whole; tokens in the query are taken out before anything is sent.
 */
export function credentialHeaders({ admission }: Pick<Base, 'admission'>): readonly string[] {
  const places = admission?.issuers.flatMap(({ from }) => from) ?? []
  return [...new Set([...CREDENTIALS, ...places.flatMap((place) => (place.kind === 'header' ? [place.name] : []))])]
}
