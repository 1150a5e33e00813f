/** A base whose routes have releases, for tests. */
import type { Base, Pool, Route } from '../../../config/base.ts'
import { poolId, releaseId } from '../../../config/ids.ts'
import type { Release } from '../../../config/release.ts'
import { ms, share } from '../../../config/units.ts'
import { type BaseParts, testBase } from './base.ts'

type Endpoints = BaseParts['endpoints']

export interface ReleasedParts {
  readonly stable: Endpoints
  /** Absent: the stable pool, with the header `x-version: next`. */
  readonly canary?: Endpoints
  readonly release?: Partial<Release>
  readonly route?: Partial<Route>
  readonly pool?: Partial<Pool>
}

const VERSION = { set: [['x-version', 'next'] as const], add: [], remove: [] }

/** One route, `all`, with the release `r`. */
export function releasedBase({ stable, canary, release = {}, route = {}, pool = {} }: ReleasedParts): Base {
  const base = testBase({ endpoints: stable, pool: { ...pool, id: poolId('stable') } })
  const other = canary === undefined ? [] : testBase({ endpoints: canary, pool: { ...pool, id: poolId('canary') } }).pools
  const weighted =
    canary === undefined ? { pool: poolId('stable'), weight: 1, requestHeaders: VERSION } : { pool: poolId('canary'), weight: 1 }
  const made: Release = {
    id: releaseId('r'),
    tracks: { stable: { pool: poolId('stable') }, canary: { pool: weighted.pool } },
    key: { kind: 'client-address' },
    steps: [{ weight: share(0.05), pause: ms(60_000), approval: false }],
    analysis: { minimumSample: 500, errorMargin: share(0.005), slowFactor: 2, hardErrorShare: share(0.25), patience: ms(3_600_000) },
    rollback: 'instant',
    onDeploy: 'keep',
    ...release,
  }
  const action = { kind: 'forward' as const, pools: [{ pool: poolId('stable'), weight: 1 }], release: { id: made.id, canary: weighted } }
  return { ...base, pools: [...base.pools, ...other], releases: [made], routes: base.routes.map((each) => ({ ...each, action, ...route })) }
}
