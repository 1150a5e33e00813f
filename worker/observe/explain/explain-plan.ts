/** The plan of a request that would be sent on: whom it may go to and in which order, how long is waited, what may follow a failure. */
import type { ForwardAction } from '../../../config/action.ts'
import type { ExplainedCandidate, ExplainedHedge, ExplainedPlan } from '../../../config/explanation.ts'
import type { EndpointId } from '../../../config/ids.ts'
import { type Draw, type Instant, share } from '../../../config/units.ts'
import type { OutboundBody } from '../../forward/replay-body.ts'
import { totalWeight } from '../../policy/draw-pool.ts'
import { isPanic, leastTier, orderEndpoints, pickEndpoint } from '../../policy/order-endpoints.ts'
import type { Plan } from '../../policy/plan.ts'
import { isPinned } from '../../policy/replay-rule.ts'
import { mayRescue } from '../../policy/rescue.ts'
import { mayRetry, retryScale } from '../../policy/retry-budget.ts'
import type { Candidate } from '../../policy/route-state.ts'
import { TIERS } from '../../policy/standing.ts'
import { explainSteering } from '../../policy/steering/explain-steering.ts'
import { hasSwitched } from '../../policy/switch-track.ts'
import { readTally } from '../../policy/tally.ts'
import { explainCandidate } from './explain-candidate.ts'
import { explainTrack } from './explain-track.ts'
import { type Attempts, planAttempts } from './plan-attempts.ts'

export interface PlanFacts {
  readonly plan: Plan
  readonly action: ForwardAction
  readonly body: OutboundBody['kind']
  readonly method: string
}

export interface PlanTold {
  readonly told: ExplainedPlan
  readonly first: Attempts['first']
}

export function explainPlan({ plan, action, body, method }: PlanFacts, now: Instant, roll: () => Draw): PlanTold {
  const { route, pool, weighted } = plan.route
  // The draw that the first attempt has is the one by which people see the order.
  const drawn = roll()
  const attempts = planAttempts(plan, now, inTurn(drawn, roll))
  const pinned = isPinned(route, method)
  const { pools, replies = [] } = action
  const total = totalWeight([...pools, ...replies])
  const told: ExplainedPlan = {
    pools: pools.map((each) => ({
      pool: each.pool,
      weight: each.weight,
      share: share(pinned && action.homePool !== undefined ? Number(each.pool === action.homePool) : total === 0 ? 0 : each.weight / total),
      drawn: each === weighted,
    })),
    ...(replies.length === 0 ? {} : { replied: share(totalWeight(replies) / total) }),
    ...(plan.track === undefined ? {} : { release: explainTrack(plan.track, plan.health) }),
    pool: pool.id,
    steering: pool.steering,
    panic: isPanic(plan, now),
    candidates: inOrder(plan, pinned, now, inTurn(drawn, roll)),
    replay: { rule: plan.replay, writes: route.writes, body },
    // A gRPC client may ask for less than the route gives.
    timeouts: { ...route.timeouts, request: plan.requestTimeout },
    retry: explainRetry(plan, now),
    // What begins on stable because its canary is full is not hedged: a hedge stays on its track.
    ...(hasSwitched({ attempts: attempts.first === undefined ? [] : [attempts.first] }, plan)
      ? {}
      : explainHedge(plan, attempts.first?.candidate.endpoint.id, now, drawn)),
    attempts: attempts.planned,
    ending: attempts.ending,
  }
  return { told, first: attempts.first }
}

/** The first draw, then the dice. */
function inTurn(first: Draw, roll: () => Draw): () => Draw {
  let isFirst = true
  return () => {
    const given = isFirst ? first : roll()
    isFirst = false
    return given
  }
}

/** Those that may take the request as they would be asked, then the rest as listed. A write with a home has nowhere else to go. */
function inOrder(plan: Plan, pinned: boolean, now: Instant, roll: () => Draw): readonly ExplainedCandidate[] {
  const { candidates, route } = plan.route
  const least = leastTier(plan, now)
  const figures = explainSteering(plan, now)
  const told = (candidate: Candidate): ExplainedCandidate => ({
    ...explainCandidate(candidate, plan.health, least, now),
    figures: figures[candidate.index] ?? {},
  })
  const picked = orderEndpoints(plan, now, roll).flatMap((each) => (each.kind === 'picked' ? [each.candidate] : []))
  const order = pinned ? candidates.filter(({ endpoint }) => endpoint.id === route.home) : picked
  const rest = candidates.filter((candidate) => !order.includes(candidate)).map(told)
  return [
    ...order.map(told).map((each, index) => (each.eligible ? { ...each, place: index + 1 } : each)),
    ...(pinned ? rest.map((each) => ({ ...each, eligible: false, standing: 'not-the-home' })) : rest),
  ]
}

function explainRetry({ route, health }: Plan, now: Instant): ExplainedPlan['retry'] {
  const { budget } = route
  const { retry } = route.route
  const { total, marked } = readTally(budget.tally, now)
  return {
    attemptsMax: retry.attemptsMax,
    statuses: retry.statuses,
    requests: total,
    retries: marked,
    mayRetry: mayRetry(budget, retryScale(health), now),
    mayRescue: mayRescue(route, now),
  }
}

/** Beside the first attempt and at another endpoint that is in: as `hedgeChance` would have it once the time has come. */
function explainHedge(
  { hedge, ...plan }: Plan,
  first: EndpointId | undefined,
  now: Instant,
  draw: Draw,
): { readonly hedge?: ExplainedHedge } {
  if (hedge === undefined) return {}
  const pick = pickEndpoint(plan, ({ endpoint }) => endpoint.id === first, now, draw)
  const isIn = pick.kind === 'picked' && pick.standing.tier === TIERS.routable && plan.route.route.retry.attemptsMax >= 2
  return {
    hedge: {
      saved: hedge.hedging.saved,
      ...(hedge.delay === undefined ? {} : { after: hedge.delay }),
      ...(isIn ? { endpoint: pick.candidate.endpoint.id } : {}),
    },
  }
}
