/**
 * Steering by latency: the endpoints that are about as fast as the fastest share the requests by who has fewer waiting; a small share explores
 * the others, or nobody would notice that one of them has become fast.
 */
import { type Draw, draw as drawn, type Instant } from '../../../config/units.ts'
import { inFlight } from '../endpoint-load.ts'
import type { HeldHealth } from '../held-health.ts'
import type { Candidate } from '../route-state.ts'
import { throughRamps } from './in-order.ts'
import { expectedLatency } from './peak-latency.ts'
import type { Steered } from './steer.ts'

/** So much slower than the fastest still counts as fast: whichever is more. */
const KEPT_FACTOR = 1.2
const KEPT_MARGIN = 10
/** Share of the requests that go to those that are not kept. */
const EXPLORED = 0.02

export function byLatency(
  equals: readonly Candidate[],
  ramps: readonly number[],
  { health, now }: { readonly health: HeldHealth; readonly now: Instant },
  draw: Draw,
): Steered | undefined {
  const expected = equals.map((candidate) => expectedLatency(candidate, health, now))
  const kept = keptOf(expected)
  const others = equals.filter((_, index) => kept[index] !== true)
  const explored = draw < EXPLORED ? others[Math.floor((draw / EXPLORED) * others.length)] : undefined
  if (explored !== undefined) return { candidate: explored, reason: 'explored' }
  const rest = others.length === 0 ? draw : drawn((draw - EXPLORED) / (1 - EXPLORED))
  const fast = equals.filter((_, index) => kept[index] === true)
  const [chosen, left] = lessWaiting(fast, now, rest)
  const costs = expected.map((each, index) => (equals[index] === chosen ? -1 : (each ?? 0)))
  const order = [...equals.keys()].sort((a, b) => (costs[a] ?? 0) - (costs[b] ?? 0))
  const candidate = throughRamps(
    order.flatMap((index) => equals[index] ?? []),
    order.map((index) => ramps[index] ?? 1),
    left,
  )
  return candidate === undefined ? undefined : { candidate, reason: 'fast' }
}

/** What nobody has tried may be the fastest: it is kept until it has answered. */
function keptOf(expected: readonly (number | undefined)[]): readonly boolean[] {
  const best = Math.min(...expected.map((each) => each ?? Number.POSITIVE_INFINITY))
  const limit = Math.max(best * KEPT_FACTOR, best + KEPT_MARGIN)
  return expected.map((each) => each === undefined || each <= limit)
}

/** Of two drawn ones the one with fewer attempts waiting, the first on a tie; and what is left of the draw. */
function lessWaiting(fast: readonly Candidate[], now: Instant, draw: Draw): readonly [Candidate | undefined, Draw] {
  const [firstPlace, afterFirst] = placeOf(draw, fast.length)
  const first = fast[firstPlace]
  if (first === undefined || fast.length === 1) return [first, draw]
  const [secondPlace, afterSecond] = placeOf(afterFirst, fast.length - 1)
  const second = fast[secondPlace >= firstPlace ? secondPlace + 1 : secondPlace]
  const isSecond = second !== undefined && inFlight(second.state.load, now) < inFlight(first.state.load, now)
  return [isSecond ? second : first, afterSecond]
}

/** A place among `count`, and the part of the draw that it has not used: uniform again. */
function placeOf(draw: Draw, count: number): readonly [number, Draw] {
  const scaled = draw * count
  const place = Math.floor(scaled)
  return [place, drawn(scaled - place)]
}
