/**
 * Ways to break Meridian itself, so that it is known which row notices. Each changes the compiled configuration or what the Worker
 * is bound to; the code that runs is the one that ships.
 */
import type { Base } from '../../config/base.ts'
import { share } from '../../config/units.ts'

export interface Mutation {
  readonly what: string
  readonly base: (base: Base) => Base
  /** Vantages, director, limits and KV do not answer. */
  readonly healthPlane: 'reachable' | 'unreachable'
}

const ejectNothing = (base: Base): Base => ({
  ...base,
  pools: base.pools.map((pool) => ({ ...pool, outlier: { ...pool.outlier, mode: 'detected' } })),
})

const changeRoutes = (base: Base, change: (route: Base['routes'][number]) => Base['routes'][number]): Base => ({
  ...base,
  routes: base.routes.map(change),
})

export const MUTATIONS = {
  'rescue-off': {
    what: 'one attempt a request',
    base: (base) => changeRoutes(base, (route) => ({ ...route, retry: { ...route.retry, attemptsMax: 1 } })),
    healthPlane: 'reachable',
  },
  'eject-off': {
    what: 'isolates eject nothing by themselves, and no vantage does it for them',
    base: ejectNothing,
    healthPlane: 'unreachable',
  },
  'health-off': { what: 'vantages, director, limits and KV do not answer', base: (base) => base, healthPlane: 'unreachable' },
  'buffer-off': {
    what: 'no answer is read whole first',
    base: (base) => changeRoutes(base, (route) => ({ ...route, bufferUpTo: 0 as typeof route.bufferUpTo })),
    healthPlane: 'reachable',
  },
  'hedge-off': {
    what: 'nothing is hedged',
    base: (base) => changeRoutes(base, ({ hedge: _hedge, ...route }) => route),
    healthPlane: 'reachable',
  },
  'budget-off': {
    what: 'retries cost nothing, where nothing is ejected',
    base: (base) => {
      const { pools, ...rest } = ejectNothing(base)
      return {
        ...rest,
        pools: pools.map((pool) => ({ ...pool, retryBudget: { ...pool.retryBudget, share: share(1), perSecond: 10_000 } })),
      }
    },
    healthPlane: 'unreachable',
  },
  careless: { what: 'keys and certificates are exchanged without the care that it takes', base: (base) => base, healthPlane: 'reachable' },
} as const satisfies Record<string, Mutation>

export type MutationName = keyof typeof MUTATIONS

export const isMutation = (name: string): name is MutationName => Object.hasOwn(MUTATIONS, name)
