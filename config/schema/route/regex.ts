/** Regular expressions as operators write them: RE2 syntax, compiled at once, so that what cannot be run is refused at its place. */
import type { Reading } from '../../fields.ts'
import { compileRegex } from '../../regex/compile-regex.ts'
import type { RegexProgram } from '../../regex/program.ts'
import { texts } from '../../regex/texts.ts'

/** Which texts can be asked about: an expression that takes none of them is a mistake. */
export interface Subjects {
  /** `paths`. */
  readonly what: string
  /** The first character of each, when they have it in common. */
  readonly first?: string
  /** Inclusive ranges of the code points that occur. */
  readonly within: readonly (readonly [from: number, to: number])[]
}

export const PATHS: Subjects = {
  what: 'paths',
  first: '/',
  // Without what the path policy refuses whatever a route says: controls, spaces, `"#<>?\^{}`, the backtick, everything beyond ASCII.
  within: [
    [0x21, 0x21],
    [0x24, 0x3b],
    [0x3d, 0x3d],
    [0x40, 0x5b],
    [0x5d, 0x5d],
    [0x5f, 0x5f],
    [0x61, 0x7a],
    [0x7c, 0x7c],
    [0x7e, 0x7e],
  ],
}

/** Header values: printable ASCII, tabs, and bytes above it, which the platform hands over one a character. */
export const HEADER_VALUES: Subjects = {
  what: 'header values',
  within: [
    [0x09, 0x09],
    [0x20, 0x7e],
    [0x80, 0xff],
  ],
}

/** Of the Cookie header, values without `;`. */
export const COOKIE_VALUES: Subjects = {
  what: 'cookie values',
  within: [
    [0x20, 0x3a],
    [0x3c, 0x7e],
    [0x80, 0xff],
  ],
}

export const QUERY_VALUES: Subjects = { what: 'query values', within: [[0, 0x10ffff]] }

/** The program of an expression that can take one of the subjects. */
export function readRegex(source: string, subjects: Subjects): Reading<RegexProgram> {
  const reading = compileRegex(source)
  if (!('value' in reading) || texts(reading.value, subjects)) return reading
  const expected = `a regular expression that takes ${subjects.what}, whole`
  const { first } = subjects
  if (first === undefined) return { expected }
  const rooted = compileRegex(`${first}${source}`)
  return 'value' in rooted && texts(rooted.value, subjects) && !source.includes('|')
    ? { expected: `${expected}; each begins with ${first}`, suggestion: `write ${first}${source}` }
    : { expected: `${expected}; each begins with ${first}` }
}
