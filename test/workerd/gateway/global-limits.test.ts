/** Limits that count for all colos, on the real runtime: three gateways, each an isolate of its own, and one real object. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RateLimit } from '../../../config/rate-limit.ts'
import { seconds } from '../../../config/units.ts'
import { bundle, COMPATIBILITY, type Running, startWorkers } from '../harness.ts'
import { testBase } from './base.ts'
import { httpEndpoint, type TestEndpoint } from './endpoints.ts'

const limit = (id: string, rest: Partial<RateLimit> = {}): RateLimit => ({
  id,
  limit: 20,
  window: seconds(60),
  burst: 20,
  by: { kind: 'header', name: 'x-key' },
  scope: 'global',
  onUnavailable: 'deny',
  headers: 'always',
  ...rest,
})
const route = (id: string, rateLimit: RateLimit) => ({
  id,
  paths: [{ kind: 'prefix' as const, value: `/${id}` }],
  admission: { rateLimits: [rateLimit] },
})

const ISOLATES = ['ONE', 'TWO', 'THREE'] as const
const FRONT = 'export default { fetch: (request, env) => env[request.headers.get("x-isolate")].fetch(request) }'

let endpoint: TestEndpoint
let running: Running

beforeAll(async () => {
  endpoint = await httpEndpoint((_request, response) => void response.end('here'))
  const base = testBase({
    endpoints: [{ id: 'one', origin: endpoint.origin }],
    route: { hosts: ['127.0.0.1'] },
    routes: [
      route('all', limit('all')),
      route('quick', limit('quick', { limit: 40, window: seconds(1), burst: 2 })),
      route('lost', limit('lost')),
    ],
  })
  const script = await bundle('worker/index.ts', base)
  const limiter = { className: 'Limiter', scriptName: 'control' }
  const gateways = ISOLATES.map((name) => ({
    name,
    modules: true as const,
    script,
    ...COMPATIBILITY,
    durableObjects: { LIMITER: limiter },
  }))
  const alone = { name: 'ALONE', modules: true as const, script, ...COMPATIBILITY }
  running = await startWorkers([
    {
      name: 'front',
      modules: true,
      script: FRONT,
      ...COMPATIBILITY,
      serviceBindings: Object.fromEntries([...ISOLATES, 'ALONE'].map((name) => [name, name])),
    },
    ...gateways,
    alone,
    {
      name: 'control',
      modules: true,
      script: await bundle('durable-objects/index.ts', base),
      ...COMPATIBILITY,
      compatibilityFlags: ['nodejs_compat'],
      durableObjects: { LIMITER: { className: 'Limiter', useSQLite: true } },
    },
  ])
})
afterAll(async () => {
  await running.stop()
  await endpoint.stop()
})

const ask = (path: string, key: string, isolate: string): Promise<Response> =>
  fetch(`${running.url}${path}`, { headers: { 'x-key': key, 'x-isolate': isolate } })

test('three isolates let in together what one limit gives, and know at once that there is no more', async () => {
  const from = Date.now()
  const statuses: number[] = []
  for (let count = 0; count < 90; count += 1) statuses.push((await ask('/all', 'a', ISOLATES[count % 3] ?? 'ONE')).status)
  const admitted = statuses.filter((status) => status === 200).length
  const most = 20 + ((Date.now() - from + 250) * 20) / 60_000
  expect(admitted).toBeLessThanOrEqual(most)
  expect(admitted).toBeGreaterThanOrEqual(18)
  expect(new Set(statuses)).toEqual(new Set([200, 429]))
  const refused = await ask('/all', 'a', 'TWO')
  expect(refused.headers.get('meridian-code')).toBe('ERR_RATE_LIMITED')
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
  expect(refused.headers.get('ratelimit')).toMatch(/^"all";r=0;t=\d+$/)
  const other = await ask('/all', 'b', 'TWO')
  expect(other.status).toBe(200)
  expect(other.headers.get('ratelimit-policy')).toBe('"all";q=20;w=60')
  expect(other.headers.get('ratelimit')).toMatch(/^"all";r=19;t=3$/)
})

test('a crowd that comes at once is counted once', async () => {
  const crowd = await Promise.all(Array.from({ length: 60 }, (_, index) => ask('/all', 'crowd', ISOLATES[index % 3] ?? 'ONE')))
  const admitted = crowd.filter(({ status }) => status === 200).length
  expect(admitted).toBeLessThanOrEqual(21)
  expect(admitted).toBeGreaterThanOrEqual(10)
})

test('what is refused may come again', async () => {
  const first = await Promise.all(Array.from({ length: 8 }, () => ask('/quick', 'q', 'ONE')))
  expect(first.some(({ status }) => status === 429)).toBe(true)
  await new Promise((resolve) => setTimeout(resolve, 400))
  expect((await ask('/quick', 'q', 'ONE')).status).toBe(200)
})

test('an isolate that reaches no object refuses or lets in, as it is told', async () => {
  const answer = await ask('/lost', 'a', 'ALONE')
  expect([answer.status, answer.headers.get('meridian-code')]).toEqual([503, 'ERR_LIMIT_UNAVAILABLE'])
})
