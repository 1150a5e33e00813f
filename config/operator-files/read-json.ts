/** Reads a text as JSON of a shape: its value, or all that is wrong with it. Nothing costs more than the text is long. */
import type { Defect } from '../defect.ts'
import { defect, show } from '../document.ts'
import type { Bytes } from '../units.ts'
import { scanJson } from './scan-json.ts'
import type { Shape } from './shape.ts'

/** Nobody reads more, and what answers an operator has to stay small. */
export const DEFECTS_MAX = 100

/** What is too long is not read at all, wherever it is. */
export const tooLong = (length: number, max: Bytes): Defect => ({
  code: 'FILE_TOO_LARGE',
  path: [],
  expected: `a file of at most ${max / 1024} KiB`,
  found: `${length} bytes`,
})

/** What could be read of a text. It has no defects exactly when `file` is there. */
export interface ReadFile<T> {
  readonly file?: T
  readonly defects: readonly Defect[]
  /** As it was written, of any shape; undefined when it is no JSON: its names can be looked up although something beside them is wrong. */
  readonly document?: unknown
}

export function readJson<T>(raw: string, max: Bytes, shape: Shape<T>): ReadFile<T> {
  // Of UTF-8 a character takes at least one byte: a text that is far too long is not even encoded.
  const length = raw.length > max ? raw.length : new TextEncoder().encode(raw).length
  if (length > max) return { defects: [tooLong(length, max)] }
  // Windows writes a byte order mark.
  const written = raw.startsWith('\uFEFF') ? raw.slice(1) : raw
  let document: unknown
  try {
    document = JSON.parse(written)
  } catch (error) {
    return { defects: [{ code: 'FILE_MALFORMED', path: [], expected: 'JSON', found: written.trim() === '' ? 'nothing' : saidOf(error) }] }
  }
  const found = repeatedKeys(written)
  const file = shape.read(document, [], found)
  return found.length > 0 || file === undefined ? { defects: atMost(found), document } : { file, defects: [], document }
}

/** What the runtime says of it, with the place. */
const saidOf = (error: unknown): string =>
  show((error as Error).message)
    .slice(1, -1)
    .replaceAll('\\"', '"')

export function atMost(found: readonly Defect[]): readonly Defect[] {
  if (found.length <= DEFECTS_MAX) return found
  const more = found.length - DEFECTS_MAX
  return [
    ...found.slice(0, DEFECTS_MAX),
    { code: 'COUNT_OUT_OF_RANGE', path: [], expected: `at most ${DEFECTS_MAX} defects`, found: `${more} more` },
  ]
}

/** `JSON.parse` takes the last of them without a word. */
function repeatedKeys(written: string): Defect[] {
  const found: Defect[] = []
  for (const { path, repeated } of scanJson(written)) {
    if (repeated && found.length <= DEFECTS_MAX)
      found.push(
        defect({ code: 'KEY_REPEATED', path, expected: 'each key once in a mapping', found: `${show(path.at(-1))} again`, atKey: true }),
      )
  }
  return found
}
