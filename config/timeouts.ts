/** What the timeouts of a route come to when it leaves one out or turns it off. */
import type { RouteFile } from './parse-gateway.ts'
import { REQUEST_MAX, type Timeouts } from './resilience.ts'
import { type DurationMs, ms } from './units.ts'

type TimesFile = Pick<RouteFile['timeouts'], 'request' | 'attempt'>

const ATTEMPT_BY_DEFAULT = 1000
const IDLE_BY_DEFAULT = ms(30_000)

export const requestTimeout = ({ request }: TimesFile): DurationMs => (request === 0 ? REQUEST_MAX : request)

export function attemptTimeout(file: TimesFile): DurationMs {
  const request = requestTimeout(file)
  return file.attempt === 0 ? request : (file.attempt ?? ms(Math.min(ATTEMPT_BY_DEFAULT, request)))
}

/** Stated, and not turned off, it is for every body of the route. */
export function idleTimeout({ idle }: Pick<RouteFile['timeouts'], 'idle'>): Pick<Timeouts, 'idle' | 'idleOfAll'> {
  if (idle === undefined) return { idle: IDLE_BY_DEFAULT }
  return idle === 0 ? { idle } : { idle, idleOfAll: true }
}
