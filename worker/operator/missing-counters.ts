/** Which limits count nobody because wrangler.toml binds no counter of the colo for them, for operators: the request path cannot tell clients. */
import type { Base } from '../../config/base.ts'
import { coloCounter, rateLimitsOf } from '../../config/rate-limit.ts'
import { isRateBinding } from '../limits/colo-counter.ts'

export function missingCounters(base: Pick<Base, 'admission' | 'routes' | 'pools'>, bindings: object): readonly string[] {
  const bound = bindings as Readonly<Record<string, unknown>>
  return rateLimitsOf(base).flatMap((limit) => {
    const { binding } = coloCounter(limit)
    if (limit.scope !== 'colo' || isRateBinding(bound[binding])) return []
    const does = 'onUnavailable' in limit && limit.onUnavailable === 'deny' ? 'refuses everybody' : 'lets everybody in'
    return [`limit ${limit.id} ${does}: the gateway has no binding ${binding} (ratelimits of wrangler.toml)`]
  })
}
