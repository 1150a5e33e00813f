/** What a gateway says of counters that its limits count on and wrangler.toml does not bind. */
import { expect, test } from 'vitest'
import type { RateLimit } from '../../../config/rate-limit.ts'
import { seconds } from '../../../config/units.ts'
import { missingCounters } from '../../../worker/operator/missing-counters.ts'
import { testBase } from '../../workerd/gateway/base.ts'

const limitOf = (id: string, rest: Partial<RateLimit> = {}): RateLimit => ({
  id,
  limit: 3,
  window: seconds(60),
  burst: 3,
  by: { kind: 'client' },
  scope: 'colo',
  onUnavailable: 'allow',
  headers: 'refused',
  ...rest,
})

const rateLimits = [limitOf('open'), limitOf('shut', { onUnavailable: 'deny', limit: 4 }), limitOf('elsewhere', { scope: 'global' })]
const base = testBase({ endpoints: [], route: { admission: { rateLimits } } })
const counter = { limit: async () => ({ success: true }) }

test.each<[string, object, readonly string[]]>([
  ['none', {}, ['open lets everybody in', 'shut refuses everybody']],
  ['one of them', { RATE_3_PER_60S: counter }, ['shut refuses everybody']],
  ['both', { RATE_3_PER_60S: counter, RATE_4_PER_60S: counter }, []],
  ['something else of the name', { RATE_3_PER_60S: 'text', RATE_4_PER_60S: {} }, ['open lets everybody in', 'shut refuses everybody']],
])('with %s bound', (_, bindings, said) => {
  const problems = missingCounters(base, bindings)
  expect(problems.map((problem) => /^limit (.*): the gateway has no binding RATE_\d_PER_60S \(ratelimits/.exec(problem)?.[1])).toEqual(said)
})
