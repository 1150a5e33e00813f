/** Settings, probe results and votes that the tables of health are made of. */
import { endpointKey, vantageId } from '../../../config/ids.ts'
import { ms } from '../../../config/units.ts'
import type { ProbeResult } from '../../../durable-objects/policy/probe-result.ts'
import type { Facet, Vote } from '../../../durable-objects/policy/vote.ts'
import { HOLD, targetOf } from './world.ts'

export { HOLD }
export const { monitor } = targetOf('east')
export const passed: ProbeResult = { kind: 'passed', status: 200, latency: ms(20) }
export const failed: ProbeResult = { kind: 'failed', phase: 'connect', latency: ms(5), detail: 'refused' }
export const timedOut: ProbeResult = { kind: 'failed', phase: 'timeout', latency: ms(800), detail: 'no answer' }
export const rules = { self: vantageId('weur'), holdDown: HOLD, monitor }

export const vote = (probe: Facet, traffic: Facet = 'unknown', changes: Partial<Vote> = {}): Vote => ({
  endpoint: endpointKey('east'),
  probe,
  traffic,
  routesDown: [],
  routesUp: [],
  stood: ms(0),
  hold: ms(0),
  proof: { succeeded: 0, failed: 0 },
  reasons: [],
  ...changes,
})
export const proven = { proof: { succeeded: 5, failed: 0 } }

/** Every way to take one field away or to put rubbish in its place, at any depth. */
export function* spoiled(value: unknown): Generator<unknown> {
  if (typeof value !== 'object' || value === null) return
  for (const key of Object.keys(value)) {
    const { [key]: inner, ...rest } = value as Record<string, unknown>
    yield Array.isArray(value) ? undefined : rest
    for (const rubbish of [null, -1, 'rubbish', Number.NaN, [7]]) yield Array.isArray(value) ? [rubbish] : { ...rest, [key]: rubbish }
    for (const worse of spoiled(inner)) yield Array.isArray(value) ? [worse] : { ...rest, [key]: worse }
  }
}
