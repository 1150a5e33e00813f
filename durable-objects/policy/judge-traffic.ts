/**
 * Decides whether what isolates report makes an endpoint fail: for one route, or as a whole. One isolate's streak among many
 * that are well is chance or one client's doing; a route that fails everywhere is the route's own fault. What follows, hold-down
 * and probation, is `fold-endpoint.ts`'s.
 */
import type { EndpointKey, RouteId } from '../../config/ids.ts'
import { type Instant, ms } from '../../config/units.ts'
import { type Pair, STREAK_CONNECT, STREAK_OTHER, type TrafficWindow, total, type Voice, WINDOW, within } from './traffic-window.ts'

export interface Finding {
  readonly route: RouteId
  readonly endpoint: EndpointKey
  /** `route`: ejected for the route only. `endpoint`: for all. */
  readonly reach: 'route' | 'endpoint'
  readonly phase: string
  readonly status?: number
  readonly detail: string
}

/** Share of the isolates heard that must be failing when one of them has a streak. */
const FAILING_SHARE_MIN = 0.2
/** How long after the first failing word the well ones that came since are weighed against the failing ones. */
const WEIGHED_AFTER = ms(250)
/** Isolates without a streak each, but failing together. */
const CROWD_MIN = 4
/** How far the failed share may be above that of the rest of the route, from so many attempts on. */
const SHARE_ABOVE = 0.2
const ATTEMPTS_MIN = 20
/** A streak counts when its length would come by chance less than once in so many windows, at the endpoint's own failure rate. */
const CHANCE_MAX = 1e-3

/**
 * Pairs that were looked at from other pairs already, and whether they show a failure: within one pass over the same window at the same
 * moment each is worked out once, or three hundred failing routes would be ninety thousand looks a second.
 */
export type Looked = Map<Pair, boolean>

/** What is wrong with a pair that has just been reported failing, if anything. */
export function judgePair(window: TrafficWindow, pair: Pair, now: Instant, looked: Looked = new Map()): Finding | undefined {
  const failing = failingVoices(window, pair, now)
  const cause = causeOf(window, pair, failing, now)
  const worst = failing.toSorted((a, b) => b.failedInRow - a.failedInRow)[0]
  if (cause === undefined || worst === undefined) return undefined
  const connect = failing.every((voice) => voice.connect)
  return {
    route: pair.route,
    endpoint: pair.endpoint,
    reach: connect || alsoOnOtherRoutes(window, pair, now, looked) ? 'endpoint' : 'route',
    phase: worst.phase,
    ...(worst.status === undefined ? {} : { status: worst.status }),
    detail: `route ${pair.route}: ${cause}`,
  }
}

function causeOf(window: TrafficWindow, pair: Pair, failing: readonly Voice[], now: Instant): string | undefined {
  const voices = recent(pair.voices, now)
  const well = voices.filter((voice) => voice.failedInRow === 0)
  const counts = total([pair], now)
  const attempts = counts.succeeded + counts.failed
  const elsewhere = total(others(window, pair), now)
  const shareElsewhere = elsewhere.failed / Math.max(1, elsewhere.succeeded + elsewhere.failed)
  if (attempts >= ATTEMPTS_MIN && counts.failed / attempts > shareElsewhere + SHARE_ABOVE)
    return `${counts.failed} of ${attempts} attempts failed`
  const streak = Math.max(0, ...failing.map((voice) => (isStreak(voice) ? voice.failedInRow : 0)))
  if (streak > 0 && isSurprising(streak, counts, failing) && outweighs(failing, well, now)) {
    return `${streak} failures in a row, ${failing.length} of ${voices.length} isolates failing`
  }
  return failing.length >= CROWD_MIN && failing.length > well.length ? `${failing.length} of ${voices.length} isolates failing` : undefined
}

const isStreak = (voice: Voice): boolean => voice.ejected || voice.failedInRow >= (voice.connect ? STREAK_CONNECT : STREAK_OTHER)

/** Two failed requests in a hundred make streaks of three all day long at a high rate: they are no news. */
function isSurprising(streak: number, counts: { readonly succeeded: number; readonly failed: number }, failing: readonly Voice[]): boolean {
  const inStreaks = failing.reduce((sum, voice) => sum + voice.failedInRow, 0)
  const attempts = counts.succeeded + counts.failed
  const usualShare = Math.max(0, counts.failed - inStreaks) / Math.max(1, attempts - inStreaks)
  return usualShare ** streak * attempts < CHANCE_MAX
}

function outweighs(failing: readonly Voice[], well: readonly Voice[], now: Instant): boolean {
  if (failing.length >= FAILING_SHARE_MIN * (failing.length + well.length)) return true
  const first = Math.min(...failing.map((voice) => voice.at))
  return now - first >= WEIGHED_AFTER && failing.length > well.filter((voice) => voice.at >= first).length
}

/**
 * Isolates whose last word is a failure, while they see another endpoint answer the same route. One that sees the route fail wherever
 * it is tried says something about the route, or about its clients.
 */
function failingVoices(window: TrafficWindow, pair: Pair, now: Instant): readonly Voice[] {
  const failing = recent(pair.voices, now).filter((voice) => voice.failedInRow > 0)
  if (failing.length === 0) return failing
  const wellElsewhere = others(window, pair).flatMap((other) => recent(other.voices, now).filter((voice) => voice.failedInRow === 0))
  const seesAnother = new Set(wellElsewhere.map(({ isolate }) => isolate))
  return failing.filter(({ isolate }) => seesAnother.has(isolate))
}

/** Two routes and two client networks show it, and no more routes are well there than fail. */
function alsoOnOtherRoutes(window: TrafficWindow, pair: Pair, now: Instant, looked: Looked): boolean {
  const routes = window.ofEndpoint(pair.endpoint).filter((other) => other.voices.some(({ at }) => within(at, now, WINDOW)))
  const failing = routes.filter((other) => other === pair || showsFailure(window, other, now, looked))
  const severalNetworks = failing.every((other) => other.voices.some((voice) => voice.networks >= 2))
  return failing.length >= 2 && severalNetworks && failing.length * 2 >= routes.length
}

function showsFailure(window: TrafficWindow, pair: Pair, now: Instant, looked: Looked): boolean {
  const known = looked.get(pair)
  if (known !== undefined) return known
  const failing = failingVoices(window, pair, now)
  const shows = failing.length > 0 && causeOf(window, pair, failing, now) !== undefined
  looked.set(pair, shows)
  return shows
}

const recent = (voices: readonly Voice[], now: Instant): readonly Voice[] => voices.filter((voice) => within(voice.at, now, WINDOW))

const others = (window: TrafficWindow, pair: Pair): readonly Pair[] =>
  window.ofRoute(pair.route).filter((other) => other.endpoint !== pair.endpoint)
