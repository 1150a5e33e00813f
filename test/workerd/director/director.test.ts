import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Change, ChangeReply, DirectorBase } from '../../../config/director.ts'
import type { DirectorView } from '../../../config/director-view.ts'
import { endpointId, poolId, type VantageId } from '../../../config/ids.ts'
import type { Overlay } from '../../../config/overlay.ts'
import { ms } from '../../../config/units.ts'
import { baseOf, type ControlPlane, startControlPlane, targetFor, VANTAGES } from '../health/control-plane.ts'

const names: DirectorBase = {
  hash: 'first',
  pools: [
    {
      id: poolId('shop'),
      endpoints: ['east', 'west'].map((name) => ({ id: endpointId(name), cloud: 'aws', region: name, weight: 1, drain: false })),
    },
  ],
  releases: [],
  vantages: VANTAGES,
}
const weigh = (weight: number): Change => ({ kind: 'set-weights', pool: poolId('shop'), weights: { [endpointId('east')]: weight } })
let plane: ControlPlane

beforeAll(async () => {
  plane = await startControlPlane()
  const [first] = VANTAGES as [VantageId]
  // Nothing listens there: health is not what is looked at.
  const targets = [targetFor('east', 9), targetFor('west', 9)]
  await (await plane.stub(first)).learn(first, { ...baseOf('first', targets), director: names })
  await until(async () => (await overlays()).length === 3, 'every vantage knows the base')
  await (await plane.director()).learn(names)
})

afterAll(() => plane?.close())

/** What each vantage tells isolates; those that do not know the base yet are left out. */
async function overlays(): Promise<readonly (Overlay | undefined)[]> {
  const replies = await Promise.all(
    VANTAGES.map(async (vantage) => (await plane.stub(vantage)).sync(vantage, { base: 'first', active: true, wantsProbation: [] })),
  )
  return JSON.parse(JSON.stringify(replies)).flatMap((reply: Awaited<(typeof replies)[number]>) =>
    reply.kind === 'snapshot' ? [reply.snapshot.overlay ?? null] : [],
  )
}

const view = async (): Promise<DirectorView> => JSON.parse(JSON.stringify(await (await plane.director()).view()))

async function change(...changes: readonly Change[]): Promise<ChangeReply> {
  const reply = await (await plane.director()).change({ changes, by: 'ann', door: 'cli', reason: 'a test' })
  return JSON.parse(JSON.stringify(reply))
}

async function until(holds: () => Promise<boolean>, what: string): Promise<number> {
  const startedAt = performance.now()
  while (!(await holds())) {
    if (performance.now() - startedAt > 15_000) throw new Error(`not in 15 s: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  return performance.now() - startedAt
}

const haveAll = (revision: number) => async () => {
  const held = await overlays()
  return held.length === 3 && held.every((overlay) => overlay?.order.revision === revision)
}

test('a change is in force at three vantages at once', async () => {
  const took: number[] = []
  for (let weight = 2; weight < 12; weight += 1) {
    const startedAt = performance.now()
    const reply = await change(weigh(weight))
    if (reply.kind !== 'done') throw new Error(JSON.stringify(reply))
    await until(haveAll(reply.revision), `revision ${reply.revision}`)
    took.push(performance.now() - startedAt)
  }
  took.sort((a, b) => a - b)
  console.log(`change to in force at three vantages: median ${Math.round(took[5] ?? 0)} ms, longest ${Math.round(took.at(-1) ?? 0)} ms`)
  expect(took[5]).toBeLessThan(2000)
  expect((await view()).spread.vantages.map(({ holds }) => holds)).toEqual([10, 10, 10])
})

test('a restart of every object loses nothing: the overlay is told before the director was heard, and the trail goes on', async () => {
  await change({ kind: 'drain', target: { kind: 'region', region: 'west' }, over: ms(0) })
  await until(haveAll(11), 'revision 11')
  const before = await view()
  await plane.restart()
  for (const overlay of await overlays()) expect(overlay).toMatchObject({ order: before.order, drains: [{ target: { region: 'west' } }] })
  const after = await view()
  expect({ order: after.order, entries: after.entries, kept: after.kept }).toEqual({
    order: before.order,
    entries: before.entries,
    kept: before.kept,
  })
  const { entries } = await (await plane.director()).audit({ limit: 2 })
  expect(JSON.parse(JSON.stringify(entries))).toMatchObject([{ revision: 11 }, { revision: 10, by: 'ann', reason: 'a test' }])
  expect(await change({ kind: 'revert', revision: 5 })).toMatchObject({ kind: 'done', revision: 12 })
  await until(haveAll(12), 'revision 12')
})

test('a drain for a second ends by the alarm', async () => {
  expect(
    await change({ kind: 'drain', target: { kind: 'endpoint', endpoint: endpointId('west') }, over: ms(0), lasts: ms(1000) }),
  ).toMatchObject({
    kind: 'done',
    revision: 13,
  })
  await until(haveAll(14), 'the end of the drain')
  expect((await overlays()).map((overlay) => overlay?.drains)).toEqual([[], [], []])
})

test('lost storage is taken over from the vantages', async () => {
  const before = await view()
  const storage = await plane.directorStorage()
  for (const table of ['migration', 'fact', 'base', 'revision', 'audit']) await storage.exec(`DROP TABLE ${table}`)
  await plane.restart()
  await until(haveAll(before.revision + 1), 'the takeover')
  const [overlay] = await overlays()
  expect(overlay?.weights).toEqual({ shop: { east: 6 } })
  expect(overlay?.order.epoch).toBeGreaterThan(before.order.epoch)
  expect((await view()).problems.map(({ text }) => text)).toContainEqual(expect.stringContaining('storage was lost'))
})
