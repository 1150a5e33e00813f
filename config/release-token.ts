/** Tokens by which somebody is on a track whatever their key says, and the cookies by which clients are recognised: what both signatures cover. */
import { TRACKS, type TrackName } from './release.ts'

/** The secret that signs both, in characters at least. A shorter one is none. */
export const RELEASE_KEY_MIN = 16

/** Farthest that a token may expire ahead, in days: who tries out one release is not on the canary of the next for ever. */
export const OVERRIDE_DAYS_MAX = 30

export interface OverrideToken {
  readonly track: TrackName
  /** In seconds since 1970. */
  readonly expires: number
  /** 64 hex digits. */
  readonly signature: string
}

export interface OverrideAudience {
  /** Of the gateway: the host of the requests, without port. */
  readonly host: string
  readonly release: string
}

/** What a token's signature covers. */
export const overrideClaim = ({ host, release }: OverrideAudience, { track, expires }: Omit<OverrideToken, 'signature'>): string =>
  `meridian release 1\n${expires}\n${host}\n${release}\n${track}`

/** As it is written: `v1.TRACK.EXPIRES.SIGNATURE`. */
export const writeOverrideToken = ({ track, expires, signature }: OverrideToken): string => `v1.${track}.${expires}.${signature}`

/** Undefined for whatever is not written so. */
export function readOverrideToken(text: string): OverrideToken | undefined {
  const [, track, expires, signature] = /^v1\.([a-z]{1,16})\.([1-9]\d{0,10})\.([0-9a-f]{64})$/.exec(text) ?? []
  return isTrack(track) && signature !== undefined ? { track, expires: Number(expires), signature } : undefined
}

export const isTrack = (text: string | undefined): text is TrackName => TRACKS.some((track) => track === text)

/** What the signature of a cookie covers. Releases that name the same cookie share it. */
export const cookieClaim = (name: string, value: string): string => `meridian track 1\n${name}\n${value}`

export interface TrackCookie {
  /** A random UUID. */
  readonly value: string
  /** 64 hex digits. */
  readonly signature: string
}

export const writeTrackCookie = ({ value, signature }: TrackCookie): string => `${value}.${signature}`

/** Undefined for whatever is not written so. */
export function readTrackCookie(text: string): TrackCookie | undefined {
  const [, value, signature] = /^([0-9a-f-]{36})\.([0-9a-f]{64})$/.exec(text) ?? []
  return value === undefined || signature === undefined ? undefined : { value, signature }
}
