/** Chains that are made to cost: whatever is sent along, the work for one leaf is bounded, and what is good still comes in. */
import { describe, expect, test } from 'vitest'
import { ca, keyCertSign, type Made, makeAuthority, makeLeaf, nameConstraints, names, usage } from '../../chains.ts'
import { dice, SEED } from '../../seed.ts'
import { judgedBy } from './finder.ts'

/** Authorities of one name and one key, each of which may have issued each. */
async function lookalikes(count: number): Promise<readonly Made[]> {
  const first = await makeAuthority({ name: 'CN=Mirror' })
  const others = Array.from({ length: count - 1 }, () => makeAuthority({ name: 'CN=Mirror', keys: first, by: first }))
  return [first, ...(await Promise.all(others))]
}

describe('authorities that could all have issued each other', () => {
  test('are given up after a bounded number of signatures', async () => {
    const root = await makeAuthority()
    const mirrors = await lookalikes(8)
    const [first] = mirrors
    if (first === undefined) throw new Error('none was made')
    const leaf = await makeLeaf(first)
    const began = performance.now()
    expect(await judgedBy(root, { leaf, chain: mirrors })).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('too many ways'),
    })
    // 24 signatures take some 20 ms here; every order of eight would take minutes.
    expect(performance.now() - began).toBeLessThan(5000)
  })

  test('do not keep out a leaf whose own authority is trusted', async () => {
    const root = await makeAuthority()
    expect(await judgedBy(root, { leaf: await makeLeaf(root), chain: await lookalikes(8) })).toMatchObject({ kind: 'verified' })
  })
})

test('a path longer than six is not followed', async () => {
  const root = await makeAuthority({ name: 'CN=0' })
  const chain: Made[] = []
  let by = root
  for (let depth = 1; depth <= 6; depth += 1) {
    by = await makeAuthority({ name: `CN=${depth}`, by })
    chain.push(by)
  }
  expect(await judgedBy(root, { leaf: await makeLeaf(by), chain })).toMatchObject({ kind: 'refused' })
  expect(await judgedBy(root, { leaf: await makeLeaf(chain[4] ?? root), chain })).toMatchObject({ kind: 'verified' })
})

test(`the order in which a chain is sent, and strangers in it, change nothing, seed ${SEED}`, async () => {
  const roll = dice(SEED)
  const root = await makeAuthority({ name: 'CN=Root' })
  const upper = await makeAuthority({ name: 'CN=Upper', by: root })
  const lower = await makeAuthority({ name: 'CN=Lower', by: upper, extensions: [ca(0), usage(keyCertSign)] })
  const bound = await makeAuthority({ name: 'CN=Bound', by: upper }, [nameConstraints([['dns', 'example.com']])])
  const strangers = await Promise.all([makeAuthority({ name: 'CN=Upper' }), makeAuthority({ name: 'CN=Lower' }), makeAuthority()])
  const good = await makeLeaf(lower, {}, [names({ type: 'dns', value: 'a.example.com' })])
  const bad = await makeLeaf(bound, {}, [names({ type: 'dns', value: 'a.example.org' })])
  for (let round = 0; round < 40; round += 1) {
    const sent = [upper, lower, bound, ...strangers.filter(() => roll() < 0.5)]
    const chain = sent.map((made) => ({ made, rank: roll() })).sort((a, b) => a.rank - b.rank)
    const order = chain.map(({ made }) => made)
    const kinds = [await judgedBy(root, { leaf: good, chain: order }), await judgedBy(root, { leaf: bad, chain: order })].map(
      ({ kind }) => kind,
    )
    expect([round, ...kinds]).toEqual([round, 'verified', 'refused'])
  }
})
