/**
 * What only a configuration of this machine may say. On Cloudflare a raw IP address cannot be sent to, a private name does not
 * resolve, plain http is read on the way, and two vantages have no majority.
 */
import type { Path } from './defect.ts'
import { defect } from './document.ts'
import { isAddress, isPrivateName } from './hosts.ts'
import type { Findings } from './link-gateway.ts'
import type { GatewayFile } from './schema.ts'

const HINT = 'check it with --local if it never leaves this machine'

/** Refuses what works locally and would fail when deployed. */
export function refuseUndeployable(file: GatewayFile, findings: Findings): void {
  for (const [poolName, pool] of Object.entries(file.pools)) {
    const path = ['pools', poolName]
    if (pool.monitor.url !== undefined) refuseHost(new URL(pool.monitor.url).hostname, [...path, 'monitor', 'url'], findings)
    for (const [name, endpoint] of Object.entries(pool.endpoints)) {
      const at = [...path, 'endpoints', name]
      if (endpoint.monitor.url !== undefined) refuseHost(new URL(endpoint.monitor.url).hostname, [...at, 'monitor', 'url'], findings)
      const { url } = endpoint
      if (refuseHost(url.host, [...at, 'url'], findings) || url.scheme === 'https') continue
      const suggestion = `write https://${url.host}${url.port === '' ? '' : `:${url.port}`}${url.base}`
      findings.defects.push(
        defect({
          path: [...at, 'url'],
          expected: 'an https URL, because requests cross the internet',
          found: `${url.origin}${url.base}`,
          suggestion,
        }),
      )
    }
  }
  for (const [index, route] of file.routes.entries()) {
    for (const [place, host] of route.hosts.entries()) refuseHost(host.replace(/^\*\./, ''), ['routes', index, 'hosts', place], findings)
  }
  refuseFewVantages(file, findings)
}

/** True when the host was refused. */
function refuseHost(host: string, path: Path, findings: Findings): boolean {
  const expected = isAddress(host) ? 'a name instead of an IP address' : isPrivateName(host) ? 'a public name' : undefined
  if (expected === undefined) return false
  findings.defects.push(defect({ path, expected, found: host, suggestion: HINT }))
  return true
}

function refuseFewVantages(file: GatewayFile, findings: Findings): void {
  const { vantages } = file.health
  if (vantages.length >= 3) return
  const why = vantages.length === 2 ? 'two cannot outvote each other' : 'one has no quorum'
  findings.defects.push(
    defect({ path: ['health', 'vantages'], expected: `at least 3 vantages, because ${why}`, found: vantages.join(', '), suggestion: HINT }),
  )
}
