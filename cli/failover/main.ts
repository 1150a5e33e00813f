/** `npm run failover`: breaks a region of the real thing in each way, under load, and prints what clients saw. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { judge } from './judge.ts'
import { judgeRotation, showRotationMust } from './measure-rotation.ts'
import { isMutation, MUTATIONS, type MutationName } from './mutations.ts'
import { composeReport, exitCode, type Report, type RowReport, renderPage, renderTable, reportRow, sectionsOf } from './report.ts'
import { ROTATION_ROWS, type RotationRow } from './rotation-rows.ts'
import { startRotationWorld } from './rotation-world.ts'
import { ROWS, type Row } from './rows.ts'
import { runRotation } from './run-rotation.ts'
import { type RunOptions, runRow } from './run-row.ts'
import { bundleGateway, startWorld, type Timing, type World } from './world.ts'

const quickRows = (): readonly string[] => {
  const { rows, rotations } = rowsOf({ quick: true, mutation: undefined })
  return [...rows, ...rotations].map(({ id }) => id)
}

const HELP = `Breaks a region of three under open-loop load, in each way, and prints what clients saw.

  npm run failover                      every row, about 27 minutes
  npm run failover -- --fault hang      one row, by name or id; may be repeated, and said as --row
  npm run failover -- --row K1          an issuer's key is exchanged; K2: the edge's certificate, K3: its signing key
  npm run failover -- --quick           ${quickRows().join(', ')}, with a short hold-down, about two minutes
  npm run failover -- --rps 50          requests a second, 200 by default
  npm run failover -- --mutate NAME     with Meridian itself broken: its rows must turn red
  npm run failover -- --json            one JSON document on standard output
  npm run failover -- --write FILE      also as a page of documentation; sections that FILE has below its figures stay
  npm run failover -- --keep FOLDER     with every request of every row, as JSON

Rows:
${[...ROWS, ...ROTATION_ROWS].map(({ id, name, what }) => `  ${id.padEnd(12)} ${name.padEnd(18)} ${what}`).join('\n')}

Mutations:
${Object.entries(MUTATIONS)
  .map(([name, { what }]) => `  ${name.padEnd(18)} ${what}`)
  .join('\n')}

Exit code: 0 when all is as it must be, 1 when a row is not, 2 when something could not run.
`

interface Options {
  readonly rows: readonly Row[]
  readonly rotations: readonly RotationRow[]
  readonly quick: boolean
  readonly json: boolean
  readonly requestsPerSecond: number
  readonly seed: number
  readonly mutation?: MutationName
  readonly write?: string
  readonly keep?: string
}

/** Hold-down and ramp of the short form, which says so. */
const QUICK_TIMING: Timing = { holdDownMs: 11_000, slowStartMs: 2_000 }
const QUICK_DURATIONS = { warmUpMs: 2_000, beforeMs: 2_000, duringMs: 5_000, backMaxMs: 65_000 }
const FULL_DURATIONS = { warmUpMs: 3_000, beforeMs: 5_000, backMaxMs: 90_000 }
const ROTATION_WARM_UP_MS = 1_000
/** Of the short form: each request carries a token, and a machine that does other things as well is to be judged by the gateway alone. */
const QUICK_ROTATION_RPS = 50

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2))
  if (typeof options === 'string') {
    process.stdout.write(options)
    return options === HELP ? 0 : 2
  }
  say(
    options.quick
      ? `Short form: hold-down ${QUICK_TIMING.holdDownMs} ms, ramp ${QUICK_TIMING.slowStartMs} ms.`
      : 'Long form: every setting at its default.',
  )
  const rows = [...(await runFaults(options)), ...(await runRotations(options))]
  const report = composeReport(['npm run failover', ...shownArguments()].join(' '), options.seed, rows)
  process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : `${renderTable(report)}\n`)
  if (options.write !== undefined) writePage(options.write, report)
  return exitCode(report)
}

/** In place of the figures that are there; what people wrote below them stays. */
function writePage(file: string, report: Report): void {
  const before = existsSync(file) ? readFileSync(file, 'utf8') : ''
  writeFileSync(file, renderPage(report, new Date().toISOString().slice(0, 10), sectionsOf(before)))
}

/** Ends a world however its rows end. */
async function within<W extends { readonly end: () => Promise<void> }>(
  start: () => Promise<W>,
  run: (world: W) => Promise<RowReport[]>,
): Promise<RowReport[]> {
  const world = await start()
  const endOn = (): void => void world.end().then(() => process.exit(2))
  process.once('SIGINT', endOn).once('SIGTERM', endOn)
  try {
    return await run(world)
  } finally {
    process.off('SIGINT', endOn).off('SIGTERM', endOn)
    await world.end()
  }
}

async function runFaults(options: Options): Promise<RowReport[]> {
  if (options.rows.length === 0) return []
  return within(
    () => startWorld(options.quick ? QUICK_TIMING : {}),
    (world) => runRows(world, options),
  )
}

async function runRotations(options: Options): Promise<RowReport[]> {
  if (options.rotations.length === 0) return []
  say('Bundling both Workers for the rotation rows.')
  const requestsPerSecond = options.quick ? Math.min(QUICK_ROTATION_RPS, options.requestsPerSecond) : options.requestsPerSecond
  return within(startRotationWorld, async (world) => {
    const reports: RowReport[] = []
    for (const row of options.rotations) {
      const { id, what } = row
      const given = { id, what, measured: null, must: showRotationMust(row.must) }
      try {
        const done = options.mutation === 'careless' ? { ...row, ...row.careless } : row
        const rotation = await runRotation(world, done, { ...options, requestsPerSecond, warmUpMs: ROTATION_WARM_UP_MS, say })
        reports.push({ ...given, rotation, ...judgeRotation(row.must, rotation) })
      } catch (error) {
        reports.push({ ...given, ok: null, why: `could not run: ${(error as Error).message}` })
      }
      const last = reports.at(-1)
      say(`${id} ${what}: ${last?.ok === true ? 'ok' : last?.why}`)
    }
    return reports
  })
}

async function runRows(world: World, options: Options): Promise<RowReport[]> {
  const mutation = options.mutation === undefined ? undefined : MUTATIONS[options.mutation]
  say('Bundling the gateway.')
  const bundled = await bundleGateway(world, mutation)
  const run: RunOptions = {
    requestsPerSecond: options.requestsPerSecond,
    seed: options.seed,
    durations: options.quick ? QUICK_DURATIONS : FULL_DURATIONS,
    say,
    ...(options.keep === undefined ? {} : { keep: keepIn(options.keep) }),
  }
  const reports: RowReport[] = []
  for (const each of options.rows) {
    const row = options.quick && each.quick === 'fault' ? { ...each, must: { ...each.must, comesBack: false } } : each
    const mutated: Row = mutation?.healthPlane === 'unreachable' ? { ...row, healthPlane: 'unreachable' } : row
    try {
      const measured = await runRow(world, bundled, mutated, run)
      const { ok, why } = judge(row.must, measured)
      reports.push(reportRow(row, { measured, ok, why }))
      say(`${row.id} ${row.what}: ${ok ? 'ok' : `NOT OK: ${why}`}`)
    } catch (error) {
      reports.push(reportRow(row, { measured: null, ok: null, why: `could not run: ${(error as Error).message}` }))
      say(`${row.id} ${row.what}: could not run: ${(error as Error).message}`)
    }
  }
  return reports
}

function keepIn(folder: string): NonNullable<RunOptions['keep']> {
  mkdirSync(folder, { recursive: true })
  return (kept) => writeFileSync(join(folder, `${kept.evidence.row.id}.json`), JSON.stringify(kept))
}

/** npm changes the folder; paths are meant from where the command was said. */
const fromCaller = (path: string): string => resolve(process.env['INIT_CWD'] ?? process.cwd(), path)

function readOptions(args: readonly string[]): Options | string {
  let values: {
    fault?: string[]
    row?: string[]
    rps?: string
    seed?: string
    quick?: boolean
    json?: boolean
    mutate?: string
    write?: string
    keep?: string
    help?: boolean
  }
  try {
    values = parseArgs({
      args: [...args],
      options: {
        fault: { type: 'string', multiple: true },
        row: { type: 'string', multiple: true },
        rps: { type: 'string' },
        seed: { type: 'string' },
        quick: { type: 'boolean' },
        json: { type: 'boolean' },
        mutate: { type: 'string' },
        write: { type: 'string' },
        keep: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (error) {
    return `${(error as Error).message}\n\n${HELP}`
  }
  if (values.help === true) return HELP
  const requestsPerSecond = Number(values.rps ?? 200)
  if (!(requestsPerSecond >= 1 && requestsPerSecond <= 5_000)) return `--rps takes a number from 1 to 5000, got "${values.rps}"\n\n${HELP}`
  const { mutate } = values
  if (mutate !== undefined && !isMutation(mutate)) return `unknown mutation "${mutate}"\n\n${HELP}`
  const names = values.fault === undefined && values.row === undefined ? undefined : [...(values.fault ?? []), ...(values.row ?? [])]
  const rows = chooseRows(names, { quick: values.quick === true, mutation: mutate })
  if (typeof rows === 'string') return `${rows}\n\n${HELP}`
  return {
    ...rows,
    quick: values.quick === true,
    json: values.json === true,
    requestsPerSecond,
    seed: Number(values.seed ?? Math.floor(Math.random() * 2 ** 31)),
    ...(mutate === undefined ? {} : { mutation: mutate }),
    ...(values.write === undefined ? {} : { write: fromCaller(values.write) }),
    ...(values.keep === undefined ? {} : { keep: fromCaller(values.keep) }),
  }
}

interface Chosen {
  readonly rows: readonly Row[]
  readonly rotations: readonly RotationRow[]
}

/** Named rows, else those of the mutation, else those of the form. */
function chooseRows(
  names: readonly string[] | undefined,
  { quick, mutation }: { quick: boolean; mutation: MutationName | undefined },
): Chosen | string {
  if (names !== undefined) {
    const unknown = names.find((name) => ![...ROWS, ...ROTATION_ROWS].some((row) => row.name === name || row.id === name))
    if (unknown !== undefined) return `unknown row "${unknown}"`
    const isNamed = ({ name, id }: { readonly name: string; readonly id: string }): boolean => names.includes(name) || names.includes(id)
    return { rows: ROWS.filter(isNamed), rotations: ROTATION_ROWS.filter(isNamed) }
  }
  return rowsOf({ quick, mutation })
}

/** Of a form, and of a mutation. */
function rowsOf({ quick, mutation }: { quick: boolean; mutation: MutationName | undefined }): Chosen {
  return {
    rows: ROWS.filter((row) => (!quick || row.quick !== 'no') && (mutation === undefined || row.mutation === mutation)),
    rotations: ROTATION_ROWS.filter((row) => (!quick || row.quick) && (mutation === undefined || mutation === 'careless')),
  }
}

/** Without where things were written: the figures do not depend on it. */
function shownArguments(): string[] {
  const args = process.argv
    .slice(2)
    .filter((arg, at, all) => !/^--(keep|write|json)\b/.test(arg) && !/^--(keep|write)$/.test(all[at - 1] ?? ''))
  return args.length > 0 ? ['--', ...args] : []
}

function say(progress: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${progress}\n`)
}

process.exitCode = await main()
