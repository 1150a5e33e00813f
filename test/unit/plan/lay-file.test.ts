/** `npx meridian plan weights.json`: the file as the layer that it would be, over what others say and what the last file said. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { applyDifferences } from '../../../cli/operate/apply-differences.ts'
import { changeBase, type WeightsProposed } from '../../../cli/plan/change-base.ts'
import { layFile } from '../../../cli/plan/lay-file.ts'
import { makePlan } from '../../../cli/plan/make-plan.ts'
import { readProposal } from '../../../cli/plan/read-proposal.ts'
import type { EntryView, Owner } from '../../../config/director-view.ts'
import { load } from '../config/load-example.ts'

const bundle = load('config/local.yaml', true)
const FIELD = 'pools.spread.spread-aws-use1.weight'
const SAID = { by: 'ann', door: 'cli', reason: 'a test', at: '2026-11-26T12:00:00.000Z' } as const
const word = (owner: Owner, field: string, value: number, more: Partial<EntryView> = {}): EntryView => ({
  ...SAID,
  field,
  value,
  owner,
  ...more,
})
const FILE = word('weights.json', FIELD, 9, { replaced: 5 })
const weight = (value: number) => [{ pool: 'spread', endpoint: 'spread-aws-use1', weight: value }]

function plan(inForce: number, entries: readonly EntryView[], file: Partial<WeightsProposed>) {
  const before = applyDifferences(bundle, [{ field: FIELD, after: inForce }])
  const laid = layFile(before, { weights: [], drains: [], undrains: [], file: { weights: [], releases: [], ...file } }, entries)
  const after = changeBase(laid.base, laid.proposal)
  if (!after.ok) throw new Error(after.error.join())
  const differences = makePlan(before, after.value, { rps: 100, colos: 10, isolates: 20, poolRps: {} }).differences
  return { differences: [...differences, ...laid.shares], notes: laid.notes }
}

test('a file that says nothing ends what the last one said', () =>
  expect(plan(9, [FILE], {}).differences).toEqual([{ field: FIELD, before: 9, after: 5 }]))
test('what it says as the last one did is no difference', () => expect(plan(9, [FILE], { weights: weight(9) }).differences).toEqual([]))
test('what it says otherwise is one', () =>
  expect(plan(9, [FILE], { weights: weight(12) }).differences).toEqual([{ field: FIELD, before: 9, after: 12 }]))

describe("an operator's word goes before it", () => {
  const entries = [{ ...FILE, overruledBy: 'operator' as const }, word('operator', FIELD, 7, { replaced: 9 })]
  test('whatever it says, which is noted', () =>
    expect(plan(7, entries, { weights: weight(12) })).toEqual({
      differences: [],
      notes: [`Note: ${FIELD}: 7 by ann (operator) goes before the file's 12.`],
    }))
  test('and when it says nothing any more', () => expect(plan(7, entries, {})).toEqual({ differences: [], notes: [] }))
  test('unless it is inert', () =>
    expect(plan(5, [word('operator', FIELD, 7, { inert: true })], { weights: weight(12) }).differences).toHaveLength(1))
})

test('shares begin, change and end with the file, where nobody has begun the release', () => {
  const releases = [
    { release: 'a', weight: 0.05 },
    { release: 'b', weight: 0.2 },
    { release: 'begun', weight: 0.3 },
  ]
  const entries = ['b', 'c', 'begun'].map((name) => word('weights.json', `releases.${name}.weight`, 0.1))
  const begun = word('release', 'releases.begun.weight', 0.5)
  const laid = layFile(bundle, { weights: [], drains: [], undrains: [], file: { weights: [], releases } }, [...entries, begun])
  expect(laid.shares).toEqual([
    { field: 'releases.b.weight', before: 0.1, after: 0.2 },
    { field: 'releases.c.weight', before: 0.1, after: 0 },
    { field: 'releases.a.weight', before: 0, after: 0.05 },
  ])
})

test('a file without any word is a proposal of its own, and the command line goes before it', () => {
  const directory = mkdtempSync(join(tmpdir(), 'plan-'))
  try {
    const path = join(directory, 'weights.json')
    writeFileSync(path, JSON.stringify({ version: 1, reason: 'r', by: 'b', pools: {} }))
    const read = readProposal({ weights: ['spread.spread-aws-use1=3'], drain: [], undrain: [] }, [path])
    if (!read.ok) throw new Error(read.error)
    expect(read.value).toEqual({ weights: weight(3), drains: [], undrains: [], file: { weights: [], releases: [] } })
    const both = { ...read.value, file: { weights: weight(8), releases: [] } }
    expect(layFile(bundle, both, []).proposal.weights).toEqual([...weight(8), ...weight(3)])
  } finally {
    rmSync(directory, { recursive: true })
  }
})
