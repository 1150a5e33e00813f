/**
 * Whether the names of a weights file stand for something, and its weights for a split. Several bases are known while a gateway is deployed
 * step by step: a name has to be in one of them, and the weights have to make sense in each that has the pool.
 */
import type { Defect } from '../defect.ts'
import type { DefectCode } from '../defects.ts'
import type { DirectorBase, DirectorPool } from '../director.ts'
import { at, defect, namesAt, show } from '../document.ts'
import { didYouMean } from '../suggest.ts'
import { NAME } from '../written.ts'

/** What names are looked up in. */
export interface KnownNames {
  readonly pools: DirectorBase['pools']
  readonly releases: readonly Pick<DirectorBase['releases'][number], 'id'>[]
}

/** `document`: of any shape. What is of none is somebody else's to tell; the rest is looked up. */
export function weightsDefects(document: unknown, bases: readonly KnownNames[]): readonly Defect[] {
  const pools = wellFormed(namesAt(document, ['pools']))
  return [...pools.flatMap((pool) => poolDefects(pool, document, bases)), ...releaseDefects(document, bases)]
}

/** A name that is malformed has been told already; more than are told nobody looks up. */
const wellFormed = (names: readonly string[]): readonly string[] => names.filter((name) => NAME.test(name)).slice(0, NAMES_MAX)

/** A file may have thousands of names that stand for nothing, and each is compared with all that do. */
const NAMES_MAX = 1000

function poolDefects(name: string, document: unknown, bases: readonly KnownNames[]): readonly Defect[] {
  const path = ['pools', name]
  const pools = bases.flatMap((base) => base.pools.filter(({ id }) => id === name))
  if (pools.length === 0) {
    const known = namesOf(bases.flatMap((base) => base.pools))
    return [unknown('POOL_UNKNOWN', path, `the name of a pool: ${list(known)}`, didYouMean(name, known))]
  }
  const known = namesOf(pools.flatMap(({ endpoints }) => endpoints))
  const lost = wellFormed(namesAt(document, path)).filter((endpoint) => !known.includes(endpoint))
  const defects = lost.map((endpoint) => {
    const suggestion = elsewhere(endpoint, bases) ?? didYouMean(endpoint, known)
    return unknown('ENDPOINT_UNKNOWN', [...path, endpoint], `the name of an endpoint of ${name}: ${list(known)}`, suggestion)
  })
  const isEmpty = lost.length === 0 && pools.some((pool) => sumOf(pool, document) === 0)
  const expected = 'a weight above 0 for one of its endpoints at least'
  return isEmpty ? [...defects, defect({ code: 'WEIGHTS_ALL_ZERO', path, expected, found: 'weights that sum to 0' })] : defects
}

/** With the deployed weights of those that are not named; no number when one of them is none. */
function sumOf({ id: pool, endpoints }: DirectorPool, document: unknown): number {
  const said = new Set(namesAt(document, ['pools', pool]))
  return endpoints.reduce((sum, { id, weight }) => {
    const own = said.has(id) ? at(document, ['pools', pool, id]) : weight
    return typeof own === 'number' && own >= 0 ? sum + own : Number.NaN
  }, 0)
}

function elsewhere(endpoint: string, bases: readonly KnownNames[]): string | undefined {
  const pool = bases.flatMap(({ pools }) => pools).find(({ endpoints }) => endpoints.some(({ id }) => id === endpoint))
  return pool === undefined ? undefined : `it is one of the pool ${pool.id}`
}

function releaseDefects(document: unknown, bases: readonly KnownNames[]): readonly Defect[] {
  const known = namesOf(bases.flatMap((base) => base.releases))
  return wellFormed(namesAt(document, ['releases']))
    .filter((release) => !known.includes(release))
    .map((release) =>
      unknown('RELEASE_UNKNOWN', ['releases', release], `the name of a release: ${list(known)}`, didYouMean(release, known)),
    )
}

/** A name that stands for nothing. */
function unknown(code: DefectCode, path: Defect['path'], expected: string, suggestion: string | undefined): Defect {
  return defect({ code, path, expected, suggestion, found: show(path.at(-1)), atKey: true })
}

/** Each once. */
export const namesOf = (named: readonly { readonly id: string }[]): readonly string[] => [...new Set(named.map(({ id }) => id))]

/** Names of a defect: enough of them to see what kind they are. */
const LISTED_MAX = 8

export function list(names: readonly string[]): string {
  if (names.length === 0) return 'there is none'
  const more = names.length - LISTED_MAX
  return `${names.slice(0, LISTED_MAX).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
