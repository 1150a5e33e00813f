/** A pool's steering made ready, once an isolate: what the configuration says by name is looked up by index from then on. */
import type { Base, Pool } from '../../../config/base.ts'
import type { EndpointId } from '../../../config/ids.ts'
import type { AffinityKey, CountryPlaces, SteeringMap } from '../../../config/steering.ts'
import { type UnitVector, unitVector } from '../distance.ts'

export type PoolSteering =
  | { readonly kind: 'listed' }
  | { readonly kind: 'weighted' }
  | { readonly kind: 'latency' }
  | { readonly kind: 'nearest'; readonly countries: ReadonlyMap<string, UnitVector> }
  | { readonly kind: 'affinity'; readonly key: AffinityKey }
  | {
      readonly kind: 'map'
      readonly countries: ReadonlyMap<string, Ranks>
      readonly continents: ReadonlyMap<string, Ranks>
      readonly otherwise: Ranks
    }

/** For each endpoint of the pool, in order of the file: 0 is preferred. */
export type Ranks = readonly number[]

export function poolSteering(base: Base, pool: Pool): PoolSteering {
  const { steering } = pool
  switch (steering) {
    case 'listed':
    case 'weighted':
    case 'latency':
      return { kind: steering }
    case 'nearest':
      return { kind: 'nearest', countries: places(base.countries ?? {}) }
    case 'affinity':
      if (pool.affinity === undefined) throw new Error(`the pool ${pool.id} has no affinity key`)
      return { kind: 'affinity', key: pool.affinity }
    case 'map':
      if (pool.map === undefined) throw new Error(`the pool ${pool.id} has no map`)
      return rankedMap(pool, pool.map)
    default:
      return steering satisfies never
  }
}

const places = (countries: CountryPlaces): ReadonlyMap<string, UnitVector> =>
  new Map(Object.entries(countries).map(([code, [latitude, longitude]]) => [code, unitVector({ latitude, longitude })]))

function rankedMap(pool: Pool, { countries, continents, otherwise }: SteeringMap): PoolSteering {
  const listed = pool.endpoints.map(({ id }) => id)
  const ranks = (preferred: readonly EndpointId[]): Ranks => {
    const order = [...new Set([...preferred, ...otherwise, ...listed])]
    return listed.map((id) => order.indexOf(id))
  }
  const table = (lists: Readonly<Record<string, readonly EndpointId[]>>) =>
    new Map(Object.entries(lists).map(([code, preferred]) => [code, ranks(preferred)]))
  return { kind: 'map', countries: table(countries), continents: table(continents), otherwise: ranks([]) }
}
