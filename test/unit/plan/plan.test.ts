/** `npx meridian plan` without its process: what is proposed, what follows, how it is shown. */
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { changeBase, type Proposal } from '../../../cli/plan/change-base.ts'
import { costOf } from '../../../cli/plan/cost.ts'
import { failoverTimes, votesNeeded } from '../../../cli/plan/failover-time.ts'
import { findTarget } from '../../../cli/plan/find-target.ts'
import { makePlan } from '../../../cli/plan/make-plan.ts'
import { readWeight } from '../../../cli/plan/read-proposal.ts'
import { renderPlan } from '../../../cli/plan/render.ts'
import type { PlanBase } from '../../../config/operator-documents.ts'
import { load } from '../config/load-example.ts'

const base = load('config/local.yaml', true)
const INPUTS = { rps: 100, colos: 10, isolates: 20, poolRps: {} }

function changed(proposal: Partial<Proposal>): PlanBase {
  const made = changeBase(base, { weights: [], drains: [], undrains: [], ...proposal })
  if (!made.ok) throw new Error(made.error.join('\n'))
  return made.value
}

const problems = (proposal: Partial<Proposal>): readonly string[] => {
  const made = changeBase(base, { weights: [], drains: [], undrains: [], ...proposal })
  return made.ok ? [] : made.error
}

test('no change is no difference, and nobody moves', () => {
  const plan = makePlan(base, base, INPUTS)
  expect(plan.differences).toEqual([])
  expect(plan.pools.map(({ moved }) => moved)).toEqual([0, 0, 0])
})

test('a weight is one field and its share of requests', () => {
  const plan = makePlan(base, changed({ weights: [{ pool: 'spread', endpoint: 'spread-aws-use1', weight: 15 }] }), INPUTS)
  expect(plan.differences).toEqual([{ field: 'pools.spread.spread-aws-use1.weight', before: 5, after: 15 }])
  expect(plan.pools.find(({ pool }) => pool === 'spread')?.moved).toBeCloseTo(0.25, 9)
})

test('a drained region is out of every pool, and back again', () => {
  const out = changed({ drains: ['us-east-1'] })
  const drained = out.pools.flatMap(({ endpoints }) => endpoints.filter(({ drain }) => drain).map(({ id }) => id))
  expect(drained).toEqual(['aws-use1', 'nearby-aws-use1', 'spread-aws-use1'])
  const back = changeBase(out, { weights: [], drains: [], undrains: ['aws'] })
  expect(back.ok && makePlan(base, back.value, INPUTS).differences).toEqual([])
})

test('all that a change names wrongly is said at once, with what was meant', () => {
  expect(
    problems({
      weights: [
        { pool: 'spraed', endpoint: 'x', weight: 1 },
        { pool: 'spread', endpoint: 'spread-aws-use', weight: 1 },
        { pool: 'shop', endpoint: 'aws-use1', weight: 10_001 },
      ],
      drains: ['us-east-2'],
      file: { weights: [], releases: [{ release: 'chekout', weight: 0.05 }] },
    }),
  ).toEqual([
    'pools.spraed.x: there is no pool "spraed"; did you mean "spread"?',
    'pools.spread.spread-aws-use: the pool "spread" has no endpoint "spread-aws-use"; did you mean "spread-aws-use1"?',
    'pools.shop.aws-use1: expected a whole number from 0 to 10000, found 10001',
    'releases.chekout: there is no release "chekout"; did you mean "checkout"?',
    'there is no endpoint, region or cloud "us-east-2"; did you mean "us-east-1"?',
  ])
})

describe('names', () => {
  const pools = [{ id: 'p', endpoints: [{ id: 'aws', region: 'eu', cloud: 'aws' }] }] as never
  test.each([
    { written: 'aws', found: '"aws" is an endpoint and a cloud; say endpoint:aws or cloud:aws' },
    { written: 'cloud:aws', found: { kind: 'cloud', cloud: 'aws' } },
    { written: 'eu', found: { kind: 'region', region: 'eu' } },
    { written: 'cloud:eu', found: 'there is no cloud "eu"; there are aws' },
  ])('$written', ({ written, found }) => {
    const target = findTarget(pools, written)
    expect(target.ok ? target.value : target.error).toEqual(found)
  })
})

test.each(['shop', 'shop.aws', 'shop.aws=', 'shop.aws=-1', 'shop.aws=1.5', '=1', 'shop.aws=1e9', 'shop.a.b=1'])(
  '%s is no weight',
  (written) => expect(readWeight(written).ok).toBe(false),
)

test.each([
  [1, 1],
  [3, 2],
  [4, 3],
  [5, 3],
  [9, 5],
])('of %i vantages %i must say down', (vantages, needed) => expect(votesNeeded(vantages)).toBe(needed))

test('failover is predicted from the monitor: slower probes, slower failover', () => {
  const [first] = failoverTimes(base)
  // 1000 × 2/4 + 250 + 100 + 500, and with two timeouts of 800.
  expect(first).toMatchObject({ refused: { typical: 1350, worst: 2850 }, silent: { typical: 2950, worst: 4450 }, rescuedAfter: 1000 })
  const slow = { ...base, targets: base.targets.map((each) => ({ ...each, monitor: { ...each.monitor, interval: 10_000 as never } })) }
  expect(failoverTimes(slow)[0]?.refused.typical).toBe(5850)
})

test('the cost is the sum of its lines, and of a gateway without traffic the plan and the objects', () => {
  const { lines, total } = costOf(base, { rps: 0, colos: 0, isolates: 0 })
  expect(total).toBeCloseTo(
    lines.reduce((sum, { dollars }) => sum + dollars, 0),
    9,
  )
  // Three vantages and the director, awake all month: 4 × 0.128 GB × 2,592,000 s, of which 400,000 are included.
  expect(lines.find(({ what }) => what === 'Durable Objects GB-s')?.dollars).toBeCloseTo((4 * 0.128 * 2.592 - 0.4) * 12.5, 2)
  expect(costOf(base, { rps: 1000, colos: 0, isolates: 0 }).total - total).toBeCloseTo((2592 - 10) * 0.3 + (777.6 - 30) * 0.02, 2)
})

test('values of headers that endpoints are sent are not shown', () => {
  const before = load('config/examples/headers-and-cors.yaml')
  const after = structuredClone(before) as unknown as { pools: { endpoints: { headers: unknown }[] }[] }
  for (const { endpoints } of after.pools) for (const endpoint of endpoints) endpoint.headers = [['x-key', 'secret']]
  const { differences } = makePlan(before, after as never, INPUTS)
  expect(differences.length).toBeGreaterThan(0)
  expect(JSON.stringify(differences)).not.toContain('secret')
})

test('what people see names every part', () => {
  const lines = stripVTControlCharacters(renderPlan(makePlan(base, changed({ drains: ['aws'] }), INPUTS), 400).join('\n'))
  expect(lines).toContain('pools.shop.aws-use1.drain')
  expect(lines).toContain('shop (listed): 100 % of requests change their endpoint')
  expect(lines).toContain('spread without europe-west1 (60 % of it now): spread-azure-sea 100 (100 %)')
  expect(lines).toMatch(/cost a month: about \$\d+\.\d\d/)
  expect(lines).toMatch(/silent 3\.0 s, at worst 4\.5 s/)
})
