/** The cookie that keeps a client at its endpoint, where the pool's affinity wants one and the client has none. */
import type { AffinityKey } from '../../config/steering.ts'
import type { Plan } from '../policy/plan.ts'

/** The value of `Set-Cookie`; undefined when there is none to set. */
export function affinityCookie({ route, steerBy }: Plan): string | undefined {
  if (steerBy?.kind !== 'key' || steerBy.newKey === undefined) return undefined
  return route.steering.kind === 'affinity' ? written(route.steering.key, steerBy.newKey) : undefined
}

function written(key: AffinityKey, value: string): string | undefined {
  if (key.kind !== 'cookie' || key.set === undefined) return undefined
  const { ttl, sameSite } = key.set
  const lifetime = ttl === undefined ? '' : `; Max-Age=${Math.floor(ttl / 1000)}`
  return `${key.name}=${value}; Path=/${lifetime}; HttpOnly; Secure; SameSite=${SAME_SITE_WORDS[sameSite]}`
}

const SAME_SITE_WORDS = { strict: 'Strict', lax: 'Lax', none: 'None' } as const
