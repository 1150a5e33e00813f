/** Writes out how a pool steers: the part of a compiled pool that only some pools have. */
import type { Pool } from './base.ts'
import { endpointId } from './ids.ts'
import type { PoolFile } from './parse-gateway.ts'
import type { AffinityKey, LevelSettings, SteeringMap } from './steering.ts'

export function compileSteering(file: PoolFile): Pick<Pool, 'steering' | 'affinity' | 'map' | 'levels'> {
  const { steering, map } = file
  const affinity = affinityKeyOf(file)
  const levels = levelsOf(file)
  return {
    steering,
    ...(affinity === undefined ? {} : { affinity }),
    ...(map === undefined ? {} : { map: compileMap(map) }),
    ...(levels === undefined ? {} : { levels }),
  }
}

function compileMap(map: NonNullable<PoolFile['map']>): SteeringMap {
  const ids = (names: readonly string[]) => names.map(endpointId)
  const table = (lists: Readonly<Record<string, readonly string[]>>) =>
    Object.fromEntries(Object.entries(lists).map(([code, names]) => [code, ids(names)]))
  return { countries: table(map.countries), continents: table(map.continents), otherwise: ids(map.default) }
}

function levelsOf({ spillOver, healthThreshold, minimumHealthy, panic }: PoolFile): LevelSettings | undefined {
  const levels: LevelSettings = {
    ...(spillOver === undefined ? {} : { spillOver }),
    ...(healthThreshold === undefined ? {} : { healthThreshold }),
    ...(minimumHealthy === undefined ? {} : { minimumHealthy }),
    ...(panic === undefined ? {} : { panic }),
  }
  return Object.keys(levels).length === 0 ? undefined : levels
}

/** Linking has refused none and several. */
function affinityKeyOf({ affinity }: PoolFile): AffinityKey | undefined {
  if (affinity === undefined) return undefined
  const { key, setCookie } = affinity
  if (key.header !== undefined) return { kind: 'header', name: key.header }
  if (key.query !== undefined) return { kind: 'query', name: key.query }
  if (key.clientAddress === true) return { kind: 'client-address' }
  if (key.cookie === undefined) return undefined
  if (setCookie === undefined) return { kind: 'cookie', name: key.cookie }
  const { ttl, sameSite } = setCookie
  return { kind: 'cookie', name: key.cookie, set: { sameSite, ...(ttl === undefined ? {} : { ttl }) } }
}
