/**
 * The kinds of values that the configuration is written in: durations, shares, sizes, choices, names, objects without unknown
 * fields. Each refuses with a phrase (what was expected and, when one is near, a fix), which `parse-gateway.ts` makes a
 * defect of. Needed at build time only: no file of the Workers imports it.
 */
import { z } from 'zod'
import { type Bytes, bytes, type DurationMs, ms, type Share } from './units.ts'
import { NAME, type Reading, readName, readShare, SHARE, type Unread } from './written.ts'

export { NAME, type Reading, readName, type Unread } from './written.ts'

/** What the reference says of a field, beside its type. The keys are published by `docs/configuration.md`. */
export interface About {
  readonly description: string
  /** What is assumed when the field is absent and no fixed value can be given: `the pool's monitor`. */
  readonly defaultText?: string
  readonly unit?: string
  readonly limits?: string
  /** What goes wrong when the field is set carelessly. */
  readonly danger?: string
  /** As it would be written. */
  readonly example?: unknown
}

const SEPARATOR = '\n'

/** A refusal as one string, which is all that zod carries. */
export const phrase = (expected: string, suggestion?: string): string =>
  suggestion === undefined ? expected : `${expected}${SEPARATOR}${suggestion}`

/** The opposite of `phrase`. */
export function readPhrase(message: string): { readonly expected: string; readonly suggestion?: string } {
  const [expected = '', suggestion] = message.split(SEPARATOR)
  return suggestion === undefined ? { expected } : { expected, suggestion }
}

/** A refusal as zod takes it. `parse-gateway.ts` makes a defect of it. */
export const unread = ({ expected, suggestion, code = 'VALUE_MALFORMED' }: Unread) => ({
  code: 'custom' as const,
  message: phrase(expected, suggestion),
  params: { code },
})

/** The same of a key. */
export const unreadKey = (key: string, refusal: Unread) => {
  const { params, ...issue } = unread(refusal)
  return { ...issue, path: [key], params: { ...params, atKey: true } }
}

/** A string that is read by `read` into something with a meaning of its own. */
export function readText<T>(expected: string | ((raw: unknown) => string), read: (raw: string) => Reading<T>, pattern?: RegExp) {
  const text = z.string({ error: (issue) => (typeof expected === 'string' ? expected : expected(issue.input)) })
  const written = pattern === undefined ? text : text.meta({ pattern: pattern.source })
  return written.transform((raw, context) => {
    const reading = read(raw)
    if ('value' in reading) return reading.value
    context.issues.push({ ...unread(reading), input: raw })
    return z.NEVER
  })
}

const DURATION = /^(0|[1-9]\d{0,8})(ms|s|m)$/
const DURATION_UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 }

/** `250ms`, `5s` or `2m`, as milliseconds; undefined for anything else. */
export function readDuration(raw: string): DurationMs | undefined {
  const [, count, unit] = DURATION.exec(raw) ?? []
  const factor = DURATION_UNITS[unit ?? '']
  return factor === undefined ? undefined : ms(Number(count) * factor)
}

/** A length of time between two others, both written as an operator would. */
export function duration(min: string, max: string) {
  const [least, most] = [readDuration(min) ?? Number.NaN, readDuration(max) ?? Number.NaN]
  const example = least <= 5000 && most >= 5000 ? '5s' : min
  const expected = `a duration from ${min} to ${max}, such as "${example}"`
  const unitless = (raw: unknown) => (typeof raw === 'number' ? phrase(expected, `give it a unit: "${raw}s" or "${raw}ms"`) : expected)
  const read = (raw: string): Reading<DurationMs> => {
    const value = readDuration(raw)
    if (value !== undefined && value >= least && value <= most) return { value }
    return value === undefined ? respell(raw, [least, most], expected) : { expected, code: 'VALUE_OUT_OF_RANGE' }
  }
  return readText(unitless, read, DURATION).meta({ unit: 'duration', limits: `${min} to ${max}` })
}

/** The same, or `0s` for none. */
export function durationOrOff(min: string, max: string) {
  const [least, most] = [readDuration(min) ?? Number.NaN, readDuration(max) ?? Number.NaN]
  const expected = `0s, or a duration from ${min} to ${max}`
  const unitless = (raw: unknown) => (typeof raw === 'number' ? phrase(expected, `give it a unit: "${raw}s" or "${raw}ms"`) : expected)
  const read = (raw: string): Reading<DurationMs> => {
    const value = readDuration(raw)
    if (value === undefined) return respell(raw, [least, most], expected)
    return value === 0 || (value >= least && value <= most) ? { value } : { expected, code: 'VALUE_OUT_OF_RANGE' }
  }
  return readText(unitless, read, DURATION).meta({ unit: 'duration', limits: `0s, or ${min} to ${max}` })
}

/** How `1.5 s`, `1h` or `30` might have been meant, when that is within the bounds. */
function respell(raw: string, [least, most]: readonly [number, number], expected: string): Reading<DurationMs> {
  const [, count, unit] = /^\s*(\d{1,6}(?:\.\d{1,3})?)\s*(ms|msec|s|sec|seconds?|m|min|minutes?|h|hours?)?\s*$/i.exec(raw) ?? []
  if (count === undefined) return { expected }
  if (unit === undefined) return { expected, suggestion: `give it a unit: "${count}s" or "${count}ms"` }
  const kind = unit.toLowerCase()
  const factor = kind.startsWith('ms') ? 1 : kind.startsWith('s') ? 1000 : kind.startsWith('m') ? 60_000 : 3_600_000
  const length = Math.round(Number(count) * factor)
  return length >= least && length <= most ? { expected, suggestion: `write "${showDuration(length)}"` } : { expected }
}

/** A length of time as an operator would write it. */
export function showDuration(length: number): string {
  if (length > 0 && length % 60_000 === 0) return `${length / 60_000}m`
  return length > 0 && length % 1000 === 0 ? `${length / 1000}s` : `${length}ms`
}

/** `5%` or `0.25%`, as a share of 1. */
export function percentage(min: number, max: number) {
  const expected = `a share from ${min}% to ${max}%, such as "20%" or "0.25%"`
  const unitless = (raw: unknown) => (typeof raw === 'number' ? phrase(expected, `write "${raw}%"`) : expected)
  const read = (raw: string): Reading<Share> => {
    const value = readShare(raw, min, max)
    if (value !== undefined) return { value }
    return SHARE.test(raw) ? { expected, code: 'VALUE_OUT_OF_RANGE' } : { expected }
  }
  return readText(unitless, read, SHARE).meta({ unit: 'share', limits: `${min}% to ${max}%` })
}

const SIZE = /^(0|[1-9]\d{0,9})(B|KiB|MiB)$/
const SIZE_UNITS: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 * 1024 }

function readSize(raw: string): Bytes | undefined {
  const [, count, unit] = SIZE.exec(raw) ?? []
  const factor = SIZE_UNITS[unit ?? '']
  return factor === undefined ? undefined : bytes(Number(count) * factor)
}

/** `512B`, `64KiB` or `1MiB`, as bytes. */
export function size(min: string, max: string) {
  const [least, most] = [readSize(min) ?? Number.NaN, readSize(max) ?? Number.NaN]
  const expected = `a size from ${min} to ${max}, such as "64KiB"`
  const unitless = (raw: unknown) => (typeof raw === 'number' ? phrase(expected, `give it a unit: "${raw}B" or "${raw}KiB"`) : expected)
  const read = (raw: string): Reading<Bytes> => {
    const value = readSize(raw)
    if (value !== undefined && value >= least && value <= most) return { value }
    const [, count, unit] = /^(\d{1,9})\s*(k|m)i?b?$/i.exec(raw) ?? []
    const written = `${count}${unit === undefined ? '' : `${unit.toUpperCase()}iB`}`
    const meant = readSize(written)
    return written !== raw && meant !== undefined && meant >= least && meant <= most
      ? { expected, suggestion: `write "${written}"` }
      : { expected, code: value === undefined ? 'VALUE_MALFORMED' : 'VALUE_OUT_OF_RANGE' }
  }
  return readText(unitless, read, SIZE).meta({ unit: 'size', limits: `${min} to ${max}` })
}

/** A whole number between two others, both included. */
export function whole(min: number, max: number) {
  const expected = `a whole number from ${min} to ${max}`
  return z
    .number({
      error: (issue) => (/^-?\d+$/.test(asWritten(issue.input)) ? phrase(expected, 'leave out the quotes') : expected),
    })
    .int(expected)
    .min(min, expected)
    .max(max, expected)
    .meta({ limits: `${min} to ${max}` })
}

/** A number between two others, both included, with any fraction. */
export function decimal(min: number, max: number) {
  const expected = `a number from ${min} to ${max}`
  return z
    .number(expected)
    .min(min, expected)
    .max(max, expected)
    .meta({ limits: `${min} to ${max}` })
}

/** True or false. YAML's `yes` and `on` are strings here. */
export function yesOrNo() {
  return z.boolean({ error: (issue) => phrase('true or false', YES_OR_NO.get(asWritten(issue.input).toLowerCase())) })
}

const YES_OR_NO: ReadonlyMap<string, string> = new Map([
  ['yes', 'write true'],
  ['on', 'write true'],
  ['true', 'leave out the quotes'],
  ['no', 'write false'],
  ['off', 'write false'],
  ['false', 'leave out the quotes'],
])

/** A text as it is, nothing for all else: a mapping may hold a `toString` of its own. */
const asWritten = (value: unknown): string => (typeof value === 'string' ? value : '')

/** One of a few words. `hints` say what to do about words that are known and still wrong. */
export function choice<const Words extends readonly [string, ...string[]]>(words: Words, hints: ReadonlyMap<string, string> = new Map()) {
  return z.enum(words, { error: (issue) => phrase(`one of ${words.join(', ')}`, hints.get(asWritten(issue.input))) })
}

/** An object whose fields are all known. The phrase of an unknown field lists those that are. */
export function fields<Shape extends z.core.$ZodLooseShape>(what: string, shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? `one of ${Object.keys(shape).join(', ')}` : `${what}: a mapping of fields`),
  })
}

/** Lets a check run on what is well formed although something beside it is not, so that all defects come at once. */
export const ALWAYS = { when: () => true }

/** Text of bounds: `1 to 16`. */
const between = (min: number, max: number) => `${min} to ${max}`

/** A text as an element of the list that it was meant to be: `get` as a list of methods is `[GET]`. */
function elementOf(item: z.ZodType, written: string): string {
  const [issue] = item.safeParse(written).error?.issues ?? []
  const { suggestion = '' } = issue === undefined ? {} : readPhrase(issue.message)
  return /^write (\S+)$/.exec(suggestion)?.[1] ?? written
}

/** A list with no value twice. The lower bound is judged when the file is linked (`link/counts.ts`), when it is known what was cut. */
export function list<Item extends z.ZodType>(item: Item, what: string, min: number, max: number) {
  const expected = `a list of ${between(min, max)} ${what}`
  return z
    .array(item, {
      error: (issue) => (typeof issue.input === 'string' ? phrase(expected, `write [${elementOf(item, issue.input)}]`) : expected),
    })
    .max(max, expected)
    .superRefine((values: unknown, context) => {
      if (!Array.isArray(values) || values.length > max) return
      const seen = new Set<unknown>()
      for (const [index, value] of values.entries()) {
        const written = value === z.NEVER ? undefined : JSON.stringify(value)
        if (written !== undefined && seen.has(written))
          context.addIssue({ ...unread({ expected: `each of the ${what} once`, code: 'VALUE_REPEATED' }), path: [index] })
        seen.add(written)
      }
    }, ALWAYS)
    .meta({ limits: between(min, max), minItems: min })
}

/** A mapping from names that operators choose, bounded in number; the lower bound as with `list`. */
export function named<Item extends z.ZodType>(item: Item, name: string, what: string, [min, max]: readonly [number, number]) {
  const expected = `a mapping of ${between(min, max)} ${what}, each under its name`
  return z
    .record(z.string(), item, expected)
    .superRefine((record: unknown, context) => {
      if (typeof record !== 'object' || record === null || Array.isArray(record)) return
      const keys = Object.keys(record)
      if (keys.length > max) context.addIssue(unread({ expected, code: 'COUNT_OUT_OF_RANGE' }))
      for (const key of keys.slice(0, max)) {
        const reading = readName(key, name)
        if (!('value' in reading)) context.addIssue(unreadKey(key, reading))
      }
    }, ALWAYS)
    .meta({ limits: between(min, max), minProperties: min, maxProperties: max, propertyNames: { pattern: NAME.source } })
}
