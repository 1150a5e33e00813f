/** Hosts whose expressions begin with no fixed text: nothing tells without trying which of them take a path. */
import type { GatewayFile } from '../parse-gateway.ts'
import type { Findings } from './findings.ts'

/** More of them on one host are said. On 4 KiB of path each takes up to about 0.2 ms. */
const WIDE_MAX = 50
const COST = 0.2

export function noteWideExpressions({ routes }: GatewayFile, findings: Findings): void {
  const counts = new Map<string, number>()
  for (const { hosts, paths } of routes) {
    // Every path begins with a slash.
    const wide = paths.filter(({ program }) => program !== undefined && program.literal.length <= 1).length
    if (wide > 0) for (const host of hosts) counts.set(host, (counts.get(host) ?? 0) + wide)
  }
  for (const [host, count] of counts) {
    if (count <= WIDE_MAX) continue
    const text = `${count} expressions of the host ${host} begin with no fixed text: a request with a long path is held against all, about ${Math.round(count * COST)} ms`
    findings.notes.push({ code: 'EXPRESSIONS_WIDE', path: ['routes'], text })
  }
}
