/** What operators see: weights, releases, who would be moved, and how far a change has come. */
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { applyDifferences } from '../../../cli/operate/apply-differences.ts'
import { followSpread, spreadEnd, spreadLine } from '../../../cli/operate/follow-spread.ts'
import { movedLines } from '../../../cli/operate/preview.ts'
import { renderReleases } from '../../../cli/operate/render-releases.ts'
import { renderWeights } from '../../../cli/operate/render-weights.ts'
import { sentLines } from '../../../cli/operate/show-sent.ts'
import { driftLines } from '../../../cli/revisions.ts'
import type { EntryView, SpreadView } from '../../../config/director-view.ts'
import type { ReleasesDocument, WeightsDocument } from '../../../config/operator-documents.ts'
import { load } from '../config/load-example.ts'

const base = load('config/local.yaml', true)
const plain = (lines: readonly string[]): string => stripVTControlCharacters(lines.join('\n'))
const SPREAD: SpreadView = { revision: 3, vantages: ['wnam', 'weur'].map((vantage) => ({ vantage: vantage as never, holds: 3 })) }
const ENTRY: EntryView = {
  field: 'pools.spread.spread-aws-use1.weight',
  value: 9,
  owner: 'operator',
  by: 'ann (staff)',
  door: 'cli',
  reason: 'more room',
  at: '2026-11-26T12:00:00.000Z',
  replaced: 5,
}

describe('weights', () => {
  const document: WeightsDocument = {
    format: 1,
    revision: 3,
    spread: SPREAD,
    problems: [{ ago: 4000 as never, text: 'weights.json is not JSON' }],
    pools: base.pools.map(({ id, steering, endpoints }) => ({
      id,
      steering,
      endpoints: endpoints.map(({ id: name, cloud, region, weight }) => ({
        ...{ id: name, cloud, region, bundle: weight, drained: name === 'spread-azure-sea' },
        inForce: name === 'spread-aws-use1' ? 9 : weight,
      })),
    })),
    entries: [ENTRY, { ...ENTRY, field: 'pools.spread.gone.weight', inert: true }],
  }
  test('say what is in force, its share, and whose word it is', () => {
    const shown = plain(renderWeights(document, { url: 'http://g', pools: ['spread'], columns: 400 }))
    expect(shown).toContain('weights http://g · revision 3\n')
    expect(shown).toMatch(/spread-aws-use1 +9 \(was 5\) +75 % +9 by ann \(staff\) \(operator, cli\): more room/)
    expect(shown).toMatch(/spread-gcp-euw1 +3 +25 %/)
    expect(shown).toContain('2, drained')
    expect(shown).not.toContain('pool shop')
    expect(shown).toMatch(/inert[\s\S]*pools\.spread\.gone\.weight/)
    expect(shown).toContain('weights.json is not JSON')
  })
  test('and of which pools they are left aside', () => {
    const pools = document.pools.map((pool) => (pool.id === 'spread' ? { ...pool, leftAside: true as const } : pool))
    expect(plain(renderWeights({ ...document, pools }, { url: 'http://g', pools: ['spread'], columns: 400 }))).toContain('is left aside')
  })
  test('which drift tells too', () => {
    const lines = driftLines({ format: 1, revision: 3, drift: [], leftAside: ['spread' as never] }, 'http://g')
    expect(plain(lines)).toMatch(/nothing\npools\.spread: its weights are left aside/)
  })
  test('and what emergency.json takes away, which goes before them', () => {
    const emergency = [
      { field: 'emergency.drain.us-east-1', before: undefined, after: 'out', owner: 'emergency.json', reason: 'fire (ben)' },
    ]
    const shown = plain(renderWeights({ ...document, emergency }, { url: 'http://g', pools: ['spread'], columns: 400 }))
    expect(shown).toMatch(
      /goes before all of this:\n +emergency\.drain\.us-east-1 +– → out +by emergency\.json: fire \(ben\)\n\npool spread/,
    )
  })
  test('and which vantages do not have them yet', () => {
    const late = { ...document, spread: { ...SPREAD, vantages: [...SPREAD.vantages, { vantage: 'apac' as never, holds: 2 }] } }
    expect(plain(renderWeights(late, { url: 'http://g', pools: [], columns: 400 }))).toContain('not yet at apac')
  })
})

test('a release says where it stands, in words', () => {
  const order = { weight: 0.05 as never, regions: { 'us-east-1': 0.01 as never }, mirror: 0 as never, killed: true, salt: 's' }
  const document: ReleasesDocument = {
    ...{ format: 1, revision: 3, spread: SPREAD, problems: [], entries: [] },
    releases: [
      {
        release: 'checkout' as never,
        phase: 'running',
        step: 1,
        steps: 4,
        since: 60_000 as never,
        order,
        explanation: 'Hold: 120 of 500 requests.',
      },
    ],
  }
  const [release] = document.releases
  const numbers = { stable: { attempts: 900, failed: 4, slow: 45 }, canary: { attempts: 50, failed: 6, slow: 2 } }
  const judgement = { ago: 9000, step: 1, verdict: 'roll-back', words: 'Too many errors.', numbers }
  const judged = { ...document, releases: [{ ...release, judgements: [judgement] }] } as unknown as ReleasesDocument
  const shown = plain(renderReleases(judged, { url: 'http://g', names: [], columns: 400 }))
  expect(shown).toContain(
    '9.0 s ago   step 2: roll-back. Too many errors. (canary 6 failed and 2 slow of 50, stable 4 failed and 45 slow of 900)',
  )
  expect(shown).toContain('checkout running, step 2 of 4 for 60 s, the canary by region:')
  expect(shown).toContain('us-east-1          1 %')
  expect(shown).toContain('Hold: 120 of 500 requests.')
  expect(shown).toContain('killed')
  expect(plain(renderReleases({ ...document, releases: [] }, { url: 'http://g', names: [], columns: 80 }))).toContain('has none')
})

describe('who would be moved', () => {
  const drained = (field: string) => applyDifferences(base, [{ field, after: 'out' }])
  test('by a region', () => {
    const shown = plain(movedLines(base, drained('drains.region.us-east-1')))
    expect(shown).toContain('shop (listed): 100 % of requests change their endpoint')
    expect(shown).toContain('spread (weighted): 50 %')
  })
  test('nobody, by one that has no requests', () => expect(movedLines(base, drained('drains.endpoint.azure-sea'))).toEqual([]))
  test('and it says when nobody is left', () => {
    const all = applyDifferences(
      base,
      ['aws', 'gcp', 'azure'].map((cloud) => ({ field: `drains.cloud.${cloud}`, after: 'out' })),
    )
    expect(plain(movedLines(base, all))).toContain('Nobody would be left in shop, nearby, spread')
  })
  test('a drain that ends brings back', () => {
    const out = { field: 'drains.region.us-east-1', after: 'out' }
    expect(applyDifferences(base, [out, { ...out, after: undefined }])).toEqual(base)
  })
  test('but nobody whom another drain keeps, or the configuration', () => {
    const [region, endpoint] = ['drains.region.us-east-1', 'drains.endpoint.aws-use1'].map((field) => ({ field, after: 'out' }))
    if (region === undefined || endpoint === undefined) throw new Error('there are two')
    const both = [region, endpoint]
    const shop = applyDifferences(base, [...both, { ...region, after: undefined }]).pools.find(({ id }) => id === 'shop')
    expect(shop?.endpoints.map(({ drain }) => drain)).toEqual([true, false, false])
    const kept = drained('drains.cloud.aws')
    expect(applyDifferences(kept, [region, { ...region, after: undefined }])).toEqual(kept)
  })
})

describe('how far a change has come', () => {
  async function follow(views: readonly (SpreadView | undefined)[]) {
    let now = 0
    let asked = 0
    const shown: string[] = []
    const told = await followSpread(3, {
      look: async () => views[Math.min(asked++, views.length - 1)],
      show: (seen) => void shown.push(spreadLine(seen, 3)),
      now: () => now,
      sleep: async (length) => {
        now += length
      },
    })
    return { shown, end: spreadEnd(told, 3), asked }
  }
  const at = (...holds: readonly (number | undefined)[]): SpreadView => ({
    revision: 3,
    vantages: holds.map((held, index) => ({
      vantage: ['wnam', 'weur', 'apac'][index] as never,
      ...(held === undefined ? {} : { holds: held, heardAgo: 1000 as never }),
    })),
  })
  test('until all have it', async () => {
    const { shown, end } = await follow([at(2, 2, 2), at(3, 2, 3), at(3, 4, 3)])
    expect(shown).toHaveLength(3)
    expect(shown[1]).toBe('0.1 s: wnam has it, weur not yet, apac has it')
    expect(end).toBe('All 3 vantages have it after 0.3 s; isolates with traffic within a second.')
  })
  test('or ten seconds, and then who has not', async () => {
    const { end, asked } = await follow([at(3, undefined, 2)])
    expect(end).toBe('After 10 s it is not at: weur (never heard), apac (last heard 1.0 s ago). They pull it as soon as they can.')
    expect(asked).toBeLessThan(100)
  })
  test('nobody who can be asked is no failure of the change', async () => {
    expect((await follow([undefined])).end).toContain('could not be read')
    expect((await follow([at()])).end).toContain('none is known')
  })
})

test('a conflict shows whose word changed what', () => {
  const shown = sentLines({
    kind: 'conflict',
    problem: {} as never,
    revision: 5,
    differences: [{ field: 'pools.shop.a.weight', before: 1, after: 9, owner: 'operator', reason: 'mine', expiresIn: 60_000 as never }],
  })
  expect(plain(shown)).toMatch(/revision 5 is in force[\s\S]*pools\.shop\.a\.weight +1 → 9 +by operator: mine, ends in 60 s/)
})

test('a conflict with changes that took each other back says so', () => {
  const problem = { type: 'about:blank', title: '', status: 412, detail: '' } as const
  expect(plain(sentLines({ kind: 'conflict', problem, revision: 3, differences: [] }))).toMatch(
    /Since then:\n {2}all that others have changed/,
  )
})
