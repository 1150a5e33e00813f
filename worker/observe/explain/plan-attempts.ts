/**
 * The attempts that a request would have if each failed as soon as it was sent, and nobody knew whether the endpoint had seen it: what
 * `planNext` says, asked again and again. Nothing is sent, and budgets are charged in a copy.
 */
import type { PlannedAttempt } from '../../../config/explanation.ts'
import { after, between, type Draw, type Instant, ms } from '../../../config/units.ts'
import { waitUntil } from '../../policy/deadline.ts'
import { type AttemptFact, addAttempt, newLedger } from '../../policy/ledger.ts'
import type { Plan } from '../../policy/plan.ts'
import { type NextStep, planNext } from '../../policy/plan-next.ts'
import { depositRequest, withdrawRetry } from '../../policy/retry-budget.ts'
import { hasSwitched } from '../../policy/switch-track.ts'
import { addToTally } from '../../policy/tally.ts'
import { copyPlan } from './copy-route.ts'

type Start = Extract<NextStep, { kind: 'start' }>

export interface Attempts {
  /** The first step, as the request path takes it; absent when nobody is asked. */
  readonly first?: Start
  readonly planned: readonly PlannedAttempt[]
  /** The code that says why there is no further one. */
  readonly ending: Extract<NextStep, { kind: 'give-up' }>['code']
}

export function planAttempts(told: Plan, receivedAt: Instant, roll: () => Draw): Attempts {
  const plan = copyPlan(told)
  const ledger = newLedger()
  const starts: Start[] = []
  const planned: PlannedAttempt[] = []
  let now = receivedAt
  let pause = ms(0)
  depositRequest(plan.route.budget, now)
  for (;;) {
    const step = planNext(ledger, plan, now, roll())
    switch (step.kind) {
      case 'start':
        starts.push(step)
        planned.push(show(step, pause))
        failAtOnce(addAttempt(ledger, { ...step, kind: step.attempt }, now))
        if (step.attempt === 'retry') withdrawRetry((hasSwitched(ledger, plan) ? (plan.stable ?? plan) : plan).route.budget, now)
        addToTally(step.candidate.decided, true, now)
        pause = ms(0)
        break
      case 'pause':
        pause = between(now, step.until)
        ledger.pause = { after: ledger.attempts.length, until: step.until }
        now = after(now, waitUntil(now, step.until))
        break
      case 'give-up':
        return { ...(starts[0] === undefined ? {} : { first: starts[0] }), planned, ending: step.code }
      case 'wait':
      case 'answer':
        throw new Error(`every attempt has failed without an answer, and the plan is to ${step.kind}`)
      default:
        return step satisfies never
    }
  }
}

const show = ({ attempt, candidate, steered, onTrial, timeout }: Start, pause: PlannedAttempt['pause']): PlannedAttempt => ({
  kind: attempt,
  endpoint: candidate.endpoint.id,
  ...(steered === undefined ? {} : { steered }),
  pause,
  ...(timeout === undefined ? {} : { timeout }),
  onTrial,
})

function failAtOnce(fact: AttemptFact): void {
  fact.endedAt = fact.startedAt
  fact.outcome = { kind: 'failed', phase: 'reset', originSaw: 'unknown' }
}
