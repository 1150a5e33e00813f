import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { directorLines } from '../../../cli/status/render-director.ts'
import { endpointId, poolId } from '../../../config/ids.ts'
import type { VantageStatus } from '../../../config/status.ts'
import { withDirector } from './director-world.ts'

const weigh = (weight: number) => ({ kind: 'set-weights', pool: poolId('shop'), weights: { [endpointId('east')]: weight } }) as const

test('the status says which revision is in force, who lacks it, and that the director is gone', async () => {
  const { world, director } = await withDirector()
  const lines = async (): Promise<readonly string[]> => {
    const views: VantageStatus[] = []
    for (const node of world.nodes.values()) views.push(await node.core.status(node.name))
    return directorLines(views).map(stripVTControlCharacters)
  }
  expect(await lines()).toEqual([])
  await director.change([weigh(5)])
  await world.run(500)
  expect(await lines()).toEqual(['  revision 1 is in force'])
  world.cut.add('director-apac')
  await director.change([weigh(6)])
  await world.run(60)
  expect(await lines()).toEqual(['  revision 2 is in force, apac not having it yet'])
  await world.run(1500)
  director.alive = false
  await world.run(3000)
  expect(await lines()).toEqual([
    '  revision 2 is in force',
    expect.stringMatching(/the director does not answer wnam \(.*gone\): nothing can be changed, what is in force stays/),
  ])
})

test('a trail that is nearly full asks for its export', async () => {
  const { director } = await withDirector()
  await director.change([weigh(5)])
  const said = async () => (await director.core.view()).problems.map(({ text }) => text).filter((text) => text.includes('audit trail'))
  expect(await said()).toEqual([])
  const [row] = director.database.all('SELECT entry FROM audit')
  director.database.transaction(() => {
    for (let line = 1; line < 9000; line += 1)
      director.database.all('INSERT INTO audit (revision, entry) VALUES (0, ?)', String(row?.['entry']))
  })
  expect(await said()).toEqual([expect.stringMatching(/holds 9000 of 10000 lines.*npx meridian audit --all --json/)])
})

test('storage keeps as many revisions and lines as it says, and no more', async () => {
  const { director } = await withDirector()
  const [row] = [{ entry: '{"revision":0}' }]
  director.database.transaction(() => {
    for (let line = 1; line <= 10_050; line += 1)
      director.database.all('INSERT INTO audit (revision, entry) VALUES (0, ?)', row?.entry ?? '')
  })
  for (let weight = 0; weight < 210; weight += 1)
    await director.core.change({ changes: [weigh(weight + 2)], by: 'ann', door: 'cli', reason: 'a test' })
  expect((await director.core.view()).kept).toEqual({ revisions: 200, revisionsMax: 200, auditLines: 10_000, auditLinesMax: 10_000 })
  expect(await director.change([{ kind: 'revert', revision: 5 }])).toMatchObject({ kind: 'refused', defects: [{ found: '5' }] })
  expect(await director.change([{ kind: 'revert', revision: 11 }])).toMatchObject({ kind: 'done' })
})
