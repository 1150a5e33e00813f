/** What the settings of the health plane must not contradict in themselves. */
import { monitorOf } from '../merge-monitors.ts'
import type { GatewayFile } from '../parse-gateway.ts'
import { TARGETS_MAX } from '../report.ts'
import { type Findings, refuseReversed } from './findings.ts'

export function linkHealth(file: GatewayFile, findings: Findings): void {
  const { holdDown, vantages } = file.health
  const path = ['health', 'holdDown']
  refuseReversed(findings, {
    lower: { path: [...path, 'base'], value: holdDown.base, name: 'base' },
    upper: { path: [...path, 'max'], value: holdDown.max, name: 'max' },
  })
  if (vantages.length === 1)
    findings.notes.push({
      code: 'QUORUM_OF_ONE',
      path: ['health', 'vantages'],
      text: 'no quorum: the vote of the one vantage is the verdict',
    })
  const targets = countTargets(file)
  if (targets <= TARGETS_MAX) return
  const text = `${targets} endpoints: a vantage probes the first ${TARGETS_MAX}, the rest are judged by their traffic alone`
  findings.notes.push({ code: 'TARGETS_TOO_MANY', path: ['pools'], text })
}

/** The same address with the same monitor is one target, however many pools it serves. */
function countTargets({ pools }: GatewayFile): number {
  const targets = new Set<string>()
  for (const pool of Object.values(pools)) {
    for (const endpoint of Object.values(pool.endpoints)) {
      targets.add(JSON.stringify([endpoint.url.origin, endpoint.url.base, monitorOf(pool, endpoint)]))
    }
  }
  return targets.size
}
