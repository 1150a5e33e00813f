/** Writes releases out as the base holds them. */
import { poolId, releaseId } from './ids.ts'
import type { GatewayFile, ReleaseFile } from './parse-gateway.ts'
import type { Release, ReleaseKey, ReleaseOverride, Track } from './release.ts'
import { dayNumber } from './schema/releases.ts'
import { type DurationMs, ms } from './units.ts'

export const compileReleases = (releases: GatewayFile['releases']): readonly Release[] =>
  Object.entries(releases).map(([name, file]) => compileRelease(name, file))

function compileRelease(name: string, file: ReleaseFile): Release {
  const { stable, canary, key, override, steps, regions, analysis, rollback, schedule, onDeploy } = file
  return {
    id: releaseId(name),
    tracks: { stable: compileTrack(stable), canary: compileTrack(canary) },
    key: compileKey(key),
    ...(override === undefined ? {} : { override: compileOverride(override) }),
    steps: steps.map(({ mirror, ...step }) => ({ ...step, ...(mirror === undefined ? {} : { mirror }) })),
    ...(regions === undefined ? {} : { regions }),
    analysis,
    rollback,
    ...(schedule === undefined ? {} : { schedule: { ...schedule, days: schedule.days.map(dayNumber) } }),
    onDeploy,
  }
}

const compileTrack = ({ pool, requestHeaders }: ReleaseFile['stable']): Track => ({
  pool: poolId(pool),
  ...(requestHeaders === undefined ? {} : { requestHeaders }),
})

const COOKIE_TTL: DurationMs = ms(30 * 24 * 60 * 60 * 1000)

/** Linking has refused none and several. */
function compileKey({ claim, certificate, cookie, ttl, header }: ReleaseFile['key']): ReleaseKey {
  if (claim !== undefined) return { kind: 'claim', claim }
  if (certificate === true) return { kind: 'certificate' }
  if (cookie !== undefined) return { kind: 'cookie', name: cookie, ttl: ttl ?? COOKIE_TTL }
  return header === undefined ? { kind: 'client-address' } : { kind: 'header', name: header }
}

const compileOverride = ({ header, cookie, claim }: NonNullable<ReleaseFile['override']>): ReleaseOverride => ({
  ...(header === undefined ? {} : { header }),
  ...(cookie === undefined ? {} : { cookie }),
  ...(claim === undefined ? {} : { claim }),
})
