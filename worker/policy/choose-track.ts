/**
 * On which track of a release a request is. A key is on the canary when its hash with the order's salt is below the weight: raising the weight
 * moves nobody back, lowering it to nothing moves everybody, and another salt begins with others. Without a word of the director everybody is on
 * stable, and so is everybody when the canary is killed, whatever they ask for.
 */
import type { ReleaseOrder } from '../../config/overlay.ts'
import type { TrackName } from '../../config/release.ts'
import type { Share } from '../../config/units.ts'

/**
 * - `unheard`: this isolate has heard nothing from the director.
 * - `killed`: nobody gets the canary.
 * - `override`: they asked for it, and may.
 * - `no-share`: the canary has none yet, or none any more.
 * - `no-key`: there is nothing to recognise them by.
 * - `share`: by their key.
 */
export type TrackReason = 'unheard' | 'killed' | 'override' | 'no-share' | 'no-key' | 'share'

export interface TrackChoice {
  readonly track: TrackName
  readonly why: TrackReason
}

/** Where a release stands, as this isolate has heard. `order` absent: nobody has begun it. */
export type ReleaseStanding = { readonly heard: false } | { readonly heard: true; readonly order: ReleaseOrder | undefined }

export interface Recognised {
  /** By what the release names as its key. */
  readonly key: string | undefined
  /** Proved by a token or a verified claim. */
  readonly override: TrackName | undefined
}

const UNHEARD: TrackChoice = { track: 'stable', why: 'unheard' }
const KILLED: TrackChoice = { track: 'stable', why: 'killed' }
const NO_SHARE: TrackChoice = { track: 'stable', why: 'no-share' }
const NO_KEY: TrackChoice = { track: 'stable', why: 'no-key' }
const OVERRIDE = { stable: { track: 'stable', why: 'override' }, canary: { track: 'canary', why: 'override' } } as const
const SHARE = { stable: { track: 'stable', why: 'share' }, canary: { track: 'canary', why: 'share' } } as const

/** `regionOf`: of the endpoint that stable would take; asked only where the release goes region by region. */
export function chooseTrack(standing: ReleaseStanding, { key, override }: Recognised, regionOf: () => string | undefined): TrackChoice {
  if (!standing.heard) return UNHEARD
  const { order } = standing
  if (order?.killed === true) return KILLED
  if (override !== undefined) return OVERRIDE[override]
  if (order === undefined || !hasShare(order)) return NO_SHARE
  if (key === undefined) return NO_KEY
  return isOnCanary(order.salt, key, shareIn(order, regionOf)) ? SHARE.canary : SHARE.stable
}

/** Somebody may be on the canary by their key: only then it is worth finding out. */
export const hasShare = ({ weight, regions }: ReleaseOrder): boolean =>
  regions === undefined ? weight > 0 : Object.values(regions).some((each) => each > 0)

function shareIn({ weight, regions }: ReleaseOrder, regionOf: () => string | undefined): Share {
  if (regions === undefined) return weight
  const region = regionOf()
  return region !== undefined && Object.hasOwn(regions, region) ? (regions[region] ?? NOTHING) : NOTHING
}

const NOTHING = 0 as Share

export const isOnCanary = (salt: string, key: string, weight: Share): boolean => placeOf(salt, key) < weight

/** From 0 up to, not into, 1: the weight from which on a key is on the canary. 32 bits, so that a step of 0.01 % has 400,000 places. */
export const placeOf = (salt: string, key: string): number => hashWith(hashWith(SEED, salt), key) / 2 ** 32

const SEED = 0x9e3779b9

/** Each bit of the result depends on each of the text and of the seed: keys often differ in their last digit alone. */
function hashWith(seed: number, text: string): number {
  let hash = seed
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x5bd1e995)
    hash ^= hash >>> 15
  }
  hash = Math.imul(hash ^ text.length, 0x2c1b3c6d)
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39)
  return (hash ^ (hash >>> 15)) >>> 0
}
