/** The report of a conformance run: a table for people, one JSON document, a page of the documentation. */
import { describeMachine, readCommit } from '../failover/report.ts'
import { STATUS_ONLY } from './harness-facts.ts'
import type { MutationName } from './mutations.ts'
import type { Miss, TestResult } from './run.ts'

export interface RowReport {
  readonly id: string
  readonly what: string
  readonly measured: { readonly cases: number; readonly passed: number; readonly missed: readonly Miss[] }
  readonly must: string
  readonly ok: boolean
  readonly why: string
  /** What turns it red; only the project's own rows name one. */
  readonly mutation?: MutationName
}

export interface Report {
  readonly command: string
  readonly commit: string
  readonly machine: string
  /** Which suite, and of when. */
  readonly suite: string
  /** Nothing is drawn by the run itself. */
  readonly seed: null
  readonly rows: readonly RowReport[]
  /** Cases that no Worker can pass, one by one: not run, no rows. */
  readonly impossible: readonly { readonly id: string; readonly case: string; readonly why: string }[]
  readonly figure: { readonly cases: number; readonly passed: number; readonly missed: number; readonly impossible: number }
  readonly ok: boolean
}

export function composeReport(command: string, suite: string, results: readonly TestResult[]): Report {
  const rows = results.filter(({ impossible }) => impossible.length === 0).map(reportRow)
  const impossible = results.flatMap(({ test, impossible: cases }) => cases.map(({ name, why }) => ({ id: test.id, case: name, why })))
  const cases = results.reduce((sum, { test }) => sum + test.cases.length, 0)
  const passed = results.reduce((sum, each) => sum + each.passed, 0)
  return {
    command,
    commit: readCommit(),
    machine: describeMachine(),
    suite,
    seed: null,
    rows,
    impossible,
    figure: { cases, passed, missed: cases - passed - impossible.length, impossible: impossible.length },
    ok: rows.every(({ ok }) => ok),
  }
}

function reportRow({ test, passed, misses }: TestResult): RowReport {
  const cases = test.cases.length
  const extras = test.extras.map(({ kind }) => WORDS[kind])
  const word = STATUS_ONLY[test.id]
  const must = [
    cases === 0 ? undefined : `${cases} of ${cases} cases`,
    ...extras,
    word === undefined ? undefined : `the reader says "${word}"`,
  ]
  return {
    id: test.id,
    what: test.what,
    measured: { cases, passed, missed: misses },
    must: must.filter((part) => part !== undefined).join(', '),
    ok: misses.length === 0,
    why: misses.map(({ name, why }) => `${name}: ${why}`).join('; '),
    ...(test.mutation === undefined ? {} : { mutation: test.mutation }),
  }
}

const WORDS = {
  shares: 'shares within 5 points',
  'header-names-pod': '100 requests with the header of their backend',
  websocket: 'text and bytes over a WebSocket',
} as const

/** 0 when all is as it must be, 1 when a row is not. */
export const exitCode = ({ ok }: Report): number => (ok ? 0 : 1)

const sayFigure = ({ figure }: Report): string =>
  `${figure.passed} of ${figure.cases} cases passed, ${figure.missed} missed, ${figure.impossible} impossible on Workers`

export function renderTable(report: Report): string {
  const width = Math.max(...report.rows.map(({ id }) => id.length))
  const lines = report.rows.map(
    ({ id, measured, ok }) => `${id.padEnd(width)}  ${`${measured.passed}/${measured.cases}`.padStart(5)}  ${ok ? 'ok' : 'NOT OK'}`,
  )
  const missed = report.rows.flatMap(({ id, measured }) => measured.missed.map(({ name, why }) => `missed  ${id}: ${name}: ${why}`))
  const impossible = report.impossible.map(({ id, case: name, why }) => `impossible  ${id}: ${name}: ${why}`)
  return [...lines, '', ...missed, ...impossible, sayFigure(report)].join('\n')
}

export function renderPage(report: Report, date: string): string {
  const row = (values: readonly string[]): string => `| ${values.join(' | ')} |`
  const missed = report.rows.flatMap(({ id, measured }) => measured.missed.map(({ name, why }) => row([id, cell(name), cell(why)])))
  return [
    '# Conformance to the Kubernetes Gateway API, measured',
    '',
    `\`${report.command}\`, ${date}, commit ${report.commit}, ${report.machine}.`,
    '',
    `Suite: ${report.suite}, its tests of HTTPRoute. **${sayFigure(report)}.**`,
    '',
    ...HOW,
    '',
    '## Results',
    '',
    row(['test', 'must', 'passed', '']),
    row(['---', '---', '---', '---']),
    ...report.rows.map(({ id, must, measured, ok }) =>
      row([id, cell(must), `${measured.passed} of ${measured.cases}`, ok ? 'ok' : 'NOT OK']),
    ),
    '',
    '## Not passed',
    '',
    ...(missed.length === 0 ? ['Nothing.'] : [row(['test', 'case', 'why']), row(['---', '---', '---']), ...missed]),
    '',
    '## Impossible on Workers',
    '',
    'They are not run and not counted as passed, those among them that expect no 421 neither: they are of a test whose point is the 421.',
    '',
    row(['test', 'case', 'why']),
    row(['---', '---', '---']),
    ...report.impossible.map(({ id, case: name, why }) => row([id, cell(name), cell(why)])),
    '',
  ].join('\n')
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ').replaceAll('*', '\\*')

/** What a reader must know to compare these results with those of others. */
const HOW: readonly string[] = [
  'Each Gateway that a test asks is written by `npx meridian import gateway-api` from the manifests of the suite, compiled, and served by the bundle',
  'of the gateway on plain workerd, with nothing in front. Echo endpoints are real servers. A case has passed after three consecutive right answers, as in',
  "the suite's own harness; statuses, hosts, paths, headers and redirects are compared by its rules.",
  '',
  'What differs from a run in a cluster, and why:',
  '',
  '- **Host.** A Worker cannot choose the `Host` that it sends to an endpoint. The gateway says the public one in `x-forwarded-host`, rewritten where a',
  '  filter rewrites it, and the echo reports that as host. An endpoint that looks at `Host` sees its own name.',
  '- **Time.** A gateway is configured before it starts, so a case is given up after 10 s, not 30 s.',
  '- **Status.** Nobody writes conditions. Tests that look at them alone ask what the reader says instead.',
  '- **Addresses.** Every Gateway is a gateway of its own; its address is what a request without a host names.',
  '- **Endpoints.** A Service has one endpoint, not two pods.',
]
