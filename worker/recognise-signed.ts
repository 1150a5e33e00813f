/**
 * Recognises clients by what the gateway itself has signed: cookies, which it gives, and tokens of operators by which somebody chooses a track. What is
 * forged, expired or another's counts for nothing, and operators are told why.
 */
import type { Release, TrackName } from '../config/release.ts'
import {
  cookieClaim,
  isTrack,
  OVERRIDE_DAYS_MAX,
  overrideClaim,
  RELEASE_KEY_MIN,
  readOverrideToken,
  readTrackCookie,
  writeTrackCookie,
} from '../config/release-token.ts'
import type { Asking } from './decide.ts'
import { claimAt, claimText } from './policy/claims.ts'
import type { OverrideProblem } from './policy/plan.ts'
import { cookieValue } from './policy/steering/affinity-key.ts'
import type { Platform } from './ports.ts'
import { Mac } from './snapshot/mac.ts'
import type { Found } from './take-track.ts'

export type ReleaseKeyPort = Pick<Mac, 'sign' | 'isOf'>

/** Undefined without a secret worth the name. */
export const releaseKey = (secret: string | undefined): ReleaseKeyPort | undefined =>
  secret === undefined || secret.length < RELEASE_KEY_MIN ? undefined : new Mac(secret)

interface Wanted {
  /** Without it no cookie is looked at, and none is given. */
  readonly wantsKey: boolean
  readonly key: ReleaseKeyPort | undefined
}

/** A value where nothing signed is looked at. */
export function recogniseSigned(release: Release, asking: Asking, wanted: Wanted, platform: Platform): Found | Promise<Found> {
  const tokens = tokensOf(release, asking)
  const byCookie = release.key.kind === 'cookie' && wanted.wantsKey
  if (tokens.length === 0 && !byCookie) return byClaim(release, asking)
  return verified(release, { asking, tokens }, wanted, platform)
}

interface Shown {
  readonly asking: Asking
  readonly tokens: readonly string[]
}

async function verified(release: Release, { asking, tokens }: Shown, { wantsKey, key }: Wanted, platform: Platform): Promise<Found> {
  let ignored: OverrideProblem | undefined
  for (const text of tokens) {
    const judged = await judgeToken(text, release, asking, key)
    if (isTrack(judged)) return { key: undefined, override: judged }
    ignored ??= judged
  }
  const claimed = byClaim(release, asking)
  const about = ignored === undefined ? claimed : { ...claimed, ignored }
  if (claimed.override !== undefined || !wantsKey || key === undefined || release.key.kind !== 'cookie') return about
  return { ...about, ...(await byCookie(release.key, asking, key, platform)) }
}

function tokensOf({ override }: Release, { request: { headers } }: Asking): readonly string[] {
  if (override === undefined) return NONE
  const { header, cookie } = override
  const shown = [
    header === undefined ? undefined : (headers.get(header) ?? undefined),
    cookie === undefined ? undefined : cookieValue(headers, cookie),
  ]
  return shown.filter((text) => text !== undefined && text !== '') as string[]
}

const NONE: readonly string[] = []
const DAY = 24 * 60 * 60 * 1000

async function judgeToken(
  text: string,
  { id }: Release,
  { inbound }: Asking,
  key: ReleaseKeyPort | undefined,
): Promise<TrackName | OverrideProblem> {
  const token = readOverrideToken(text)
  if (token === undefined) return 'malformed'
  if (key === undefined) return 'no-release-key'
  const left = token.expires * 1000 - inbound.receivedAt
  if (left <= 0) return 'expired'
  if (left > OVERRIDE_DAYS_MAX * DAY) return 'too-far-ahead'
  const claim = overrideClaim({ host: inbound.host, release: id }, token)
  return (await key.isOf(claim, token.signature)) ? token.track : 'forged'
}

function byClaim({ override }: Release, { identity }: Asking): Found {
  if (override?.claim === undefined || identity?.token.kind !== 'verified') return NOBODY
  const said = claimText(claimAt(identity.token.claims, override.claim))
  if (said === undefined) return NOBODY
  return isTrack(said) ? { key: undefined, override: said } : { ...NOBODY, ignored: 'unknown-track' }
}

const NOBODY: Found = { key: undefined, override: undefined }

/** The client's, when we have signed it; else a new one. */
async function byCookie(
  { name, ttl }: Extract<Release['key'], { kind: 'cookie' }>,
  { request: { headers } }: Asking,
  key: ReleaseKeyPort,
  platform: Platform,
): Promise<Pick<Found, 'key' | 'cookie'>> {
  const held = readTrackCookie(cookieValue(headers, name) ?? '')
  if (held !== undefined && (await key.isOf(cookieClaim(name, held.value), held.signature))) return { key: held.value }
  const value = platform.uuid()
  const written = writeTrackCookie({ value, signature: await key.sign(cookieClaim(name, value)) })
  return { key: value, cookie: `${name}=${written}; Path=/; Max-Age=${Math.floor(ttl / 1000)}; HttpOnly; Secure; SameSite=Lax` }
}
