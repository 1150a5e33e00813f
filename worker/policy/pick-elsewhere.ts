/**
 * Which endpoint takes an attempt beside or after others of the same request: the next in order, but out of reach of what may have failed
 * there. Two gateways of one region share its network and its mesh, and a rescue has one try.
 */
import type { Endpoint } from '../../config/base.ts'
import type { FailureDomain } from '../../config/resilience.ts'
import type { Draw, Instant } from '../../config/units.ts'
import type { Ledger } from './ledger.ts'
import { type Pick, pickEndpoint } from './order-endpoints.ts'
import type { Plan } from './plan.ts'
import type { Candidate } from './route-state.ts'

export const isTried = (ledger: Ledger, candidate: Candidate): boolean => ledger.attempts.some((fact) => fact.candidate === candidate)

/** What is left when the preferred cannot be, the widest first. */
const DOMAINS = { nothing: [], zone: ['zone'], region: ['region', 'zone'], cloud: ['cloud', 'region', 'zone'] } as const satisfies Record<
  'nothing' | FailureDomain,
  readonly FailureDomain[]
>

/** Nobody of lower standing or later priority is preferred: to leave a region is worth no sick endpoint, and no standby. */
export function pickElsewhere(plan: Plan, ledger: Ledger, now: Instant, draw: Draw): Pick {
  const next = pickEndpoint(plan, (candidate) => isTried(ledger, candidate), now, draw)
  if (next.kind !== 'picked') return next
  for (const domain of DOMAINS[plan.route.route.retry.leave]) {
    if (!isWithin(next.candidate, domain, ledger)) return next
    const outside = pickEndpoint(plan, (candidate) => isTried(ledger, candidate) || isWithin(candidate, domain, ledger), now, draw)
    if (outside.kind !== 'picked' || outside.standing.tier !== next.standing.tier) continue
    if (outside.candidate.endpoint.priority === next.candidate.endpoint.priority) return outside
  }
  return next
}

/** In a domain where this request has been tried. */
const isWithin = ({ endpoint }: Candidate, domain: FailureDomain, ledger: Ledger): boolean =>
  ledger.attempts.some((fact) => isShared(fact.candidate.endpoint, endpoint, domain))

/** Zones that nobody named are one. */
function isShared(a: Endpoint, b: Endpoint, domain: FailureDomain): boolean {
  if (a.cloud !== b.cloud) return false
  if (domain === 'cloud') return true
  return a.region === b.region && (domain === 'region' || a.zone === b.zone)
}
