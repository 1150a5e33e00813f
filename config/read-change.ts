/**
 * Pieces for reading what operators send into the control plane: each takes a value and its place, and either gives it typed or says what it
 * should have been. All defects are gathered, and nothing here is needed at build time only.
 */
import type { Path } from './defect.ts'
import type { ChangeDefect } from './director.ts'
import { show } from './document.ts'
import { isRecord } from './parse-snapshot.ts'
import { didYouMean } from './suggest.ts'

export type Reader<T> = (raw: unknown, path: Path, found: ChangeDefect[]) => T | undefined

type Fields = Readonly<Record<string, unknown>>

/** More than that nobody reads. */
const DEFECTS_MAX = 50

/** A defect without the fields that have nothing to say. */
export function changeDefect({ suggestion, atKey, ...said }: Said): ChangeDefect {
  return { ...said, ...(suggestion === undefined ? {} : { suggestion }), ...(atKey === true ? { atKey } : {}) }
}

interface Said extends Pick<ChangeDefect, 'path' | 'expected' | 'found'> {
  readonly suggestion?: string | undefined
  readonly atKey?: boolean
}

export function isWrong(raw: unknown, path: Path, found: ChangeDefect[], expected: string): undefined {
  if (found.length < DEFECTS_MAX) found.push({ path, expected, found: show(raw) })
}

/** A mapping whose fields are all known. */
export function readFields(raw: unknown, path: Path, found: ChangeDefect[], known: readonly string[]): Fields | undefined {
  if (!isRecord(raw)) return isWrong(raw, path, found, `a mapping of ${known.join(', ')}`)
  for (const key of Object.keys(raw)) {
    if (known.includes(key) || found.length >= DEFECTS_MAX) continue
    const suggestion = didYouMean(key, known)
    found.push(changeDefect({ path: [...path, key], expected: `one of ${known.join(', ')}`, found: show(key), suggestion, atKey: true }))
  }
  return raw
}

/** Words of people: one line, printable, not blank. */
export const words =
  (what: string, max: number): Reader<string> =>
  (raw, path, found) => {
    const fits = typeof raw === 'string' && raw.trim() !== '' && raw.length <= max && !/\p{Cc}|\p{Cs}|[\u2028\u2029]/u.test(raw)
    return fits ? raw.trim() : isWrong(raw, path, found, `${what}: one line of at most ${max} characters`)
  }

export const oneOf =
  <const Words extends readonly string[]>(known: Words): Reader<Words[number]> =>
  (raw, path, found) => {
    if (typeof raw === 'string' && known.includes(raw)) return raw
    const suggestion = typeof raw === 'string' ? didYouMean(raw, known) : undefined
    found.push(changeDefect({ path, expected: `one of ${known.join(', ')}`, found: show(raw), suggestion }))
    return undefined
  }

export const within =
  (min: number, max: number, what = 'a whole number'): Reader<number> =>
  (raw, path, found) => {
    const fits = typeof raw === 'number' && Number.isInteger(raw) && raw >= min && raw <= max
    return fits ? raw : isWrong(raw, path, found, `${what} from ${min} to ${max}`)
  }

/** In steps of 0.0001, which are hundredths of a percent. */
export const shareOfOne: Reader<number> = (raw, path, found) => {
  const fits = typeof raw === 'number' && raw >= 0 && raw <= 1 && Math.abs(raw * 10_000 - Math.round(raw * 10_000)) < 1e-6
  return fits ? Math.round(raw * 10_000) / 10_000 : isWrong(raw, path, found, 'a share from 0 to 1 in steps of 0.0001')
}

export const listOf =
  <T>(item: Reader<T>, what: string, max: number): Reader<readonly T[]> =>
  (raw, path, found) => {
    if (!Array.isArray(raw) || raw.length === 0 || raw.length > max) return isWrong(raw, path, found, `a list of 1 to ${max} ${what}`)
    const before = found.length
    const items = raw.map((each, index) => item(each, [...path, index], found))
    return found.length === before ? (items as T[]) : undefined
  }

/** What is absent is absent. */
export const maybe = <T>(raw: unknown, read: Reader<T>, path: Path, found: ChangeDefect[]): T | undefined =>
  raw === undefined ? undefined : read(raw, path, found)
