/** What an isolate may know and a vantage may say at some moment, by dice: verdicts, ejections, loads, budgets, permits. */
import type { Base } from '../../../config/base.ts'
import { type EndpointKey, vantageId } from '../../../config/ids.ts'
import type { EndpointHealth, HealthSnapshot } from '../../../config/snapshot.ts'
import { after, type Instant, instant, ms, share } from '../../../config/units.ts'
import type { Isolate } from '../../../worker/isolate.ts'
import { applyOverlay } from '../../../worker/policy/apply-overlay.ts'
import { beginWaiting, noteAnswer, noteOverload } from '../../../worker/policy/endpoint-load.ts'
import { noteLatency } from '../../../worker/policy/latency-estimate.ts'
import type { Outlier } from '../../../worker/policy/outlier.ts'
import { depositRequest, withdrawRetry } from '../../../worker/policy/retry-budget.ts'
import { type Candidate, routeState } from '../../../worker/policy/route-state.ts'
import { addToTally } from '../../../worker/policy/tally.ts'
import type { HeldHealth } from '../../../worker/snapshot-port.ts'
import { poolsOf } from '../../workerd/gateway/base.ts'
import { drainOf, emergencyOf, overlayOf } from '../worker/overlays.ts'
import { below, chance, maybe, oneOf, type Roll } from './random-document.ts'
import { randomStanding } from './random-releases.ts'

const ago = (now: Instant, roll: Roll, max: number): Instant => instant(now - below(roll, max))

/** Some routes have had requests, and left their marks. */
export function disturb(isolate: Isolate, now: Instant, roll: Roll): void {
  for (const route of isolate.base.routes) {
    for (const weighted of poolsOf(route)) {
      if (chance(roll, 0.3)) continue
      const state = routeState(isolate.gateway, route, weighted, now)
      for (const candidate of state.candidates) disturbCandidate(candidate, now, roll)
      for (let count = below(roll, 30); count > 0; count -= 1) depositRequest(state.budget, ago(now, roll, 8000))
      for (let count = below(roll, 4); count > 0; count -= 1) withdrawRetry(state.budget, now)
      if (state.hedging === undefined) continue
      state.hedging.saved = below(roll, 3) * 0.7
      const { latencies } = state.hedging
      if (latencies !== undefined && chance(roll, 0.5))
        for (let count = 0; count < 150; count += 1) noteLatency(latencies, ms(5 + below(roll, 90)), now)
    }
  }
}

function disturbCandidate(candidate: Candidate, now: Instant, roll: Roll): void {
  const { load } = candidate.state
  if (chance(roll, 0.2)) disturbOutlier(candidate.outlier, now, roll)
  if (chance(roll, 0.1)) disturbOutlier(candidate.state.outlier, now, roll)
  if (chance(roll, 0.1)) candidate.pausedUntil = after(now, ms(below(roll, 3000) - 1000))
  if (chance(roll, 0.3)) for (let count = below(roll, 24); count > 0; count -= 1) beginWaiting(load, now, after(now, ms(below(roll, 3000))))
  if (chance(roll, 0.5)) noteAnswer(load, ms(1 + below(roll, 300)), now)
  if (chance(roll, 0.2)) noteOverload(load, now)
  if (candidate.peak !== undefined) Object.assign(candidate.peak, { value: below(roll, 3) * 40, at: ago(now, roll, 90_000) })
  const failing = roll()
  for (let count = below(roll, 14); count > 0; count -= 1) addToTally(candidate.decided, chance(roll, failing), ago(now, roll, 1500))
  if (chance(roll, 0.2)) candidate.state.ownTrialAt = ago(now, roll, 2000)
}

function disturbOutlier(outlier: Outlier, now: Instant, roll: Roll): void {
  const since = ago(now, roll, 100_000)
  outlier.standing = chance(roll, 0.3)
    ? { kind: 'in', ...maybe(roll, 0.7, () => ({ restoredAt: since })) }
    : {
        kind: 'ejected',
        cause: oneOf(roll, ['connect', 'streak', 'share', 'body', 'routes'] as const),
        since,
        until: after(since, ms(below(roll, 120_000))),
        passed: below(roll, 5),
        shownDown: chance(roll, 0.5),
        ...maybe(roll, 0.3, () => ({ triedAt: ago(now, roll, 10_000) })),
      }
}

export function randomHealth(base: Base, now: Instant, roll: Roll): HeldHealth {
  const applied = randomStanding(base, now, roll)
  return { ...randomVerdicts(base, now, roll), ...(applied === undefined ? {} : { applied }) }
}

function randomVerdicts(base: Base, now: Instant, roll: Roll): HeldHealth {
  const age = oneOf(roll, ['fresh', 'fresh', 'fresh', 'stale', 'too-old', 'none'] as const)
  const silent = chance(roll, 0.3)
  const overlaid = maybe(roll, 0.4, () => randomInForce(base, now, roll))
  if (age === 'none') return { age, silent, ...overlaid }
  const endpoints: Record<EndpointKey, EndpointHealth> = {}
  for (const { key } of base.targets) if (chance(roll, 0.9)) endpoints[key] = randomEndpointHealth(base, roll)
  const snapshot: HealthSnapshot = {
    format: 1,
    vantage: vantageId('weur'),
    incarnation: { createdAt: 1, bootCount: 1 },
    seq: below(roll, 1000),
    endpoints,
    retryScale: share(chance(roll, 0.2) ? roll() : 1),
  }
  return { age, silent, snapshot, receivedAt: ago(now, roll, 20_000), ...overlaid }
}

/** Weights, drains and an emergency, of names that the base has and of some that it has not. */
function randomInForce(base: Base, now: Instant, roll: Roll): Pick<HeldHealth, 'applied'> {
  const endpoints = base.pools.flatMap((pool) => pool.endpoints)
  const some = (probability: number): readonly string[] => endpoints.filter(() => chance(roll, probability)).map(({ id }) => id)
  const drains = endpoints
    .filter(() => chance(roll, 0.2))
    .map(({ id, region }) =>
      drainOf(chance(roll, 0.7) ? id : { kind: 'region', region }, {
        direction: oneOf(roll, ['out', 'back'] as const),
        over: ms(below(roll, 2) * 30_000),
        begun: ms(below(roll, 60_000)),
      }),
    )
  const weights = Object.fromEntries(base.pools.map(({ id }) => [id, Object.fromEntries(some(0.2).map((name) => [name, below(roll, 4)]))]))
  const emergencies = chance(roll, 0.3) ? [emergencyOf({ drain: some(0.1), weightZero: some(0.2) })] : []
  const applied = applyOverlay(base, { overlay: overlayOf({ drains, weights }), at: ago(now, roll, 20_000) }, emergencies)
  return applied === undefined ? {} : { applied }
}

const randomEndpointHealth = ({ routes }: Base, roll: Roll): EndpointHealth => ({
  verdict: oneOf(roll, ['up', 'up', 'up', 'down', 'unknown', 'suspect'] as const),
  stoodFor: ms(below(roll, 60_000)),
  ...maybe(roll, 0.5, () => ({ restored: true as const })),
  local: oneOf(roll, ['up', 'up', 'down', 'unknown'] as const),
  routesDown: chance(roll, 0.1) ? [oneOf(roll, routes).id] : [],
  localRoutesDown: chance(roll, 0.1) ? [oneOf(roll, routes).id] : [],
  reasons: [],
  ...maybe(roll, 0.7, () => ({ latency: ms(below(roll, 120)) })),
})
