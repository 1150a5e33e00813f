/** What the settings of the health plane must not contradict in themselves. */
import type { GatewayFile } from '../parse-gateway.ts'
import { type Findings, refuseReversed } from './findings.ts'

export function linkHealth(file: GatewayFile, findings: Findings): void {
  const { holdDown, vantages } = file.health
  const path = ['health', 'holdDown']
  refuseReversed(findings, {
    lower: { path: [...path, 'base'], value: holdDown.base, name: 'base' },
    upper: { path: [...path, 'max'], value: holdDown.max, name: 'max' },
  })
  if (vantages.length === 1)
    findings.notes.push({ path: ['health', 'vantages'], text: 'no quorum: the vote of the one vantage is the verdict' })
}
