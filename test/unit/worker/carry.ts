/**
 * Carries requests to their end in virtual time: the policy of the data plane, all of it, against endpoints that are functions. What
 * `forward` does with real ones.
 */
import type { Base } from '../../../config/base.ts'
import { after, type Draw, type DurationMs, type Instant, instant, ms } from '../../../config/units.ts'
import { attributeAttempts } from '../../../worker/policy/attribute-attempts.ts'
import type { Outcome } from '../../../worker/policy/classify-outcome.ts'
import { deadline, placeUntil } from '../../../worker/policy/deadline.ts'
import { beginWaiting, prolongWaiting } from '../../../worker/policy/endpoint-load.ts'
import { depositHedgeable, learnLatency, planHedge, withdrawHedge } from '../../../worker/policy/hedge.ts'
import type { HeldHealth } from '../../../worker/policy/held-health.ts'
import { learn, notePauses } from '../../../worker/policy/learn.ts'
import { type AttemptFact, addAttempt, type Ledger, newLedger } from '../../../worker/policy/ledger.ts'
import { pickProbation, takeTrial } from '../../../worker/policy/pick-probation.ts'
import type { Plan } from '../../../worker/policy/plan.ts'
import { expiry, type NextStep, planNext } from '../../../worker/policy/plan-next.ts'
import { isSafe, replayRule } from '../../../worker/policy/replay-rule.ts'
import { depositRequest, retryScale, withdrawRetry } from '../../../worker/policy/retry-budget.ts'
import { type GatewayState, newGatewayState, type RouteState, routeState } from '../../../worker/policy/route-state.ts'
import { expireAttempt, settleAttempt } from '../../../worker/policy/settle-attempt.ts'
import { type ClientPlace, steerBy } from '../../../worker/policy/steering/steer-by.ts'
import { firstState, poolsOf } from '../../workerd/gateway/base.ts'

/** What an endpoint does with an attempt: an outcome after a time, or silence. */
export type Behaviour = (at: Instant, method: string) => { readonly after: DurationMs; readonly outcome: Outcome } | 'silent'

export const answers =
  (status = 200, length = ms(20)): Behaviour =>
  () => ({ after: length, outcome: { kind: 'answered', status } })
export const FAILURES: Readonly<Record<string, Behaviour>> = {
  refuses: () => ({ after: ms(1), outcome: { kind: 'failed', phase: 'connect', originSaw: 'unknown' } }),
  'breaks TLS': () => ({ after: ms(5), outcome: { kind: 'failed', phase: 'tls', originSaw: 'unknown' } }),
  resets: () => ({ after: ms(3), outcome: { kind: 'failed', phase: 'reset', originSaw: 'unknown' } }),
  'breaks bodies': () => ({ after: ms(25), outcome: { kind: 'failed', phase: 'body', originSaw: 'unknown' } }),
  'answers 503': () => ({ after: ms(4), outcome: { kind: 'failed-status', status: 503, phase: 'status', originSaw: 'unknown' } }),
  'answers 521': () => ({ after: ms(4), outcome: { kind: 'failed-status', status: 521, phase: 'connect', originSaw: 'no' } }),
  'asks for a pause': () => ({ after: ms(4), outcome: { kind: 'overloaded', status: 429, retryAfter: ms(5000) } }),
  'answers rubbish': () => ({ after: ms(4), outcome: { kind: 'bad-response' } }),
  hangs: () => 'silent',
  'is slow': () => ({ after: ms(10_000), outcome: { kind: 'answered', status: 200 } }),
}

export const NO_HEALTH: HeldHealth = { age: 'none', silent: true }

export interface Carried {
  readonly route: string
  readonly ledger: Ledger
  readonly step: Extract<NextStep, { kind: 'answer' | 'give-up' }>
  readonly receivedAt: Instant
  readonly endedAt: Instant
}

export interface Client {
  readonly method?: string
  readonly network?: string
  readonly idempotencyKey?: boolean
  readonly streamed?: boolean
  readonly place?: ClientPlace
  /** In place of the first. */
  readonly route?: string
  /** It begins on the canary of the route's release. */
  readonly canary?: boolean
}

/** A gateway of one route, its endpoints functions, its time virtual. Requests run beside one another. */
export class VirtualGateway {
  readonly state: GatewayState
  now: Instant = instant(1_000_000)
  health: HeldHealth = NO_HEALTH
  readonly behaviours: Map<string, Behaviour>
  readonly done: Carried[] = []
  /** Attempts that have begun and not ended, by endpoint: whatever the policy believes. */
  readonly underWay = new Map<string, number>()
  readonly #base: Base
  readonly #roll: () => Draw
  readonly #events: { readonly at: Instant; readonly run: () => void }[] = []

  constructor(base: Base, behaviours: Readonly<Record<string, Behaviour>>, roll: () => Draw) {
    this.#base = base
    this.state = newGatewayState(base)
    this.behaviours = new Map(Object.entries(behaviours))
    this.#roll = roll
  }

  get route() {
    return firstState(this.#base, this.now, this.state)
  }

  routeNamed(name: string): RouteState {
    const route = this.#base.routes.find(({ id }) => id === name)
    const [weighted] = route === undefined ? [] : poolsOf(route)
    if (route === undefined || weighted === undefined) throw new Error(`no route ${name} with a pool`)
    return routeState(this.state, route, weighted, this.now)
  }

  canaryOf({ route }: RouteState): RouteState {
    if (route.action.kind !== 'forward' || route.action.release === undefined) throw new Error(`the route ${route.id} has no release`)
    return routeState(this.state, route, route.action.release.canary, this.now)
  }

  /** One request alone, to its end. */
  carry(client: Client = {}): Carried {
    const before = this.done.length
    this.send(client)
    while (this.done.length === before) this.step()
    return this.done[before] as Carried
  }

  /** `rate` requests a second for `length`, then until all have ended. */
  load(rate: number, length: DurationMs, client: (index: number) => Client = () => ({})): readonly Carried[] {
    const start = this.now
    const from = this.done.length
    const count = Math.floor((rate * length) / 1000)
    for (let index = 0; index < count; index += 1) this.at(after(start, ms((index * 1000) / rate)), () => this.send(client(index)))
    while (this.done.length < from + count) this.step()
    return this.done.slice(from)
  }

  at(at: Instant, run: () => void): void {
    let [from, to] = [0, this.#events.length]
    while (from < to) {
      const middle = (from + to) >> 1
      if ((this.#events[middle]?.at ?? 0) <= at) from = middle + 1
      else to = middle
    }
    this.#events.splice(from, 0, { at, run })
  }

  step(): void {
    const event = this.#events.shift()
    if (event === undefined) throw new Error('nothing will happen any more')
    this.now = instant(Math.max(this.now, event.at))
    event.run()
  }

  send({ method = 'GET', network = 'network', idempotencyKey = false, streamed = false, place = {}, ...client }: Client): void {
    const onStable = client.route === undefined ? this.route : this.routeNamed(client.route)
    const route = client.canary === true ? this.canaryOf(onStable) : onStable
    const replay = replayRule(method, route.route, idempotencyKey)
    const probation = replay === 'anywhere' && !streamed ? pickProbation(route, this.health, this.now, () => false) : undefined
    if (probation !== undefined) takeTrial(probation, this.now, () => false)
    const hedge =
      isSafe(method) && replay === 'anywhere' && !streamed && route.hedging !== undefined ? planHedge(route.hedging, this.now) : undefined
    const steered = steerBy(route.steering, { headers: { get: () => null }, query: '', address: network, place }, () => 'new')
    const plan: Plan = {
      route,
      health: this.health,
      replay,
      body: streamed ? 'streamed' : 'kept',
      safe: isSafe(method),
      receivedAt: this.now,
      requestTimeout: route.route.timeouts.request,
      ...(steered === undefined ? {} : { steerBy: steered }),
      ...(probation === undefined ? {} : { probation }),
      ...(hedge === undefined ? {} : { hedge }),
    }
    const { hedge: _, probation: __, ...same } = plan
    const tracked = route === onStable ? plan : { ...plan, stable: { ...same, route: onStable } }
    depositRequest(route.budget, this.now)
    if (hedge !== undefined) depositHedgeable(hedge, retryScale(this.health))
    new Carrying(this, tracked, { method, network, roll: this.#roll }).go()
  }
}

class Carrying {
  readonly #gateway: VirtualGateway
  readonly #plan: Plan
  readonly #client: { readonly method: string; readonly network: string; readonly roll: () => Draw }
  readonly #ledger = newLedger()
  #over = false

  constructor(gateway: VirtualGateway, plan: Plan, client: { method: string; network: string; roll: () => Draw }) {
    this.#gateway = gateway
    this.#plan = plan
    this.#client = client
  }

  go(): void {
    for (;;) {
      if (this.#over) return
      const { now } = this.#gateway
      for (const fact of this.#ledger.attempts) if (fact.outcome === undefined && !fact.expired && expiry(fact) <= now) this.#expire(fact)
      const step = planNext(this.#ledger, this.#plan, now, this.#client.roll())
      switch (step.kind) {
        case 'start':
          this.#start(step)
          break
        case 'pause':
          this.#ledger.pause = { after: this.#ledger.attempts.length, until: step.until }
          this.#gateway.at(step.until, () => this.go())
          return
        case 'wait':
          if (Number.isFinite(step.until)) this.#gateway.at(step.until, () => this.go())
          return
        case 'answer':
        case 'give-up':
          this.#end(step)
          return
        default:
          step satisfies never
      }
    }
  }

  #start({ candidate, attempt, steered, onTrial, timeout }: Extract<NextStep, { kind: 'start' }>): void {
    const { now } = this.#gateway
    const fact = addAttempt(this.#ledger, { candidate, kind: attempt, steered, onTrial, timeout }, now)
    if (attempt === 'retry') withdrawRetry(candidate.route.budget, now)
    if (attempt === 'hedge' && this.#plan.hedge !== undefined) withdrawHedge(this.#plan.hedge)
    const lease = beginWaiting(candidate.state.load, now, placeUntil(fact, this.#ledger, this.#plan))
    this.#count(fact, 1)
    const done = this.#gateway.behaviours.get(candidate.endpoint.id)?.(now, this.#client.method) ?? 'silent'
    this.#leases.set(fact, lease)
    if (done === 'silent') return
    this.#gateway.at(after(now, done.after), () => {
      if (fact.outcome !== undefined) return
      this.#settle(fact, done.outcome)
      this.go()
    })
  }

  readonly #leases = new Map<AttemptFact, number>()

  #count({ candidate: { endpoint } }: AttemptFact, more: number): void {
    this.#gateway.underWay.set(endpoint.id, (this.#gateway.underWay.get(endpoint.id) ?? 0) + more)
  }

  #settle(fact: AttemptFact, outcome: Outcome): void {
    this.#count(fact, -1)
    settleAttempt(fact, this.#leases.get(fact) ?? 0, outcome, this.#gateway.now)
  }

  #expire(fact: AttemptFact): void {
    const { now } = this.#gateway
    expireAttempt(fact, now)
    if (this.#plan.route.route.timeouts.slow === 'abort') {
      this.#settle(fact, { kind: 'timed-out' })
      return
    }
    const lease = this.#leases.get(fact) ?? 0
    this.#leases.set(fact, prolongWaiting(fact.candidate.state.load, lease, now, deadline(this.#ledger, this.#plan)))
  }

  #end(step: Extract<NextStep, { kind: 'answer' | 'give-up' }>): void {
    this.#over = true
    const { now } = this.#gateway
    for (const fact of this.#ledger.attempts) {
      if (fact.outcome === undefined) this.#settle(fact, step.kind === 'answer' ? { kind: 'superseded' } : { kind: 'timed-out' })
    }
    if (this.#plan.hedge !== undefined) learnLatency(this.#plan.hedge, this.#ledger, now)
    learn(attributeAttempts(this.#ledger, this.#plan.route.route.id, this.#client.network), now, this.#plan.health)
    notePauses(this.#ledger, this.#client.network, now)
    this.#gateway.done.push({
      route: this.#plan.route.route.id,
      ledger: this.#ledger,
      step,
      receivedAt: this.#plan.receivedAt,
      endedAt: now,
    })
  }
}
