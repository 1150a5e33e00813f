/** How often somebody may fail at the operators' door. */
import { expect, test } from 'vitest'
import { instant } from '../../../config/units.ts'
import { FailureBound } from '../../../worker/operator/failure-bound.ts'

const at = (seconds: number) => instant(1_800_000_000_000 + seconds * 1000)

test('ten at once, then one in six seconds, for each network on its own', () => {
  const bound = new FailureBound()
  for (let failure = 0; failure < 10; failure += 1) {
    expect(bound.admits('a', at(0))).toBe(true)
    bound.note('a', at(0))
  }
  expect(bound.admits('a', at(0))).toBe(false)
  expect(bound.admits('b', at(0))).toBe(true)
  expect(bound.admits('a', at(5.999))).toBe(false)
  expect(bound.admits('a', at(6))).toBe(true)
  bound.note('a', at(6))
  expect(bound.admits('a', at(6))).toBe(false)
  expect(bound.admits('a', at(3600))).toBe(true)
})

test('an hour of failures admits no more than six hundred and ten', () => {
  const bound = new FailureBound()
  let admitted = 0
  for (let second = 0; second < 3600; second += 0.1) {
    if (!bound.admits('a', at(second))) continue
    admitted += 1
    bound.note('a', at(second))
  }
  expect(admitted).toBeLessThanOrEqual(610)
  expect(admitted).toBeGreaterThan(590)
})

test('a thousand networks are remembered, the eldest forgotten first', () => {
  const bound = new FailureBound()
  for (let failure = 0; failure < 10; failure += 1) for (const network of ['eldest', 'elder']) bound.note(network, at(0))
  for (let network = 0; network < 999; network += 1) bound.note(`network ${network}`, at(0))
  expect(bound.admits('eldest', at(0))).toBe(true)
  expect(bound.admits('elder', at(0))).toBe(false)
})
