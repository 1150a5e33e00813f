/** What a pool must not contradict in itself, and in the other pools. */
import type { Coordinates } from './base.ts'
import type { Path } from './defect.ts'
import { defect } from './document.ts'
import { isLoopback, takes } from './hosts.ts'
import type { Findings, LinkedEndpoint, LinkedPool } from './link-gateway.ts'
import { mergeMonitors, monitorTimes } from './merge-monitors.ts'
import { coordinatesOf, regionsOf } from './regions.ts'
import type { EndpointFile, GatewayFile, MonitorFile, PoolFile } from './schema.ts'
import { didYouMean } from './suggest.ts'

/** The pools by name, their endpoints with coordinates. */
export function linkPools(file: GatewayFile, findings: Findings): ReadonlyMap<string, LinkedPool> {
  const pools = new Map<string, LinkedPool>()
  const owners = new Map<string, string>()
  for (const [name, pool] of Object.entries(file.pools)) {
    const path = ['pools', name]
    const endpoints = Object.entries(pool.endpoints).map(([id, endpoint]) =>
      linkEndpoint(id, endpoint, pool, [...path, 'endpoints', id], findings),
    )
    refuseSharedNames(name, pool, owners, findings)
    refuseSharedAddresses(pool, path, findings)
    refuseOwnHosts(file, pool, path, findings)
    if (!findings.parsed.left.some((cut) => cut[0] === 'pools' && cut[1] === name)) judgeWhole(pool, path, findings)
    pools.set(name, { name, file: pool, endpoints })
  }
  noteUnused(file, findings)
  return pools
}

function linkEndpoint(name: string, endpoint: EndpointFile, pool: PoolFile, path: Path, findings: Findings): LinkedEndpoint {
  const coordinates: Coordinates | undefined = endpoint.coordinates ?? coordinatesOf(endpoint.cloud, endpoint.region)
  if (coordinates === undefined) {
    const known = regionsOf(endpoint.cloud)
    const suggestion = didYouMean(endpoint.region, known) ?? 'give its coordinates'
    if (pool.steering === 'nearest') {
      const expected = `a known region of ${endpoint.cloud}, or coordinates, because the pool steers to the nearest`
      findings.defects.push(defect({ path: [...path, 'region'], expected, found: endpoint.region, suggestion }))
    } else if (known.length > 0) {
      findings.notes.push({ path: [...path, 'region'], text: `${endpoint.region} is no known region of ${endpoint.cloud}; ${suggestion}` })
    }
  }
  refuseMonitor(pool.monitor, endpoint.monitor, [path.slice(0, 2), path], findings)
  return { name, file: endpoint, ...(coordinates === undefined ? {} : { coordinates }) }
}

/** The monitor that results from the pool's and the endpoint's; a defect is put where the value was written. */
function refuseMonitor(ofPool: MonitorFile, own: MonitorFile, [poolPath = [], path = []]: readonly Path[], findings: Findings): void {
  const merged = mergeMonitors(ofPool, own)
  const where = (field: keyof MonitorFile): Path => [...(own[field] === undefined ? poolPath : path), 'monitor', field]
  const refuse = (field: keyof MonitorFile, expected: string, found: string) => {
    const at = where(field)
    // The pool's own contradiction is found once for each endpoint; it is named once.
    if (!findings.defects.some((known) => known.expected === expected && known.path.join() === at.join())) {
      findings.defects.push(defect({ path: at, expected, found }))
    }
  }
  const { interval, timeout } = monitorTimes(merged)
  if (timeout > interval)
    refuse(merged.timeout === undefined ? 'interval' : 'timeout', `at most the interval of ${interval}ms`, `${timeout}ms`)
  if (merged.method === 'HEAD' && merged.body !== undefined)
    refuse('body', 'no body with the method HEAD, which has none', JSON.stringify(merged.body))
  for (const field of ['path', 'port'] as const) {
    if (merged.url !== undefined && merged[field] !== undefined) refuse(field, 'either url, or path and port', String(merged[field]))
  }
}

function refuseSharedNames(poolName: string, pool: PoolFile, owners: Map<string, string>, findings: Findings): void {
  for (const name of Object.keys(pool.endpoints)) {
    const owner = owners.get(name)
    owners.set(name, owner ?? poolName)
    if (owner === undefined) continue
    const expected = `a name that no other endpoint has (pools.${owner} has it)`
    const suggestion = `name it ${poolName}-${name}`.slice(0, 70)
    findings.defects.push(defect({ path: ['pools', poolName, 'endpoints', name], expected, found: name, suggestion, atKey: true }))
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
    findings.defects.push(defect({ path: [...path, 'endpoints', name, 'url'], expected, found: address }))
  }
}

/** A request to the gateway's own host comes back to the gateway. Loopback is left out: there, hosts differ by port. */
function refuseOwnHosts(file: GatewayFile, pool: PoolFile, path: Path, findings: Findings): void {
  const hosts = new Set(file.routes.flatMap((route) => route.hosts))
  for (const [name, { url }] of Object.entries(pool.endpoints)) {
    const pattern = isLoopback(url.host) ? undefined : [...hosts].find((host) => takes(host, url.host))
    if (pattern === undefined) continue
    const expected = `a host that this gateway does not serve itself (a route takes ${pattern})`
    findings.defects.push(defect({ path: [...path, 'endpoints', name, 'url'], expected, found: url.host }))
  }
}

/** What can only be said of a pool that was read whole. */
function judgeWhole(pool: PoolFile, path: Path, findings: Findings): void {
  const endpoints = Object.values(pool.endpoints)
  if (endpoints.every(({ weight }) => weight === 0)) {
    const expected = 'a weight above 0 on at least one endpoint'
    findings.defects.push(defect({ path: [...path, 'endpoints'], expected, found: `weight 0 on all ${endpoints.length}` }))
  }
  if (endpoints.every(({ drain }) => drain))
    findings.notes.push({ path: [...path, 'endpoints'], text: 'all endpoints are drained: its routes answer 503' })
  if (endpoints.length === 1)
    findings.notes.push({ path: [...path, 'endpoints'], text: 'one endpoint alone: nothing can rescue its requests' })
}

function noteUnused(file: GatewayFile, findings: Findings): void {
  if (findings.parsed.left.some((cut) => cut[0] === 'routes')) return
  const used = new Set(file.routes.map((route) => route.pool))
  for (const name of Object.keys(file.pools)) {
    if (!used.has(name)) findings.notes.push({ path: ['pools', name], text: 'no route uses this pool; it is probed all the same' })
  }
}

/** The settings of the health plane that contradict each other. */
export function linkHealth(file: GatewayFile, findings: Findings): void {
  const { holdDown, vantages } = file.health
  if (holdDown.base > holdDown.max) {
    const expected = `at least the base of ${holdDown.base}ms`
    findings.defects.push(defect({ path: ['health', 'holdDown', 'max'], expected, found: `${holdDown.max}ms` }))
  }
  if (vantages.length === 1)
    findings.notes.push({ path: ['health', 'vantages'], text: 'one vantage has no quorum: its own vote is the verdict' })
}
