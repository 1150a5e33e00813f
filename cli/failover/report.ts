/** The report of a failover run: as a table for people, as one JSON document, and as a page of the documentation. */
import { execFileSync } from 'node:child_process'
import { arch, cpus, platform, totalmem } from 'node:os'
import { PROJECT } from '../local/run-file.ts'
import { showMust } from './judge.ts'
import type { Measured } from './measure.ts'
import type { MeasuredRotation } from './measure-rotation.ts'
import { renderRotation } from './report-rotation.ts'
import type { Row } from './rows.ts'

export interface RowReport {
  readonly id: string
  readonly what: string
  readonly measured: Measured | null
  /** Of a row in which keys or certificates are exchanged; then nothing else is measured. */
  readonly rotation?: MeasuredRotation
  readonly must: string
  /** null: not run, and why. */
  readonly ok: boolean | null
  readonly why: string
}

export interface Report {
  readonly command: string
  readonly commit: string
  readonly machine: string
  readonly seed: number
  readonly rows: readonly RowReport[]
  readonly ok: boolean
}

export function reportRow(row: Row, outcome: { measured: Measured | null; ok: boolean | null; why: string }): RowReport {
  return { id: row.id, what: row.what, measured: outcome.measured, must: showMust(row.must), ok: outcome.ok, why: outcome.why }
}

export function composeReport(command: string, seed: number, rows: readonly RowReport[]): Report {
  return { command, commit: readCommit(), machine: describeMachine(), seed, rows, ok: rows.every(({ ok }) => ok === true) }
}

/** 0 when all that ran is as it must be and all was run, 1 when a row is not, 2 when one could not run. */
export function exitCode({ rows }: Report): number {
  if (rows.some(({ ok }) => ok === false)) return 1
  return rows.some(({ ok }) => ok === null) ? 2 : 0
}

const COLUMNS = [
  'row',
  'fault',
  'requests',
  'failed',
  'others',
  'broken bodies',
  'p50 / p99 before',
  'p50 / p99 during',
  'rescued',
  'last try',
  'attempts',
  'survivors',
  'back',
  'transitions',
  'twice',
  '',
] as const

export function cells({ id, what, measured: m, ok }: RowReport): string[] {
  const verdict = ok === null ? 'not run' : ok ? 'ok' : 'NOT OK'
  if (m === null) return [id, what, ...Array.from({ length: COLUMNS.length - 3 }, () => ''), verdict]
  return [
    id,
    what,
    String(m.requests),
    String(m.failedReplayable),
    counts(m.failedOthers),
    `${m.brokenBodies + m.brokenBuffered}`,
    `${milliseconds(m.p50BeforeMs)} / ${milliseconds(m.p99BeforeMs)}`,
    `${milliseconds(m.p50DuringMs)} / ${milliseconds(m.p99DuringMs)}`,
    `+${milliseconds(m.rescuedAddedMs)}`,
    m.lastTryMs === null ? 'never' : `${(m.lastTryMs / 1000).toFixed(2)} s`,
    m.attemptsPerRequest.toFixed(3),
    Object.entries(m.shares)
      .map(([region, share]) => `${region} ${Math.round(share * 100)} %`)
      .join(', '),
    m.backMs === null ? '–' : `${(m.backMs / 1000).toFixed(1)} s`,
    String(m.transitions.length),
    String(m.duplicates),
    verdict,
  ]
}

/** For a terminal: columns as wide as they need to be, and below it what is not as it must be. */
export function renderTable(report: Report): string {
  const faults = report.rows.filter(({ rotation }) => rotation === undefined)
  const rows = faults.length === 0 ? [] : [COLUMNS.map(String), ...faults.map(cells)]
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  const wrong = report.rows.filter(({ ok }) => ok !== true).map(({ id, why }) => `${id}: ${why}`)
  return [
    ...lines,
    ...report.rows.flatMap(renderRotation),
    '',
    ...wrong,
    report.ok ? 'All rows are as they must be.' : 'Not all rows are as they must be.',
  ].join('\n')
}

/** What people have written below the figures of a page: from its first section on. */
export function sectionsOf(page: string): string {
  const first = page.indexOf('\n## ')
  return first < 0 ? '' : page.slice(first)
}

/** `sections`: what follows the figures. */
export function renderPage(report: Report, date: string, sections = ''): string {
  const row = (values: readonly string[]): string => `| ${values.join(' | ')} |`
  return [
    '# Failover, measured',
    '',
    `\`${report.command}\`, ${date}, commit ${report.commit}, ${report.machine}, seed ${report.seed}.`,
    '',
    'Each row is a new gateway (both Workers as they are deployed, on workerd, with SQLite objects and KV) in front of three sample',
    'regions with equal shares. 200 requests/s arrive at scheduled times whether or not answers come, 10 % of them writes, from four',
    'clients. At t = 0 a region is broken at its sockets; later it is healed and the load goes on until it has its share again.',
    '',
    row(COLUMNS),
    row(COLUMNS.map(() => '---')),
    ...report.rows.filter(({ rotation }) => rotation === undefined).map((each) => row(cells(each))),
    '',
    ...report.rows.flatMap(renderRotation).map((line) => `- ${line}`),
    '',
    '- **failed**: requests that may be replayed (reads, and writes of a route with `writes: anywhere`) and were not answered well. Must be 0.',
    '- **others**: writes that may not be replayed, by the code that says why.',
    '- **broken bodies**: the head had come, the body broke; cannot be rescued unless the route says `bufferUpTo`.',
    '- **rescued**: the slowest request with more than one attempt, beyond the median of before.',
    '- **last try**: the last new request that tried the broken region, after the fault. Probes and marked probation requests are not counted.',
    '- **attempts**: per request, while the fault lasted. **survivors**: shares in its last third. **back**: from healing to four fifths of the share;',
    '  hold-down is 30 s from the fall, then the share ramps up over 30 s. **twice**: writes that may not be replayed and that regions saw twice.',
    '- Latencies are in milliseconds and count from the scheduled time.',
    '',
    ...report.rows.filter(({ ok }) => ok !== true).map(({ id, why }) => `${id} is not as it must be: ${why}.\n`),
    'What each row must be:',
    '',
    ...report.rows.map(({ id, must }) => `- ${id}: ${must}`),
    '',
  ]
    .join('\n')
    .concat(sections)
}

const milliseconds = (value: number): string => (value < 10 ? value.toFixed(1) : String(Math.round(value)))

const counts = (by: Readonly<Record<string, number>>): string =>
  Object.entries(by)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ') || '0'

export function readCommit(): string {
  try {
    const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: PROJECT, encoding: 'utf8' }).trim()
    const changed = execFileSync('git', ['status', '--porcelain', '--untracked-files=no'], { cwd: PROJECT, encoding: 'utf8' }).trim() !== ''
    return changed ? `${commit} with changes` : commit
  } catch {
    return 'unknown'
  }
}

export function describeMachine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor'
  return `${platform()} ${arch()}, ${cpus().length} × ${model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node.js ${process.version}`
}
