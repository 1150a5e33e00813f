import type { DefectCode } from './defects.ts'

/** Where in a document something stands: keys and indexes from its root, as in `['routes', 2, 'retry']`. */
export type Path = readonly (string | number)[]

/** One thing wrong with a configuration. All defects of a document are reported together. */
export interface Defect {
  /** Which kind of contradiction it is: a row of the table in `defects.ts`. */
  readonly code: DefectCode
  readonly path: Path
  /** What would have been right, in words: `a duration such as "250ms"`. */
  readonly expected: string
  /** What stands there, as written, cut to 80 characters. */
  readonly found: string
  /** A fix, when one is near: `did you mean "attemptTimeout"?` */
  readonly suggestion?: string
  /** True when the path points at a key (an unknown field) rather than at its value. */
  readonly atKey?: boolean
}

/** A defect with its place in a file. Line and column count from 1. */
export interface LocatedDefect extends Defect {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** `routes[2].retry.backoff`, or `.` for the whole document. */
export function showPath(path: Path): string {
  if (path.length === 0) return '.'
  return path.map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`)).join('')
}
