/**
 * How long it takes until nobody sends to an endpoint that has died: a prediction by the figures of the configuration, with its formula.
 * `npm run failover` measures the same.
 */
import type { Monitor, Pool } from '../../config/base.ts'
import type { PlanBase } from '../../config/operator-documents.ts'
import { type DurationMs, ms } from '../../config/units.ts'
import { REPROBE_AFTER } from '../../durable-objects/policy/schedule-probes.ts'

export interface FailoverTime {
  readonly pool: string
  /** A client whose request meets a silent endpoint waits so long before another one is asked as well; one that refuses costs nothing. */
  readonly rescuedAfter: DurationMs
  /** From death to the last isolate that knows, by the slowest monitor of the pool. */
  readonly refused: Prediction
  readonly silent: Prediction
  readonly formula: string
}

export interface Prediction {
  readonly typical: DurationMs
  readonly worst: DurationMs
}

/** Votes that changed are told at once: the way to the other side of the world. */
const TELL = { typical: 100, worst: 300 }
/** Isolates with traffic ask each second, and look that often whether their colo has news. */
const SYNC = { typical: 500, worst: 1250 }
/** The interval of probes is spread by so much, so that vantages do not keep step. */
const JITTER = 1.05

export function failoverTimes(base: PlanBase): readonly FailoverTime[] {
  const { length: vantages } = base.health.vantages
  return base.pools.map((pool) => {
    const monitors = pool.endpoints.flatMap(({ key }) => base.targets.find((target) => target.key === key)?.monitor ?? [])
    const rescuedAfter = attemptOf(base, pool)
    const slowest = monitors.toSorted((a, b) => predict(b, vantages, b.timeout).worst - predict(a, vantages, a.timeout).worst)[0]
    if (slowest === undefined) return { pool: pool.id, rescuedAfter, refused: NEVER, silent: NEVER, formula: 'nobody probes it' }
    return {
      pool: pool.id,
      rescuedAfter,
      refused: predict(slowest, vantages, ms(0)),
      silent: predict(slowest, vantages, slowest.timeout),
      formula: formulaOf(slowest, vantages),
    }
  })
}

const NEVER: Prediction = { typical: ms(Number.POSITIVE_INFINITY), worst: ms(Number.POSITIVE_INFINITY) }

/** Down needs two votes and more than half of all. */
export const votesNeeded = (vantages: number): number => (vantages === 1 ? 1 : Math.max(2, Math.floor(vantages / 2) + 1))

/** `fails`: how long a failing probe takes. */
function predict({ interval, consecutiveDown }: Monitor, vantages: number, fails: DurationMs): Prediction {
  const streak = consecutiveDown * fails + (consecutiveDown - 1) * REPROBE_AFTER
  const told = vantages === 1 ? { typical: 0, worst: 0 } : TELL
  return {
    // Of n probes that stand evenly in the interval, so long until the k-th begins.
    typical: ms((interval * votesNeeded(vantages)) / (vantages + 1) + streak + told.typical + SYNC.typical),
    worst: ms(interval * JITTER + streak + told.worst + SYNC.worst),
  }
}

function formulaOf({ interval, timeout, consecutiveDown }: Monitor, vantages: number): string {
  const k = votesNeeded(vantages)
  return [
    `wait for the ${k}. of ${vantages} vantages to probe (interval ${interval} ms × ${k}/${vantages + 1}, at worst × ${JITTER})`,
    `${consecutiveDown} failed probes (each 0 to timeout ${timeout} ms, ${REPROBE_AFTER} ms between them)`,
    `telling the others (${TELL.typical} to ${TELL.worst} ms)`,
    `isolates asking (${SYNC.typical} to ${SYNC.worst} ms)`,
  ].join(' + ')
}

/** The longest of the routes that use the pool. */
function attemptOf({ routes }: PlanBase, pool: Pool): DurationMs {
  const using = routes.filter(({ action }) => action.kind === 'forward' && action.pools.some((each) => each.pool === pool.id))
  return ms(Math.max(0, ...using.map(({ timeouts }) => (timeouts.attempt === 0 ? timeouts.request : timeouts.attempt))))
}
