/**
 * The kinds of values that the files of operators are written in. One description serves two: Workers read with it, and it makes the JSON
 * Schema for editors. The configuration has a description of its own (`fields.ts`), whose library no Worker carries.
 */
import type { Defect, Path } from '../defect.ts'
import type { DefectCode } from '../defects.ts'
import { defect, show } from '../document.ts'
import { didYouMean } from '../suggest.ts'
import type { Share } from '../units.ts'
import { NAME, readName, readShare, SHARE } from '../written.ts'

export type JsonSchema = Readonly<Record<string, unknown>>

export interface Shape<T> {
  /** The value; undefined when something is wrong with it, which has been added to `found`. */
  readonly read: (value: unknown, path: Path, found: Defect[]) => T | undefined
  readonly schema: JsonSchema
}

/** A field of a mapping, with what editors say of it. */
export interface Field<T, Optional extends boolean = boolean> {
  readonly shape: Shape<T>
  readonly optional: Optional
  readonly about: string
}

export const field = <T>(shape: Shape<T>, about: string): Field<T, false> => ({ shape, optional: false, about })
export const optional = <T>(shape: Shape<T>, about: string): Field<T, true> => ({ shape, optional: true, about })

type Fields = Readonly<Record<string, Field<unknown>>>
type ValueOf<F> = F extends Field<infer T> ? T : never
export type MappingOf<F extends Fields> = {
  readonly [Name in keyof F as F[Name]['optional'] extends true ? never : Name]: ValueOf<F[Name]>
} & { readonly [Name in keyof F as F[Name]['optional'] extends true ? Name : never]?: ValueOf<F[Name]> }

/** What a value should have been. What is not there at all is missing, whatever it should have been. */
function fails(
  found: Defect[],
  path: Path,
  value: unknown,
  [expected, suggestion, code = 'VALUE_MALFORMED']: readonly [string, (string | undefined)?, (DefectCode | undefined)?],
): undefined {
  found.push(defect({ code: value === undefined ? 'FIELD_MISSING' : code, path, expected, found: show(value), suggestion }))
}

/** An object whose fields are all known. */
export function mapping<const F extends Fields>(what: string, fields: F): Shape<MappingOf<F>> {
  const entries = Object.entries(fields)
  const names = entries.map(([name]) => name)
  return {
    read: (value, path, found) => {
      if (!isMapping(value)) return fails(found, path, value, [`${what}: a mapping of ${names.join(', ')}`])
      const before = found.length
      for (const key of Object.keys(value)) {
        if (names.includes(key)) continue
        const suggestion = didYouMean(key, names)
        const expected = `one of ${names.join(', ')}`
        found.push(defect({ code: 'FIELD_UNKNOWN', path: [...path, key], expected, found: show(key), suggestion, atKey: true }))
      }
      const read = entries.flatMap(([name, { shape, optional }]) => {
        const held = Object.hasOwn(value, name) ? value[name] : undefined
        return held === undefined && optional ? [] : [[name, shape.read(held, [...path, name], found)] as const]
      })
      return found.length === before ? (Object.fromEntries(read) as MappingOf<F>) : undefined
    },
    schema: {
      type: 'object',
      properties: Object.fromEntries(entries.map(([name, { shape, about }]) => [name, { description: about, ...shape.schema }])),
      required: entries.filter(([, { optional }]) => !optional).map(([name]) => name),
      additionalProperties: false,
    },
  }
}

const MALFORMED = { code: 'VALUE_MALFORMED' } as const

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Values under names that operators chose; `name` as in "the name of a pool". */
export function named<T>(item: Shape<T>, name: string, [what, max]: readonly [string, number]): Shape<Readonly<Record<string, T>>> {
  const expected = `a mapping of at most ${max} ${what}, each under its name`
  return {
    read: (value, path, found) => {
      if (!isMapping(value)) return fails(found, path, value, [expected])
      if (Object.keys(value).length > max) return fails(found, path, value, [expected, undefined, 'COUNT_OUT_OF_RANGE'])
      const before = found.length
      const read = Object.entries(value).map(([key, held]) => {
        const reading = readName(key, name)
        if (!('value' in reading)) found.push(defect({ ...MALFORMED, ...reading, path: [...path, key], found: show(key), atKey: true }))
        return [key, item.read(held, [...path, key], found)] as const
      })
      return found.length === before ? (Object.fromEntries(read) as Readonly<Record<string, T>>) : undefined
    },
    schema: { type: 'object', additionalProperties: item.schema, propertyNames: { pattern: NAME.source }, maxProperties: max },
  }
}

/** No value twice. */
export function listOf<T>(item: Shape<T>, what: string, max: number): Shape<readonly T[]> {
  return {
    read: (value, path, found) => {
      const hint = typeof value === 'string' ? `write ["${value.slice(0, 63)}"]` : undefined
      const expected = `a list of at most ${max} ${what}`
      if (!Array.isArray(value)) return fails(found, path, value, [expected, hint])
      if (value.length > max) return fails(found, path, value, [expected, undefined, 'COUNT_OUT_OF_RANGE'])
      const before = found.length
      const read = value.map((held, index) => {
        if (value.indexOf(held) < index) fails(found, [...path, index], held, [`each of the ${what} once`, undefined, 'VALUE_REPEATED'])
        return item.read(held, [...path, index], found)
      })
      return found.length === before ? (read as T[]) : undefined
    },
    schema: { type: 'array', items: item.schema, uniqueItems: true, maxItems: max },
  }
}

/** A name of an operator's, or `*` where `all` says what that means. */
export function nameOf(what: string, { all = false } = {}): Shape<string> {
  return {
    read: (value, path, found) => {
      if (all && value === '*') return value
      if (typeof value !== 'string') return fails(found, path, value, [what])
      const reading = readName(value, what)
      return 'value' in reading ? reading.value : fails(found, path, value, [reading.expected, reading.suggestion, reading.code])
    },
    schema: { type: 'string', pattern: all ? `^\\*$|${NAME.source}` : NAME.source },
  }
}

/** Words for people, on one line. */
export function text(what: string, max: number): Shape<string> {
  const isText = (value: unknown): value is string =>
    typeof value === 'string' && value.trim() !== '' && value.length <= max && !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\uFFFD]/u.test(value)
  return {
    read: (value, path, found) => (isText(value) ? value : fails(found, path, value, [`${what}: 1 to ${max} characters on one line`])),
    schema: { type: 'string', minLength: 1, maxLength: max },
  }
}

/** Nothing else. */
export function constant<const T extends number | string>(only: T): Shape<T> {
  return {
    read: (value, path, found) => (value === only ? only : fails(found, path, value, [JSON.stringify(only)])),
    schema: { const: only },
  }
}

export function whole(min: number, max: number): Shape<number> {
  const expected = `a whole number from ${min} to ${max}`
  const hint = (value: unknown): string | undefined => {
    if (typeof value !== 'string') return undefined
    if (/^\d+$/.test(value)) return 'leave out the quotes'
    return /^\d+(\.\d+)?%$/.test(value) ? 'weights of endpoints are relative to each other: write a number' : undefined
  }
  return {
    read: (value, path, found) => {
      if (typeof value !== 'number' || Object.is(value, -0)) return fails(found, path, value, [expected, hint(value)])
      const isRight = Number.isInteger(value) && value >= min && value <= max
      return isRight ? value : fails(found, path, value, [expected, undefined, 'VALUE_OUT_OF_RANGE'])
    },
    schema: { type: 'integer', minimum: min, maximum: max },
  }
}

/** `5%`, `0.01%`. */
export function percent(): Shape<Share> {
  const expected = 'a share from 0% to 100% with at most two decimals, such as "5%" or "0.25%"'
  const hint = (value: unknown): string | undefined => {
    const written = typeof value === 'number' ? `${value}%` : typeof value === 'string' ? `${value.trim().replace(/\s*%$/, '')}%` : ''
    return readShare(written, 0, 100) === undefined ? undefined : `write "${written}"`
  }
  return {
    read: (value, path, found) =>
      (typeof value === 'string' ? readShare(value, 0, 100) : undefined) ?? fails(found, path, value, [expected, hint(value)]),
    schema: { type: 'string', pattern: SHARE.source },
  }
}

const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/

/** RFC 3339, with its offset: in ms since 1970. */
export function moment(): Shape<number> {
  const expected = 'a moment with its offset, such as "2026-12-24T18:00:00Z"'
  return {
    read: (value, path, found) => {
      const at = typeof value === 'string' && MOMENT.test(value) ? Date.parse(value) : Number.NaN
      if (!Number.isNaN(at)) return at
      const zoneless = typeof value === 'string' && MOMENT.test(`${value}Z`)
      return fails(found, path, value, [expected, zoneless ? `add Z for UTC: "${value}Z"` : undefined])
    },
    schema: { type: 'string', format: 'date-time' },
  }
}

export function truth(): Shape<boolean> {
  return {
    read: (value, path, found) => (typeof value === 'boolean' ? value : fails(found, path, value, ['true or false'])),
    schema: { type: 'boolean' },
  }
}
