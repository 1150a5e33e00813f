/**
 * `GET /.well-known/meridian/health`: that the edge answers at all, for uptime checks of DNS and edge. It says nothing about endpoints and
 * is always 200: taking the edge out because a region is down would be the outage.
 */
import type { Base } from '../../config/base.ts'
import type { HeldHealth } from '../policy/held-health.ts'

export const HEALTH_PATH = '/.well-known/meridian/health'

export function edgeHealth(base: Base, { age }: HeldHealth): Response {
  return Response.json({ status: 'ok', base: base.hash, health: age }, { headers: { 'cache-control': 'no-store' } })
}
