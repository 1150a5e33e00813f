/** Counts in the colo, by the counters of the platform that wrangler.toml binds. They say yes or no, and nothing of what is left. */
import { type CountedLimit, coloCounter } from '../../config/rate-limit.ts'
import { ms } from '../../config/units.ts'
import type { Platform } from '../ports.ts'
import { attempt } from '../snapshot/bounded.ts'
import type { Counter, Taken } from './counter.ts'

/** The counter stands beside the Worker: what takes longer is a fault. */
const ANSWER_WITHIN = ms(250)

interface RateBinding {
  readonly limit: (options: { readonly key: string }) => Promise<{ readonly success: boolean }>
}

export function makeColoCounter(bindings: Readonly<Record<string, unknown>>): Counter {
  return { take: (limit, key, platform) => take(bindings[coloCounter(limit).binding], limit, key, platform) }
}

async function take(binding: unknown, limit: CountedLimit, key: string, platform: Platform): Promise<Taken> {
  if (!isRateBinding(binding)) return { kind: 'unavailable', why: `wrangler.toml binds no ${coloCounter(limit).binding}` }
  // Limits of one rate share a counter.
  const answer = await attempt(() => binding.limit({ key: `${limit.id}/${key}` }), ANSWER_WITHIN, platform)
  if (answer === undefined) return { kind: 'unavailable', why: 'the counter of the colo did not answer' }
  return answer.success ? { kind: 'taken' } : { kind: 'over', retryAfter: limit.window }
}

export const isRateBinding = (binding: unknown): binding is RateBinding =>
  typeof binding === 'object' && binding !== null && typeof (binding as Partial<RateBinding>).limit === 'function'
