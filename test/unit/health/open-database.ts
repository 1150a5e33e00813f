/** SQLite in memory, as the storage of a vantage that lives in a test. */
import { DatabaseSync } from 'node:sqlite'
import type { Database } from '../../../durable-objects/storage/vantage-storage.ts'

/** The same data behind a storage that is full: what writes throws, what reads does not. */
export function fullDatabase(database: Database): Database {
  const refuse = (query: string): void => {
    if (/^\s*(INSERT|DELETE|DROP|UPDATE|CREATE TABLE (?!IF NOT))/.test(query)) throw new Error('database or disk is full: SQLITE_FULL')
  }
  return {
    ...database,
    all: (query, ...bindings) => {
      refuse(query)
      return database.all(query, ...bindings)
    },
    run: (script) => {
      refuse(script)
      database.run(script)
    },
  }
}

export function openDatabase(): Database {
  const database = new DatabaseSync(':memory:')
  return {
    all: (query, ...bindings) => database.prepare(query).all(...bindings) as Record<string, unknown>[],
    run: (script) => database.exec(script),
    transaction: (work) => {
      database.exec('BEGIN')
      try {
        const value = work()
        database.exec('COMMIT')
        return value
      } catch (error) {
        database.exec('ROLLBACK')
        throw error
      }
    },
  }
}
