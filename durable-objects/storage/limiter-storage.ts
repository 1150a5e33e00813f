/** What a limiter keeps over restarts: one row, because rows cost money. What cannot be read is forgotten, and its keys are full. */
import { isRecord } from '../../config/parse-snapshot.ts'
import type { Bucket, Lease } from '../policy/bucket.ts'
import type { Database } from './vantage-storage.ts'

export interface LimiterStorage {
  /** Never throws. */
  readonly read: () => readonly Kept[]
  /** In place of what is there. May throw. */
  readonly write: (buckets: readonly Kept[]) => void
}

type Kept = readonly [key: string, bucket: Bucket]

const TABLE = 'CREATE TABLE IF NOT EXISTS buckets (id INTEGER PRIMARY KEY, document TEXT NOT NULL)'

export function openLimiterStorage(database: Database): LimiterStorage {
  return {
    read: () => {
      try {
        database.run(TABLE)
        const document: unknown = JSON.parse(String(database.all('SELECT document FROM buckets')[0]?.['document'] ?? '[]'))
        return Array.isArray(document) ? document.filter(isKept) : []
      } catch {
        return []
      }
    },
    write: (buckets) => {
      database.run(TABLE)
      if (buckets.length === 0) database.all('DELETE FROM buckets')
      else database.all('INSERT OR REPLACE INTO buckets (id, document) VALUES (1, ?)', JSON.stringify(buckets))
    },
  }
}

const isKept = (raw: unknown): raw is Kept => Array.isArray(raw) && typeof raw[0] === 'string' && isBucket(raw[1])

const isBucket = (raw: unknown): raw is Bucket =>
  isRecord(raw) &&
  isNumber(raw['tokens']) &&
  isNumber(raw['at']) &&
  isNumber(raw['fullAt']) &&
  Array.isArray(raw['leases']) &&
  raw['leases'].every(isLease)

const isLease = (raw: unknown): raw is Lease =>
  isRecord(raw) && typeof raw['id'] === 'string' && isNumber(raw['ahead']) && isNumber(raw['spent']) && isNumber(raw['until'])

const isNumber = (raw: unknown): raw is number => typeof raw === 'number' && Number.isFinite(raw) && raw >= 0
