/**
 * Reads a health snapshot that came from somewhere that may hold rubbish: a cache, KV, another version of a vantage. What is not
 * of the right shape is refused whole; an unknown verdict is never taken for `down`. An overlay that cannot be read costs no health: it is left
 * out, and the last one stays in force. An emergency that cannot be read refuses the snapshot: left out it would be lifted.
 */
import type { VantageId } from './ids.ts'
import { isRecord } from './is-record.ts'
import { parseEmergency, parseOverlay } from './parse-overlay.ts'
import type { EndpointHealth, HealthSnapshot, Verdict } from './snapshot.ts'

export { isRecord } from './is-record.ts'

const VERDICTS: readonly Verdict[] = ['up', 'down', 'unknown', 'suspect']

/** The snapshot, or undefined when it is none. */
export function parseSnapshot(raw: unknown): HealthSnapshot | undefined {
  if (!isRecord(raw) || raw['format'] !== 1 || typeof raw['vantage'] !== 'string' || !isRecord(raw['endpoints'])) return undefined
  if (!isIncarnation(raw['incarnation']) || !isCount(raw['seq']) || !isShare(raw['retryScale'])) return undefined
  if (raw['keySets'] !== undefined && !isVersions(raw['keySets'])) return undefined
  if (!Object.values(raw['endpoints']).every(isEndpointHealth)) return undefined
  if (raw['emergency'] !== undefined && parseEmergency(raw['emergency']) === undefined) return undefined
  const snapshot = raw as unknown as HealthSnapshot
  return raw['overlay'] === undefined || parseOverlay(raw['overlay']) !== undefined ? snapshot : withoutOverlay(snapshot)
}

function withoutOverlay({ overlay: _, ...health }: HealthSnapshot): HealthSnapshot {
  return health
}

/** What KV holds for cold isolates under `LAST_KNOWN_GOOD_KEY`; the platform deletes it when it has become too old to be used. */
export interface LastKnownGood {
  readonly format: 1
  readonly snapshot: HealthSnapshot
}

export const LAST_KNOWN_GOOD_KEY = 'health'
/** The names of the vantages, for the watchdog that wakes them: a JSON array that does not expire. */
export const VANTAGES_KEY = 'vantages'

/** Health alone: what is in force has an entry of its own, which is signed. */
export function parseLastKnownGood(raw: unknown): HealthSnapshot | undefined {
  const snapshot = isRecord(raw) && raw['format'] === 1 ? parseSnapshot(raw['snapshot']) : undefined
  return snapshot === undefined ? undefined : healthOf(snapshot)
}

export function healthOf({ overlay: _, emergency: __, ...health }: HealthSnapshot): HealthSnapshot {
  return health
}

export function parseVantages(raw: unknown, isVantage: (name: string) => name is VantageId): readonly VantageId[] {
  return Array.isArray(raw) ? raw.filter((name): name is VantageId => typeof name === 'string' && isVantage(name)) : []
}

const isCount = (raw: unknown): boolean => typeof raw === 'number' && Number.isFinite(raw) && raw >= 0
const isShare = (raw: unknown): boolean => typeof raw === 'number' && raw >= 0 && raw <= 1
const isNames = (raw: unknown): boolean => Array.isArray(raw) && raw.every((name) => typeof name === 'string')

/** Names of versions, by key set. */
export const isVersions = (raw: unknown): raw is Readonly<Record<string, string>> =>
  isRecord(raw) && Object.keys(raw).length <= VERSIONS_MAX && Object.values(raw).every((version) => typeof version === 'string')
/** Key sets of four bases. */
const VERSIONS_MAX = 256

export const isIncarnation = (raw: unknown): boolean => isRecord(raw) && isCount(raw['createdAt']) && isCount(raw['bootCount'])

function isEndpointHealth(raw: unknown): raw is EndpointHealth {
  if (!isRecord(raw)) return false
  return (
    VERDICTS.includes(raw['verdict'] as Verdict) &&
    isCount(raw['stoodFor']) &&
    (raw['restored'] === undefined || raw['restored'] === true) &&
    ['up', 'down', 'unknown'].includes(raw['local'] as string) &&
    isNames(raw['routesDown']) &&
    isNames(raw['localRoutesDown']) &&
    (raw['degraded'] === undefined || raw['degraded'] === true) &&
    (raw['latency'] === undefined || isCount(raw['latency'])) &&
    Array.isArray(raw['reasons'])
  )
}
