/** Which word was probably meant. */
import { describe, expect, test } from 'vitest'
import { didYouMean, editDistance } from '../../../config/suggest.ts'

describe('edit distance', () => {
  test.each([
    { a: '', b: '', distance: 0 },
    { a: 'pool', b: 'pool', distance: 0 },
    { a: 'pool', b: '', distance: 4 },
    { a: 'shpo', b: 'shop', distance: 1 },
    { a: 'interval', b: 'intervall', distance: 1 },
    { a: 'kitten', b: 'sitting', distance: 3 },
    { a: 'ca', b: 'abc', distance: 3 },
  ])('$a to $b is $distance', ({ a, b, distance }) => {
    expect(editDistance(a, b)).toBe(distance)
    expect(editDistance(b, a)).toBe(distance)
  })
})

describe('a suggestion', () => {
  const known = ['endpoints', 'steering', 'monitor', 'outlier', 'retryBudget', 'slowStart']
  test.each([
    { written: 'steerng', says: 'did you mean "steering"?' },
    { written: 'SlowStart', says: 'did you mean "slowStart"?' },
    { written: 'retry', says: 'did you mean "retryBudget"?' },
    { written: 'endpoint', says: 'did you mean "endpoints"?' },
    { written: 'affinity', says: undefined },
    { written: '', says: undefined },
    { written: 'x'.repeat(10_000), says: undefined },
  ])('for $written', ({ written, says }) => expect(didYouMean(written, known)).toBe(says))
})
