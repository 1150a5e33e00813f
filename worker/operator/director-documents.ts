/** What the director holds, beside what this gateway's bundle says, as the documents of the operators' API. */
import type { Base, Pool } from '../../config/base.ts'
import type { AuditEntry } from '../../config/director.ts'
import type { DirectorView, EntryView, Page, RevisionView } from '../../config/director-view.ts'
import {
  type AuditDocument,
  type DrainsDocument,
  type DriftDocument,
  PLAN_FIELDS,
  type PlanBase,
  type PoolWeights,
  type ReleasesDocument,
  type RevisionsDocument,
  type WeightsDocument,
} from '../../config/operator-documents.ts'

export const readings = {
  weights: (view: DirectorView, base: Base): WeightsDocument => ({ ...changeable(view, base), entries: entriesOf(view, 'pools.') }),
  drains: (view: DirectorView, base: Base): DrainsDocument => ({ ...changeable(view, base), entries: entriesOf(view, 'drains.') }),
  releases: (view: DirectorView): ReleasesDocument => {
    const { revision, releases, spread, problems } = view
    return { format: 1, revision, releases, entries: entriesOf(view, 'releases.'), spread, problems }
  },
}

export const driftDocument = ({ revision, drift }: DirectorView): DriftDocument => ({ format: 1, revision, drift })
export const auditDocument = (page: Page<AuditEntry>): AuditDocument => ({ format: 1, ...page })
export const revisionsDocument = (page: Page<RevisionView>): RevisionsDocument => ({ format: 1, ...page })

/** Values of headers may be somebody's keys. */
export function planBase(base: Base): PlanBase {
  const hidden = <Held extends { readonly headers: readonly (readonly [string, string])[] }>(held: Held): Held => ({
    ...held,
    headers: held.headers.map(([name]) => [name, 'hidden'] as const),
  })
  const shown = Object.fromEntries(
    PLAN_FIELDS.flatMap((field) => (base[field] === undefined ? [] : [[field, base[field]]])),
  ) as unknown as PlanBase
  return {
    ...shown,
    pools: base.pools.map((pool) => ({ ...pool, endpoints: pool.endpoints.map(hidden) })),
    targets: base.targets.map((target) => ({ ...target, monitor: hidden(target.monitor) })),
  }
}

function changeable(view: DirectorView, base: Base) {
  const { revision, spread, problems } = view
  const inForce = new Map(view.entries.filter(isInForce).map(({ field, value }) => [field, value]))
  return { format: 1 as const, revision, pools: base.pools.map((pool) => poolWeights(pool, inForce)), spread, problems }
}

const isInForce = ({ overruledBy, inert }: EntryView): boolean => overruledBy === undefined && inert !== true

function poolWeights({ id, steering, endpoints }: Pool, inForce: ReadonlyMap<string, string | number>): PoolWeights {
  return {
    id,
    steering,
    endpoints: endpoints.map(({ id: endpoint, cloud, region, weight, drain }) => {
      const said = inForce.get(`pools.${id}.${endpoint}.weight`)
      return { id: endpoint, cloud, region, bundle: weight, inForce: typeof said === 'number' ? said : weight, drained: drain }
    }),
  }
}

const entriesOf = ({ entries }: DirectorView, prefix: string): readonly EntryView[] =>
  entries.filter(({ field }) => field.startsWith(prefix))
