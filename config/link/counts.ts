/**
 * What must not be empty. Judged here and not while parsing, because a list that is empty only for its broken elements has
 * been complained about already.
 */
import type { Path } from '../defect.ts'
import type { GatewayFile, MonitorFile, PoolFile, RouteFile } from '../parse-gateway.ts'
import { type Findings, isGiven, isSure, refuse } from './findings.ts'

/** Refuses empty mappings and lists that must hold at least one. */
export function refuseEmpty(file: GatewayFile, findings: Findings): void {
  const demand = (path: Path, held: object | undefined, expected: string) => {
    if (held !== undefined && Object.keys(held).length === 0 && isSure(path, findings))
      refuse(findings, { code: 'COUNT_OUT_OF_RANGE', path, expected })
  }
  const demandStatuses = (path: Path, monitor: MonitorFile) =>
    demand([...path, 'monitor', 'statuses'], monitor.statuses, 'at least one status')
  if (file.routes.length === 0 || file.routes.some(asksEndpoints)) demand(['pools'], file.pools, 'at least one pool under its name')
  demand(['routes'], file.routes, 'at least one route')
  demand(['health', 'vantages'], file.health.vantages, 'at least one vantage')
  for (const [name, pool] of Object.entries(file.pools)) {
    demand(['pools', name, 'endpoints'], pool.endpoints, 'at least one endpoint under its name')
    demandStatuses(['pools', name], pool.monitor)
    for (const [id, endpoint] of Object.entries(pool.endpoints)) demandStatuses(['pools', name, 'endpoints', id], endpoint.monitor)
    for (const [path, endpoints] of listsOfMap(pool, ['pools', name, 'map'], findings)) demand(path, endpoints, 'at least one endpoint')
  }
  for (const [index, route] of file.routes.entries()) {
    demand(['routes', index, 'hosts'], route.hosts, 'at least one host')
    demand(['routes', index, 'paths'], route.paths, 'at least one path, or no field "paths" for all of them')
    demand(['routes', index, 'pools'], route.pools, 'at least one weighted pool')
    demand(['routes', index, 'mirrors'], route.mirrors, 'at least one mirror')
  }
  for (const [index, { hosts }] of file.admission.entries()) demand(['admission', index, 'hosts'], hosts, 'at least one host')
  for (const [name, { trustDomains, authorities = [] }] of Object.entries(file.trusts)) {
    const domains = 'at least one trust domain, or no field "trustDomains"'
    demand(['trusts', name, 'trustDomains'], trustDomains, domains)
    for (const [index, authority] of authorities.entries())
      demand(['trusts', name, 'authorities', index, 'trustDomains'], authority.trustDomains, domains)
  }
}

/** Those that are written: the one for everybody else may be left out. */
function listsOfMap({ map }: PoolFile, path: Path, findings: Findings): readonly (readonly [Path, readonly string[]])[] {
  if (map === undefined) return []
  const lists: (readonly [Path, readonly string[]])[] = (['countries', 'continents'] as const).flatMap((table) =>
    Object.entries(map[table]).map(([code, endpoints]) => [[...path, table, code], endpoints] as const),
  )
  return isGiven([...path, 'default'], findings) ? [...lists, [[...path, 'default'], map.default]] : lists
}

/** A gateway that only redirects and answers by itself needs no pool. */
const asksEndpoints = ({ redirect, reply }: RouteFile): boolean => redirect === undefined && reply === undefined
