/** An overlay or an emergency is read whole or refused whole, whatever a cache, KV or a vantage of another version holds. */
import { expect, test } from 'vitest'
import { parseEmergency, parseOverlay } from '../../../config/parse-overlay.ts'
import { parseSnapshot } from '../../../config/parse-snapshot.ts'

const DRAIN = { target: { kind: 'endpoint', endpoint: 'use1' }, direction: 'out', over: 0, begun: 5 }
const RELEASE = { weight: 0.05, regions: { 'us-east-1': 0.1 }, mirror: 0, killed: false, salt: 'a' }
const OVERLAY = {
  format: 1,
  order: { epoch: 1_795_000_000_000, revision: 7 },
  weights: { shop: { use1: 80, euw1: 0 } },
  drains: [DRAIN, { ...DRAIN, target: { kind: 'region', region: 'us-east-1' } }, { ...DRAIN, target: { kind: 'cloud', cloud: 'aws' } }],
  releases: { checkout: RELEASE },
}
const EMERGENCY = { etag: '"a1"', drain: ['aws'], weightZero: ['use1'], freeze: ['*'], killCanary: ['checkout'] }
const SNAPSHOT = { format: 1, vantage: 'weur', incarnation: { createdAt: 1, bootCount: 1 }, seq: 1, endpoints: {}, retryScale: 1 }

const many = (count: number): string[] => Array.from({ length: count }, (_, index) => `name-${index}`)
const table = (count: number, value: unknown) => Object.fromEntries(many(count).map((name) => [name, value]))

test('what the director makes is read as it is', () => {
  expect(parseOverlay(OVERLAY)).toBe(OVERLAY)
  expect(parseEmergency(EMERGENCY)).toBe(EMERGENCY)
  expect(parseOverlay({ ...OVERLAY, weights: {}, drains: [], releases: {} })).toBeDefined()
})

test.each<[string, unknown]>([
  ['null', null],
  ['a list', [OVERLAY]],
  ['another format', { ...OVERLAY, format: 2 }],
  ['no order', { ...OVERLAY, order: undefined }],
  ['an order that is a text', { ...OVERLAY, order: { epoch: '1', revision: 1 } }],
  ['an order without end', { ...OVERLAY, order: { epoch: Number.POSITIVE_INFINITY, revision: 1 } }],
  ['an order that is no number', { ...OVERLAY, order: { epoch: 1, revision: Number.NaN } }],
  ['weights that are a list', { ...OVERLAY, weights: [] }],
  ['weights below 0', { ...OVERLAY, weights: { shop: { use1: -1 } } }],
  ['weights that are no number', { ...OVERLAY, weights: { shop: { use1: Number.NaN } } }],
  ['weights without end', { ...OVERLAY, weights: { shop: { use1: Number.POSITIVE_INFINITY } } }],
  ['weights that are texts', { ...OVERLAY, weights: { shop: { use1: '80' } } }],
  ['too many pools', { ...OVERLAY, weights: table(1025, { use1: 1 }) }],
  ['too many endpoints', { ...OVERLAY, weights: { shop: table(1025, 1) } }],
  ['a name as long as a page', { ...OVERLAY, weights: { ['x'.repeat(257)]: { use1: 1 } } }],
  ['too many drains', { ...OVERLAY, drains: many(1025).map(() => DRAIN) }],
  ['a drain of a kind that nobody knows', { ...OVERLAY, drains: [{ ...DRAIN, target: { kind: 'zone', zone: 'a' } }] }],
  ['a drain of nothing', { ...OVERLAY, drains: [{ ...DRAIN, target: { kind: 'region' } }] }],
  ['a drain that goes sideways', { ...OVERLAY, drains: [{ ...DRAIN, direction: 'up' }] }],
  ['a drain that takes for ever', { ...OVERLAY, drains: [{ ...DRAIN, over: Number.POSITIVE_INFINITY }] }],
  ['a drain that takes a year', { ...OVERLAY, drains: [{ ...DRAIN, over: 31_536_000_000 }] }],
  ['a drain that begins later', { ...OVERLAY, drains: [{ ...DRAIN, begun: -1 }] }],
  ['a share above 1', { ...OVERLAY, releases: { checkout: { ...RELEASE, weight: 1.01 } } }],
  ['a region with a share that is no number', { ...OVERLAY, releases: { checkout: { ...RELEASE, regions: { east: Number.NaN } } } }],
  ['a kill that is a text', { ...OVERLAY, releases: { checkout: { ...RELEASE, killed: 'no' } } }],
  ['a salt as long as a page', { ...OVERLAY, releases: { checkout: { ...RELEASE, salt: 'x'.repeat(257) } } }],
])('%s is no overlay, and costs the health beside it nothing', (_, overlay) => {
  expect(parseOverlay(overlay)).toBeUndefined()
  const read = parseSnapshot({ ...SNAPSHOT, overlay })
  expect(read).toEqual(SNAPSHOT)
  expect(read !== undefined && 'overlay' in read).toBe(false)
})

test.each<[string, unknown]>([
  ['null', null],
  ['no tag', { ...EMERGENCY, etag: undefined }],
  ['a tag as long as a page', { ...EMERGENCY, etag: 'x'.repeat(257) }],
  ['a list that is lacking', { ...EMERGENCY, freeze: undefined }],
  ['a list that is a text', { ...EMERGENCY, drain: 'aws' }],
  ['names that are numbers', { ...EMERGENCY, drain: [1] }],
  ['an empty name', { ...EMERGENCY, drain: [''] }],
  ['too many names', { ...EMERGENCY, drain: many(1025) }],
])('%s is no emergency, and a snapshot that says so is refused: without it the emergency would be lifted', (_, emergency) => {
  expect(parseEmergency(emergency)).toBeUndefined()
  expect(parseSnapshot({ ...SNAPSHOT, emergency })).toBeUndefined()
})

test('a snapshot has what it says of both', () => {
  const snapshot = { ...SNAPSHOT, overlay: OVERLAY, emergency: EMERGENCY }
  expect(parseSnapshot(snapshot)).toBe(snapshot)
})
