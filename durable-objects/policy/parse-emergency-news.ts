/** Reads what a peer says of `emergency.json`, or the vantage's own storage: it may be a version apart. Whole or not at all. */
import { isRecord } from '../../config/is-record.ts'
import { BY_MAX, REASON_MAX } from '../../config/operator-files/weights-file.ts'
import { parseEmergency } from '../../config/parse-overlay.ts'
import type { EmergencyNews, HeldEmergency } from './fold-emergency.ts'

export function parseEmergencyNews(raw: unknown): EmergencyNews | undefined {
  if (!isRecord(raw) || !isMoment(raw['age'])) return undefined
  const held = raw['held'] === undefined ? undefined : parseHeldEmergency(raw['held'])
  if (held === undefined && raw['held'] !== undefined) return undefined
  return { age: raw['age'] as EmergencyNews['age'], ...(held === undefined ? {} : { held }) }
}

export function parseHeldEmergency(raw: unknown): HeldEmergency | undefined {
  if (!isRecord(raw) || !isWord(raw['by'], BY_MAX) || !isWord(raw['reason'], REASON_MAX)) return undefined
  const emergency = parseEmergency(raw['emergency'])
  const { by, reason, expires } = raw
  if (emergency === undefined || (expires !== undefined && !isMoment(expires))) return undefined
  const { etag, drain, weightZero, freeze, killCanary } = emergency
  return {
    emergency: { etag, drain, weightZero, freeze, killCanary },
    by,
    reason,
    ...(expires === undefined ? {} : { expires: expires as number }),
  }
}

const isMoment = (raw: unknown): boolean => typeof raw === 'number' && Number.isFinite(raw) && raw >= 0
const isWord = (raw: unknown, max: number): raw is string => typeof raw === 'string' && raw.length > 0 && raw.length <= max
