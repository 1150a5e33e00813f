/** Runs the rows: starts endpoints, load and Workers, measures, judges, stops everything. How it is shown is `main.ts`. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { build } from './build.ts'
import { configurationOf } from './configuration.ts'
import { FOOTPRINT, measureFootprint } from './footprint.ts'
import { healthOn } from './health-on.ts'
import type { LoadOrder, LoadResult } from './load.ts'
import { type Judgement, judge, measureRounds, type Ratio, ratioOf, type Send, WrongAnswers } from './measure.ts'
import { COST_ROWS, type CostRow, type Load, type SubjectName } from './rows.ts'
import { type Subject, startAlone, startGateway, workerSource } from './subjects.ts'

export interface Row extends Judgement {
  readonly id: string
  readonly what: string
  readonly measured: unknown
  readonly shown: string
  readonly must: string
  readonly mutation: string
}

export interface Options {
  readonly root: string
  readonly seed: number
  /** For its correctness: few short slices, answers compared, nothing judged. */
  readonly quick: boolean
  readonly rounds?: number
  readonly only?: readonly string[]
  readonly say: (text: string) => void
}

/**
 * `firstSeconds`: load on a Worker before it is measured for the first time. V8 compiles the last of the request path after some 17,000 requests, and a
 * request costs about a fifth less from then on: rows that are measured before and after cannot be compared.
 */
const LONG = { rounds: 40, sliceSeconds: 1, firstSeconds: 40, againSeconds: 3 }
const QUICK = { rounds: 2, sliceSeconds: 0.3, firstSeconds: 0.3, againSeconds: 0.3 }
/** Every row that there is, in the order in which they are measured. */
export const ROW_IDS: readonly string[] = [...COST_ROWS.map(({ id }) => id), FOOTPRINT.id]

export async function runRows(options: Options): Promise<Row[]> {
  const wanted = (id: string) => options.only === undefined || options.only.includes(id)
  const rows = COST_ROWS.filter(({ id }) => wanted(id))
  const stage = await openStage(options)
  try {
    const measured: Row[] = []
    for (const load of new Set(rows.map((row) => row.load))) {
      const under = rows.filter((row) => row.load === load)
      measured.push(...(await measureLoad(under, load, stage, options).catch((error: Error) => under.map((row) => unmeasured(row, error)))))
    }
    if (wanted('P6')) measured.push(await measureFootprint(options).catch((error: Error) => unmeasured(FOOTPRINT, error)))
    return measured
  } finally {
    await stage.close()
  }
}

/** Everything that runs beside the Workers, and the Workers that were started so far. */
interface Stage {
  readonly send: Send
  readonly subject: (name: SubjectName) => Promise<Subject>
  /** Those that have been measured. */
  readonly warm: Set<SubjectName>
  readonly close: () => Promise<void>
}

async function openStage({ root, say }: Options): Promise<Stage> {
  const origins = fork(join(import.meta.dirname, 'origins.ts'))
  const load = fork(join(import.meta.dirname, 'load.ts'))
  const [[{ ports }]] = (await Promise.all([once(origins, 'message'), once(load, 'message')])) as [[{ ports: number[] }], unknown]
  const started = new Map<SubjectName, Subject>()
  const start = async (name: SubjectName): Promise<Subject> => {
    if (name === 'bare' || name === 'bare-twin') return startAlone(name, workerSource('bare'), `127.0.0.1:${ports[0]}`)
    if (name === 'bare-signing') return startAlone(name, workerSource('signing'), `127.0.0.1:${ports[0]}`)
    if (name === 'bare-verifying') return startAlone(name, workerSource('verifying'), `127.0.0.1:${ports[0]}`)
    say(`building ${name}\n`)
    const workers = await build(root, configurationOf(name, ports))
    const gateway = await startGateway(workers.gateway, workers.control, 'bench.test')
    started.set(name, gateway)
    await healthOn(gateway)
    return gateway
  }
  return {
    send: (order) => ask(load, order),
    warm: new Set(),
    subject: async (name) => {
      const subject = started.get(name) ?? (await start(name))
      started.set(name, subject)
      return subject
    },
    close: async () => {
      await Promise.all([...started.values()].map((subject) => subject.stop()))
      for (const child of [origins, load]) child.disconnect()
    },
  }
}

async function ask(load: ChildProcess, order: LoadOrder): Promise<LoadResult> {
  const answer = once(load, 'message')
  load.send(order)
  return (await answer)[0] as LoadResult
}

/** Rows under one load share their rounds: the same reference slice serves all of them. */
async function measureLoad(rows: readonly CostRow[], load: Load, stage: Stage, options: Options): Promise<Row[]> {
  const lengths = options.quick ? QUICK : LONG
  const subjects = new Map<SubjectName, Subject>()
  for (const name of new Set(rows.flatMap((row) => [row.reference, row.subject, ...(row.minus === undefined ? [] : [row.minus])])))
    subjects.set(name, await stage.subject(name))
  const ids = rows.map(({ id }) => id).join(', ')
  const progress = (done: number, of: number) => options.say(`${ids}: round ${done} of ${of}${done === of ? '\n' : '\r'}`)
  const { firstSeconds, againSeconds, sliceSeconds } = lengths
  const warmUpSeconds = (name: SubjectName) => (stage.warm.has(name) ? againSeconds : firstSeconds)
  const plan = { rounds: options.rounds ?? lengths.rounds, sliceSeconds, warmUpSeconds, subjects, load, seed: options.seed, progress }
  const rounds = await measureRounds(plan, stage.send)
  for (const name of subjects.keys()) stage.warm.add(name)
  return rows.map((row) => shownRow(row, ratioOf(row, rounds, options.seed), options.quick))
}

const mustOf = (row: CostRow): string =>
  row.within === undefined ? `at most ${row.limit.toFixed(2)}` : `${row.limit.toFixed(2)} ± ${row.within}`

/** A row that could not be measured is null with why; one whose answers were wrong is not ok. */
function unmeasured(row: CostRow | typeof FOOTPRINT, error: Error): Row {
  const { id, what, mutation } = row
  const must = 'must' in row ? row.must : mustOf(row)
  return {
    id,
    what,
    measured: null,
    shown: 'not measured',
    must,
    mutation,
    ok: error instanceof WrongAnswers ? false : null,
    why: error.message,
  }
}

function shownRow(row: CostRow, ratio: Ratio, quick: boolean): Row {
  const shown =
    `${ratio.median.toFixed(3)} × (95 %: ${ratio.low.toFixed(3)} to ${ratio.high.toFixed(3)}, ${ratio.slices} pairs), ` +
    `${ratio.subjectMicros.toFixed(0)} against ${ratio.referenceMicros.toFixed(0)} µs, p50 ${ratio.p50.toFixed(1)} ms, p99 ${ratio.p99.toFixed(1)} ms`
  // That a row is here at all means that its answers were right: that is what the quick form proves.
  const judgement = quick ? { ok: true, why: 'answers equal' } : judge(row, ratio)
  return { id: row.id, what: row.what, measured: ratio, shown, must: mustOf(row), mutation: row.mutation, ...judgement }
}
