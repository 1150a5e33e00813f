/** Shows each owner's word about each field, also those that another's goes before, with what would be in force without it. */
import type { EntryView, Owner, ReleaseView } from '../../config/director-view.ts'
import { type Instant, ms, share } from '../../config/units.ts'
import { bundleFields, fieldsOf, ownerOfRelease, weightField } from './director-fields.ts'
import { type DirectorState, type Said, targetName } from './director-state.ts'
import { type KnownNames, namesFor } from './known-names.ts'

export function viewEntries(state: DirectorState, names: KnownNames, now: Instant): readonly EntryView[] {
  const inForce = fieldsOf(state, names)
  const bundle = bundleFields(names)
  const show = (entry: Said, { field, value, owner, until }: Shown, inert: boolean): EntryView => {
    const first = inForce.get(field)
    const overruledBy = first === undefined || first.said === entry ? undefined : first.owner
    const replaced = valueBelow(state, { field, owner }) ?? bundle.get(field)
    return {
      field,
      value,
      owner,
      by: entry.by,
      door: entry.door,
      reason: entry.reason,
      at: new Date(entry.at).toISOString(),
      ...(replaced === undefined ? {} : { replaced }),
      ...(until === undefined ? {} : { expiresIn: ms(Math.max(0, until - now)) }),
      ...(inert ? { inert: true as const } : {}),
      ...(overruledBy === undefined ? {} : { overruledBy }),
    }
  }
  return [
    ...state.weights.map((entry) =>
      show(
        entry,
        {
          field: weightField(entry),
          value: entry.weight,
          owner: entry.owner,
          ...(entry.until === undefined ? {} : { until: entry.until }),
        },
        names.pools.get(entry.pool)?.has(entry.endpoint) !== true,
      ),
    ),
    ...state.drains.map((entry) => {
      const { target, direction, until } = entry
      const shown = { field: `drains.${targetName(target)}`, value: direction, owner: 'operator' as const }
      return show(entry, until === undefined ? shown : { ...shown, until }, !namesFor(target, names).has)
    }),
    ...state.releases.map((entry) => {
      const shown = { field: `releases.${entry.release}.weight`, value: entry.order.weight, owner: ownerOfRelease(entry) }
      return show(entry, shown, !names.releases.has(entry.release))
    }),
    ...state.shares.map((entry) => {
      const shown = { field: `releases.${entry.release}.weight`, value: entry.weight, owner: 'weights.json' as const }
      return show(entry, shown, !names.releases.has(entry.release))
    }),
  ]
}

interface Shown {
  readonly field: string
  readonly value: string | number
  readonly owner: Owner
  readonly until?: Instant
}

/** What weights.json says where somebody goes before it. */
function valueBelow({ weights, shares }: DirectorState, { field, owner }: Pick<Shown, 'field' | 'owner'>): number | undefined {
  if (owner === 'weights.json') return undefined
  const entry = weights.find((each) => each.owner === 'weights.json' && weightField(each) === field)
  return entry?.weight ?? shares.find(({ release }) => `releases.${release}.weight` === field)?.weight
}

/** Every release that the bundle has or somebody has begun. */
export function viewReleases({ releases, shares }: DirectorState, names: KnownNames, now: Instant): readonly ReleaseView[] {
  const idle = [...names.releases.values()].filter(({ id }) => !releases.some(({ release }) => release === id))
  const begun = releases.map((entry): ReleaseView => {
    const known = names.releases.get(entry.release)
    return {
      release: entry.release,
      phase: entry.phase,
      step: entry.step,
      steps: known?.steps.length ?? 0,
      since: ms(Math.max(0, now - entry.since)),
      order: entry.order,
      ...(entry.explanation === undefined ? {} : { explanation: entry.explanation }),
      ...(entry.flagged === undefined ? {} : { flagged: entry.flagged }),
      ...(known === undefined ? { inert: true as const } : {}),
    }
  })
  const waiting = idle.map(({ id, steps }): ReleaseView => {
    const weight = shares.find(({ release }) => release === id)?.weight ?? share(0)
    return { release: id, phase: 'idle', steps: steps.length, order: { weight, mirror: share(0), killed: false, salt: id } }
  })
  return [...begun, ...waiting].sort((a, b) => (a.release < b.release ? -1 : 1))
}
