/**
 * CPU per request of Workers side by side: short slices in turn, in a new random order each round, so that whatever else the
 * machine does falls on all alike. The ratio within a round is what counts. What must come out is `rows.ts`.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { cpuSeconds } from './cpu.ts'
import type { LoadOrder, LoadResult } from './load.ts'
import type { CostRow, Load, SubjectName } from './rows.ts'
import { dice, type Interval, median, medianInterval, shuffle } from './statistics.ts'
import type { Subject } from './subjects.ts'

/** For late work of a slice (reports, logs) to be counted with it. */
const SETTLE_MS = 100

export interface Slice {
  readonly cpuMicros: number
  readonly load: LoadResult
}

export type Send = (order: LoadOrder) => Promise<LoadResult>

export const orderFor = (subject: Subject, load: Load, seconds: number): LoadOrder => ({
  port: subject.port,
  host: subject.host,
  path: `/bytes/${load.answer}`,
  headers: {},
  upload: load.upload,
  rate: load.rate,
  seconds,
  expected: load.answer,
  ...(load.token === undefined ? {} : { token: load.token }),
  ...(load.ownPaths === undefined ? {} : { ownPaths: load.ownPaths }),
})

/** One slice of load on one subject; undefined where CPU cannot be read. */
export async function measureSlice(subject: Subject, order: LoadOrder, send: Send): Promise<Slice | undefined> {
  const before = cpuSeconds(subject.pid)
  const load = await send(order)
  await sleep(SETTLE_MS)
  const after = cpuSeconds(subject.pid)
  if (before === undefined || after === undefined) return undefined
  return { cpuMicros: ((after - before) * 1e6) / load.sent, load }
}

export interface Plan {
  readonly subjects: ReadonlyMap<SubjectName, Subject>
  readonly load: Load
  readonly rounds: number
  readonly sliceSeconds: number
  readonly warmUpSeconds: (name: SubjectName) => number
  readonly seed: number
  readonly progress: (done: number, of: number) => void
}

/** A cheap wrong answer proves nothing: such a row is not ok. */
export class WrongAnswers extends Error {}

export type Rounds = readonly ReadonlyMap<SubjectName, Slice>[]

/** Every subject once a round. Rejects with `WrongAnswers` when a subject gives one, and where CPU cannot be read. */
export async function measureRounds(plan: Plan, send: Send): Promise<Rounds> {
  const draw = dice(plan.seed)
  const slice = async (name: SubjectName, subject: Subject, seconds: number): Promise<Slice> => {
    const measured = await measureSlice(subject, orderFor(subject, plan.load, seconds), send)
    if (measured === undefined) throw new Error('CPU time cannot be read here: /proc is missing')
    const { wrong, sent, firstWrong } = measured.load
    if (wrong > 0) throw new WrongAnswers(`${name} gave ${wrong} wrong answers of ${sent}: ${firstWrong}`)
    return measured
  }
  for (const [name, subject] of plan.subjects) await slice(name, subject, plan.warmUpSeconds(name))
  const rounds: Map<SubjectName, Slice>[] = []
  for (let round = 0; round < plan.rounds; round++) {
    const slices = new Map<SubjectName, Slice>()
    for (const [name, subject] of shuffle([...plan.subjects], draw)) slices.set(name, await slice(name, subject, plan.sliceSeconds))
    rounds.push(slices)
    plan.progress(round + 1, plan.rounds)
  }
  return rounds
}

export interface Ratio extends Interval {
  readonly slices: number
  readonly subjectMicros: number
  readonly referenceMicros: number
  /** Of the subject's answers, the median over its slices. */
  readonly p50: number
  readonly p99: number
}

export function ratioOf(row: CostRow, rounds: Rounds, seed: number): Ratio {
  const pairs = rounds.flatMap((slices) => {
    const [subject, reference] = [slices.get(row.subject), slices.get(row.reference)]
    const minus = row.minus === undefined ? 0 : slices.get(row.minus)?.cpuMicros
    return subject === undefined || reference === undefined || minus === undefined ? [] : [{ subject, reference, minus }]
  })
  const interval = medianInterval(
    pairs.map(({ subject, reference, minus }) => (subject.cpuMicros - minus) / reference.cpuMicros),
    dice(seed),
  )
  const middle = (read: (pair: (typeof pairs)[number]) => number) => median(pairs.map(read))
  return {
    ...interval,
    slices: pairs.length,
    subjectMicros: middle(({ subject }) => subject.cpuMicros),
    referenceMicros: middle(({ reference }) => reference.cpuMicros),
    p50: middle(({ subject }) => subject.load.p50),
    p99: middle(({ subject }) => subject.load.p99),
  }
}

/** Fewest pairs of slices, and widest interval, from which a ratio is judged. */
const SLICES_MIN = 40
const WIDTH_MAX = 0.1

export interface Judgement {
  readonly ok: boolean | null
  readonly why: string
}

/** Whether a ratio keeps its row's promise; null when too little was measured to say so. */
export function judge(row: CostRow, { median: middle, low, high, slices }: Interval & { readonly slices: number }): Judgement {
  if (slices < SLICES_MIN) return { ok: null, why: `${slices} pairs of slices, at least ${SLICES_MIN} are needed` }
  if (row.within !== undefined) {
    const off = Math.abs(middle - row.limit)
    return off <= row.within ? { ok: true, why: '' } : { ok: false, why: 'the machine is too restless for a run to be believed' }
  }
  if (low > row.limit) return { ok: false, why: 'the whole interval is above the limit' }
  if (high - low > WIDTH_MAX)
    return { ok: null, why: `the interval is ${(high - low).toFixed(2)} wide, at most ${WIDTH_MAX.toFixed(2)} counts` }
  return { ok: true, why: '' }
}
