/**
 * The committed list of rows: each fault, what it must look like from outside, and which mutation turns it red. Ids are those of the
 * project's scorecard. How a row is run is said by `run-row.ts`, how it is judged by `judge.ts`.
 */
import type { MutationName } from './mutations.ts'

export interface Row {
  readonly id: string
  /** The name for `--fault`. */
  readonly name: string
  readonly what: string
  /** As the control port of an ingress takes it. */
  readonly fault: string
  readonly regions: readonly string[]
  readonly duringMs: number
  /** Kinds of requests; absent: all, in their shares. */
  readonly kinds?: readonly string[]
  /** Vantages and KV do not answer, from the start to the end of the row. */
  readonly healthPlane: 'reachable' | 'unreachable'
  readonly must: Must
  readonly mutation: MutationName
  /** How much of it `--quick` runs: all, only the fault and not the way back, or nothing. */
  readonly quick: 'whole' | 'fault' | 'no'
}

/** Limits; an absent one is measured and not judged. Duplicated writes must be 0 in every row. */
export interface Must {
  /** Absent only where no region is left. */
  readonly failedReplayableMax?: number
  /** Answers whose head came and whose body broke, on routes that do not buffer. */
  readonly brokenBodiesMax: number
  /** Writes that may not be replayed and failed with a code that says so. */
  readonly failedWritesMax?: number
  /** Last new request that tried the region, after the fault. */
  readonly lastTryMaxMs?: number
  /** Beyond the latency of before the fault. */
  readonly rescuedAddedMaxMs?: number
  readonly attemptsPerRequestMax: number
  /** How far the p99 may be above the p95 while the fault lasts. */
  readonly p99AboveP95MaxMs?: number
  /** Attempts are counted from this long after the fault. */
  readonly attemptsFromMs?: number
  /** Changes of verdict about the broken regions, from the fault to the end of it. */
  readonly transitionsMax?: number
  readonly transitionsMin?: number
  /** First good answer of a broken region after healing. */
  readonly firstGoodMaxMs?: number
  /** The region has its share again after healing. */
  readonly comesBack: boolean
}

const BROKEN = 'aws-use1'
const DURING_MS = 15_000
/** Longer than the attempt timeout by what a busy machine of two cores adds. */
const ADDED_MS = 1_000 + 250

const COMMON: Must = {
  failedReplayableMax: 0,
  brokenBodiesMax: 0,
  attemptsPerRequestMax: 1.2,
  rescuedAddedMaxMs: ADDED_MS,
  comesBack: true,
  transitionsMax: 2,
}
const FAST: Must = { ...COMMON, lastTryMaxMs: 1_000, failedWritesMax: 3 }
const SLOW: Must = { ...COMMON, lastTryMaxMs: 3_000, failedWritesMax: 8 }
/** The verdict of the vantages must follow. */
const SEEN = { transitionsMin: 1 } as const

/** What hedging is for, and what it may cost. */
const HEDGED = {
  kinds: ['hedged'],
  must: { ...COMMON, attemptsPerRequestMax: 1.07, p99AboveP95MaxMs: 50, transitionsMax: 0 },
  mutation: 'hedge-off',
} as const satisfies Partial<Row>

type RowDefaults = Pick<Row, 'id' | 'name' | 'what' | 'fault' | 'must' | 'mutation'> & Partial<Row>

const row = (given: RowDefaults): Row => ({ regions: [BROKEN], duringMs: DURING_MS, healthPlane: 'reachable', quick: 'no', ...given })

export const ROWS: readonly Row[] = [
  row({
    id: 'F1',
    name: 'refuse',
    what: 'connection refused',
    fault: 'refuse',
    must: { ...FAST, ...SEEN },
    mutation: 'rescue-off',
    quick: 'whole',
  }),
  row({
    id: 'F2',
    name: 'hang',
    what: 'accepts, never answers',
    fault: 'hang',
    must: { ...SLOW, ...SEEN },
    mutation: 'eject-off',
    quick: 'fault',
  }),
  row({ id: 'F2-drop', name: 'drop', what: 'packets dropped', fault: 'drop', must: { ...SLOW, ...SEEN }, mutation: 'eject-off' }),
  row({ id: 'F3', name: 'reset', what: 'reset before headers', fault: 'reset', must: { ...FAST, ...SEEN }, mutation: 'rescue-off' }),
  row({
    id: 'F4',
    name: 'tls',
    what: 'expired certificate of a stranger',
    fault: 'tls',
    must: { ...SLOW, failedWritesMax: 3 },
    mutation: 'rescue-off',
  }),
  row({
    id: 'F5',
    name: '503',
    what: 'every request 503, ready endpoint too',
    fault: '503',
    must: { ...FAST, ...SEEN },
    mutation: 'health-off',
  }),
  row({
    id: 'F6',
    name: 'lie',
    what: 'every request 503, ready endpoint 200',
    fault: 'lie',
    must: FAST,
    mutation: 'eject-off',
    quick: 'fault',
  }),
  row({
    id: 'F6-mesh',
    name: 'mesh-dead',
    what: 'ingress well, mesh behind it dead',
    fault: 'mesh-dead',
    must: FAST,
    mutation: 'rescue-off',
  }),
  row({ id: 'F7', name: 'slow', what: 'headers after 10 s', fault: 'slow 10000', must: { ...SLOW, ...SEEN }, mutation: 'eject-off' }),
  row({
    id: 'F8',
    name: 'mid-body',
    what: 'breaks in mid-body',
    fault: 'mid-body',
    must: { ...FAST, brokenBodiesMax: 15, failedWritesMax: 15 },
    mutation: 'eject-off',
  }),
  row({
    id: 'F8-buffered',
    name: 'mid-body-buffered',
    what: 'breaks in mid-body, within bufferUpTo',
    fault: 'mid-body',
    kinds: ['buffered'],
    must: FAST,
    mutation: 'buffer-off',
  }),
  row({
    id: 'F9',
    name: 'partial',
    what: '30 % of requests 503',
    fault: 'partial 30',
    must: { ...COMMON, lastTryMaxMs: 10_000 },
    mutation: 'rescue-off',
  }),
  row({
    id: 'F10',
    name: 'flap',
    what: 'flaps 3 s / 3 s for 2 min',
    fault: 'flap 3',
    duringMs: 120_000,
    must: { ...COMMON, transitionsMax: 4, comesBack: false },
    mutation: 'rescue-off',
  }),
  row({
    id: 'F11',
    name: 'two',
    what: 'two of three regions at once refuse',
    fault: 'refuse',
    regions: ['aws-use1', 'gcp-euw1'],
    must: { ...FAST, ...SEEN, failedWritesMax: 6, lastTryMaxMs: 3_000, transitionsMax: 4 },
    mutation: 'rescue-off',
  }),
  row({
    id: 'F12',
    name: 'all',
    what: 'every request 503 in all regions',
    fault: '503',
    regions: ['aws-use1', 'gcp-euw1', 'azure-sea'],
    must: { brokenBodiesMax: 0, attemptsPerRequestMax: 1.2, attemptsFromMs: 5_000, firstGoodMaxMs: 2_000, comesBack: true },
    mutation: 'budget-off',
  }),
  row({
    id: 'F16',
    name: 'rate-limited',
    what: '429 with Retry-After: 5',
    fault: 'rate-limited',
    must: { ...COMMON, transitionsMax: 0 },
    mutation: 'rescue-off',
  }),
  row({
    id: 'F17',
    name: 'trickle',
    what: 'body at one byte each half second',
    fault: 'trickle',
    must: { ...SLOW, brokenBodiesMax: 15, failedWritesMax: 15 },
    mutation: 'eject-off',
  }),
  row({ id: 'H1', name: 'hedge', what: '400 ms late on 5 % of requests, hedged at p95', fault: 'hiccup 5', ...HEDGED }),
  row({ id: 'H2', name: 'hedge-more', what: '400 ms late on 12 % of requests, hedged at p95', fault: 'hiccup 12', ...HEDGED }),
  row({ id: 'F22', name: 'rubbish', what: 'bytes that are not HTTP', fault: 'rubbish', must: FAST, mutation: 'rescue-off' }),
  row({
    id: 'O3',
    name: 'alone',
    what: 'refused while vantages, director, limits and KV are unreachable',
    fault: 'refuse',
    healthPlane: 'unreachable',
    must: { ...FAST, transitionsMax: 0 },
    mutation: 'eject-off',
  }),
]
