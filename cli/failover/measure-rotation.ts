/** From what the load generator wrote down to the figures of a rotation row, and whether they are what they must be. Pure. */
import type { LoadRecord } from './load-record.ts'
import { quantile } from './measure.ts'
import type { RotationMust } from './rotation-rows.ts'

export interface RotationEvidence {
  readonly records: readonly LoadRecord[]
  /** Records before this moment are warm-up and count for nothing. Times are of the machine's clock. */
  readonly from: number
  /** Since when the issuer's new key signs; absent where it has none. */
  readonly signsFrom: number | undefined
  readonly newest: { readonly kid: string | undefined; readonly version: number }
}

export interface MeasuredRotation {
  readonly requests: number
  /** Answered 401. */
  readonly refused: number
  readonly refusedBy: Readonly<Record<string, number>>
  /** From the first signature with the new key to the last refused request; null when none was. */
  readonly lastRefusedMs: number | null
  /** Of those refused: without `Retry-After: 1`. */
  readonly withoutRetryAfter: number
  /** Answered neither well nor 401, or not at all. */
  readonly failed: number
  readonly failedBy: Readonly<Record<string, number>>
  /** Answered well with a token of the newest key. */
  readonly byNewestKey: number
  /** Answered well, by version of the gateway. */
  readonly byVersion: Readonly<Record<string, number>>
  readonly newestVersion: number
  readonly attemptsPerRequest: number
  readonly p50Ms: number
  readonly p99Ms: number
}

export function measureRotation({ records, from, signsFrom, newest }: RotationEvidence): MeasuredRotation {
  const counted = records.filter(({ scheduledAt }) => scheduledAt >= from)
  const good = counted.filter(isGood)
  const refused = counted.filter(isRefused)
  const failed = counted.filter((record) => !isGood(record) && !isRefused(record))
  const refusedAt = refused.map(({ scheduledAt, lateMs }) => scheduledAt + lateMs - (signsFrom ?? from))
  const latencies = good.map(({ latencyMs }) => latencyMs).toSorted((a, b) => a - b)
  const attempts = counted.reduce((sum, record) => sum + (record.attempts ?? 1), 0)
  return {
    requests: counted.length,
    refused: refused.length,
    refusedBy: countBy(refused, showOutcome),
    lastRefusedMs: refused.length === 0 ? null : Math.round(Math.max(...refusedAt)),
    withoutRetryAfter: refused.filter(({ outcome }) => outcome.kind === 'answered' && outcome.retryAfter !== '1').length,
    failed: failed.length,
    failedBy: countBy(failed, showOutcome),
    byNewestKey: good.filter(({ kid }) => kid !== undefined && kid === newest.kid).length,
    byVersion: countBy(good, ({ version }) => String(version ?? '?')),
    newestVersion: newest.version,
    attemptsPerRequest: counted.length === 0 ? 0 : attempts / counted.length,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
  }
}

const isGood = ({ outcome }: LoadRecord): boolean => outcome.kind === 'answered' && outcome.status < 400
const isRefused = ({ outcome }: LoadRecord): boolean => outcome.kind === 'answered' && outcome.status === 401

function showOutcome({ outcome }: LoadRecord): string {
  if (outcome.kind === 'answered') return outcome.code ?? `status ${outcome.status}`
  return outcome.problem
}

function countBy(records: readonly LoadRecord[], name: (record: LoadRecord) => string): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const record of records) counts[name(record)] = (counts[name(record)] ?? 0) + 1
  return counts
}

export function judgeRotation(must: RotationMust, m: MeasuredRotation): { readonly ok: boolean; readonly why: string } {
  const broken: string[] = []
  if (m.requests === 0) broken.push('no request was sent')
  if (m.failed > 0) broken.push(`failed requests 0, got ${m.failed} (${show(m.failedBy)})`)
  if (must.refusedWithinMs === 0 && m.refused > 0) broken.push(`refused requests 0, got ${m.refused} (${show(m.refusedBy)})`)
  if (must.refusedWithinMs > 0 && (m.lastRefusedMs ?? 0) > must.refusedWithinMs)
    broken.push(`none refused ${must.refusedWithinMs} ms after the key signs, got ${m.lastRefusedMs} ms`)
  if (m.withoutRetryAfter > 0) broken.push(`each refused with Retry-After: 1, got ${m.withoutRetryAfter} without`)
  if (m.byNewestKey === 0) broken.push('tokens of the newest key are served, got none')
  if ((m.byVersion[String(m.newestVersion)] ?? 0) === 0) broken.push('the newest version serves, got nothing of it')
  return { ok: broken.length === 0, why: broken.join('; ') }
}

export const showRotationMust = ({ refusedWithinMs }: RotationMust): string =>
  [
    'failed requests 0',
    refusedWithinMs === 0
      ? 'refused requests 0'
      : `none refused ${refusedWithinMs} ms after the key signs; each refused with Retry-After: 1`,
    'tokens of the newest key and the newest version are served',
  ].join('; ')

export const show = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ')
