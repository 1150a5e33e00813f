/**
 * Reads what an isolate reports. An isolate that counts wrongly must not spoil what the others said: a report without sane numbers is
 * refused, a row without them is left out.
 */
import { isRecord } from '../../config/parse-snapshot.ts'
import type { AttemptReport, ReportRow } from '../../config/report.ts'
import { isName } from './parse-base.ts'
import { parseTracks } from './parse-tracks.ts'

/** Rows that are read of one report; an isolate sends no more. */
const ROWS_MAX = 512
/** Longest name of a phase. */
const PHASE_MAX = 32

/** The report, or undefined when it is none. */
export function parseReport(raw: unknown): AttemptReport | undefined {
  if (!isRecord(raw) || !isName(raw['isolate']) || !isName(raw['base']) || !Array.isArray(raw['rows'])) return undefined
  if (![raw['seq'], raw['requests'], raw['attempts']].every(isCount)) return undefined
  const rows = raw['rows'].slice(0, ROWS_MAX).filter(isRow)
  const { tracks, ...report } = raw as unknown as AttemptReport
  return { ...report, rows, ...(tracks === undefined ? {} : { tracks: parseTracks(tracks) }) }
}

const COUNTS = ['succeeded', 'failedConnect', 'failedOther', 'failedInRow', 'networks', 'probationSucceeded', 'probationFailed'] as const

function isRow(raw: unknown): raw is ReportRow {
  if (!isRecord(raw) || !isName(raw['route']) || !isName(raw['endpoint']) || !COUNTS.every((name) => isCount(raw[name]))) return false
  const { lastPhase, lastStatus, failedAgo } = raw
  return (
    typeof raw['ejected'] === 'boolean' &&
    (lastPhase === undefined || (isName(lastPhase) && lastPhase.length <= PHASE_MAX)) &&
    (lastStatus === undefined || isCount(lastStatus)) &&
    (failedAgo === undefined || (typeof failedAgo === 'number' && failedAgo >= 0))
  )
}

const isCount = (raw: unknown): boolean => Number.isSafeInteger(raw) && (raw as number) >= 0
