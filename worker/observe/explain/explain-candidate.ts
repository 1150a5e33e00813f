/** One endpoint as a request would find it: what is known of it, and what of that keeps it behind the others or out. */
import type { ExplainedCandidate, ExplainedEjection } from '../../../config/explanation.ts'
import { between, type DurationMs, type Instant, ms, share } from '../../../config/units.ts'
import { inFlight } from '../../policy/endpoint-load.ts'
import type { HeldHealth } from '../../policy/held-health.ts'
import type { Outlier } from '../../policy/outlier.ts'
import { ramp } from '../../policy/ramp.ts'
import type { Candidate } from '../../policy/route-state.ts'
import { standing, TIERS, type Tier, weightOf } from '../../policy/standing.ts'
import { readTally } from '../../policy/tally.ts'

/** `least`: the best tier of the pool. What is spared or out is eligible when nobody is better, but for what has been taken out on purpose. */
export function explainCandidate(
  candidate: Candidate,
  health: HeldHealth,
  least: Tier,
  now: Instant,
): Omit<ExplainedCandidate, 'place' | 'figures'> {
  const { endpoint, state } = candidate
  const stands = standing(candidate, health, now)
  const said = health.age === 'fresh' || health.age === 'stale' ? health.snapshot?.endpoints[endpoint.key] : undefined
  const { total, marked } = readTally(candidate.decided, now)
  const { usual, value } = state.load.limit
  return {
    endpoint: endpoint.id,
    key: endpoint.key,
    cloud: endpoint.cloud,
    region: endpoint.region,
    mesh: endpoint.mesh,
    eligible: stands.tier < TIERS.full || (stands.tier === least && least >= TIERS.spared && least < TIERS.never),
    standing: stands.reason,
    priority: endpoint.priority,
    weight: weightOf(candidate, health),
    ...otherwise(candidate, health, now),
    ramp: share(ramp(candidate, health, now)),
    ...(said === undefined ? {} : { health: said }),
    ejections: [...ejection('endpoint', state.outlier, now), ...ejection('route', candidate.outlier, now)],
    ...(now < candidate.pausedUntil ? { pausedFor: between(now, candidate.pausedUntil) } : {}),
    waiting: inFlight(state.load, now),
    limit: Math.floor(value),
    ...(usual === 0 ? {} : { latency: ms(usual) }),
    decided: total,
    failed: marked,
  }
}

/** What operators have made otherwise, as far as the weight and the standing do not say it. */
function otherwise({ endpoint }: Candidate, { applied }: HeldHealth, now: Instant): Pick<ExplainedCandidate, 'fileWeight' | 'drains'> {
  const said = applied?.endpoints.get(endpoint.id)
  if (said === undefined) return {}
  const drains = said.drains.map(({ direction, since, over }) => ({ direction, left: ms(Math.max(0, over - between(since, now))) }))
  return { ...(said.setBy === 'base' ? {} : { fileWeight: endpoint.weight }), ...(drains.length === 0 ? {} : { drains }) }
}

function ejection(scope: ExplainedEjection['scope'], { standing: held }: Outlier, now: Instant): readonly ExplainedEjection[] {
  if (held.kind === 'in') return []
  const { cause, since, until, passed } = held
  return [{ scope, cause, ejectedFor: length(since, now), holdFor: length(now, until), passed }]
}

const length = (from: Instant, to: Instant): DurationMs => ms(Math.max(0, between(from, to)))
