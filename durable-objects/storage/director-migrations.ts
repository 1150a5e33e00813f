/** The tables of the director, as numbered steps. A step that was shipped never changes; a change is a further step. */
export const DIRECTOR_MIGRATIONS: readonly string[] = [
  `CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL);
   CREATE TABLE base (hash TEXT PRIMARY KEY, document TEXT NOT NULL);
   CREATE TABLE revision (revision INTEGER PRIMARY KEY, state TEXT NOT NULL, change_id TEXT);
   CREATE TABLE audit (id INTEGER PRIMARY KEY AUTOINCREMENT, revision INTEGER NOT NULL, entry TEXT NOT NULL);
   CREATE INDEX audit_of_revision ON audit (revision);`,
  `ALTER TABLE revision ADD COLUMN change_asked TEXT;`,
]
