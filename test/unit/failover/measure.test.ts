import { describe, expect, test } from 'vitest'
import { judge, showMust } from '../../../cli/failover/judge.ts'
import type { LoadRecord } from '../../../cli/failover/load-record.ts'
import { type Evidence, measure, quantile } from '../../../cli/failover/measure.ts'
import { isMutation } from '../../../cli/failover/mutations.ts'
import { exitCode, type Report, type RowReport } from '../../../cli/failover/report.ts'
import { ROWS } from '../../../cli/failover/rows.ts'
import { MIX } from '../../../cli/failover/run-row.ts'
import type { EndpointId, EndpointKey } from '../../../config/ids.ts'
import { ms } from '../../../config/units.ts'

const [F1] = ROWS
if (F1 === undefined) throw new Error('no rows')
const DEAD = 'aws-use1'

const answered = (at: number, change: Partial<LoadRecord> = {}): LoadRecord => ({
  id: String(at),
  kind: 'read',
  scheduledAt: at,
  latencyMs: 5,
  lateMs: 0,
  outcome: { kind: 'answered', status: 200 },
  attempts: 1,
  endpoint: DEAD,
  ...change,
})

/** A second of health, a fault at 1000, healing at 3000, its share back at 5000. */
const evidence = (records: readonly LoadRecord[], change: Partial<Evidence> = {}): Evidence => ({
  row: F1,
  mix: MIX,
  from: 0,
  brokenAt: 1000,
  healedAt: 3000,
  endedAt: 9000,
  records,
  socketsLost: 0,
  seen: {},
  transitions: [{ ago: ms(1), endpoint: 'k' as EndpointKey, id: DEAD as EndpointId, from: 'up', to: 'down', reasons: [] }],
  ...change,
})

const every = (from: number, to: number, change: Partial<LoadRecord> = {}): LoadRecord[] =>
  Array.from({ length: (to - from) / 100 }, (_, index) => answered(from + index * 100, change))
const other = { endpoint: 'gcp-euw1' }
const wellBehaved = [
  ...every(0, 1000),
  answered(1000, { ...other, attempts: 2, latencyMs: 900 }),
  ...every(1100, 3000, other),
  ...every(3000, 5000, other),
  ...every(5000, 9000),
]

describe('a run without a failure', () => {
  const measured = measure(evidence(wellBehaved))
  test('is ok', () => expect(judge(F1.must, measured)).toEqual({ ok: true, why: '' }))
  test('has its figures', () =>
    expect(measured).toMatchObject({
      requests: 90,
      failedReplayable: 0,
      lastTryMs: 0,
      rescuedAddedMs: 895,
      attemptsPerRequest: 1.05,
      shares: { 'gcp-euw1': 1 },
    }))
  test('comes back when the region has four fifths of its share over two seconds', () => expect(measured.backMs).toBe(4000))
})

const fail = (code?: string): Partial<LoadRecord> => ({
  outcome: { kind: 'answered', status: 502, ...(code === undefined ? {} : { code }) },
  ...other,
})

test.each([
  ['a failed read', answered(1200, fail('ERR_CONNECT_FAILED')), /failed replayable requests 0, got 1 \(1 ERR_CONNECT_FAILED\)/],
  ['a failed write that may go anywhere', answered(1200, { ...fail('ERR_X'), kind: 'shared-write' }), /failed replayable/],
  ['a lost connection', answered(1200, { outcome: { kind: 'failed', problem: 'ECONNRESET' } }), /ECONNRESET/],
  ['a failed write without a code', answered(1200, { ...fail(), kind: 'write' }), /each failed write with its code, got status 502/],
  [
    'a broken body',
    answered(1200, { outcome: { kind: 'broken-body', status: 200, problem: 'cut short' } }),
    /broken bodies at most 0, got 1/,
  ],
  [
    'a broken body that was to be buffered',
    answered(1200, { kind: 'buffered', outcome: { kind: 'broken-body', status: 200, problem: 'cut' } }),
    /bufferUpTo/,
  ],
  ['a late try', answered(2500, { ...other, attempts: 2 }), /last new request there 1000 ms after the fault, got 1500 ms/],
  ['a slow rescue', answered(1200, { ...other, attempts: 2, latencyMs: 1300 }), /rescued at most 1250 ms later, got 1295 ms/],
])('%s is not ok', (_, record, why) => {
  expect(judge(F1.must, measure(evidence([...wellBehaved, record])))).toMatchObject({ ok: false, why: expect.stringMatching(why) })
})

test('failed writes that may not be replayed are allowed up to their number, with a code', () => {
  const writes = [1100, 1101, 1102].map((at) => answered(at - 100, { ...fail('ERR_WRITE_NOT_REPLAYED'), kind: 'write' }))
  expect(judge(F1.must, measure(evidence([...wellBehaved, ...writes]))).ok).toBe(true)
  expect(
    judge(F1.must, measure(evidence([...wellBehaved, ...writes, answered(1010, { ...fail('ERR_WRITE_NOT_REPLAYED'), kind: 'write' })]))),
  ).toMatchObject({
    why: 'failed writes at most 3, got 4 ERR_WRITE_NOT_REPLAYED',
  })
})

test('what the region itself saw counts as a try, probation does not', () => {
  const seen = (probation: boolean) => ({ [DEAD]: [{ id: '1', method: 'GET', at: 2900, attempt: 1, probation }] })
  expect(measure(evidence(wellBehaved, { seen: seen(false) })).lastTryMs).toBe(1900)
  expect(measure(evidence(wellBehaved, { seen: seen(true) })).lastTryMs).toBe(0)
})

test('a write that two regions saw is a duplicate, a read is not', () => {
  const records = [...wellBehaved, answered(1500, { ...other, id: 'w', kind: 'write' }), answered(1501, { ...other, id: 'r' })]
  const saw = ['w', 'r'].map((id) => ({ id, method: 'POST', at: 1500, attempt: 1, probation: false }))
  expect(measure(evidence(records, { seen: { a: saw, b: saw } })).duplicates).toBe(1)
})

test('a region that never has its share again does not come back', () => {
  const measured = measure(evidence([...every(0, 1000), ...every(1000, 9000, other)]))
  expect(measured.backMs).toBeNull()
  expect(judge(F1.must, measured).why).toContain('comes back')
})

test.each([
  [[], 0.5, 0],
  [[1, 2, 3, 4], 0.5, 3],
  [[1, 2, 3, 4], 0.99, 4],
])('the quantile of %j at %d is %d', (sorted, share, value) => expect(quantile(sorted, share)).toBe(value))

describe('the list of rows', () => {
  test('has each id and name once', () => {
    for (const key of ['id', 'name'] as const) expect(new Set(ROWS.map((row) => row[key])).size).toBe(ROWS.length)
  })
  test.each(ROWS.map((row) => [row.id, row] as const))('%s names a mutation and says what it must be', (_, row) => {
    expect(isMutation(row.mutation)).toBe(true)
    expect(showMust(row.must)).toContain(row.name === 'all' ? 'a good answer 2000 ms after healing' : 'failed replayable requests 0')
  })
})

test.each([
  [[true, true], 0],
  [[true, false, null], 1],
  [[true, null], 2],
])('rows %j end with code %d', (oks, code) => {
  const rows = oks.map((ok) => ({ ok }) as RowReport)
  expect(exitCode({ rows } as unknown as Report)).toBe(code)
})
