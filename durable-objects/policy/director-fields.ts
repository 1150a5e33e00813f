/**
 * A state as fields that people compare: which field, which value, whose word. What nobody names has the bundle's value. Two revisions, or a
 * revision and the bundle, are compared field by field.
 */
import type { Difference } from '../../config/director.ts'
import type { Owner } from '../../config/director-view.ts'
import { type Instant, ms } from '../../config/units.ts'
import { orderOfShare, placeOf, sharesInForce, weightsInForce } from './compose-overlay.ts'
import { type DirectorState, type DrainEntry, NOTHING_WISHED, type ReleaseState, type Said, targetName } from './director-state.ts'
import { type KnownNames, namesFor } from './known-names.ts'
import { isApproved } from './release-state.ts'

export interface Field {
  readonly value: string | number
  readonly owner: Owner
  readonly said: Said
  readonly until?: Instant
  /** Of a drain: how long it takes. */
  readonly over?: number
  readonly inert: boolean
}

/** What is in force, by the name of its field. */
export function fieldsOf(state: DirectorState, names: KnownNames): ReadonlyMap<string, Field> {
  const fields = new Map<string, Field>()
  for (const entry of weightsInForce(state)) {
    const inert = names.pools.get(entry.pool)?.has(entry.endpoint) !== true
    const ends = entry.until === undefined ? {} : { until: entry.until }
    fields.set(weightField(entry), { value: entry.weight, owner: entry.owner, said: entry, ...ends, inert })
  }
  for (const entry of state.drains) fields.set(`drains.${targetName(entry.target)}`, drainField(entry, names))
  for (const entry of sharesInForce(state)) {
    const inert = !names.releases.has(entry.release)
    fields.set(`releases.${entry.release}.weight`, { value: orderOfShare(entry).weight, owner: 'weights.json', said: entry, inert })
  }
  for (const release of state.releases) for (const [name, value] of valuesOf(release)) fields.set(name, releaseField(release, value, names))
  return fields
}

export const weightField = (of: { readonly pool: string; readonly endpoint: string }): string => `${placeOf(of)}.weight`

const drainField = (entry: DrainEntry, names: KnownNames): Field => ({
  value: entry.direction,
  owner: 'operator',
  said: entry,
  over: entry.over,
  ...(entry.until === undefined ? {} : { until: entry.until }),
  inert: !namesFor(entry.target, names).has,
})

export const ownerOfRelease = ({ door }: Said): Owner => (door === 'release' || door === 'deploy' ? 'release' : 'operator')

const releaseField = (release: ReleaseState, value: string | number, names: KnownNames): Field => ({
  value,
  owner: ownerOfRelease(release),
  said: release,
  inert: !names.releases.has(release.release),
})

function valuesOf(state: ReleaseState): readonly (readonly [string, string | number])[] {
  const { release, phase, order } = state
  const name = `releases.${release}`
  return [
    [`${name}.phase`, phase],
    [`${name}.weight`, order.weight],
    ...(order.mirror > 0 ? [[`${name}.mirror`, order.mirror] as const] : []),
    ...(isApproved(state) ? [[`${name}.approved`, 'yes'] as const] : []),
    ...(order.killed ? [[`${name}.killed`, 'yes'] as const] : []),
    ...Object.entries(order.regions ?? {}).map(([region, weight]) => [`${name}.regions.${region}.weight`, weight] as const),
  ]
}

/** What the bundle says of every field that it has. */
export function bundleFields(names: KnownNames): ReadonlyMap<string, string | number> {
  const fields = new Map<string, string | number>()
  for (const [pool, endpoints] of names.pools) {
    for (const { id, weight } of endpoints.values()) fields.set(weightField({ pool, endpoint: id }), weight)
  }
  for (const { id, drain } of names.endpoints.values()) if (drain) fields.set(`drains.endpoint.${id}`, 'out')
  for (const id of names.releases.keys()) fields.set(`releases.${id}.weight`, 0).set(`releases.${id}.phase`, 'idle')
  return fields
}

/** Every field that the two have otherwise, by value or by owner, in order of their names. */
export function compareStates(before: DirectorState, after: DirectorState, names: KnownNames, now: Instant): readonly Difference[] {
  const [was, is] = [fieldsOf(before, names), fieldsOf(after, names)]
  const bundle = bundleFields(names)
  const all = [...new Set([...was.keys(), ...is.keys()])].sort()
  return all.flatMap((field): Difference[] => {
    const [old, present] = [was.get(field), is.get(field)]
    if (old !== undefined && present !== undefined && isSame(old, present)) return []
    const until = present?.until
    return [
      {
        field,
        before: old?.value ?? bundle.get(field),
        after: present?.value ?? bundle.get(field),
        ...(present === undefined ? {} : { owner: present.owner, reason: present.said.reason }),
        ...(until === undefined ? {} : { expiresIn: ms(Math.max(0, until - now)) }),
        ...((present ?? old)?.inert === true ? { inert: true as const } : {}),
      },
    ]
  })
}

const isSame = (a: Field, b: Field): boolean => a.value === b.value && a.owner === b.owner && a.until === b.until && a.over === b.over

/** Every field that is not the bundle's now. One that somebody has said anew as the bundle has it is none. */
export const driftOf = (state: DirectorState, names: KnownNames, now: Instant): readonly Difference[] =>
  compareStates(NOTHING_WISHED, state, names, now).filter(({ before, after, inert }) => before !== after || inert === true)
