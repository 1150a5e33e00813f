/**
 * What only a configuration of this machine may say. On Cloudflare a raw IP address cannot be sent to, a private name does not
 * resolve, plain http is read on the way, and two vantages have no majority.
 */
import type { Path } from '../defect.ts'
import { ANY_HOST, isAddress, isPrivateName } from '../hosts.ts'
import type { EndpointFile, GatewayFile, MonitorFile } from '../parse-gateway.ts'
import { type Findings, lost, refuse } from './findings.ts'
import { refuseUndeployableIssuers } from './issuers.ts'

const HINT = 'check it with --local if it never leaves this machine'
const VANTAGES_MIN = 3

/** Refuses what works locally and would fail when deployed. */
export function refuseUndeployable(file: GatewayFile, findings: Findings): void {
  for (const [poolName, pool] of Object.entries(file.pools)) {
    const path = ['pools', poolName]
    refuseMonitor(pool.monitor, path, findings)
    for (const [name, endpoint] of Object.entries(pool.endpoints)) {
      refuseEndpoint(endpoint, [...path, 'endpoints', name], findings)
      refuseMonitor(endpoint.monitor, [...path, 'endpoints', name], findings)
    }
  }
  for (const [index, route] of file.routes.entries()) {
    for (const [place, host] of route.hosts.entries()) {
      if (host !== ANY_HOST) refuseHost(host.replace(/^\*\./, ''), ['routes', index, 'hosts', place], findings)
    }
  }
  for (const [place, host] of file.operators.hosts.entries()) refuseHost(host, ['operators', 'hosts', place], findings)
  refuseUndeployableIssuers(file, findings, HINT)
  refuseFewVantages(file, findings)
}

function refuseEndpoint({ url }: EndpointFile, path: Path, findings: Findings): void {
  if (refuseHost(url.host, [...path, 'url'], findings) || url.scheme === 'https') return
  const suggestion = `write https://${url.host}${url.port === '' ? '' : `:${url.port}`}${url.base}`
  refuse(findings, {
    code: 'URL_INSECURE',
    path: [...path, 'url'],
    expected: 'an https URL, because requests cross the internet',
    suggestion,
  })
}

function refuseMonitor(monitor: MonitorFile, path: Path, findings: Findings): void {
  if (monitor.url !== undefined) refuseHost(new URL(monitor.url).hostname, [...path, 'monitor', 'url'], findings)
}

/** True when the host was refused. */
function refuseHost(host: string, path: Path, findings: Findings): boolean {
  const expected = isAddress(host) ? 'a name instead of an IP address' : isPrivateName(host) ? 'a public name' : undefined
  if (expected === undefined) return false
  refuse(findings, { code: 'HOST_PRIVATE', path, expected, suggestion: HINT })
  return true
}

function refuseFewVantages(file: GatewayFile, findings: Findings): void {
  const { vantages } = file.health
  const path = ['health', 'vantages']
  if (vantages.length === 0 || vantages.length >= VANTAGES_MIN || lost(path, findings)) return
  const why = vantages.length === 2 ? 'two cannot outvote each other' : 'one has no quorum'
  refuse(findings, {
    code: 'VANTAGES_TOO_FEW',
    path,
    expected: `at least ${VANTAGES_MIN} vantages, because ${why}`,
    found: vantages.join(', '),
    suggestion: HINT,
  })
}
