/** The pools that a linked route sends to: those of both tracks, where it has a release. */
import type { LinkedAction, LinkedWeightedPool } from '../link-gateway.ts'

export function allPools(action: LinkedAction): readonly LinkedWeightedPool[] {
  if (action.kind !== 'forward') return []
  return action.release === undefined ? action.pools : [...action.pools, action.release.canary]
}
