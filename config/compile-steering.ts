/** Writes out how a pool steers: the part of a compiled pool that only some pools have. */
import type { Pool } from './base.ts'
import { endpointId } from './ids.ts'
import { type PoolLimits, type PoolRate, PRIORITY_CLASSES } from './limits.ts'
import { allPools } from './link/all-pools.ts'
import { sheds } from './link/limits.ts'
import type { LinkedPool, LinkedRoute } from './link-gateway.ts'
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

/** Undefined for a pool that sheds nothing. `routes` are those of the gateway: the classes of those that use the pool share its limits. */
export function compileLimits(pool: LinkedPool, routes: readonly LinkedRoute[]): PoolLimits | undefined {
  if (!sheds(pool)) return undefined
  const users = routes.filter(({ action }) => allPools(action).some((one) => one.pool.name === pool.name))
  const classes = PRIORITY_CLASSES.filter((name) => users.some(({ file }) => file.priority === name))
  const { concurrency, adaptive = false } = pool.file.limits ?? {}
  const rate = compileRate(pool.file)
  return { adaptive, classes, ...(concurrency === undefined ? {} : { concurrency }), ...(rate === undefined ? {} : { rate }) }
}

function compileRate({ limits }: PoolFile): PoolRate | undefined {
  if (limits?.rate === undefined) return undefined
  const { rate, burst = rate.limit, scope = 'colo' } = limits
  return { ...rate, burst, scope }
}

/** Linking has refused none and several. */
function affinityKeyOf({ affinity }: PoolFile): AffinityKey | undefined {
  if (affinity === undefined) return undefined
  const { key, setCookie } = affinity
  if (key.header !== undefined) return { kind: 'header', name: key.header }
  if (key.query !== undefined) return { kind: 'query', name: key.query }
  if (key.clientAddress === true) return { kind: 'client-address' }
  if (key.claim !== undefined) return { kind: 'claim', claim: key.claim }
  if (key.certificate === true) return { kind: 'certificate' }
  if (key.cookie === undefined) return undefined
  if (setCookie === undefined) return { kind: 'cookie', name: key.cookie }
  const { ttl, sameSite } = setCookie
  return { kind: 'cookie', name: key.cookie, set: { sameSite, ...(ttl === undefined ? {} : { ttl }) } }
}
