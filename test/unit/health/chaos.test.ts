import { expect, test } from 'vitest'
import { vantageId } from '../../../config/ids.ts'
import { seeds } from '../../seed.ts'
import { FIVE, REGIONS, started, THREE, timeUntil, type World, watch } from './world.ts'

const pick = <T>(world: World, from: readonly T[]): T => from[Math.floor(world.draw() * from.length)] as T

/** Something happens to one vantage; nothing of it is about an endpoint. */
const MISHAPS: readonly ((world: World, name: string) => void)[] = [
  (world, name) => world.node(name).restart(),
  (world, name) => world.node(name).loseStorage(),
  (world, name) => {
    world.node(name).alive = !world.node(name).alive
  },
  (world, name) => {
    world.node(name).clockOff = Math.round((world.draw() - 0.5) * 1_200_000)
  },
  (world, name) => void world.cut.add(`${name}-${pick(world, world.base.vantages)}`),
  (world) => world.cut.clear(),
]

// Only one vantage at a time may see wrongly: two that do are a quorum of three by design.
test.each([THREE, FIVE].flatMap((vantages) => seeds(6).map((seed) => [vantages.length, seed, vantages] as const)))(
  '%i vantages, seed %i: whatever happens to vantages, what is well is never down, and all is up again when it ends',
  async (_count, seed, vantages) => {
    const world = await started(vantages, seed)
    const blind = vantages[seed % vantages.length] as string
    for (let step = 0; step < 60; step += 1) {
      pick(world, MISHAPS)(world, pick(world, vantages))
      world.node(blind).networkBroken = world.draw() < 0.3
      for (const node of world.nodes.values()) if (node.alive) await node.core.wake(node.name)
      await watch(
        world,
        3000,
        () => {
          for (const name of REGIONS) expect(world.verdicts(name)).not.toContain('down')
        },
        250,
      )
    }
    world.node(blind).networkBroken = false
    world.cut.clear()
    for (const node of world.nodes.values()) {
      node.alive = true
      await node.core.wake(node.name)
    }
    // Every vantage may have forgotten everything at once: an isolate teaches it again.
    await world.node('weur').core.learn(vantageId('weur'), world.base)
    const allUp = () => REGIONS.every((name) => world.verdicts(name).every((verdict) => verdict === 'up'))
    expect(await timeUntil(world, allUp, 60_000)).toBeLessThanOrEqual(45_000)
  },
)
