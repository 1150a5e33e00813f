/**
 * What the names in a change may stand for: the pools, endpoints and releases of the bases that gateways serve, the newest first. During a
 * deploy two are about, and a name of either is one.
 */
import type { DirectorBase, DirectorPool } from '../../config/director.ts'
import type { EndpointId, PoolId, ReleaseId } from '../../config/ids.ts'
import type { DrainTarget } from '../../config/overlay.ts'
import type { Release } from '../../config/release.ts'

export interface KnownNames {
  /** Each pool as the newest base that has it; endpoints of older ones beside its own. */
  readonly pools: ReadonlyMap<PoolId, ReadonlyMap<EndpointId, KnownEndpoint>>
  readonly endpoints: ReadonlyMap<EndpointId, KnownEndpoint>
  readonly regions: ReadonlySet<string>
  readonly clouds: ReadonlySet<string>
  readonly releases: ReadonlyMap<ReleaseId, Release>
}

export type KnownEndpoint = DirectorPool['endpoints'][number] & { readonly pool: PoolId }

export function knownNames(bases: readonly DirectorBase[]): KnownNames {
  const pools = new Map<PoolId, Map<EndpointId, KnownEndpoint>>()
  const endpoints = new Map<EndpointId, KnownEndpoint>()
  const releases = new Map<ReleaseId, Release>()
  for (const base of bases) {
    for (const pool of base.pools) {
      const held = pools.get(pool.id) ?? new Map<EndpointId, KnownEndpoint>()
      pools.set(pool.id, held)
      for (const endpoint of pool.endpoints) {
        const known = { ...endpoint, pool: pool.id }
        if (!held.has(endpoint.id)) held.set(endpoint.id, known)
        if (!endpoints.has(endpoint.id)) endpoints.set(endpoint.id, known)
      }
    }
    for (const release of base.releases) if (!releases.has(release.id)) releases.set(release.id, release)
  }
  const all = [...endpoints.values()]
  return {
    pools,
    endpoints,
    regions: new Set(all.map(({ region }) => region)),
    clouds: new Set(all.map(({ cloud }) => cloud)),
    releases,
  }
}

/** The names of the target's kind, and the one that it has. */
export function namesFor(
  target: DrainTarget,
  names: KnownNames,
): { readonly known: Iterable<string>; readonly name: string; readonly has: boolean } {
  switch (target.kind) {
    case 'endpoint':
      return { known: names.endpoints.keys(), name: target.endpoint, has: names.endpoints.has(target.endpoint) }
    case 'region':
      return { known: names.regions, name: target.region, has: names.regions.has(target.region) }
    case 'cloud':
      return { known: names.clouds, name: target.cloud, has: names.clouds.has(target.cloud) }
    default:
      return target satisfies never
  }
}

/** Whether a drain of `target` takes the endpoint out. */
export function covers(target: DrainTarget, endpoint: KnownEndpoint): boolean {
  switch (target.kind) {
    case 'endpoint':
      return target.endpoint === endpoint.id
    case 'region':
      return target.region === endpoint.region
    case 'cloud':
      return target.cloud === endpoint.cloud
    default:
      return target satisfies never
  }
}
