/** What counts as noticed when keys are exchanged: figures of records, and their judgement. */
import { describe, expect, test } from 'vitest'
import type { LoadOutcome, LoadRecord } from '../../../cli/failover/load-record.ts'
import { judgeRotation, measureRotation } from '../../../cli/failover/measure-rotation.ts'
import { ROTATION_ROWS } from '../../../cli/failover/rotation-rows.ts'

const OK: LoadOutcome = { kind: 'answered', status: 200 }
const REFUSED: LoadOutcome = { kind: 'answered', status: 401, code: 'ERR_TOKEN_KEY_UNKNOWN', retryAfter: '1' }
const record = (scheduledAt: number, outcome: LoadOutcome, given: Partial<LoadRecord> = {}): LoadRecord => ({
  id: `1-${scheduledAt}`,
  kind: 'private',
  scheduledAt,
  latencyMs: 5,
  lateMs: 0,
  outcome,
  kid: 'new',
  version: 0,
  ...given,
})
const measured = (...records: LoadRecord[]) =>
  measureRotation({ records, from: 1_000, signsFrom: 2_000, newest: { kid: 'new', version: 0 } })
const AT_ONCE = { refusedWithinMs: 3_000, newestServes: true } as const
const ANNOUNCED = { refusedWithinMs: 0, newestServes: true } as const

test('what came before the row began counts for nothing', () => {
  expect(measured(record(999, REFUSED), record(1_000, OK))).toMatchObject({ requests: 1, refused: 0, lastRefusedMs: null })
})

describe('a key that signs at once', () => {
  test('may be refused for 3 s, each with Retry-After: 1', () => {
    const figures = measured(record(2_000, REFUSED), record(4_999, REFUSED), record(5_100, OK))
    expect(figures).toMatchObject({ refused: 2, lastRefusedMs: 2_999, withoutRetryAfter: 0, byNewestKey: 1 })
    expect(judgeRotation(AT_ONCE, figures)).toEqual({ ok: true, why: '' })
  })

  test.each<readonly [string, LoadRecord[], string]>([
    ['one later than that', [record(5_001, REFUSED), record(5_100, OK)], 'none refused 3000 ms after the key signs, got 3001 ms'],
    ['one without Retry-After', [record(2_000, { kind: 'answered', status: 401 }), record(2_100, OK)], 'got 1 without'],
    ['one that fails', [record(2_000, { kind: 'answered', status: 503, code: 'ERR_X' }), record(2_100, OK)], 'got 1 (1 ERR_X)'],
    ['one that breaks', [record(2_000, { kind: 'failed', problem: 'ECONNRESET' }), record(2_100, OK)], 'got 1 (1 ECONNRESET)'],
    ['none that bears it and is served', [record(2_000, OK, { kid: 'old' })], 'tokens of the newest key are served, got none'],
    ['nothing of the newest version', [record(2_000, OK, { version: 3 })], 'the newest version serves, got nothing of it'],
    ['nothing at all', [], 'no request was sent'],
  ])('not %s', (_, records, why) => {
    const judged = judgeRotation(AT_ONCE, measured(...records))
    expect(judged.ok).toBe(false)
    expect(judged.why).toContain(why)
  })
})

test('a key that was announced is never refused', () => {
  expect(judgeRotation(ANNOUNCED, measured(record(2_000, REFUSED), record(2_100, OK)))).toMatchObject({ ok: false })
  expect(judgeRotation(ANNOUNCED, measured(record(2_100, OK)))).toEqual({ ok: true, why: '' })
})

test.each(ROTATION_ROWS)('$id is made of steps in order, within its length, over versions that it has', ({ versions, steps, lengthMs }) => {
  const times = steps.map(({ atMs }) => atMs)
  expect(times).toEqual(times.toSorted((a, b) => a - b))
  expect(Math.max(...times)).toBeLessThan(lengthMs)
  for (const step of steps) if (step.kind === 'serve') for (const version of step.versions) expect(versions[version]).toBeDefined()
})
