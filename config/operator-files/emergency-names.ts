/**
 * What an emergency file would take away of a gateway: names that stand for nothing, and whether a pool is left with nothing at all. A
 * vantage acts upon what it can; only who checks a file beforehand is told of the rest.
 */
import type { Defect, Path } from '../defect.ts'
import type { DefectCode, NoteCode } from '../defects.ts'
import { at, defect, show } from '../document.ts'
import { didYouMean } from '../suggest.ts'
import { NAME } from '../written.ts'
import type { EmergencyFile } from './emergency-file.ts'
import { type KnownNames, list, namesOf } from './weights-names.ts'

/** Names that no base has. They do nothing. `document`: of any shape. */
export function emergencyDefects(document: unknown, bases: readonly KnownNames[]): readonly Defect[] {
  const endpoints = bases.flatMap(({ pools }) => pools.flatMap((pool) => pool.endpoints))
  const ids = namesOf(endpoints)
  const places = new Set(endpoints.flatMap(({ region, cloud }) => [region, cloud]))
  const releases = [...namesOf(bases.flatMap((base) => base.releases)), '*']
  return [
    ...lost(document, { field: 'drain', code: 'TARGET_UNKNOWN', what: 'an endpoint, a region or a cloud' }, [...ids, ...places]),
    ...lost(document, { field: 'weightZero', code: 'ENDPOINT_UNKNOWN', what: 'an endpoint' }, ids),
    ...lost(document, { field: 'freeze', code: 'RELEASE_UNKNOWN', what: 'a release, or *' }, releases),
    ...lost(document, { field: 'killCanary', code: 'RELEASE_UNKNOWN', what: 'a release, or *' }, releases),
  ]
}

interface Lookup {
  readonly field: 'drain' | 'weightZero' | 'freeze' | 'killCanary'
  readonly code: DefectCode
  readonly what: string
}

function lost(document: unknown, { field, code, what }: Lookup, known: readonly string[]): readonly Defect[] {
  const names = at(document, [field])
  return (Array.isArray(names) ? names : []).flatMap((name: unknown, index) =>
    typeof name !== 'string' || known.includes(name) || (field !== 'drain' && !NAME.test(name))
      ? []
      : [
          defect({
            code,
            path: [field, index],
            expected: `the name of ${what}: ${list(known)}`,
            found: show(name),
            suggestion: didYouMean(name, known),
          }),
        ],
  )
}

export interface EmergencyWarning {
  readonly code: NoteCode
  readonly path: Path
  readonly text: string
}

/** Pools that are left with nothing: nothing is wrong with the file, and their requests fail. */
export function emergencyWarnings({ drain, weightZero }: EmergencyFile, bases: readonly KnownNames[]): readonly EmergencyWarning[] {
  const [out, zero] = [new Set(drain), new Set(weightZero)]
  const pools = bases.flatMap((base) => base.pools)
  const isDrained = ({ id, region, cloud, drain }: (typeof pools)[number]['endpoints'][number]): boolean =>
    drain || out.has(id) || out.has(region) || out.has(cloud)
  const drained = namesOf(pools.filter(({ endpoints }) => endpoints.every(isDrained)))
  const emptied = namesOf(pools.filter(({ endpoints }) => endpoints.every((each) => isDrained(each) || zero.has(each.id))))
  return emptied.map(
    (pool): EmergencyWarning =>
      drained.includes(pool)
        ? { code: 'POOL_EMPTIED', path: ['drain'], text: `every endpoint of the pool ${pool} is drained: its requests are answered 503` }
        : {
            code: 'POOL_EMPTIED',
            path: ['weightZero'],
            text: `no endpoint of the pool ${pool} has a weight left: those that are not drained are the last resort`,
          },
  )
}
