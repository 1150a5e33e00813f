/**
 * How names and shares are written, wherever they are written: in the configuration, which is read when it is built, and in the files of
 * operators, which Workers read.
 */
import type { DefectCode } from './defects.ts'
import { type Share, share } from './units.ts'

/** What became of a text: its value, or what it should have been. */
export type Reading<T> = { readonly value: T } | Unread

/** Why a text has no value. Without a code it is malformed. */
export interface Unread {
  readonly expected: string
  readonly suggestion?: string
  readonly code?: DefectCode
}

export const NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/** Lower-case letters, digits and hyphens: safe in headers, logs and URLs. `what` is named after it: `the name of a pool`. */
export function readName(raw: string, what: string): Reading<string> {
  if (NAME.test(raw)) return { value: raw }
  const expected = `${what}: lower-case letters, digits and hyphens, at most 63`
  const code = 'NAME_MALFORMED'
  const respelled = raw
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return NAME.test(respelled) ? { code, expected, suggestion: `write ${respelled}` } : { code, expected }
}

export const SHARE = /^(0|[1-9]\d{0,2})(\.\d{1,2})?%$/

/** `5%` or `0.25%`, between two others, as a share of 1; undefined for anything else. */
export function readShare(raw: string, min: number, max: number): Share | undefined {
  const percent = SHARE.test(raw) ? Number(raw.slice(0, -1)) : Number.NaN
  return percent >= min && percent <= max ? share(Math.round(percent * 100) / 10_000) : undefined
}
