/** What the timeouts of a route come to when it leaves one out or turns it off. */
import type { RouteFile } from './parse-gateway.ts'
import { REQUEST_MAX } from './resilience.ts'
import { type DurationMs, ms } from './units.ts'

type TimesFile = Pick<RouteFile['timeouts'], 'request' | 'attempt'>

const ATTEMPT_BY_DEFAULT = 1000

export const requestTimeout = ({ request }: TimesFile): DurationMs => (request === 0 ? REQUEST_MAX : request)

export function attemptTimeout(file: TimesFile): DurationMs {
  const request = requestTimeout(file)
  return file.attempt === 0 ? request : (file.attempt ?? ms(Math.min(ATTEMPT_BY_DEFAULT, request)))
}
