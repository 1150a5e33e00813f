/** Whether the operators' documents show an endpoint as drained: by the configuration, or by a drain that covers it. */
import { expect, test } from 'vitest'
import type { DirectorView, EntryView } from '../../../config/director-view.ts'
import { driftDocument, readings } from '../../../worker/operator/director-documents.ts'
import { testBase } from '../../workerd/gateway/base.ts'

const base = testBase({ endpoints: [{ id: 'a', origin: 'https://a.test' }] })
const endpoint = base.pools[0]?.endpoints[0]
const configured = {
  ...base,
  pools: base.pools.map((pool) => ({ ...pool, endpoints: pool.endpoints.map((each) => ({ ...each, drain: true })) })),
}

function isDrained(words: Readonly<Record<string, string>>, of = base, more: Partial<EntryView> = {}): boolean | undefined {
  const entries = Object.entries(words).map(([name, value]) => ({ field: `drains.${name}`, value, owner: 'operator', ...more }))
  const view = { revision: 1, entries, spread: { revision: 1, vantages: [] }, problems: [] } as unknown as DirectorView
  const [weights, drains] = [readings.weights(view, of), readings.drains(view, of)].map(({ pools }) => pools[0]?.endpoints[0]?.drained)
  expect(drains).toBe(weights)
  return weights
}

test('as the configuration says, where nobody else does', () => {
  expect([isDrained({}), isDrained({}, configured), isDrained({ 'endpoint.other': 'out' })]).toEqual([false, true, false])
})
test.each([`endpoint.${endpoint?.id}`, `region.${endpoint?.region}`, `cloud.${endpoint?.cloud}`])('by %s', (name) => {
  expect(isDrained({ [name]: 'out' })).toBe(true)
  expect(isDrained({ [name]: 'out' }, base, { inert: true })).toBe(false)
  expect(isDrained({ [name]: 'back' })).toBe(false)
  // What gateway.yaml drains, only a deploy brings back.
  expect(isDrained({ [name]: 'back' }, configured)).toBe(true)
})
test('weights by which no endpoint would have one are not in force, and the pool says so', () => {
  const two = testBase({ endpoints: ['a', 'b'].map((id) => ({ id, origin: `https://${id}.test` })) })
  const shown = (weights: Readonly<Record<string, number>>) => {
    const [pool] = two.pools
    const entries = Object.entries(weights).map(([id, value]) => ({ field: `pools.${pool?.id}.${id}.weight`, value, owner: 'operator' }))
    const view = { revision: 1, entries, spread: { revision: 1, vantages: [] }, problems: [] } as unknown as DirectorView
    const { leftAside, endpoints } = readings.weights(view, two).pools[0] ?? { endpoints: [] }
    return [leftAside, endpoints.map(({ inForce }) => inForce), driftDocument(view, two).leftAside]
  }
  expect(shown({ a: 0, b: 7 })).toEqual([undefined, [0, 7], undefined])
  expect(shown({ a: 0, b: 0 })).toEqual([true, [1, 1], [two.pools[0]?.id]])
})
test('who takes it out goes before who brings it back', () => {
  expect(isDrained({ [`endpoint.${endpoint?.id}`]: 'back', [`region.${endpoint?.region}`]: 'out' })).toBe(true)
})
