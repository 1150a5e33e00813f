/** When a vantage writes what is in force to KV, and when it had better not. */
import { expect, test } from 'vitest'
import { vantageId } from '../../../config/ids.ts'
import type { InForce, Overlay } from '../../../config/overlay.ts'
import type { HealthSnapshot } from '../../../config/snapshot.ts'
import { instant, share } from '../../../config/units.ts'
import { KnownOverlayWriter } from '../../../durable-objects/known-overlay-writer.ts'
import type { VantagePorts } from '../../../durable-objects/ports.ts'
import { VantageState } from '../../../durable-objects/vantage-state.ts'
import { drainOf, emergencyOf, overlayOf } from '../worker/overlays.ts'
import { REGIONS, THREE, World } from './world.ts'

const START = 1_000_000

function writer(fails = false) {
  const written: InForce[] = []
  const state = new VantageState(
    {
      incarnation: { createdAt: 1, bootCount: 1 },
      self: vantageId('weur'),
      bases: [],
      folds: new Map(),
      transitions: [],
      keySets: new Map(),
      reports: [],
    },
    instant(START),
  )
  const writeOverlay = (inForce: InForce): Promise<void> => {
    written.push(inForce)
    return fails ? Promise.reject(new Error('no KV')) : Promise.resolve()
  }
  const ports = { platform: { sleep: () => new Promise(() => {}) }, lastKnownGood: { writeOverlay } } as unknown as VantagePorts
  const known = new KnownOverlayWriter(ports)
  const at = async (passed: number, said: Partial<Pick<HealthSnapshot, 'overlay' | 'emergency'>>): Promise<number> => {
    state.snapshot = {
      format: 1,
      vantage: vantageId('weur'),
      incarnation: state.incarnation,
      seq: 1,
      endpoints: {},
      retryScale: share(1),
      ...said,
    }
    await known.write(state, instant(START + passed))
    return written.length
  }
  return { written, at, state }
}

const SEVEN: Overlay = overlayOf({ drains: [drainOf('east')] }, 7)

test('at each revision, at each change of an emergency, and now and then', async () => {
  const { at, written } = writer()
  expect(await at(12_000, { overlay: SEVEN })).toBe(1)
  expect(await at(13_000, { overlay: { ...SEVEN, drains: [drainOf('east', { begun: 1000 as never })] } })).toBe(1)
  expect(await at(15_000, { overlay: overlayOf({}, 8) })).toBe(2)
  expect(await at(20_000, { overlay: overlayOf({}, 8), emergency: emergencyOf({ drain: ['east'] }) })).toBe(3)
  expect(await at(30_000, { overlay: overlayOf({}, 8) })).toBe(4)
  expect(await at(600_000, { overlay: overlayOf({}, 8) })).toBe(4)
  expect(await at(630_000, { overlay: overlayOf({}, 8) })).toBe(5)
  expect(written.map(({ overlay, emergencies }) => [overlay?.order.revision, emergencies.length])).toEqual([
    [7, 0],
    [8, 0],
    [8, 1],
    [8, 0],
    [8, 0],
  ])
})

test('changes do not follow each other faster than KV takes them, and the last one is not lost', async () => {
  const { at, written } = writer()
  for (let revision = 1; revision <= 50; revision += 1) await at(12_000 + revision * 100, { overlay: overlayOf({}, revision) })
  await at(20_000, { overlay: overlayOf({}, 50) })
  expect(written.length).toBeLessThanOrEqual(4)
  expect(written.at(-1)?.overlay?.order.revision).toBe(50)
})

test('a vantage that has just started, or knows nothing, writes nothing over what a former life has left', async () => {
  const { at } = writer()
  expect(await at(1000, { overlay: SEVEN })).toBe(0)
  expect(await at(60_000, {})).toBe(0)
  expect(await at(61_000, { overlay: SEVEN })).toBe(1)
  // It has been lifted, and this life has written it: that is to be seen.
  expect(await at(65_000, {})).toBe(2)
})

test('what could not be written is tried again, and said', async () => {
  const { at, state } = writer(true)
  expect(await at(12_000, { overlay: SEVEN })).toBe(1)
  expect(await at(15_000, { overlay: SEVEN })).toBe(2)
  expect(state.problems.show(instant(15_000))[0]?.text).toMatch(/not written to KV: Error: no KV/)
})

test('of three vantages that hold what the director said, one writes', async () => {
  const world = new World(THREE, REGIONS)
  world.director = async () => ({ overlay: SEVEN, needs: [] })
  await world.start()
  await world.run(30_000)
  expect(world.knownOverlays.map(({ by, inForce }) => [by, inForce.overlay?.order.revision])).toEqual([['apac', 7]])
  world.director = async () => ({ overlay: overlayOf({}, 8), needs: [] })
  await world.run(5000)
  expect(world.knownOverlays.map(({ by, inForce }) => [by, inForce.overlay?.order.revision])).toEqual([
    ['apac', 7],
    ['apac', 8],
  ])
  expect(world.knownOverlays[0]?.inForce).toEqual({ overlay: expect.objectContaining({ order: SEVEN.order }), emergencies: [] })
})
