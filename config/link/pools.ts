/** What a pool must not contradict in itself, and in the other pools. */
import type { Coordinates } from '../base.ts'
import type { Path } from '../defect.ts'
import { isLoopback, patternsOf } from '../hosts.ts'
import type { LinkedEndpoint, LinkedPool } from '../link-gateway.ts'
import type { EndpointFile, GatewayFile, PoolFile } from '../parse-gateway.ts'
import { CLOUDS, coordinatesOf, regionsOf } from '../regions.ts'
import { didYouMean, nearest } from '../suggest.ts'
import { poolsNamedBy } from './actions.ts'
import { type Findings, isSure, lost, refuse } from './findings.ts'
import { refuseLevels } from './levels.ts'
import { refuseLimits } from './limits.ts'
import { refuseMonitor } from './monitors.ts'
import { refuseSteering } from './steering.ts'

/** The pools by name, their endpoints with coordinates. */
export function linkPools(file: GatewayFile, findings: Findings): ReadonlyMap<string, LinkedPool> {
  const pools = new Map<string, LinkedPool>()
  const owners = new Map<string, string>()
  const ownHosts = new Set(file.routes.flatMap((route) => route.hosts))
  for (const [name, pool] of Object.entries(file.pools)) {
    const path = ['pools', name]
    const endpoints = Object.entries(pool.endpoints).map(([id, endpoint]) => {
      const at = [...path, 'endpoints', id]
      refuseMonitor(pool, endpoint, [path, at], findings)
      refuseOwnHost(endpoint.url.host, [...at, 'url'], ownHosts, findings)
      if (endpoint.monitor.url !== undefined)
        refuseOwnHost(new URL(endpoint.monitor.url).hostname, [...at, 'monitor', 'url'], ownHosts, findings)
      return linkEndpoint(id, endpoint, pool, { path: at, findings })
    })
    if (pool.monitor.url !== undefined) refuseOwnHost(new URL(pool.monitor.url).hostname, [...path, 'monitor', 'url'], ownHosts, findings)
    refuseSharedNames(name, pool, owners, findings)
    refuseSharedAddresses(pool, path, findings)
    refuseSteering(pool, path, findings)
    refuseLevels(pool, path, findings)
    refuseLimits(pool, path, findings)
    judgeEndpoints(pool, [...path, 'endpoints'], findings)
    pools.set(name, { name, file: pool, endpoints })
  }
  noteUnused(file, findings)
  return pools
}

interface Context {
  readonly path: Path
  readonly findings: Findings
}

function linkEndpoint(name: string, endpoint: EndpointFile, pool: PoolFile, { path, findings }: Context): LinkedEndpoint {
  judgeCloud(endpoint, path, findings)
  const coordinates: Coordinates | undefined = endpoint.coordinates ?? coordinatesOf(endpoint.cloud, endpoint.region)
  if (coordinates !== undefined) return { name, file: endpoint, coordinates }
  if (['cloud', 'region', 'coordinates'].some((field) => !isSure([...path, field], findings))) return { name, file: endpoint }
  const known = regionsOf(endpoint.cloud)
  const suggestion = didYouMean(endpoint.region, known) ?? 'give its coordinates'
  if (pool.steering === 'nearest') {
    const wanted = known.length === 0 ? 'a region with coordinates' : `a known region of ${endpoint.cloud}, or coordinates`
    const expected = `${wanted}, because the pool steers to the nearest`
    refuse(findings, { code: 'REGION_UNPLACED', path: [...path, 'region'], expected, suggestion })
  } else if (known.length > 0) {
    findings.notes.push({
      code: 'REGION_UNKNOWN',
      path: [...path, 'region'],
      text: `${endpoint.region} is no known region of ${endpoint.cloud}; ${suggestion}`,
    })
  }
  return { name, file: endpoint }
}

/**
 * Any name may be a cloud of one's own; one that is nearly that of a known cloud leaves it without regions, and `retry.leave` without meaning. With a
 * region of the known cloud beside it, it is certain what was meant.
 */
function judgeCloud({ cloud, region }: EndpointFile, path: Path, findings: Findings): void {
  const meant = CLOUDS.includes(cloud) || lost([...path, 'cloud'], findings) ? undefined : nearest(cloud, CLOUDS)
  if (meant === undefined) return
  const at = [...path, 'cloud']
  const suggestion = `did you mean "${meant}"?`
  if (regionsOf(meant).includes(region))
    refuse(findings, { code: 'CLOUD_MISSPELT', path: at, expected: `the cloud whose region ${region} is`, suggestion })
  else findings.notes.push({ code: 'CLOUD_UNKNOWN', path: at, text: `${cloud} is no known cloud; ${suggestion}` })
}

function refuseSharedNames(poolName: string, pool: PoolFile, owners: Map<string, string>, findings: Findings): void {
  for (const name of Object.keys(pool.endpoints)) {
    const owner = owners.get(name)
    owners.set(name, owner ?? poolName)
    if (owner === undefined) continue
    const expected = `a name that no other endpoint of the gateway has (pools.${owner} has it)`
    refuse(findings, {
      code: 'NAME_TAKEN',
      path: ['pools', poolName, 'endpoints', name],
      expected,
      suggestion: `write ${poolName}-${name}`,
      atKey: true,
    })
  }
}

function refuseSharedAddresses(pool: PoolFile, path: Path, findings: Findings): void {
  const owners = new Map<string, string>()
  for (const [name, { url }] of Object.entries(pool.endpoints)) {
    const address = url.origin + url.base
    const owner = owners.get(address)
    owners.set(address, owner ?? name)
    if (owner === undefined) continue
    const expected = `another address than that of ${owner}, because one address cannot rescue the other`
    refuse(findings, { code: 'ADDRESS_SHARED', path: [...path, 'endpoints', name, 'url'], expected })
  }
}

/** A request to the gateway's own host comes back to the gateway. Loopback is left out: there, hosts differ by port. */
function refuseOwnHost(host: string, path: Path, ownHosts: ReadonlySet<string>, findings: Findings): void {
  const pattern = isLoopback(host) ? undefined : patternsOf(host).find((one) => ownHosts.has(one))
  if (pattern === undefined) return
  refuse(findings, { code: 'GATEWAY_LOOP', path, expected: `a host that this gateway does not serve itself (a route takes ${pattern})` })
}

/** What can only be said of endpoints that are all known. */
function judgeEndpoints(pool: PoolFile, path: Path, findings: Findings): void {
  const endpoints = Object.values(pool.endpoints)
  if (endpoints.length === 0 || endpoints.length < (findings.parsed.names.get(String(path[1]))?.length ?? 0)) return
  const areSure = (field: 'weight' | 'drain') => Object.keys(pool.endpoints).every((name) => isSure([...path, name, field], findings))
  if (endpoints.every(({ weight }) => weight === 0) && areSure('weight')) {
    refuse(findings, {
      code: 'WEIGHTS_ALL_ZERO',
      path,
      expected: 'a weight above 0 on at least one endpoint',
      found: `weight 0 on all ${endpoints.length}`,
    })
  }
  if (endpoints.every(({ drain }) => drain) && areSure('drain'))
    findings.notes.push({ code: 'ENDPOINTS_ALL_DRAINED', path, text: 'all endpoints are drained: its routes answer 503' })
  if (endpoints.length === 1)
    findings.notes.push({ code: 'ENDPOINT_ALONE', path, text: 'one endpoint alone: nothing can rescue its requests' })
}

function noteUnused(file: GatewayFile, findings: Findings): void {
  if (lost(['routes'], findings)) return
  const used = new Set(file.routes.flatMap((route) => poolsNamedBy(route, file.releases)))
  for (const name of Object.keys(file.pools)) {
    if (!used.has(name))
      findings.notes.push({ code: 'POOL_UNUSED', path: ['pools', name], text: 'no route uses this pool; it is probed all the same' })
  }
}
