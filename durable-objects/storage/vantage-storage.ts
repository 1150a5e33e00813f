/**
 * What a vantage keeps over restarts, in SQLite: who it is, what it probes, the state behind its votes, its last transitions.
 * The only place with SQL. What cannot be read is thrown away whole and said so: votes are made anew in seconds.
 */
import type { EndpointKey, IsolateId, KeySetKey, VantageId } from '../../config/ids.ts'
import type { HeldOverlay } from '../../config/overlay.ts'
import { parseOverlay } from '../../config/parse-overlay.ts'
import { isIncarnation, isRecord } from '../../config/parse-snapshot.ts'
import type { Incarnation } from '../../config/snapshot.ts'
import type { Instant } from '../../config/units.ts'
import type { KnownBase } from '../policy/fold-bases.ts'
import type { EndpointFold } from '../policy/fold-endpoint.ts'
import type { KeySetFold } from '../policy/fold-key-set.ts'
import { parseBase } from '../policy/parse-base.ts'
import { parseHeldEmergency } from '../policy/parse-emergency-news.ts'
import { parseKeySetFold } from '../policy/parse-key-set-fold.ts'
import { parseKills } from '../policy/parse-kills.ts'
import { type Changes, type Kept, type KeptTransition, TRANSITIONS_MAX, type VantageStorage } from '../ports.ts'
import { MIGRATIONS, TABLES } from './migrations.ts'

/** A SQLite database, as the platform or a test has it. */
export interface Database {
  readonly all: (query: string, ...bindings: readonly (string | number)[]) => readonly Readonly<Record<string, unknown>>[]
  /** Runs several statements at once. */
  readonly run: (script: string) => void
  readonly transaction: <T>(work: () => T) => T
}

export function openVantageStorage(database: Database): VantageStorage {
  return {
    begin: (now) => begin(database, now),
    readIncarnation: () => readIncarnation(database),
    writeIncarnation: (incarnation) => writeFact(database, 'incarnation', incarnation),
    writeOverlay: (held) => writeFact(database, 'overlay', held),
    writeEmergency: (held) => writeFact(database, 'emergency', held ?? null),
    writeKills: (kills) => writeFact(database, 'kills', kills),
    writeName: (self) => writeFact(database, 'self', self),
    save: (changes) => database.transaction(() => save(database, changes)),
  }
}

function begin(database: Database, now: Instant): Kept {
  try {
    const kept = database.transaction(() => read(database))
    return countStart(database, kept, now)
  } catch (error) {
    return beginAnew(database, String(error), now)
  }
}

function beginAnew(database: Database, why: string, now: Instant): Kept {
  const problem = `The stored state could not be read and was thrown away: ${why}`
  try {
    database.transaction(() => {
      for (const table of TABLES) database.run(`DROP TABLE IF EXISTS ${table}`)
      migrate(database)
    })
  } catch {
    // Neither read nor written: the vantage lives in memory, and starts its next life here as well.
  }
  return { ...countStart(database, NOTHING_STORED, now), problem }
}

/**
 * Writes that this life has begun. Where that fails (the storage is full, or locked) what was read still stands, and the life is a new
 * one: with a count that the next start would use again, peers would take the next life for an old message of this one.
 */
function countStart(database: Database, { last, ...kept }: Stored, now: Instant): Kept {
  const incarnation = last === undefined ? { createdAt: now, bootCount: 1 } : { createdAt: last.createdAt, bootCount: last.bootCount + 1 }
  try {
    writeFact(database, 'incarnation', incarnation)
    return { ...kept, incarnation }
  } catch (error) {
    const createdAt = Math.max(now, (last?.createdAt ?? 0) + 1)
    return { ...kept, incarnation: { createdAt, bootCount: 1 }, problem: `The start could not be written: ${String(error)}` }
  }
}

type Stored = Omit<Kept, 'incarnation'> & { readonly last?: Incarnation | undefined }

const NOTHING_STORED: Stored = { bases: [], folds: new Map(), transitions: [], keySets: new Map(), reports: [] }

function read(database: Database): Stored {
  migrate(database)
  const self = readFact(database, 'self')
  const reports = readFact(database, 'reports')
  const overlay = readOverlay(database)
  const emergency = parseHeldEmergency(readFact(database, 'emergency'))
  return {
    last: readIncarnation(database),
    ...(typeof self === 'string' ? { self: self as VantageId } : {}),
    ...(overlay === undefined ? {} : { overlay }),
    ...(emergency === undefined ? {} : { emergency }),
    kills: parseKills(readFact(database, 'kills')),
    bases: database.all('SELECT document FROM base').map((row) => parseAs<KnownBase>(row['document'], isKnownBase)),
    folds: new Map(
      database
        .all('SELECT endpoint, document FROM fold')
        .map((row) => [row['endpoint'] as EndpointKey, parseAs<EndpointFold>(row['document'], isFold)]),
    ),
    transitions: database
      .all('SELECT document FROM transition ORDER BY id')
      .map((row) => parseAs<KeptTransition>(row['document'], isTransition)),
    keySets: new Map(database.all('SELECT key, document FROM key_set').flatMap(readKeySetRow)),
    reports: Array.isArray(reports) ? (reports as [IsolateId, number][]) : [],
  }
}

/** One that cannot be read is asked for anew. */
function readOverlay(database: Database): HeldOverlay | undefined {
  const raw = readFact(database, 'overlay')
  if (!isRecord(raw) || typeof raw['at'] !== 'number') return undefined
  const overlay = parseOverlay(raw['overlay'])
  return overlay === undefined ? undefined : { overlay, at: raw['at'] as Instant }
}

/** Keys that cannot be read are fetched anew; they are no reason to forget the rest. */
function readKeySetRow(row: Readonly<Record<string, unknown>>): readonly (readonly [KeySetKey, KeySetFold])[] {
  try {
    const fold = parseKeySetFold(JSON.parse(String(row['document'])))
    return fold === undefined ? [] : [[row['key'] as KeySetKey, fold]]
  } catch {
    return []
  }
}

function migrate(database: Database): void {
  database.run('CREATE TABLE IF NOT EXISTS migration (version INTEGER PRIMARY KEY)')
  const done = database.all('SELECT coalesce(max(version), 0) AS version FROM migration')[0]?.['version'] as number
  MIGRATIONS.slice(done).forEach((step, index) => {
    database.run(step)
    database.all('INSERT INTO migration (version) VALUES (?)', done + index + 1)
  })
}

function readIncarnation(database: Database): Incarnation | undefined {
  const raw = readFact(database, 'incarnation')
  if (raw === undefined) return undefined
  if (!isIncarnation(raw)) throw new Error('no incarnation')
  return raw as Incarnation
}

function save(database: Database, changes: Changes): number {
  let rows = 0
  const write = (query: string, ...bindings: (string | number)[]): void => {
    database.all(query, ...bindings)
    rows += 1
  }
  if (changes.bases !== undefined) {
    database.all('DELETE FROM base')
    for (const known of changes.bases) write('INSERT INTO base (hash, document) VALUES (?, ?)', known.base.hash, JSON.stringify(known))
  }
  for (const [endpoint, fold] of changes.folds)
    write('INSERT OR REPLACE INTO fold (endpoint, document) VALUES (?, ?)', endpoint, JSON.stringify(fold))
  for (const endpoint of changes.gone) write('DELETE FROM fold WHERE endpoint = ?', endpoint)
  for (const [key, fold] of changes.keySets ?? [])
    write('INSERT OR REPLACE INTO key_set (key, document) VALUES (?, ?)', key, JSON.stringify(fold))
  for (const key of changes.keySetsGone ?? []) write('DELETE FROM key_set WHERE key = ?', key)
  for (const transition of changes.transitions) write('INSERT INTO transition (document) VALUES (?)', JSON.stringify(transition))
  if (changes.transitions.length > 0) write('DELETE FROM transition WHERE id <= (SELECT max(id) FROM transition) - ?', TRANSITIONS_MAX)
  if (changes.reports !== undefined) {
    writeFact(database, 'reports', changes.reports)
    rows += 1
  }
  return rows
}

function readFact(database: Database, name: string): unknown {
  const raw = database.all('SELECT value FROM fact WHERE name = ?', name)[0]?.['value']
  return typeof raw === 'string' ? JSON.parse(raw) : undefined
}

function writeFact(database: Database, name: string, value: unknown): void {
  database.all('INSERT OR REPLACE INTO fact (name, value) VALUES (?, ?)', name, JSON.stringify(value))
}

/** Throws when the document is not what it should be. */
function parseAs<T>(raw: unknown, isIt: (value: Readonly<Record<string, unknown>>) => boolean): T {
  const value: unknown = JSON.parse(String(raw))
  if (!isRecord(value) || !isIt(value)) throw new Error(`not a document of this version: ${String(raw).slice(0, 80)}`)
  return value as T
}

type Fields = Readonly<Record<string, unknown>>
const isKnownBase = (value: Fields): boolean =>
  parseBase(value['base']) !== undefined && typeof value['learnedAt'] === 'number' && typeof value['seenAt'] === 'number'
const isFold = (value: Fields): boolean =>
  isRecord(value['probe']) &&
  typeof value['probe']['facet'] === 'string' &&
  isRecord(value['hold']) &&
  typeof value['hold']['until'] === 'number' &&
  isRecord(value['routes'])
const isTransition = (value: Fields): boolean =>
  typeof value['at'] === 'number' && typeof value['endpoint'] === 'string' && Array.isArray(value['reasons'])
