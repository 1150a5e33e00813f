/**
 * A regular expression as the gateway runs it: an automaton without alternatives to go back to, made when the configuration is checked.
 * It is plain data in the base, so that no Worker carries a parser of expressions.
 */
import type { Reading } from '../fields.ts'

export interface RegexProgram {
  /** As it was written: RE2 syntax. It has to take the whole subject. */
  readonly source: string
  /** What every text that it takes begins with; often empty. */
  readonly literal: string
  /** Where the intervals of code points begin, ascending; the first at 0. Code points of one interval are taken alike. */
  readonly bounds: readonly number[]
  /** The class of each interval. */
  readonly classes: readonly number[]
  readonly start: number
  readonly nodes: readonly RegexNode[]
}

export type RegexNode =
  /** Takes one code point of these classes. */
  | { readonly op: 'take'; readonly on: readonly number[]; readonly next: number }
  /** Goes both ways; the first is preferred, which matters to captures only. */
  | { readonly op: 'split'; readonly next: number; readonly other: number }
  /** Goes on where the place has all of these properties: bits of `PLACE`. */
  | { readonly op: 'assert'; readonly place: number; readonly next: number }
  /** Notes the position: slot 2n where the n-th group begins, 2n + 1 where it ends. */
  | { readonly op: 'save'; readonly slot: number; readonly next: number }
  | { readonly op: 'pass'; readonly next: number }
  | { readonly op: 'match' }
  | { readonly op: 'fail' }

/** What may be asserted of a place between two code points. */
export const PLACE = { lineBegins: 1, lineEnds: 2, textBegins: 4, textEnds: 8, wordBoundary: 16, noWordBoundary: 32 } as const

/** Longest subject in UTF-16 code units (bytes of a path). A longer one is not taken by any expression: its cost must have an end. */
export const SUBJECT_MAX = 4096

/** Longest expression in characters: compiled in a fifth of a second at most, whatever it says. */
export const SOURCE_MAX = 512
/** Most single characters and classes of an expression once counted repetitions are written out: what a step of a match costs. */
export const TAKES_MAX = 192
/** Most nodes of an expression. */
export const NODES_MAX = 640
/** Most intervals of code points that an expression tells apart; `\pL` has 1,300. */
export const BOUNDS_MAX = 4000

/** Compiles an expression, or says what it should have been. */
export type CompileRegex = (source: string) => Reading<RegexProgram>
