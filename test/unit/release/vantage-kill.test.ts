/** A vantage takes a canary away by itself: what it and its peers were told is enough, and the director may be gone. */
import { expect, test } from 'vitest'
import type { TrackCounts } from '../../../config/director.ts'
import { isolateId, releaseId, routeId } from '../../../config/ids.ts'
import { ms, seconds, share } from '../../../config/units.ts'
import { BASE, type DirectorNode, releaseOf, withDirector } from '../director/director-world.ts'
import type { World } from '../health/world.ts'

const CHECKOUT = releaseId('checkout')
const STEPS = [0.05, 0.25].map((weight) => ({ weight: share(weight), pause: seconds(30), approval: false }))
const SCENE = { ...BASE, releases: [releaseOf('checkout', { steps: STEPS })] }

const row = (track: TrackCounts['track'], attempts: number, failed: number): TrackCounts => ({
  release: CHECKOUT,
  track,
  route: routeId('buy'),
  region: 'us-east-1',
  mirrored: false,
  attempts,
  failed,
  latency: [],
})

let seq = 0
async function report(world: World, vantage: string, tracks: readonly TrackCounts[]): Promise<void> {
  seq += 1
  const node = world.node(vantage)
  const counts = { isolate: isolateId(`isolate ${vantage}`), seq, base: 'base', covers: ms(1000), requests: 0, attempts: 0, rows: [] }
  await node.core.report(node.name, { ...counts, tracks })
}

const killedAt = async (world: World): Promise<readonly (readonly string[])[]> =>
  Promise.all(
    [...world.nodes.values()].map(async (node) => {
      const reply = await node.core.sync(node.name, { base: 'base', active: true, wantsProbation: [] })
      return reply.kind === 'snapshot' ? (reply.snapshot.emergency?.killCanary ?? []) : []
    }),
  )

async function started(): Promise<{ world: World; director: DirectorNode }> {
  const scene = await withDirector(SCENE)
  await scene.director.change([{ kind: 'release', release: CHECKOUT, action: 'start' }])
  await scene.world.run(1500)
  return scene
}

test('at once in its own snapshot, within a tenth of a second at its peers, and rolled back by the director with the reason', async () => {
  const { world, director } = await started()
  await report(world, 'weur', [row('stable', 400, 2), row('canary', 24, 12)])
  expect((await killedAt(world))[1]).toEqual(['checkout'])
  await world.run(100)
  expect(await killedAt(world)).toEqual([['checkout'], ['checkout'], ['checkout']])
  await world.run(3000)
  const view = await director.settled(director.core.view())
  expect(view.releases[0]).toMatchObject({ phase: 'rolled-back', order: { weight: 0, killed: false } })
  expect(view.releases[0]?.explanation).toMatch(
    /^The vantage \w+ took it away: 50 % of 24 requests of the canary failed within 10 s, above the hard limit of 25 %; of stable beside it 0\.5 % of 400\.$/,
  )
  // The director has said so: nothing is left to be taken by a vantage's own word.
  expect(await killedAt(world)).toEqual([[], [], []])
  // Another run is not held to what was.
  await director.change([{ kind: 'release', release: CHECKOUT, action: 'start' }])
  await world.run(3000)
  expect(await killedAt(world)).toEqual([[], [], []])
  expect((await director.settled(director.core.view())).releases[0]).toMatchObject({ phase: 'running' })
})

test('one that crosses with the last promotion is heard: rolled back, and given back', async () => {
  const { world, director } = await started()
  await report(world, 'weur', [row('stable', 400, 2), row('canary', 24, 12)])
  for (const _ of STEPS) await director.change([{ kind: 'release', release: CHECKOUT, action: 'promote' }])
  expect((await director.settled(director.core.view())).releases[0]).toMatchObject({ phase: 'completed' })
  await world.run(5000)
  expect((await director.settled(director.core.view())).releases[0]).toMatchObject({ phase: 'rolled-back', order: { weight: 0 } })
  expect(await killedAt(world)).toEqual([[], [], []])
})

test('what no vantage sees alone they see together', async () => {
  const { world } = await started()
  for (const vantage of ['wnam', 'weur', 'apac']) await report(world, vantage, [row('stable', 150, 1), row('canary', 8, 5)])
  await world.run(1500)
  expect(await killedAt(world)).toEqual([['checkout'], ['checkout'], ['checkout']])
})

test('with the director gone it stays taken away, also at a vantage that starts anew', async () => {
  const { world, director } = await started()
  director.alive = false
  await report(world, 'weur', [row('stable', 400, 2), row('canary', 24, 12)])
  await world.run(100)
  world.node('apac').restart()
  await world.run(60_000)
  expect(await killedAt(world)).toEqual([['checkout'], ['checkout'], ['checkout']])
  director.alive = true
  director.evict()
  await world.run(5000)
  expect((await director.settled(director.core.view())).releases[0]).toMatchObject({ phase: 'rolled-back' })
})

test('with the director gone it stays taken away when all vantages start anew, and ends with the director’s word', async () => {
  const { world, director } = await started()
  director.alive = false
  await report(world, 'weur', [row('stable', 400, 2), row('canary', 24, 12)])
  await world.run(1500)
  for (const node of world.nodes.values()) node.restart()
  expect(await killedAt(world)).toEqual([['checkout'], ['checkout'], ['checkout']])
  await world.run(60_000)
  expect(await killedAt(world)).toEqual([['checkout'], ['checkout'], ['checkout']])
  director.alive = true
  director.evict()
  await world.run(5000)
  expect((await director.settled(director.core.view())).releases[0]).toMatchObject({ phase: 'rolled-back' })
  for (const node of world.nodes.values()) node.restart()
  await world.run(1500)
  expect(await killedAt(world)).toEqual([[], [], []])
})

test('not for an outage that stable has too, nor for too few, nor for a run that has not begun', async () => {
  const { world } = await started()
  await report(world, 'weur', [row('stable', 400, 210), row('canary', 24, 14)])
  await world.run(1500)
  await report(world, 'apac', [row('stable', 400, 2), row('canary', 12, 12)])
  await world.run(1500)
  expect((await killedAt(world)).flat()).toEqual([])
  const fresh = await withDirector(SCENE)
  await report(fresh.world, 'weur', [row('stable', 400, 2), row('canary', 24, 24)])
  expect((await killedAt(fresh.world)).flat()).toEqual([])
})

/** A share that weights.json gives, which nobody has begun. */
async function givenByFile(): Promise<{ world: World; director: DirectorNode }> {
  const scene = await withDirector(SCENE)
  await scene.world.run(3000)
  const file = { version: 1, reason: 'a drill', by: 'ann', pools: {}, releases: { checkout: { weight: '5%' } } }
  scene.world.files.put('weights.json', file)
  await scene.world.run(3000)
  return scene
}

test('what weights.json gave to a canary ends with its kill: rolled back with the reason, and no later file raises it', async () => {
  const { world, director } = await givenByFile()
  await report(world, 'weur', [row('stable', 400, 2), row('canary', 24, 12)])
  await world.run(3000)
  const view = await director.settled(director.core.view())
  expect(view.releases[0]).toMatchObject({ phase: 'rolled-back', order: { weight: 0, killed: false } })
  expect(view.releases[0]?.explanation).toMatch(/^The vantage \w+ took it away: 50 % of 24 requests/)
  expect(view.problems.map(({ text }) => text)).toContainEqual(
    expect.stringMatching(/^Release checkout, to which weights\.json gave 5 %, is rolled back to 0 %\. The vantage/),
  )
  const [line] = (await director.settled(director.core.audit({ limit: 1 }))).entries
  expect(line).toMatchObject({ door: 'release', reason: expect.stringContaining('took it away') })
  expect(await killedAt(world)).toEqual([[], [], []])
  world.files.put('weights.json', { version: 1, reason: 'again', by: 'ann', pools: {}, releases: { checkout: { weight: '7%' } } })
  await world.run(3000)
  expect((await director.settled(director.core.view())).releases[0]).toMatchObject({ phase: 'rolled-back', order: { weight: 0 } })
})

test('what weights.json gave ends with the hard limit in the numbers of the director, too', async () => {
  const { world, director } = await givenByFile()
  const question = (attempts: number, failed: number) => ({
    format: 1,
    from: 'weur',
    // Later than any that the vantage has: what a former life of it says is not counted.
    incarnation: { createdAt: 9e15, bootCount: 1 },
    bases: [],
    documents: [],
    killed: [],
    tracks: [
      { ...row('stable', 400 + attempts, 2), latency: [] },
      { ...row('canary', attempts, failed), latency: [] },
    ],
  })
  await director.exchange(question(30, 20))
  await world.run(12_000)
  expect((await director.settled(director.core.view())).releases[0]).toMatchObject({ phase: 'rolled-back', order: { weight: 0 } })
})
