/**
 * Keeps what isolates reported in the last 10 s about each (route, endpoint): counts, and each isolate's last word. Mutable,
 * because a report touches a few of thousands of pairs. It decides nothing; `judge-traffic.ts` reads it.
 */
import type { EndpointKey, IsolateId, RouteId } from '../../config/ids.ts'
import type { AttemptReport, ReportRow } from '../../config/report.ts'
import { type Instant, ms } from '../../config/units.ts'
import type { Load, Proof } from './vote.ts'

/** The last word of one isolate on one (route, endpoint). */
export interface Voice {
  readonly isolate: IsolateId
  readonly at: Instant
  /** Failures since its last success; 0 when its last outcome was one. */
  readonly failedInRow: number
  /** It has ejected the endpoint for the route by itself. */
  readonly ejected: boolean
  readonly connect: boolean
  readonly networks: number
  readonly phase: string
  readonly status?: number
}

export interface Pair {
  readonly route: RouteId
  readonly endpoint: EndpointKey
  readonly voices: readonly Voice[]
  readonly counts: readonly { readonly at: Instant; readonly succeeded: number; readonly failed: number }[]
}

export const WINDOW = ms(10_000)
/** Successes older than this prove nothing about a failing monitor. */
export const PROOF_WINDOW = ms(2000)
/** Failures in a row that an isolate ejects for. */
export const STREAK_CONNECT = 2
export const STREAK_OTHER = 3
/** No report is later than this: it waits 10 s for its turn and is tried again for 10 s. */
const LATEST = ms(60_000)
/** Isolates of a pair that are remembered, the most recent. More would not change what a majority of them says. */
const VOICES_MAX = 64
/** Pairs that are remembered; beyond it the one that was silent longest goes. Some 4 MB. */
const PAIRS_MAX = 4096

export class TrafficWindow {
  readonly #pairs = new Map<string, Pair>()
  readonly #byRoute = new Map<RouteId, Set<string>>()
  readonly #byEndpoint = new Map<EndpointKey, Set<string>>()
  /** Until when failures are forgiven, by pair, or by endpoint for all its routes. */
  readonly #forgiven = new Map<string, Instant>()
  #loads: { at: Instant; requests: number; attempts: number }[] = []

  add(report: AttemptReport, now: Instant): void {
    this.#loads = [
      ...this.#loads.filter((load) => within(load.at, now, WINDOW)).slice(-999),
      { at: now, requests: report.requests, attempts: report.attempts },
    ]
    for (const row of report.rows) this.#addRow(row, report.isolate, now)
  }

  get(route: RouteId, endpoint: EndpointKey): Pair | undefined {
    return this.#pairs.get(pairKey(route, endpoint))
  }

  ofRoute(route: RouteId): readonly Pair[] {
    return this.#resolve(this.#byRoute.get(route))
  }

  ofEndpoint(endpoint: EndpointKey): readonly Pair[] {
    return this.#resolve(this.#byEndpoint.get(endpoint))
  }

  /** Pairs with a failure in some isolate's last word: all that can need a judgement without a new report. */
  failing(now: Instant): readonly Pair[] {
    return [...this.#pairs.values()].filter((pair) => pair.voices.some((voice) => voice.failedInRow > 0 && within(voice.at, now, WINDOW)))
  }

  /** Forgets the failures of an endpoint that was restored, also those that are reported late: they were held against it already. */
  forgive(endpoint: EndpointKey, now: Instant, route?: RouteId): void {
    for (const [key, at] of this.#forgiven) if (!within(at, now, LATEST)) this.#forgiven.delete(key)
    this.#forgiven.set(route === undefined ? endpoint : pairKey(route, endpoint), now)
    for (const pair of this.ofEndpoint(endpoint)) {
      if (route === undefined || pair.route === route) this.#delete(pair)
    }
  }

  /** Successes and failures on an endpoint, all routes, in the last 2 s. */
  proof(endpoint: EndpointKey, now: Instant): Proof {
    return total(this.ofEndpoint(endpoint), now, PROOF_WINDOW)
  }

  load(now: Instant): Load {
    const recent = this.#loads.filter((load) => within(load.at, now, WINDOW))
    return {
      requests: recent.reduce((sum, load) => sum + load.requests, 0),
      attempts: recent.reduce((sum, load) => sum + load.attempts, 0),
    }
  }

  #addRow(reported: ReportRow, isolate: IsolateId, now: Instant): void {
    const row = this.#isForgiven(reported, now) ? withoutFailures(reported) : reported
    const failed = row.failedConnect + row.failedOther
    if (row.succeeded + failed === 0) return
    const key = pairKey(row.route, row.endpoint)
    const held = this.#pairs.get(key) ?? { route: row.route, endpoint: row.endpoint, voices: [], counts: [] }
    const voices = held.voices.filter((voice) => voice.isolate !== isolate && within(voice.at, now, WINDOW)).slice(1 - VOICES_MAX)
    const counts = held.counts.filter((count) => within(count.at, now, WINDOW))
    const last = counts.at(-1)
    // Reports of the same 100 ms share a bucket: a busy pair keeps at most a hundred.
    if (last !== undefined && within(last.at, now, ms(100)))
      counts[counts.length - 1] = { at: last.at, succeeded: last.succeeded + row.succeeded, failed: last.failed + failed }
    else counts.push({ at: now, succeeded: row.succeeded, failed })
    this.#set(key, { ...held, voices: [...voices, voiceOf(row, isolate, now)], counts })
  }

  #isForgiven({ route, endpoint, failedAgo = ms(0) }: ReportRow, now: Instant): boolean {
    const until = Math.max(this.#forgiven.get(endpoint) ?? 0, this.#forgiven.get(pairKey(route, endpoint)) ?? 0)
    return now - failedAgo <= until && until <= now
  }

  #set(key: string, pair: Pair): void {
    // Setting anew keeps the map in order of the last report.
    this.#pairs.delete(key)
    this.#pairs.set(key, pair)
    index(this.#byRoute, pair.route, key)
    index(this.#byEndpoint, pair.endpoint, key)
    const oldest = this.#pairs.size > PAIRS_MAX ? this.#pairs.values().next().value : undefined
    if (oldest !== undefined) this.#delete(oldest)
  }

  #delete(pair: Pair): void {
    const key = pairKey(pair.route, pair.endpoint)
    this.#pairs.delete(key)
    unindex(this.#byRoute, pair.route, key)
    unindex(this.#byEndpoint, pair.endpoint, key)
  }

  #resolve(keys: ReadonlySet<string> | undefined): readonly Pair[] {
    return [...(keys ?? [])].flatMap((key) => this.#pairs.get(key) ?? [])
  }
}

/** Sums the counts of the last `length`. */
export function total(pairs: readonly Pair[], now: Instant, length = WINDOW): Proof {
  let succeeded = 0
  let failed = 0
  for (const pair of pairs) {
    for (const count of pair.counts) {
      if (!within(count.at, now, length)) continue
      succeeded += count.succeeded
      failed += count.failed
    }
  }
  return { succeeded, failed }
}

export const within = (at: Instant, now: Instant, length: number): boolean => now - at >= 0 && now - at <= length

function voiceOf(row: ReportRow, isolate: IsolateId, now: Instant): Voice {
  const failed = row.failedConnect + row.failedOther
  const ejectedNow = row.ejected && failed > 0
  return {
    isolate,
    at: now,
    // A success that was on its way when the isolate ejected the endpoint does not end the streak that made it do so.
    failedInRow: failed === 0 ? 0 : Math.max(row.failedInRow, ejectedNow ? Math.min(failed, STREAK_OTHER) : 0),
    ejected: ejectedNow,
    connect: row.failedConnect > 0 && row.failedOther === 0,
    networks: row.networks,
    phase: row.lastPhase ?? 'unknown',
    ...(row.lastStatus === undefined ? {} : { status: row.lastStatus }),
  }
}

const withoutFailures = (row: ReportRow): ReportRow => ({ ...row, failedConnect: 0, failedOther: 0, failedInRow: 0, ejected: false })

const pairKey = (route: RouteId, endpoint: EndpointKey): string => `${endpoint} ${route}`

function index<K>(map: Map<K, Set<string>>, by: K, key: string): void {
  const keys = map.get(by)
  if (keys === undefined) map.set(by, new Set([key]))
  else keys.add(key)
}

function unindex<K>(map: Map<K, Set<string>>, by: K, key: string): void {
  const keys = map.get(by)
  keys?.delete(key)
  if (keys?.size === 0) map.delete(by)
}
