/**
 * What isolates of one colo tell each other of how fast endpoints answer: an isolate that has asked nobody yet begins with what the others have seen, and
 * not with the probes of a vantage elsewhere. Own answers go before it, and it is forgotten like them, counted from the attempt that it was seen in.
 */
import type { EndpointKey, RouteId } from '../../../config/ids.ts'
import { type Instant, instant } from '../../../config/units.ts'
import type { Candidate, GatewayState } from '../route-state.ts'
import { FORGOTTEN_AFTER, type HeardLatency } from './peak-latency.ts'

/** Of one endpoint on one route; `ago` in ms when it was told. Short, for there may be hundreds in an entry of the cache. */
export type ToldLatency = readonly [route: RouteId, endpoint: EndpointKey, value: number, ago: number]

/** The latest are told, and kept: a colo steers few routes by latency. */
export const TOLD_MAX = 512
const NAME_MAX = 256
/** Longer than any attempt. */
const VALUE_MAX = 600_000

export const heardOf = ({ heard }: Pick<GatewayState, 'heard'>, route: RouteId, endpoint: EndpointKey): HeardLatency | undefined =>
  heard.get(`${route}\n${endpoint}`)

/** What this isolate has seen, and what it has heard of others where it has seen nothing. */
export function tellLatencies(gateway: GatewayState, now: Instant): readonly ToldLatency[] {
  const known = new Map(gateway.heard)
  for (const { route, candidates } of gateway.states.values()) {
    for (const { endpoint, peak } of candidates)
      if (peak !== undefined && peak.value > 0 && isRemembered(peak.at, now))
        known.set(`${route.id}\n${endpoint.key}`, { ...peak, route: route.id, endpoint: endpoint.key })
  }
  return [...known.values()]
    .filter(({ at }) => isRemembered(at, now))
    .toSorted((a, b) => b.at - a.at)
    .slice(0, TOLD_MAX)
    .map(({ route, endpoint, value, at }) => [route, endpoint, Math.round(value * 10) / 10, Math.round(Math.max(0, now - at))])
}

/** `at`: when it was told, by this isolate's clock. */
export function hearLatencies(gateway: GatewayState, told: readonly ToldLatency[], at: Instant, now: Instant): void {
  const { heard } = gateway
  for (const [key, held] of heard) if (!isRemembered(held.at, now)) heard.delete(key)
  for (const [route, endpoint, value, ago] of told) {
    const key = `${route}\n${endpoint}`
    const held = heard.get(key)
    const seen = instant(at - ago)
    if (!isRemembered(seen, now) || (held === undefined ? heard.size >= TOLD_MAX : held.at >= seen)) continue
    heard.set(key, { route, endpoint, value, at: seen })
  }
  for (const { route, candidates } of gateway.states.values()) for (const candidate of candidates) remind(candidate, gateway, route.id)
}

function remind({ peak, endpoint }: Candidate, gateway: GatewayState, route: RouteId): void {
  if (peak !== undefined) peak.heard = heardOf(gateway, route, endpoint.key)
}

/** Also where the clock was set back. */
const isRemembered = (at: Instant, now: Instant): boolean => Math.abs(now - at) <= FORGOTTEN_AFTER

/** What an entry of the cache says; what is odd in it is left out. */
export function parseLatencies(raw: unknown): readonly ToldLatency[] {
  return Array.isArray(raw) ? raw.slice(0, TOLD_MAX).filter(isTold) : []
}

function isTold(raw: unknown): raw is ToldLatency {
  if (!Array.isArray(raw) || raw.length !== 4) return false
  const [route, endpoint, value, ago] = raw
  return isName(route) && isName(endpoint) && isWithin(value, VALUE_MAX) && value > 0 && isWithin(ago, FORGOTTEN_AFTER)
}

const isName = (raw: unknown): boolean => typeof raw === 'string' && raw.length > 0 && raw.length <= NAME_MAX
const isWithin = (raw: unknown, most: number): raw is number => typeof raw === 'number' && raw >= 0 && raw <= most
