/** Lengths of time as operators say them: `90s`, `30m`, and for drains `2h` and `3d` too. */
import { err, ok, type Result } from '../../config/result.ts'
import { type DurationMs, ms } from '../../config/units.ts'

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Of what ends by itself. */
export const FOR_BOUNDS = [1000, 31 * 86_400_000] as const

/** Bounds in ms; `option` is whose value it is. */
export function readLength(option: string, written: string, [min, max]: readonly [number, number]): Result<DurationMs, string> {
  const [, count, unit] = /^(\d{1,9})(ms|s|m|h|d)$/.exec(written) ?? []
  const length = Number(count) * (UNITS[unit ?? ''] ?? Number.NaN)
  return length >= min && length <= max
    ? ok(ms(length))
    : err(`${option} takes a length from ${show(min)} to ${show(max)} such as "30m", got "${written}"`)
}

function show(length: number): string {
  const [unit, factor] = Object.entries(UNITS).findLast(([, each]) => length >= each && length % each === 0) ?? ['ms', 1]
  return `${length / factor}${unit}`
}
