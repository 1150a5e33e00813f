/** From what generator and ingresses wrote down to the figures of a row. Pure: no clock, no network. */
import type { Transition } from '../../config/status.ts'
import type { SeenRequest } from '../local/seen-requests.ts'
import type { LoadKind, LoadRecord } from './load-record.ts'
import type { Row } from './rows.ts'

/** Everything that a row left behind. Times are of the machine's clock. */
export interface Evidence {
  readonly row: Row
  readonly mix: readonly LoadKind[]
  /** Records before this moment are warm-up and count for nothing. */
  readonly from: number
  readonly brokenAt: number
  readonly healedAt: number
  readonly endedAt: number
  readonly records: readonly LoadRecord[]
  readonly socketsLost: number
  /** Of each ingress, by its id. */
  readonly seen: Readonly<Record<string, readonly SeenRequest[]>>
  /** Of the vantage that saw most, since the fault. */
  readonly transitions: readonly Transition[]
}

export interface Measured {
  readonly requests: number
  readonly failedReplayable: number
  /** Failed writes that may not be replayed, by code or problem. */
  readonly failedOthers: Readonly<Record<string, number>>
  readonly failedReplayableBy: Readonly<Record<string, number>>
  readonly brokenBodies: number
  readonly brokenBuffered: number
  readonly p50BeforeMs: number
  readonly p99BeforeMs: number
  readonly p50DuringMs: number
  readonly p95DuringMs: number
  readonly p99DuringMs: number
  /** Of the slowest answered request that took more than one attempt, beyond the median of before. */
  readonly rescuedAddedMs: number
  /** Absent when no new request tried a broken region. */
  readonly lastTryMs: number | null
  readonly attemptsPerRequest: number
  /** Answered requests by region, over the last third of the fault. */
  readonly shares: Readonly<Record<string, number>>
  /** From healing to the first good answer of a broken region; null when there was none. */
  readonly firstGoodMs: number | null
  /** From healing until the regions had four fifths of their share again; null when they had not. */
  readonly backMs: number | null
  readonly transitions: readonly string[]
  readonly duplicates: number
  readonly socketsLost: number
  /** How late the generator itself sent, at worst in a hundred: what the machine adds. */
  readonly lateP99Ms: number
}

const BACK_WINDOW_MS = 2_000
const BACK_SHARE = 0.8

export function measure(evidence: Evidence): Measured {
  const { row, brokenAt, healedAt, from } = evidence
  const counted = evidence.records.filter(({ scheduledAt }) => scheduledAt >= from)
  const before = counted.filter(({ scheduledAt }) => scheduledAt < brokenAt)
  const during = counted.filter(({ scheduledAt }) => scheduledAt >= brokenAt && scheduledAt < healedAt)
  const failed = counted.filter(({ outcome }) => isFailed(outcome))
  const broken = counted.filter(({ outcome }) => outcome.kind === 'broken-body')
  const kinds = new Map(evidence.mix.map((kind) => [kind.name, kind]))
  const isReplayable = ({ kind }: LoadRecord): boolean => kinds.get(kind)?.replayable === true
  const p50BeforeMs = quantile(latencies(before), 0.5)
  const rescued = during.filter(({ attempts, outcome }) => (attempts ?? 1) > 1 && outcome.kind === 'answered' && outcome.status < 500)
  return {
    requests: counted.length,
    failedReplayable: failed.filter(isReplayable).length,
    failedReplayableBy: countBy(failed.filter(isReplayable), showOutcome),
    failedOthers: countBy(
      failed.filter((record) => !isReplayable(record)),
      showOutcome,
    ),
    brokenBodies: broken.filter(({ kind }) => kind !== 'buffered').length,
    brokenBuffered: broken.filter(({ kind }) => kind === 'buffered').length,
    p50BeforeMs,
    p99BeforeMs: quantile(latencies(before), 0.99),
    p50DuringMs: quantile(latencies(during), 0.5),
    p95DuringMs: quantile(latencies(during), 0.95),
    p99DuringMs: quantile(latencies(during), 0.99),
    rescuedAddedMs: Math.max(0, ...rescued.map(({ latencyMs, lateMs }) => latencyMs - lateMs - p50BeforeMs)),
    lastTryMs: lastTry(evidence, during),
    attemptsPerRequest: attemptsPerRequest(evidence),
    shares: shares(during.filter(({ scheduledAt }) => scheduledAt >= healedAt - (healedAt - brokenAt) / 3)),
    firstGoodMs: firstGood(evidence),
    backMs: comeBack(evidence, row.regions, before),
    transitions: evidence.transitions.map(({ id, from: was, to }) => `${id ?? '?'} ${was}→${to}`),
    duplicates: duplicates(evidence, kinds),
    socketsLost: evidence.socketsLost,
    lateP99Ms: quantile(counted.map(({ lateMs }) => lateMs).toSorted(ascending), 0.99),
  }
}

const isGood = ({ outcome, endpoint }: LoadRecord): boolean => endpoint !== undefined && outcome.kind === 'answered' && outcome.status < 400

const isFailed = (outcome: LoadRecord['outcome']): boolean =>
  outcome.kind === 'failed' || (outcome.kind === 'answered' && (outcome.status >= 500 || outcome.status === 429))

function showOutcome({ outcome }: LoadRecord): string {
  if (outcome.kind === 'answered') return outcome.code ?? `status ${outcome.status}`
  return outcome.problem
}

/**
 * A new request tried a broken region when the region saw it, or, where a fault leaves it blind (nobody listens, nothing is read),
 * when the client was told of more than one attempt or of a failure. Probation requests are marked and do not count.
 */
function lastTry({ row, brokenAt, healedAt, seen }: Evidence, during: readonly LoadRecord[]): number | null {
  const until = row.name === 'rate-limited' ? Math.min(healedAt, brokenAt + 5_000) : healedAt
  const bySeen = row.regions
    .flatMap((id) => seen[id] ?? [])
    .filter(({ at, probation, id }) => id !== undefined && !probation && at >= brokenAt && at < until)
    .map(({ at }) => at)
  const told = during
    .filter(
      ({ scheduledAt, attempts, outcome }) =>
        scheduledAt < until && ((attempts ?? 1) > 1 || outcome.kind !== 'answered' || outcome.code !== undefined),
    )
    .map(({ scheduledAt, lateMs }) => scheduledAt + lateMs)
  const last = Math.max(...bySeen, ...told)
  return Number.isFinite(last) ? last - brokenAt : null
}

/** What clients were told or what regions saw, whichever is more: an answer of the gateway's own does not say how many there were. */
function attemptsPerRequest({ row, brokenAt, healedAt, records, seen }: Evidence): number {
  const from = brokenAt + (row.must.attemptsFromMs ?? 0)
  const inTime = (at: number): boolean => at >= from && at < healedAt
  const requests = records.filter(({ scheduledAt }) => inTime(scheduledAt))
  if (requests.length === 0) return 0
  const told = requests.reduce((total, { attempts }) => total + (attempts ?? 1), 0)
  const saw = Object.values(seen)
    .flat()
    .filter(({ id, at, probation }) => id !== undefined && !probation && inTime(at)).length
  return Math.max(told, saw) / requests.length
}

function firstGood({ row, healedAt, records }: Evidence): number | null {
  const times = records
    .filter((record) => record.scheduledAt >= healedAt && isGood(record) && row.regions.includes(record.endpoint ?? ''))
    .map(({ scheduledAt, latencyMs }) => scheduledAt + latencyMs - healedAt)
  return times.length === 0 ? null : Math.min(...times)
}

function comeBack({ healedAt, endedAt, records }: Evidence, regions: readonly string[], before: readonly LoadRecord[]): number | null {
  const wanted = BACK_SHARE * shareOf(before, regions)
  const after = records.filter(({ scheduledAt }) => scheduledAt >= healedAt).toSorted((a, b) => a.scheduledAt - b.scheduledAt)
  for (let end = healedAt + BACK_WINDOW_MS; end <= endedAt; end += BACK_WINDOW_MS / 4) {
    const window = after.filter(({ scheduledAt }) => scheduledAt >= end - BACK_WINDOW_MS && scheduledAt < end)
    if (window.length > 0 && shareOf(window, regions) >= wanted) return end - healedAt
  }
  return null
}

/** The share of good answers that the regions gave. */
export function shareOf(records: readonly LoadRecord[], regions: readonly string[]): number {
  const answered = records.filter(isGood)
  return answered.length === 0 ? 0 : answered.filter(({ endpoint }) => regions.includes(endpoint ?? '')).length / answered.length
}

function shares(records: readonly LoadRecord[]): Record<string, number> {
  const answered = records.filter(isGood)
  const counts = countBy(answered, ({ endpoint }) => endpoint ?? '')
  return Object.fromEntries(Object.entries(counts).map(([id, count]) => [id, count / answered.length]))
}

/** Writes that may not be replayed and that ingresses saw more than once. */
function duplicates({ seen, records }: Evidence, kinds: ReadonlyMap<string, LoadKind>): number {
  const guarded = new Set(records.filter(({ kind }) => kinds.get(kind)?.replayable === false).map(({ id }) => id))
  const counts = new Map<string, number>()
  for (const { id } of Object.values(seen).flat()) if (id !== undefined && guarded.has(id)) counts.set(id, (counts.get(id) ?? 0) + 1)
  return [...counts.values()].filter((count) => count > 1).length
}

const ascending = (a: number, b: number): number => a - b

function latencies(records: readonly LoadRecord[]): number[] {
  return records
    .filter(({ outcome }) => outcome.kind === 'answered')
    .map(({ latencyMs }) => latencyMs)
    .toSorted(ascending)
}

/** Of a sorted list; 0 of an empty one. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

function countBy<T>(values: readonly T[], name: (value: T) => string): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const value of values) counts[name(value)] = (counts[name(value)] ?? 0) + 1
  return counts
}
