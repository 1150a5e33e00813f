/**
 * A weights file as the director would lay it: it is a layer as a whole, so that what the last file said and this one does not is over; and what
 * somebody else says goes before it.
 */

import type { Difference } from '../../config/director.ts'
import type { EntryView } from '../../config/director-view.ts'
import type { PlanBase } from '../../config/operator-documents.ts'
import { applyDifferences } from '../operate/apply-differences.ts'
import type { Proposal } from './change-base.ts'

export interface Laid {
  readonly base: PlanBase
  readonly proposal: Proposal
  /** Shares of clients on the canary that the file changes. */
  readonly shares: readonly Pick<Difference, 'field' | 'before' | 'after'>[]
  /** What the file says in vain, for people. */
  readonly notes: readonly string[]
}

/** `entries`: everybody's word about weights and releases; none where no gateway is asked. */
export function layFile(base: PlanBase, proposal: Proposal, entries: readonly EntryView[]): Laid {
  const { file } = proposal
  if (file === undefined) return { base, proposal, shares: [], notes: [] }
  const heard = entries.filter(({ inert }) => inert !== true)
  const ofFile = heard.filter(({ owner }) => owner === 'weights.json')
  const above = new Map(heard.filter(({ owner }) => owner !== 'weights.json').map((entry) => [entry.field, entry]))
  const ends = ofFile
    .filter(({ field }) => field.startsWith('pools.') && !above.has(field))
    .map(({ field, replaced }) => ({ field, after: replaced }))
  // A word in vain is still looked at: its names must be there.
  const weights = file.weights.map((each) => {
    const held = above.get(weightField(each))?.value
    return typeof held === 'number' ? { ...each, weight: held } : each
  })
  const said = new Map<string, number>([
    ...file.weights.map((each) => [weightField(each), each.weight] as const),
    ...file.releases.map((each) => [shareField(each), each.weight] as const),
  ])
  return {
    base: applyDifferences(base, ends),
    proposal: { ...proposal, weights: [...weights, ...proposal.weights] },
    shares: sharesOf(file.releases, ofFile, above),
    notes: [...said].flatMap(([field, value]) => {
      const other = above.get(field)
      return other === undefined ? [] : [`Note: ${field}: ${other.value} by ${other.by} (${other.owner}) goes before the file's ${value}.`]
    }),
  }
}

const weightField = ({ pool, endpoint }: Proposal['weights'][number]): string => `pools.${pool}.${endpoint}.weight`
const shareField = ({ release }: { readonly release: string }): string => `releases.${release}.weight`

function sharesOf(
  releases: readonly { readonly release: string; readonly weight: number }[],
  ofFile: readonly EntryView[],
  above: ReadonlyMap<string, EntryView>,
): Laid['shares'] {
  const before = new Map(ofFile.filter(({ field }) => field.startsWith('releases.')).map(({ field, value }) => [field, value]))
  const after = new Map(releases.map((each) => [shareField(each), each.weight]))
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((field) => !above.has(field))
    .map((field) => ({ field, before: before.get(field) ?? 0, after: after.get(field) ?? 0 }))
    .filter((each) => each.before !== each.after)
}
