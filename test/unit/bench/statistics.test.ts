/** What a ratio is worth: medians, their intervals, and when a row is judged. */
import { describe, expect, test } from 'vitest'
import { judge } from '../../../bench/measure.ts'
import { COST_ROWS, type CostRow } from '../../../bench/rows.ts'
import { dice, median, medianInterval, shuffle } from '../../../bench/statistics.ts'

describe('statistics', () => {
  test.each([
    { values: [3, 1, 2], middle: 2 },
    { values: [4, 1, 2, 3], middle: 2.5 },
    { values: [7], middle: 7 },
    { values: [], middle: Number.NaN },
  ])('the median of $values is $middle', ({ values, middle }) => expect(median(values)).toBe(middle))

  test('dice of one seed fall alike, within [0, 1), around one half', () => {
    const [one, two] = [dice(5), dice(5)]
    const thrown = Array.from({ length: 10_000 }, () => one())
    expect(thrown).toEqual(Array.from({ length: 10_000 }, () => two()))
    expect(Math.min(...thrown)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...thrown)).toBeLessThan(1)
    expect(thrown.reduce((sum, value) => sum + value, 0) / thrown.length).toBeCloseTo(0.5, 1)
  })

  test('a shuffle keeps every item, and gives each place its turn', () => {
    const draw = dice(1)
    const firsts = Array.from({ length: 3_000 }, () => shuffle(['a', 'b', 'c'], draw)[0])
    for (const item of ['a', 'b', 'c']) expect(firsts.filter((first) => first === item).length / 3_000).toBeCloseTo(1 / 3, 1)
    expect(shuffle([1, 2, 3], draw).sort()).toEqual([1, 2, 3])
  })

  test('an interval holds the true median in about 95 of 100 experiments', () => {
    const draw = dice(7)
    const hits = Array.from({ length: 200 }, () => {
      const { low, high } = medianInterval(
        Array.from({ length: 40 }, () => draw()),
        draw,
      )
      return low <= 0.5 && 0.5 <= high
    }).filter(Boolean).length
    expect(hits).toBeGreaterThan(180)
    expect(hits).toBeLessThan(200)
  })
})

describe('a row is judged', () => {
  const row: CostRow = {
    id: 'X',
    what: '',
    subject: 'gateway',
    reference: 'bare',
    limit: 1.25,
    load: { answer: 0, upload: 0, rate: 1 },
    mutation: '',
  }
  test.each([
    { what: 'below the limit', low: 1.1, high: 1.15, slices: 40, ok: true },
    { what: 'around the limit', low: 1.22, high: 1.3, slices: 40, ok: true },
    { what: 'above the limit', low: 1.26, high: 1.3, slices: 40, ok: false },
    { what: 'above the limit, however wide', low: 1.26, high: 1.6, slices: 40, ok: false },
    { what: 'too wide', low: 1.1, high: 1.3, slices: 40, ok: null },
    { what: 'too few slices', low: 1.1, high: 1.15, slices: 39, ok: null },
  ])('$what: $ok', ({ low, high, slices, ok }) => expect(judge(row, { median: (low + high) / 2, low, high, slices }).ok).toBe(ok))

  test.each([
    { median: 1.02, ok: true },
    { median: 0.96, ok: false },
  ])('the same against itself at $median: $ok', ({ median: middle, ok }) => {
    expect(judge({ ...row, limit: 1, within: 0.03 }, { median: middle, low: 0.9, high: 1.1, slices: 40 }).ok).toBe(ok)
  })

  test('ids are unique, and each row names what would turn it red', () => {
    expect(new Set(COST_ROWS.map(({ id }) => id)).size).toBe(COST_ROWS.length)
    for (const { mutation } of COST_ROWS) expect(mutation).not.toBe('')
  })
})
