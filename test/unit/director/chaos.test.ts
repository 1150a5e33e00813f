import { expect, test } from 'vitest'
import type { Change, ChangeReply } from '../../../config/director.ts'
import { endpointId, poolId } from '../../../config/ids.ts'
import { compareOverlays, type Overlay, type OverlayOrder } from '../../../config/overlay.ts'
import { ms } from '../../../config/units.ts'
import { dice, seeds } from '../../seed.ts'
import { told, weightsOf, withDirector } from './director-world.ts'

const STEPS = 60
const shop = poolId('shop')
const weigh = (weight: number): Change => ({ kind: 'set-weights', pool: shop, weights: { [endpointId('east')]: weight } })
const WEST = { kind: 'endpoint', endpoint: endpointId('west') } as const

/** Evictions of everybody, cuts, clocks that are set, storage that is lost, requests that arrive twice. */
async function live(seed: number) {
  const { world, director } = await withDirector(undefined, seed)
  const random = dice(seed)
  const highest = new Map<string, OverlayOrder>()
  const wrong: string[] = []
  /** Said yes to, and not lost by a loss of storage before anybody else had it. */
  const expected = { weight: 1, drained: false }

  const look = async (): Promise<readonly (Overlay | undefined)[]> => {
    const overlays = await told(world)
    for (const [index, overlay] of overlays.entries()) {
      const held = highest.get(String(index))
      if (overlay === undefined) {
        if (held !== undefined) wrong.push(`vantage ${index} forgot everything`)
        continue
      }
      if (held !== undefined && compareOverlays(overlay.order, held) < 0) wrong.push(`vantage ${index} went back`)
      highest.set(String(index), overlay.order)
    }
    return overlays
  }

  const ask = async (change: Change): Promise<ChangeReply['kind']> => {
    const id = `${seed}-${world.now}-${random()}`
    const reply = await director.change([change], { id })
    const again = random() < 0.3 ? await director.change([change], { id }) : reply
    if (reply.kind === 'done' && again.kind === 'done' && again.revision !== reply.revision) wrong.push('done twice')
    return reply.kind
  }

  for (let step = 0; step < STEPS; step += 1) {
    const fate = random()
    const name = ['wnam', 'weur', 'apac'][Math.floor(random() * 3)] as string
    if (fate < 0.3) {
      const weight = 1 + Math.floor(random() * 100)
      if ((await ask(weigh(weight))) === 'done') expected.weight = weight
    } else if (fate < 0.4) {
      if ((await ask({ kind: 'drain', target: WEST, over: ms(0) })) === 'done') expected.drained = true
    } else if (fate < 0.45) {
      if ((await ask({ kind: 'undrain', target: WEST, over: ms(0) })) === 'done') expected.drained = false
    } else if (fate < 0.6) director.evict()
    else if (fate < 0.7) world.node(name).restart()
    else if (fate < 0.8) world.cut.add(`director-${name}`)
    else if (fate < 0.9) world.cut.clear()
    else if (fate < 0.94) director.clockOff += Math.floor((random() - 0.5) * 7_200_000)
    else {
      // Lost after everybody has heard: what is lost before is lost with whoever said it.
      world.cut.clear()
      await world.run(3000)
      director.loseStorage()
    }
    await world.run(Math.floor(random() * 2000))
    await look()
  }
  world.cut.clear()
  await world.run(15_000)
  return { overlays: await look(), wrong, expected, view: await director.settled(director.core.view()) }
}

test.each(seeds(6))('whatever happens, nobody goes back, nothing is done twice, and all agree in the end (seed %i)', async (seed) => {
  const { overlays, wrong, expected, view } = await live(seed)
  expect(wrong).toEqual([])
  for (const overlay of overlays) {
    expect(overlay?.order).toEqual(view.order)
    expect(weightsOf(overlay)?.[endpointId('east')] ?? 1).toBe(expected.weight)
    expect(overlay?.drains.some(({ direction }) => direction === 'out') ?? false).toBe(expected.drained)
  }
})
