/**
 * Decides when an endpoint is probed next and who sends the probe. A Durable Object has six connections that may wait for an
 * answer: a vantage probes by itself as long as these suffice, and hands over to probers only while they do not.
 */
import type { Monitor } from '../../config/base.ts'
import type { EndpointKey } from '../../config/ids.ts'
import { after, type Draw, type Instant, ms } from '../../config/units.ts'
import { PROBES_BEFORE_VOTE, type ProbeFold } from './fold-probe.ts'

/** Connections waiting for headers that one invocation may have on Cloudflare; the seventh fetch would queue behind them. */
export const CONNECTIONS_MAX = 6
/** After a first failure and after the first probe of all: soon enough to decide within two seconds, late enough to miss a restart of a process. */
export const REPROBE_AFTER = ms(250)
/** Probes of one vantage spread over this share of their interval, so that vantages do not probe in step. */
const JITTER_SHARE = 0.1

/** When to probe again after a probe whose result is folded already. */
export function nextProbe(
  fold: ProbeFold,
  monitor: Monitor,
  ended: { readonly startedAt: Instant; readonly now: Instant },
  draw: Draw,
): Instant {
  const failing = fold.facet !== 'down' && fold.failedInRow > 0 && fold.failedInRow < monitor.consecutiveDown
  if (failing || fold.seen < PROBES_BEFORE_VOTE) return after(ended.now, REPROBE_AFTER)
  const interval = monitor.interval * (1 + JITTER_SHARE * (draw - 0.5))
  return after(ended.startedAt, ms(Math.max(interval, ended.now - ended.startedAt)))
}

/** Due, or planned absurdly far ahead because the clock was set back. */
export const isDue = (plannedAt: Instant | undefined, monitor: Monitor, now: Instant): boolean =>
  plannedAt === undefined || now >= plannedAt || plannedAt - now > 2 * monitor.interval

export interface ProbePlan {
  /** Through the vantage's own six connections. */
  readonly own: readonly EndpointKey[]
  /** One list a prober, at most six endpoints each, always the same prober for the same endpoint as long as the set stays. */
  readonly handedOver: readonly (readonly EndpointKey[])[]
}

/** Hands over the endpoints that do not answer in time while there are more than six of them. */
export function assignProbes(due: readonly EndpointKey[], silent: readonly EndpointKey[]): ProbePlan {
  if (silent.length <= CONNECTIONS_MAX) return { own: due, handedOver: [] }
  const place = new Map([...silent].sort().map((key, index) => [key, Math.floor(index / CONNECTIONS_MAX)]))
  const handedOver = Array.from({ length: Math.ceil(silent.length / CONNECTIONS_MAX) }, (_, prober) =>
    due.filter((key) => place.get(key) === prober),
  )
  return { own: due.filter((key) => !place.has(key)), handedOver }
}
