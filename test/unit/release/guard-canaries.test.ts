import { expect, test } from 'vitest'
import type { TrackCounts } from '../../../config/director.ts'
import { endpointId, poolId, releaseId, routeId } from '../../../config/ids.ts'
import type { Overlay, ReleaseOrder } from '../../../config/overlay.ts'
import type { Release } from '../../../config/release.ts'
import { ms, share } from '../../../config/units.ts'
import { type Guarded, guardCanaries, NO_KILLS, withKills } from '../../../durable-objects/policy/guard-canaries.ts'
import { SETTINGS } from './simulate.ts'

const CHECKOUT = releaseId('checkout')
const [STABLE, CANARY] = [poolId('shop'), poolId('next')]
const RELEASE: Release = {
  id: CHECKOUT,
  tracks: { stable: { pool: STABLE }, canary: { pool: CANARY } },
  key: { kind: 'client-address' },
  steps: [{ weight: share(0.05), pause: ms(0), approval: false }],
  analysis: SETTINGS,
  rollback: 'instant',
  onDeploy: 'keep',
}
const ORDER: ReleaseOrder = { weight: share(0.05), mirror: share(0), killed: false, salt: 'first' }
const overlayOf = (order: Partial<ReleaseOrder> | undefined): Overlay => ({
  format: 1,
  order: { epoch: 1, revision: 1 },
  weights: { [STABLE]: { [endpointId('east')]: 1 } },
  drains: [],
  releases: order === undefined ? {} : { [CHECKOUT]: { ...ORDER, ...order } },
})
const row = (track: TrackCounts['track'], failed: number, more: Partial<TrackCounts> = {}): TrackCounts => ({
  release: CHECKOUT,
  track,
  route: routeId('buy'),
  region: 'east',
  mirrored: false,
  attempts: track === 'canary' ? 30 : 600,
  failed,
  latency: [],
  ...more,
})
const BAD = [row('stable', 3), row('canary', 20)]

const guard = (order: Partial<ReleaseOrder> | undefined, more: Partial<Guarded> = {}): readonly string[] =>
  [
    ...guardCanaries(NO_KILLS, {
      overlay: overlayOf(order),
      releases: new Map([[CHECKOUT, RELEASE]]),
      counts: BAD,
      ofPeers: [],
      isDown: () => false,
      ...more,
    }).values(),
  ].map(({ why }) => why)

const peer = (salt: string) => [{ release: CHECKOUT, salt, why: 'weur saw it.' }]

test.each([
  { what: 'broken', order: {}, kills: 1 },
  { what: 'nobody has begun it', order: undefined, kills: 0 },
  { what: 'nobody gets it', order: { weight: share(0) }, kills: 0 },
  { what: 'it is killed already', order: { killed: true }, kills: 0 },
  { what: 'everybody gets it: stable may be gone', order: { weight: share(1) }, kills: 0 },
  { what: 'everybody in its region, nobody elsewhere', order: { regions: { east: share(1), west: share(0) } }, kills: 0 },
  { what: 'some in its region', order: { regions: { east: share(0.5), west: share(0) } }, kills: 1 },
  {
    what: 'copies of a mirror',
    order: { weight: share(0), mirror: share(0.1) },
    more: { counts: [row('stable', 3), row('canary', 20, { mirrored: true })] },
    kills: 1,
  },
  {
    what: 'what is served in a region that has passed, while the next one begins with copies',
    order: { weight: share(0), mirror: share(0.1), regions: { east: share(0.5), west: share(0) } },
    more: { counts: [...BAD, row('stable', 3, { region: 'west' }), row('canary', 0, { region: 'west', mirrored: true, attempts: 90 })] },
    kills: 1,
  },
  {
    what: 'what was copied before the step',
    order: {},
    more: { counts: [row('stable', 3), row('canary', 20, { mirrored: true })] },
    kills: 0,
  },
  { what: 'a release that no base here has', order: {}, more: { releases: new Map() }, kills: 0 },
  { what: 'well', order: {}, more: { counts: [row('stable', 3), row('canary', 0)] }, kills: 0 },
  { what: 'every endpoint of it is down', order: {}, more: { counts: [], isDown: (pool) => pool === CANARY }, kills: 1 },
  { what: 'every endpoint of both is down', order: {}, more: { counts: [], isDown: () => true }, kills: 0 },
  { what: 'taken away by a peer', order: {}, more: { counts: [], ofPeers: peer('first') }, kills: 1 },
  { what: 'taken away by a peer that speaks of another run', order: {}, more: { counts: [], ofPeers: peer('before') }, kills: 0 },
] satisfies readonly { what: string; order: Partial<ReleaseOrder> | undefined; more?: Partial<Guarded>; kills: number }[])(
  '$what: $kills',
  ({ order, more, kills }) => expect(guard(order, more)).toHaveLength(kills),
)

test('it stays until the director has said otherwise, or another run begins', () => {
  const guarded: Guarded = {
    overlay: overlayOf({}),
    releases: new Map([[CHECKOUT, RELEASE]]),
    counts: BAD,
    ofPeers: [],
    isDown: () => false,
  }
  const kills = guardCanaries(NO_KILLS, guarded)
  expect(guardCanaries(kills, { ...guarded, counts: [] })).toBe(kills)
  expect(guardCanaries(kills, { ...guarded, counts: [], overlay: overlayOf({ weight: share(0.25) }) })).toBe(kills)
  for (const order of [{ weight: share(0) }, { salt: 'second' }, undefined])
    expect(guardCanaries(kills, { ...guarded, counts: [], overlay: overlayOf(order) }).size).toBe(0)
})

test('isolates are told as of an emergency, beside what the file says, and only when something is taken away', () => {
  const kills = guardCanaries(NO_KILLS, {
    overlay: overlayOf({}),
    releases: new Map([[CHECKOUT, RELEASE]]),
    counts: BAD,
    ofPeers: [],
    isDown: () => false,
  })
  const file = { etag: 'abc', drain: ['east'], weightZero: [], freeze: ['*'], killCanary: ['other'] }
  expect(withKills(file, NO_KILLS)).toBe(file)
  expect(withKills(undefined, NO_KILLS)).toBeUndefined()
  expect(withKills(file, kills)).toEqual({ ...file, etag: 'abc, canary taken away: checkout', killCanary: ['other', 'checkout'] })
  expect(withKills(undefined, kills)).toMatchObject({ drain: [], killCanary: ['checkout'] })
})
