/** Rates as the configuration writes them: `100/10s` is a hundred in ten seconds. */
import { type Reading, readDuration, readText, showDuration } from './fields.ts'
import type { DurationMs } from './units.ts'

export interface Rate {
  readonly limit: number
  readonly window: DurationMs
}

const RATE = /^([1-9]\d{0,6})\/([1-9]\d{0,4}[sm])$/

/** `100/10s`; undefined for anything else. */
export function readRate(raw: string): Rate | undefined {
  const [, limit, length = ''] = RATE.exec(raw) ?? []
  const window = readDuration(length)
  return limit === undefined || window === undefined ? undefined : { limit: Number(limit), window }
}

/** A rate whose window is between two lengths of time, and whose count is at most `most`. */
export function rate(most: number, shortest: string, longest: string) {
  const [least, greatest] = [readDuration(shortest) ?? Number.NaN, readDuration(longest) ?? Number.NaN]
  const expected = `a rate such as "100/10s": 1 to ${most} in ${shortest} to ${longest}`
  const read = (raw: string): Reading<Rate> => {
    const value = readRate(raw)
    if (value === undefined) return respell(raw, expected)
    return value.limit <= most && value.window >= least && value.window <= greatest ? { value } : { expected, code: 'VALUE_OUT_OF_RANGE' }
  }
  return readText(expected, read, RATE).meta({ unit: 'rate', limits: `1 to ${most} in ${shortest} to ${longest}` })
}

const WORDS: Readonly<Record<string, string>> = {
  s: '1s',
  sec: '1s',
  second: '1s',
  m: '1m',
  min: '1m',
  minute: '1m',
  h: '60m',
  hour: '60m',
}

/** How `100/s`, `100 per minute` or `5/1h` might have been meant. */
function respell(raw: string, expected: string): Reading<Rate> {
  const [, count = '', , many, unit = ''] =
    /^\s*([1-9]\d{0,6})\s*(\/|per)\s*(\d{1,4})?\s*(s|sec|second|m|min|minute|h|hour)s?\s*$/i.exec(raw) ?? []
  const length = readDuration(WORDS[unit.toLowerCase()] ?? '')
  if (length === undefined) return { expected }
  return { expected, suggestion: `write "${count}/${showDuration(length * Number(many ?? 1))}"` }
}

/** As an operator would write it. */
export const showRate = ({ limit, window }: Rate): string => `${limit}/${showDuration(window)}`
