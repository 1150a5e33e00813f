/** The tables of a vantage, as numbered steps. A step that was shipped never changes; a change is a further step. */
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL);
   CREATE TABLE base (hash TEXT PRIMARY KEY, document TEXT NOT NULL);
   CREATE TABLE fold (endpoint TEXT PRIMARY KEY, document TEXT NOT NULL);
   CREATE TABLE transition (id INTEGER PRIMARY KEY AUTOINCREMENT, document TEXT NOT NULL);`,
  `CREATE TABLE key_set (key TEXT PRIMARY KEY, document TEXT NOT NULL);`,
]

/** Every table that there has ever been: what starting anew drops. */
export const TABLES: readonly string[] = ['migration', 'fact', 'base', 'fold', 'transition', 'key_set']
