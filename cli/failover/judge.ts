/** Whether the figures of a row are what they must be, and if not, which. Pure. */
import type { Measured } from './measure.ts'
import type { Must } from './rows.ts'

/** One limit a line, in words, with what was measured when it does not hold. */
interface Check {
  readonly must: string
  readonly holds: boolean
  readonly got: string
}

export function judge(must: Must, measured: Measured): { readonly ok: boolean; readonly why: string } {
  const broken = checks(must, measured).filter(({ holds }) => !holds)
  return { ok: broken.length === 0, why: broken.map((check) => `${check.must}, got ${check.got}`).join('; ') }
}

export const showMust = (must: Must): string =>
  checks(must, undefined)
    .map((check) => check.must)
    .join('; ')

function checks(must: Must, m: Measured | undefined): Check[] {
  const others = m === undefined ? 0 : Object.values(m.failedOthers).reduce((sum, count) => sum + count, 0)
  const uncoded = m === undefined ? [] : Object.keys(m.failedOthers).filter((name) => !name.startsWith('ERR_') && name !== 'status 429')
  const from = must.attemptsFromMs === undefined ? '' : ` after the first ${must.attemptsFromMs} ms`
  const list: (Check | undefined)[] = [
    atMost(
      'failed replayable requests 0',
      must.failedReplayableMax,
      m?.failedReplayable,
      () => `${m?.failedReplayable} (${show(m?.failedReplayableBy)})`,
    ),
    atMost(`broken bodies at most ${must.brokenBodiesMax}`, must.brokenBodiesMax, m?.brokenBodies),
    atMost('broken bodies within bufferUpTo 0', 0, m?.brokenBuffered),
    atMost(`failed writes at most ${must.failedWritesMax}`, must.failedWritesMax, others, () => show(m?.failedOthers)),
    must.failedReplayableMax === undefined
      ? undefined
      : { must: 'each failed write with its code', holds: uncoded.length === 0, got: uncoded.join(', ') },
    atMost(
      `last new request there ${must.lastTryMaxMs} ms after the fault`,
      must.lastTryMaxMs,
      m?.lastTryMs ?? 0,
      () => `${Math.round(m?.lastTryMs ?? 0)} ms`,
    ),
    atMost(
      `rescued at most ${must.rescuedAddedMaxMs} ms later`,
      must.rescuedAddedMaxMs,
      m?.rescuedAddedMs,
      () => `${Math.round(m?.rescuedAddedMs ?? 0)} ms`,
    ),
    atMost(`attempts per request at most ${must.attemptsPerRequestMax}${from}`, must.attemptsPerRequestMax, m?.attemptsPerRequest),
    atMost(
      `p99 at most ${must.p99AboveP95MaxMs} ms above p95`,
      must.p99AboveP95MaxMs,
      m === undefined ? undefined : m.p99DuringMs - m.p95DuringMs,
      () => `${Math.round(m?.p99DuringMs ?? 0)} ms above ${Math.round(m?.p95DuringMs ?? 0)} ms`,
    ),
    atMost(`transitions at most ${must.transitionsMax}`, must.transitionsMax, m?.transitions.length, () => m?.transitions.join(', ') ?? ''),
    atLeast(`transitions at least ${must.transitionsMin}`, must.transitionsMin, m?.transitions.length),
    atMost(
      `a good answer ${must.firstGoodMaxMs} ms after healing`,
      must.firstGoodMaxMs,
      m === undefined ? undefined : (m.firstGoodMs ?? Number.POSITIVE_INFINITY),
    ),
    must.comesBack
      ? { must: 'comes back', holds: m === undefined || m.backMs !== null, got: 'less than four fifths of its share' }
      : undefined,
    atMost('duplicated writes 0', 0, m?.duplicates),
  ]
  return list.flatMap((check) => (check === undefined ? [] : [check]))
}

function atMost(must: string, limit: number | undefined, value: number | undefined, got = () => String(value)): Check | undefined {
  return limit === undefined ? undefined : { must, holds: value === undefined || value <= limit, got: got() }
}

function atLeast(must: string, limit: number | undefined, value: number | undefined): Check | undefined {
  return limit === undefined ? undefined : { must, holds: value === undefined || value >= limit, got: String(value) }
}

const show = (counts: Readonly<Record<string, number>> | undefined): string =>
  Object.entries(counts ?? {})
    .map(([name, count]) => `${count} ${name}`)
    .join(', ')
