/**
 * Decides whether a vantage should doubt its own probes: only when it disagrees with the majority of its fresh peers about more
 * than half of what it probes. Agreement that most endpoints are dead is evidence, not a reason for doubt.
 */
import type { EndpointKey } from '../../config/ids.ts'
import type { Facet } from './vote.ts'

/** One peer alone is no majority: the two could only accuse each other. */
const PEERS_MIN = 2

export type Opinions = ReadonlyMap<EndpointKey, Facet>

/** `own` and `peers` are raw probe facets, those of abstaining peers included. */
export function distrustsItself(own: Opinions, peers: readonly Opinions[]): boolean {
  if (peers.length < PEERS_MIN) return false
  let probed = 0
  let disputed = 0
  for (const [endpoint, facet] of own) {
    if (facet === 'unknown') continue
    probed += 1
    const majority = majorityOf(peers.map((opinions) => opinions.get(endpoint) ?? 'unknown'))
    if (majority !== 'unknown' && majority !== facet) disputed += 1
  }
  return disputed * 2 > probed
}

function majorityOf(facets: readonly Facet[]): Facet {
  const down = facets.filter((facet) => facet === 'down').length
  const up = facets.filter((facet) => facet === 'up').length
  if (down + up < PEERS_MIN || down === up) return 'unknown'
  return down > up ? 'down' : 'up'
}
