/**
 * Counts what the isolate's requests taught, for the next report to a vantage. Bounded; numbered, so that a report that is sent twice is
 * counted once. When it is sent is `worker/snapshot/send-reports.ts`'s.
 */
import type { EndpointKey, IsolateId, RouteId } from '../../config/ids.ts'
import type { AttemptReport, ReportRow } from '../../config/report.ts'
import { type DurationMs, type Instant, ms } from '../../config/units.ts'
import type { Evidence } from '../policy/evidence.ts'
import type { PassiveHealth, RequestFacts } from '../snapshot-port.ts'

/** Rows of a report: the failing ones first, then the busiest. */
const ROWS_MAX = 512
/** Pairs that are counted between two reports; more than fit in a report are a sign of thousands of routes. */
const COUNTED_MAX = 2048

/** Failures that go on are no news: an endpoint that fails twice in a hundred must not make a report of each. */
const QUIET = ms(10_000)

interface Count {
  readonly route: RouteId
  readonly endpoint: EndpointKey
  succeeded: number
  failedConnect: number
  failedOther: number
  /** Goes on across reports. */
  failedInRow: number
  probationSucceeded: number
  probationFailed: number
  readonly networks: Set<string>
  lastPhase: string | undefined
  lastStatus: number | undefined
  lastFailedAt: Instant | undefined
}

export class AttemptCounts {
  readonly #counts = new Map<RouteId, Map<EndpointKey, Count>>()
  #size = 0
  #requests = 0
  #attempts = 0
  #since: Instant | undefined
  #seq = 0
  #touched = false

  get isEmpty(): boolean {
    return !this.#touched
  }

  /** Folds one request in. Returns true when it tells vantages something that they should hear at once. */
  add(facts: RequestFacts, now: Instant): boolean {
    this.#since ??= now
    this.#touched = true
    this.#requests += facts.requests
    this.#attempts += facts.attempts
    let urgent = facts.ejected
    for (const evidence of facts.evidence) urgent = this.#addOne(evidence, now) || urgent
    return urgent
  }

  /** Takes what was counted. Streaks stay: they go on in the next report. */
  take(isolate: IsolateId, base: string, passive: PassiveHealth, now: Instant): AttemptReport {
    const rows = this.#rows().map((count) => rowOf(count, passive, now))
    this.#seq += 1
    const tracks = passive.takeTracks?.()
    const report: AttemptReport = {
      isolate,
      seq: this.#seq,
      base,
      covers: ms(Math.max(0, now - (this.#since ?? now))),
      requests: this.#requests,
      attempts: this.#attempts,
      rows,
      ...(tracks === undefined ? {} : { tracks }),
    }
    this.#reset(now)
    return report
  }

  /** The first failure of a pair after a quiet time is urgent, and so is every probation outcome. */
  #addOne(evidence: Evidence, now: Instant): boolean {
    const count = this.#count(evidence.route, evidence.endpoint)
    if (count === undefined) return false
    const succeeded = evidence.result === 'succeeded'
    if (!succeeded) {
      count.lastPhase = evidence.phase
      count.lastStatus = evidence.status
      if (count.networks.size < 2) count.networks.add(evidence.network)
    }
    if (evidence.probation) {
      if (succeeded) count.probationSucceeded += 1
      else count.probationFailed += 1
      return true
    }
    count.failedInRow = succeeded ? 0 : count.failedInRow + 1
    if (succeeded) count.succeeded += 1
    else if (evidence.result === 'failed-connect') count.failedConnect += 1
    else count.failedOther += 1
    if (succeeded) return false
    const wasQuiet = count.lastFailedAt === undefined || Math.abs(now - count.lastFailedAt) > QUIET
    count.lastFailedAt = now
    return wasQuiet
  }

  #count(route: RouteId, endpoint: EndpointKey): Count | undefined {
    let ofRoute = this.#counts.get(route)
    if (ofRoute === undefined) {
      ofRoute = new Map()
      this.#counts.set(route, ofRoute)
    }
    let count = ofRoute.get(endpoint)
    if (count === undefined && this.#size < COUNTED_MAX) {
      count = emptyCount(route, endpoint, 0)
      ofRoute.set(endpoint, count)
      this.#size += 1
    }
    return count
  }

  #rows(): readonly Count[] {
    const all = [...this.#counts.values()].flatMap((ofRoute) => [...ofRoute.values()]).filter((count) => outcomes(count) > 0)
    const failed = (count: Count): number => count.failedConnect + count.failedOther + count.probationSucceeded + count.probationFailed
    return all.sort((a, b) => failed(b) - failed(a) || outcomes(b) - outcomes(a)).slice(0, ROWS_MAX)
  }

  #reset(now: Instant): void {
    for (const ofRoute of this.#counts.values()) {
      for (const [endpoint, count] of ofRoute) {
        const { failedInRow, lastFailedAt } = count
        const isRecent = lastFailedAt !== undefined && Math.abs(now - lastFailedAt) <= QUIET
        if (failedInRow > 0 || isRecent) ofRoute.set(endpoint, emptyCount(count.route, endpoint, failedInRow, lastFailedAt))
        else {
          ofRoute.delete(endpoint)
          this.#size -= 1
        }
      }
    }
    this.#requests = 0
    this.#attempts = 0
    this.#touched = false
    this.#since = now
  }
}

const outcomes = (count: Count): number =>
  count.succeeded + count.failedConnect + count.failedOther + count.probationSucceeded + count.probationFailed

const emptyCount = (route: RouteId, endpoint: EndpointKey, failedInRow: number, lastFailedAt: Instant | undefined = undefined): Count => ({
  route,
  endpoint,
  succeeded: 0,
  failedConnect: 0,
  failedOther: 0,
  failedInRow,
  probationSucceeded: 0,
  probationFailed: 0,
  networks: new Set(),
  lastPhase: undefined,
  lastStatus: undefined,
  lastFailedAt,
})

function rowOf({ networks, lastPhase, lastStatus, lastFailedAt, ...count }: Count, passive: PassiveHealth, now: Instant): ReportRow {
  return {
    ...count,
    networks: networks.size,
    ejected: passive.isEjected(count.route, count.endpoint),
    ...(lastPhase === undefined ? {} : { lastPhase }),
    ...(lastStatus === undefined ? {} : { lastStatus }),
    ...(lastFailedAt === undefined ? {} : { failedAgo: ms(Math.max(0, now - lastFailedAt)) }),
  }
}

/** What is said again `later`: failures are dated by when they happened, not by when somebody took the report. */
export function saidLater(report: AttemptReport, later: DurationMs): AttemptReport {
  const rows = report.rows.map((row) => (row.failedAgo === undefined ? row : { ...row, failedAgo: ms(row.failedAgo + Math.max(0, later)) }))
  return { ...report, rows }
}
