/** The platform's own SQLite of an object, as the storages here take one. */
import type { Database } from './vantage-storage.ts'

export function databaseOf(storage: DurableObjectStorage): Database {
  return {
    all: (query, ...bindings) => storage.sql.exec(query, ...bindings).toArray(),
    run: (script) => void storage.sql.exec(script),
    transaction: (work) => storage.transactionSync(work),
  }
}
