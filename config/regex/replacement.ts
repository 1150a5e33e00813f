/** What is put in place of a text that an expression takes: literal parts, and groups of the expression as RE2 writes them, `\\1`. */
import type { Reading } from '../fields.ts'
import type { RegexProgram } from './program.ts'

/** A number is a group; 0 is the whole text. */
export type Replacement = readonly (string | number)[]

const REPLACEMENT_MAX = 1024
const PIECE = /\\([0-9])|((?:[A-Za-z0-9._~!$&'()+,=:@/-]|%[0-9A-Fa-f]{2})+)/gy

/** A path with groups in it: `/v\\1/\\2`. */
export function readReplacement(raw: string): Reading<Replacement> {
  const expected = 'a path in which \\1 to \\9 are groups of the expression and \\0 is the whole, such as /v\\1/\\2'
  if (raw.length > REPLACEMENT_MAX) return { expected }
  const pieces: (string | number)[] = []
  let read = 0
  for (const [piece, group, literal] of raw.matchAll(PIECE)) {
    read += piece.length
    pieces.push(literal ?? Number(group))
  }
  if (/\$\d/.test(raw)) return { expected, suggestion: `write ${raw.replace(/\$(\d)/g, '\\$1')}` }
  const [first] = pieces
  if (read < raw.length || first === undefined) return { expected }
  return typeof first === 'string' && !first.startsWith('/') ? { expected, suggestion: `write /${raw}` } : { value: pieces }
}

/** How many groups an expression has. */
export const groupsOf = ({ nodes }: RegexProgram): number =>
  nodes.reduce((most, node) => (node.op === 'save' ? Math.max(most, node.slot >> 1) : most), 0)

/**
 * Most nodes of an expression whose groups are asked for, and longest text. The time is at most one times the other: a few milliseconds. Only to
 * ask whether an expression takes a text is quicker, so that conditions may be larger.
 */
export const CAPTURE_NODES_MAX = 128
export const CAPTURE_SUBJECT_MAX = 1024
