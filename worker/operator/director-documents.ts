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
import { leavesNone } from '../policy/apply-overlay.ts'

export const readings = {
  weights: (view: DirectorView, base: Base): WeightsDocument => ({ ...changeable(view, base), entries: entriesOf(view, 'pools.') }),
  drains: (view: DirectorView, base: Base): DrainsDocument => ({ ...changeable(view, base), entries: entriesOf(view, 'drains.') }),
  releases: (view: DirectorView): ReleasesDocument => {
    const { revision, releases, spread, problems } = view
    return { format: 1, revision, releases, entries: entriesOf(view, 'releases.'), spread, problems, ...emergencyOf(view) }
  },
}

export function driftDocument(view: DirectorView, base: Base): DriftDocument {
  const { revision, drift } = view
  const leftAside = changeable(view, base).pools.flatMap((pool) => (pool.leftAside === true ? [pool.id] : []))
  return { format: 1, revision, drift, ...(leftAside.length === 0 ? {} : { leftAside }) }
}
export const auditDocument = (page: Page<AuditEntry>): AuditDocument => ({ format: 1, ...page })
export const revisionsDocument = (page: Page<RevisionView>): RevisionsDocument => ({ format: 1, ...page })

/** Values of headers may be somebody's keys: of those that are set on requests, on probes and on answers the names are told. */
export function planBase(base: Base): PlanBase {
  const told = Object.fromEntries(PLAN_FIELDS.flatMap((field) => (base[field] === undefined ? [] : [[field, base[field]]])))
  return withoutHeaderValues(told) as unknown as PlanBase
}

const SETS_HEADERS = new Set(['headers', 'requestHeaders', 'responseHeaders'])

function withoutHeaderValues(value: unknown, isHeaders = false): unknown {
  if (Array.isArray(value)) {
    const [name, text] = value
    if (isHeaders && value.length === 2 && typeof name === 'string' && typeof text === 'string') return [name, 'hidden']
    return value.map((each) => withoutHeaderValues(each, isHeaders))
  }
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, held]) => [
      name,
      withoutHeaderValues(held, name !== 'remove' && (isHeaders || SETS_HEADERS.has(name))),
    ]),
  )
}

function changeable(view: DirectorView, base: Base) {
  const { revision, spread, problems } = view
  const inForce = new Map(view.entries.filter(isInForce).map(({ field, value }) => [field, value]))
  const pools = base.pools.map((pool) => poolWeights(pool, inForce))
  return { format: 1 as const, revision, pools, spread, problems, ...emergencyOf(view) }
}

const emergencyOf = ({ emergency }: DirectorView) => (emergency === undefined || emergency.length === 0 ? {} : { emergency })

const isInForce = ({ overruledBy, inert }: EntryView): boolean => overruledBy === undefined && inert !== true

function poolWeights({ id, steering, endpoints }: Pool, inForce: ReadonlyMap<string, string | number>): PoolWeights {
  const said = new Map(
    endpoints.flatMap((endpoint): [string, number][] => {
      const weight = inForce.get(`pools.${id}.${endpoint.id}.weight`)
      return typeof weight === 'number' ? [[endpoint.id, weight]] : []
    }),
  )
  const leftAside = leavesNone(endpoints, said)
  return {
    id,
    steering,
    endpoints: endpoints.map((endpoint) => {
      const { cloud, region, weight } = endpoint
      const inForceHere = leftAside ? weight : (said.get(endpoint.id) ?? weight)
      return { id: endpoint.id, cloud, region, bundle: weight, inForce: inForceHere, drained: isOut(endpoint, inForce) }
    }),
    ...(leftAside ? { leftAside } : {}),
  }
}

/** By the configuration, which operators do not undo, or by operators: one who takes it out goes before one who brings it back. */
function isOut({ id, region, cloud, drain }: Pool['endpoints'][number], inForce: ReadonlyMap<string, string | number>): boolean {
  const said = [`endpoint.${id}`, `region.${region}`, `cloud.${cloud}`].flatMap((name) => inForce.get(`drains.${name}`) ?? [])
  return drain || said.includes('out')
}

const entriesOf = ({ entries }: DirectorView, prefix: string): readonly EntryView[] =>
  entries.filter(({ field }) => field.startsWith(prefix))
