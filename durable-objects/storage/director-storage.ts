/**
 * What the director keeps over restarts, in SQLite: every state that it can go back to, and the trail of who changed what. A revision is
 * written whole or not at all. What cannot be read is never thrown away: the director then changes nothing until somebody has looked.
 */
import type { AuditEntry } from '../../config/director.ts'
import type { Instant } from '../../config/units.ts'
import type { DirectorStorage, KeptDirector, NewRevision, Once } from '../director-ports.ts'
import { AUDIT_LINES_MAX, REVISIONS_MAX } from '../director-ports.ts'
import { type DirectorState, NOTHING_WISHED } from '../policy/director-state.ts'
import type { BasesFold, KnownDirectorBase } from '../policy/fold-director-bases.ts'
import { parseState } from '../policy/parse-director-state.ts'
import { DIRECTOR_MIGRATIONS } from './director-migrations.ts'
import type { Database } from './vantage-storage.ts'

export function openDirectorStorage(database: Database): DirectorStorage {
  return {
    begin: (now) => begin(database, now),
    commit: (revision) => database.transaction(() => commit(database, revision)),
    note: (entry) => database.transaction(() => addLine(database, OF_NO_REVISION, entry)),
    saveBases: (bases) => database.transaction(() => saveBases(database, bases)),
    stateAt: (revision) => stateAt(database, revision),
    doneUnder: (once) => doneUnder(database, once),
    revisions: (before, limit) =>
      entries(database, `${REVISION_ENTRIES} WHERE audit.revision < ? ORDER BY audit.revision DESC LIMIT ?`, before, limit),
    audit: (before, limit) => entries(database, 'SELECT id, entry FROM audit WHERE id < ? ORDER BY id DESC LIMIT ?', before, limit),
    recall: (name) => readFact(database, `part/${name}`),
    remember: (name, value) => writeFact(database, `part/${name}`, value),
    counts: () => ({ revisions: count(database, 'revision'), auditLines: count(database, 'audit') }),
  }
}

/** Revisions begin with 1. */
const OF_NO_REVISION = 0

const REVISION_ENTRIES = 'SELECT audit.id AS id, audit.entry AS entry FROM audit JOIN revision ON revision.revision = audit.revision'

/** Never throws. */
function begin(database: Database, now: Instant): KeptDirector {
  try {
    return database.transaction(() => read(database, now))
  } catch (error) {
    const broken = `The stored state cannot be read: ${String(error)}`
    return { order: { epoch: 0, revision: 0 }, state: NOTHING_WISHED, bases: { known: [] }, broken }
  }
}

function read(database: Database, now: Instant): KeptDirector {
  migrate(database)
  const epoch = numberOf(readFact(database, 'epoch')) ?? now
  writeFact(database, 'epoch', epoch)
  const row = database.all('SELECT revision, state FROM revision ORDER BY revision DESC LIMIT 1')[0]
  const state = row === undefined ? NOTHING_WISHED : parseState(JSON.parse(String(row['state'])))
  if (state === undefined) throw new Error(`revision ${String(row?.['revision'])} is none of this version`)
  const current = readFact(database, 'current')
  const known = database.all('SELECT document FROM base').map((each) => JSON.parse(String(each['document'])) as KnownDirectorBase)
  return {
    order: { epoch, revision: numberOf(row?.['revision']) ?? 0 },
    state,
    bases: { known: known.sort((a, b) => b.learnedAt - a.learnedAt), ...(typeof current === 'string' ? { current } : {}) },
  }
}

function migrate(database: Database): void {
  database.run('CREATE TABLE IF NOT EXISTS migration (version INTEGER PRIMARY KEY)')
  const done = numberOf(database.all('SELECT coalesce(max(version), 0) AS version FROM migration')[0]?.['version']) ?? 0
  DIRECTOR_MIGRATIONS.slice(done).forEach((step, index) => {
    database.run(step)
    database.all('INSERT INTO migration (version) VALUES (?)', done + index + 1)
  })
}

function commit(database: Database, { order, state, entry, once }: NewRevision): void {
  const document = JSON.stringify(state)
  if (once === undefined) database.all('INSERT INTO revision (revision, state) VALUES (?, ?)', order.revision, document)
  else {
    const { id, asked } = once
    const columns = 'revision, state, change_id, change_asked'
    database.all(`INSERT INTO revision (${columns}) VALUES (?, ?, ?, ?)`, order.revision, document, id, asked)
  }
  addLine(database, order.revision, entry)
  writeFact(database, 'epoch', order.epoch)
  database.all(`DELETE FROM revision WHERE revision NOT IN (SELECT revision FROM revision ORDER BY revision DESC LIMIT ${REVISIONS_MAX})`)
}

function addLine(database: Database, revision: number, entry: Omit<AuditEntry, 'id'>): void {
  database.all('INSERT INTO audit (revision, entry) VALUES (?, ?)', revision, JSON.stringify(entry))
  database.all('DELETE FROM audit WHERE id <= (SELECT max(id) FROM audit) - ?', AUDIT_LINES_MAX)
}

/** Rows of earlier versions do not know what was asked for. */
function doneUnder(database: Database, { id, formerId = id }: Once): ReturnType<DirectorStorage['doneUnder']> {
  const query = 'SELECT revision, change_asked FROM revision WHERE change_id = ? OR (change_id = ? AND change_asked IS NULL) LIMIT 1'
  const { revision, change_asked: asked } = database.all(query, id, formerId)[0] ?? {}
  if (typeof revision !== 'number') return undefined
  return { revision, ...(typeof asked === 'string' ? { asked } : {}) }
}

function saveBases(database: Database, { known, current }: BasesFold): void {
  database.all('DELETE FROM base')
  for (const each of known) database.all('INSERT INTO base (hash, document) VALUES (?, ?)', each.base.hash, JSON.stringify(each))
  if (current !== undefined) writeFact(database, 'current', current)
}

/** A state of a version that is not understood is one that is not kept. */
function stateAt(database: Database, revision: number): DirectorState | undefined {
  if (revision === 0) return NOTHING_WISHED
  const row = database.all('SELECT state FROM revision WHERE revision = ?', revision)[0]
  return row === undefined ? undefined : parseState(JSON.parse(String(row['state'])))
}

const entries = (database: Database, query: string, before: number, limit: number): readonly AuditEntry[] =>
  database
    .all(query, before, limit)
    .map((row) => ({ ...(JSON.parse(String(row['entry'])) as Omit<AuditEntry, 'id'>), id: Number(row['id']) }))

const count = (database: Database, table: 'revision' | 'audit'): number =>
  numberOf(database.all(`SELECT count(*) AS rows FROM ${table}`)[0]?.['rows']) ?? 0

function readFact(database: Database, name: string): unknown {
  const raw = database.all('SELECT value FROM fact WHERE name = ?', name)[0]?.['value']
  return typeof raw === 'string' ? JSON.parse(raw) : undefined
}

function writeFact(database: Database, name: string, value: unknown): void {
  database.all('INSERT OR REPLACE INTO fact (name, value) VALUES (?, ?)', name, JSON.stringify(value))
}

const numberOf = (raw: unknown): number | undefined => (typeof raw === 'number' ? raw : undefined)
