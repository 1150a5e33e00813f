/**
 * The share of its full load that an endpoint takes: one that was restored, one that operators take out or bring back gradually. A pure function
 * of the time since the verdict (or since this isolate restored it) and since the drain began, so that all isolates ramp alike. Envoy calls the
 * former slow start.
 */
import type { Instant } from '../../config/units.ts'
import { drainShare } from './apply-overlay.ts'
import type { HeldHealth } from './held-health.ts'
import type { Outlier } from './outlier.ts'
import type { Candidate } from './route-state.ts'

/** An endpoint that takes nothing never proves itself. Envoy's `min_weight_percent`. Who drains one has nothing to find out: no floor there. */
const RAMP_FLOOR = 0.1

/** From 0.1 to 1; less by a drain. */
export function ramp(candidate: Candidate, health: HeldHealth, now: Instant): number {
  const applied = health.applied?.endpoints.get(candidate.endpoint.id)
  return applied === undefined ? restoredShare(candidate, health, now) : restoredShare(candidate, health, now) * drainShare(applied, now)
}

function restoredShare(candidate: Candidate, health: HeldHealth, now: Instant): number {
  const { slowStart } = candidate.route.pool
  if (slowStart === 0) return 1
  const upFor = Math.min(
    sinceRestored(candidate.outlier, now),
    sinceRestored(candidate.state.outlier, now),
    sinceVerdict(candidate, health, now),
  )
  return upFor >= slowStart ? 1 : Math.max(RAMP_FLOOR, upFor / slowStart)
}

function sinceRestored({ standing }: Outlier, now: Instant): number {
  return standing.kind === 'in' && standing.restoredAt !== undefined ? now - standing.restoredAt : Number.POSITIVE_INFINITY
}

function sinceVerdict(candidate: Candidate, health: HeldHealth, now: Instant): number {
  if (health.snapshot === undefined || health.receivedAt === undefined) return Number.POSITIVE_INFINITY
  const said = health.snapshot.endpoints[candidate.endpoint.key]
  return said === undefined || said.restored !== true ? Number.POSITIVE_INFINITY : said.stoodFor + (now - health.receivedAt)
}
