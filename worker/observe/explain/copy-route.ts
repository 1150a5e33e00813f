/**
 * What an isolate knows of a pool of a route, as a copy: attempts may be thought through on it to the end, and it may be asked about a later
 * moment, which forgets what has run out by then.
 */
import type { EndpointLoad } from '../../policy/endpoint-load.ts'
import type { Hedging } from '../../policy/hedge.ts'
import type { Plan } from '../../policy/plan.ts'
import type { Candidate, RouteState } from '../../policy/route-state.ts'
import type { Tally } from '../../policy/tally.ts'

export function copyRoute(state: RouteState): RouteState {
  const { candidates, budget, hedging } = state
  return {
    ...state,
    candidates: candidates.map(copyCandidate),
    budget: { ...budget, tally: copyTally(budget.tally) },
    ...(hedging === undefined ? {} : { hedging: copyHedging(hedging) }),
  }
}

/** The same plan on a copy of its own. */
export function copyPlan(plan: Plan): Plan {
  const route = copyRoute(plan.route)
  const probation = plan.probation === undefined ? undefined : route.candidates[plan.probation.index]
  const stable = plan.stable === undefined ? undefined : { ...plan.stable, route: copyStable(plan.stable.route, route) }
  return { ...plan, route, ...(probation === undefined ? {} : { probation }), ...(stable === undefined ? {} : { stable }) }
}

/** Routes of one pool pay from one budget. */
function copyStable(stable: RouteState, canary: RouteState): RouteState {
  const copy = copyRoute(stable)
  return stable.pool.id === canary.pool.id ? { ...copy, budget: canary.budget } : copy
}

const copyCandidate = (candidate: Candidate): Candidate => ({
  ...candidate,
  decided: copyTally(candidate.decided),
  state: { ...candidate.state, load: copyLoad(candidate.state.load) },
})

const copyTally = ({ slotLength, epochs, total, marked }: Tally): Tally => ({
  slotLength,
  epochs: epochs.slice(),
  total: total.slice(),
  marked: marked.slice(),
})

const copyLoad = (load: EndpointLoad): EndpointLoad => ({ ...load, leases: load.leases.slice(), limit: { ...load.limit } })

const copyHedging = (hedging: Hedging): Hedging => ({
  ...hedging,
  latencies: hedging.latencies === undefined ? undefined : { ...hedging.latencies, bins: hedging.latencies.bins.slice() },
})
