/** Looking into a document whose shape is not known. */
import type { Defect, Path } from './defect.ts'
import type { DefectCode } from './defects.ts'

type Holder = Record<string | number, unknown>

/** What stands at a path; undefined when nothing does. */
export function at(document: unknown, path: Path): unknown {
  let value = document
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = (value as Holder)[step]
  }
  return value
}

/** What a mapping holds under a name that somebody chose: not what every object inherits (`constructor`). */
export const own = <Held>(mapping: Readonly<Record<string, Held>>, name: string): Held | undefined =>
  Object.hasOwn(mapping, name) ? mapping[name] : undefined

/** The names in a mapping at a path; none when no mapping stands there. */
export function namesAt(document: unknown, path: Path): readonly string[] {
  const value = at(document, path)
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : []
}

const FOUND_MAX = 80

/** Defects end in the logs of builds: what stands before the `@` of a URL does not. */
const withoutCredentials = (text: string): string => text.replace(/(?<=\/\/)[^/@\s]*@/g, '…@')

/** A value as a defect shows it: short, on one line. */
export function show(value: unknown): string {
  if (value === undefined || value === null) return 'nothing'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`
  if (typeof value === 'object') return 'a mapping'
  const text = typeof value === 'string' ? JSON.stringify(withoutCredentials(value)) : String(value)
  return text.length > FOUND_MAX ? `${text.slice(0, FOUND_MAX - 1)}…` : text
}

/** A defect without the fields that have nothing to say. */
export function defect(parts: {
  readonly code: DefectCode
  readonly path: Path
  readonly expected: string
  readonly found: string
  readonly suggestion?: string | undefined
  readonly atKey?: boolean
}): Defect {
  const { code, path, expected, found, suggestion, atKey } = parts
  return { code, path, expected, found, ...(suggestion === undefined ? {} : { suggestion }), ...(atKey ? { atKey } : {}) }
}
