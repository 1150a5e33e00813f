/** Host names of listeners and routes: what both take (Gateway API, HTTPRouteSpec.hostnames). A wildcard takes any depth below it, not itself. */
import { ANY_HOST, takes } from '../../../config/hosts.ts'

/** Of a listener without a hostname too. */
export { ANY_HOST }

/** Whether every host that `narrow` takes is taken by `wide`. */
export function covers(wide: string, narrow: string): boolean {
  if (wide === ANY_HOST || wide === narrow) return true
  if (narrow === ANY_HOST) return false
  return narrow.startsWith('*.') ? wide.startsWith('*.') && narrow.endsWith(wide.slice(1)) : takes(wide, narrow)
}

/** What a listener and a hostname of a route both take; undefined when that is nothing. */
export function intersect(listener: string, hostname: string): string | undefined {
  if (covers(listener, hostname)) return hostname
  return covers(hostname, listener) ? listener : undefined
}

/** The longer a pattern, the more specific; an exact host is more specific than any wildcard. */
export function moreSpecific(a: string, b: string): number {
  const rank = (host: string): number => (host === ANY_HOST ? 0 : host.startsWith('*.') ? host.length : 1000 + host.length)
  return rank(b) - rank(a)
}
