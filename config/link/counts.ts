/**
 * What must not be empty. Judged here and not while parsing, because a list that is empty only for its broken elements has
 * been complained about already.
 */
import type { Path } from '../defect.ts'
import type { GatewayFile, MonitorFile, RouteFile } from '../parse-gateway.ts'
import { type Findings, isSure, refuse } from './findings.ts'

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
  }
  for (const [index, route] of file.routes.entries()) {
    demand(['routes', index, 'hosts'], route.hosts, 'at least one host')
    demand(['routes', index, 'paths'], route.paths, 'at least one path, or no field "paths" for all of them')
    demand(['routes', index, 'pools'], route.pools, 'at least one weighted pool')
    demand(['routes', index, 'mirrors'], route.mirrors, 'at least one mirror')
  }
}

/** A gateway that only redirects and answers by itself needs no pool. */
const asksEndpoints = ({ redirect, reply }: RouteFile): boolean => redirect === undefined && reply === undefined
