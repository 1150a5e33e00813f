/** Durations as the Gateway API writes them (GEP-2257): up to four whole numbers with h, m, s or ms, in any order. */

const DURATION = /^(?:\d{1,5}(?:h|m|s|ms)){1,4}$/
const UNITS = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const

/** Milliseconds; undefined for anything that GEP-2257 does not permit. */
export function readGatewayDuration(raw: string): number | undefined {
  if (!DURATION.test(raw)) return undefined
  return [...raw.matchAll(/(\d+)(ms|h|m|s)/g)].reduce(
    (sum, [, digits, unit]) => sum + Number(digits) * UNITS[unit as keyof typeof UNITS],
    0,
  )
}

/** In the largest unit of `gateway.yaml` that tells it whole: `500ms`, `90s`, `2m`. */
export function writeDuration(milliseconds: number): string {
  if (milliseconds === 0) return '0s'
  if (milliseconds % UNITS.m === 0) return `${milliseconds / UNITS.m}m`
  return milliseconds % UNITS.s === 0 ? `${milliseconds / UNITS.s}s` : `${milliseconds}ms`
}
