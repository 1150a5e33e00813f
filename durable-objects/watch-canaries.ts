/** Looks at each canary for one vantage, with each beat and each report that says something of one. What it takes away is `policy/guard-canaries.ts`'s. */
import type { ReleaseId } from '../config/ids.ts'
import type { Release } from '../config/release.ts'
import type { Instant } from '../config/units.ts'
import { freshPeers } from './form-verdicts.ts'
import { guardCanaries, sumCounts } from './policy/guard-canaries.ts'
import { hasTraffic } from './policy/release-run.ts'
import type { VantageState } from './vantage-state.ts'

/** True when something was taken away or given back: isolates, peers and the director should hear at once. */
export function watchCanaries(state: VantageState, now: Instant): boolean {
  const overlay = state.overlay?.overlay
  if (overlay === undefined || !Object.values(overlay.releases).some(hasTraffic)) {
    if (state.kills.size === 0) return false
    state.kills = new Map()
    return true
  }
  for (const [id, { salt }] of Object.entries(overlay.releases)) state.tracks.begin(id as ReleaseId, salt, now)
  const peers = freshPeers(state, now)
  const ofPeers = peers.flatMap(({ message }) => (message.tracks ?? []).filter(({ release }) => state.tracks.isSettled(release, now)))
  const kills = guardCanaries(state.kills, {
    overlay,
    releases: releasesOf(state),
    counts: sumCounts([state.tracks.recent(now), ofPeers]),
    ofPeers: peers.flatMap(({ message }) => message.killed ?? []),
    isDown: (pool) => {
      const verdicts = [...state.targets.values()]
        .filter((target) => target.pool === pool)
        .map(({ key }) => state.snapshot?.endpoints[key]?.verdict)
      return verdicts.length > 0 && verdicts.every((verdict) => verdict === 'down')
    },
  })
  if (kills === state.kills) return false
  for (const [id, { why }] of kills) if (!state.kills.has(id)) state.problems.add(`The canary of ${id} was taken away here: ${why}`, now)
  state.kills = kills
  return true
}

/** As the bases say that isolates have, the newest first. */
function releasesOf({ bases }: VantageState): ReadonlyMap<ReleaseId, Release> {
  const releases = new Map<ReleaseId, Release>()
  for (const { base } of [...bases].sort((a, b) => b.seenAt - a.seenAt))
    for (const release of base.director?.releases ?? []) if (!releases.has(release.id)) releases.set(release.id, release)
  return releases
}
