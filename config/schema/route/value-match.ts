/** Conditions on headers, query parameters and cookies: a mapping from names to an exact value, an expression, or presence. */
import { z } from 'zod'
import { HEADER_VALUE, readHeaderName } from '../../addresses.ts'
import { ALWAYS, phrase, type Reading, type Unread, unread, unreadKey } from '../../fields.ts'
import type { ValueMatch } from '../../match.ts'
import type { RegexProgram } from '../../regex/program.ts'
import { COOKIE_VALUES, HEADER_VALUES, QUERY_VALUES, readRegex, type Subjects } from './regex.ts'

/** A condition of the file; an expression comes with what it is compiled to. */
export type ValueFile = ValueMatch & { readonly program?: RegexProgram }

interface Kind {
  /** `header`. */
  readonly what: string
  readonly readName: (raw: string) => Reading<string>
  /** What an exact value looks like, and what is expected of one. */
  readonly value: RegExp
  readonly expected: string
  readonly subjects: Subjects
}

const NAMES_MAX = 16
const VALUE_MAX = 4096

const HEADER: Kind = {
  what: 'header',
  readName: (raw) => readHeaderName(raw, 'match'),
  value: HEADER_VALUE,
  expected: 'printable ASCII without spaces at its ends, at most 4096 characters',
  subjects: HEADER_VALUES,
}

const QUERY: Kind = {
  what: 'query parameter',
  readName: (raw) =>
    /^[^\p{Cc}\p{Cs}]{1,256}$/u.test(raw) ? { value: raw } : { expected: 'the name of a query parameter, decoded, of 1 to 256 characters' },
  value: /^[^\p{Cc}\p{Cs}]*$/u,
  expected: 'decoded text without controls, at most 4096 characters',
  subjects: QUERY_VALUES,
}

const COOKIE: Kind = {
  what: 'cookie',
  readName: (raw) =>
    /^[\w!#$%&'*+.^`|~-]{1,128}$/.test(raw) ? { value: raw } : { expected: 'the name of a cookie: letters, digits, - and _' },
  value: /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/,
  expected: 'printable ASCII without spaces, commas, semicolons, quotes and backslashes, at most 4096 characters',
  subjects: COOKIE_VALUES,
}

export const headerMatches = () => valueMatches(HEADER)
export const queryMatches = () => valueMatches(QUERY)
export const cookieMatches = () => valueMatches(COOKIE)

type Written = string | { readonly regex: string } | { readonly present: boolean }

function valueMatches(kind: Kind) {
  const expected = `a mapping of at most ${NAMES_MAX} names to conditions`
  return z
    .record(z.string(), condition(kind), expected)
    .superRefine((given: unknown, context) => {
      if (typeof given !== 'object' || given === null || Array.isArray(given)) return
      const names = Object.keys(given)
      if (names.length > NAMES_MAX) context.addIssue(unread({ expected, code: 'COUNT_OUT_OF_RANGE' }))
      for (const [index, name] of names.slice(0, NAMES_MAX).entries()) {
        const problem = problemOf(name, names.slice(0, index), kind)
        if (problem !== undefined) context.addIssue(unreadKey(name, problem))
      }
    }, ALWAYS)
    .transform((given) =>
      Object.entries(given).map(([written, held]): ValueFile => {
        const reading = kind.readName(written)
        return { name: 'value' in reading ? reading.value : written, ...held }
      }),
    )
    .prefault({})
}

function problemOf(name: string, before: readonly string[], { readName, what }: Kind): Unread | undefined {
  const reading = readName(name)
  if (!('value' in reading)) return reading
  const twice = before.some((other) => {
    const known = readName(other)
    return 'value' in known && known.value === reading.value
  })
  return twice ? { expected: `each ${what} once, whatever its case`, code: 'VALUE_REPEATED' } : undefined
}

type Held =
  | { readonly kind: 'exact' | 'regex'; readonly value: string; readonly program?: RegexProgram }
  | { readonly kind: 'present' | 'absent' }

function condition(kind: Kind) {
  const forms = `the value of a ${kind.what} as a text, { regex: "…" }, or { present: true }`
  return z
    .union([z.string(), z.strictObject({ regex: z.string() }), z.strictObject({ present: z.boolean() })], {
      error: ({ input }) => (typeof input === 'number' || typeof input === 'boolean' ? phrase(forms, `write "${input}"`) : forms),
    })
    .transform((written, context): Held => {
      const reading = readCondition(written, kind)
      if ('value' in reading) return reading.value
      const place = typeof written === 'string' ? [] : ['regex']
      context.issues.push({ ...unread(reading), input: written, path: place })
      return z.NEVER
    })
}

function readCondition(written: Written, { what, value, expected, subjects }: Kind): Reading<Held> {
  if (typeof written === 'string') {
    const fits = written.length <= VALUE_MAX && value.test(written)
    return fits ? { value: { kind: 'exact', value: written } } : { expected: `the value of a ${what}: ${expected}` }
  }
  if ('present' in written) return { value: { kind: written.present ? 'present' : 'absent' } }
  const compiled = readRegex(written.regex, subjects)
  return 'value' in compiled ? { value: { kind: 'regex', value: written.regex, program: compiled.value } } : compiled
}
