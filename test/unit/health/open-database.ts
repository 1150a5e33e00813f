/** SQLite in memory, as the storage of a vantage that lives in a test. */
import { DatabaseSync } from 'node:sqlite'
import type { Database } from '../../../durable-objects/storage/vantage-storage.ts'

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
