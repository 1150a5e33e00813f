/** What operators do about releases that have ended, or that a bundle has come over: cleared, and looked at. */
import { expect, test } from 'vitest'
import type { Change, DirectorBase, ReleaseAction } from '../../../config/director.ts'
import { releaseId } from '../../../config/ids.ts'
import { instant } from '../../../config/units.ts'
import { NOTHING_WISHED } from '../../../durable-objects/policy/director-state.ts'
import { foldChanges } from '../../../durable-objects/policy/fold-changes.ts'
import { knownNames } from '../../../durable-objects/policy/known-names.ts'
import { BASE, releaseOf, told, withDirector } from './director-world.ts'

const checkout = releaseId('checkout')
const START: Change = { kind: 'release', release: checkout, action: 'start' }
const flagging = (hash: string): DirectorBase => ({ ...BASE, hash, releases: [releaseOf('checkout', { onDeploy: 'flag' })] })

test('a bundle that has come is pointed at until an operator has a word for the release, and not at one that is taken away', async () => {
  const { director } = await withDirector()
  const act = (action: ReleaseAction): Change => ({ kind: 'release', release: checkout, action })
  const flagged = async () => (await director.core.view()).releases[0]?.flagged
  await director.change([START])
  await director.core.learn(flagging('second'))
  expect(await flagged()).toBe('second')
  await director.change([act('pause')])
  expect(await flagged()).toBeUndefined()
  await director.core.learn(flagging('third'))
  expect(await flagged()).toBe('third')
  await director.change([act('rollback')])
  await director.core.learn(flagging('fourth'))
  expect(await flagged()).toBeUndefined()
})

test('a release that is over can be cleared, which gives it back to weights.json; one that runs cannot', async () => {
  const { world, director } = await withDirector()
  const clear: Change = { kind: 'clear-release', release: checkout }
  const weight = async () => (await told(world))[0]?.releases[checkout]?.weight
  world.files.put('weights.json', { version: 1, reason: 'a drill', by: 'ann', pools: {}, releases: { checkout: { weight: '5%' } } })
  await world.run(2000)
  expect(await director.change([clear])).toMatchObject({ kind: 'done', revision: 1, differences: [] })
  await director.change([START])
  expect(await director.change([clear])).toMatchObject({ kind: 'refused', defects: [{ found: 'running' }] })
  await director.change([{ kind: 'release', release: checkout, action: 'kill' }])
  await world.run(1000)
  expect(await weight()).toBe(0)
  world.files.put('emergency.json', { version: 1, reason: 'fire', by: 'ben', freeze: ['checkout'] })
  await world.run(12_000)
  expect(await director.change([clear])).toMatchObject({ kind: 'refused' })
  world.files.remove('emergency.json')
  await world.run(12_000)
  expect(await director.change([clear])).toMatchObject({
    kind: 'done',
    differences: expect.arrayContaining([expect.objectContaining({ field: 'releases.checkout.weight', before: 0, after: 0.05 })]),
  })
  await world.run(1000)
  expect(await weight()).toBe(0.05)
  expect(await director.change([{ ...clear, release: releaseId('nothing') }])).toMatchObject({ kind: 'refused' })
})

test('one that no bundle has any more can be cleared wherever it stands', () => {
  const said = { by: 'ann', door: 'cli', reason: 'a test', at: instant(0) } as const
  const scene = { said, stateAt: () => undefined, salt: 's', frozen: [] }
  const begun = foldChanges(NOTHING_WISHED, [START], { ...scene, names: knownNames([BASE]) })
  if (!begun.ok) throw new Error('it could not be begun')
  expect(begun.value.releases).toMatchObject([{ phase: 'running' }])
  const without = { ...scene, names: knownNames([{ ...BASE, releases: [] }]) }
  const clear: Change = { kind: 'clear-release', release: checkout }
  expect(foldChanges(begun.value, [clear], without)).toEqual({ ok: true, value: NOTHING_WISHED })
  expect(foldChanges(NOTHING_WISHED, [clear], without)).toMatchObject({ ok: false })
})
