/** What is asked about before a release is moved: whatever takes the canary from clients anywhere. */
import { describe, expect, test } from 'vitest'
import { canaryLosses } from '../../../cli/operate/canary-losses.ts'
import type { Difference } from '../../../config/director.ts'

const held = (weight: number, regions?: Record<string, number>) =>
  ({ release: 'checkout', order: { weight, mirror: 0, killed: false, salt: 's', ...(regions === undefined ? {} : { regions }) } }) as never
const to = (fields: Record<string, number | string | undefined>): Difference[] =>
  Object.entries(fields).map(([field, after]) => ({ field: `releases.checkout.${field}`, before: undefined, after }))

describe('it is asked about', () => {
  test('when a completed one is started again', () =>
    expect(canaryLosses(held(1), to({ phase: 'running', weight: 0.01 }))).toEqual(['  checkout: 100 % → 1 % of clients have the canary']))
  test('when a share by hand is left for a lower step', () =>
    expect(canaryLosses(held(0.5), to({ weight: 0.25 }))).toEqual(['  checkout: 50 % → 25 % of clients have the canary']))
  test('when the share of one region falls and that of the group does not', () =>
    expect(
      canaryLosses(held(0.01, { east: 1, west: 0.01 }), to({ weight: 0.05, 'regions.east.weight': 0.05, 'regions.west.weight': 0.05 })),
    ).toEqual([
      '  checkout: up to 100 % of clients of a region have the canary, and up to 5 % would',
      '    east               100 % → 5 %',
    ]))
  test('when by hand it is the same everywhere, which some regions have more of', () =>
    expect(
      canaryLosses(
        held(0.01, { east: 1, west: 0.01 }),
        to({ weight: 0.5, 'regions.east.weight': undefined, 'regions.west.weight': undefined }),
      ),
    ).toContain('    east               100 % → 50 %'))
  test('when a share everywhere becomes one of some regions', () =>
    expect(canaryLosses(held(0.5), to({ 'regions.east.weight': 0.5 }))).toContain('    elsewhere          50 % → 0 %'))
  test('when all go back, with the largest share of any region', () =>
    expect(
      canaryLosses(
        held(0.01, { east: 1, west: 0.01 }),
        to({ weight: 0, 'regions.east.weight': undefined, 'regions.west.weight': undefined }),
      ),
    ).toEqual(['  checkout: up to 100 % of clients of a region have the canary, and go back to stable']))
  test('when one that weights.json gives a share is begun, also with more: other clients have it then', () => {
    const idle = { ...(held(0.05) as object), phase: 'idle' } as never
    expect(canaryLosses(idle, to({ phase: 'running', weight: 0.1 }))).toEqual([
      '  checkout: 5 % of clients have the canary by weights.json, and it is drawn anew who has it',
    ])
    expect(canaryLosses(idle, to({ phase: 'running', weight: 0 }))).toEqual([
      '  checkout: 5 % of clients have the canary, and go back to stable',
    ])
  })
  test('when it is killed, also while nobody has it: overrides end', () =>
    expect(canaryLosses(held(0), to({ killed: 'yes' }))).toEqual([
      '  checkout: 0 % of clients have the canary, and go back to stable, those with an override as well',
    ]))
})

test.each([
  ['more of it', held(0.05), to({ weight: 0.5 })],
  ['more in one region', held(0.05, { east: 0.05 }), to({ 'regions.west.weight': 0.01 })],
  ['a pause', held(0.05), to({ phase: 'paused' })],
  ['another release', held(0.05), [{ field: 'releases.checkout-2.weight', before: 0.5, after: 0 }]],
])('%s is not', (_, release, differences) => expect(canaryLosses(release, differences)).toEqual([]))
