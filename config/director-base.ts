/** What the director needs to know of a base: made by the isolate that tells a vantage of it, or by the door through which an operator comes. */
import type { Base } from './base.ts'
import type { DirectorBase } from './director.ts'

export const directorBase = ({
  hash,
  pools,
  health,
  releases = [],
}: Pick<Base, 'hash' | 'pools' | 'health' | 'releases'>): DirectorBase => ({
  hash,
  pools: pools.map(({ id, endpoints }) => ({
    id,
    endpoints: endpoints.map((endpoint) => ({
      id: endpoint.id,
      cloud: endpoint.cloud,
      region: endpoint.region,
      weight: endpoint.weight,
      drain: endpoint.drain,
    })),
  })),
  releases,
  vantages: health.vantages,
})
