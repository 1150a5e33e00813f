/** Limits on the real runtime: with the platform's own counters. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Pool } from '../../../config/base.ts'
import { poolId } from '../../../config/ids.ts'
import type { RateLimit } from '../../../config/rate-limit.ts'
import { ms, seconds } from '../../../config/units.ts'
import { bundle, COMPATIBILITY, type Running, startWorkers } from '../harness.ts'
import { testBase, testEndpoint, toPool } from './base.ts'
import { httpEndpoint, refusingEndpoint, type TestEndpoint } from './endpoints.ts'

const colo = (id: string, limit: number, rest: Partial<RateLimit> = {}): RateLimit => ({
  id,
  limit,
  window: seconds(60),
  burst: limit,
  by: { kind: 'header', name: 'x-key' },
  scope: 'colo',
  onUnavailable: 'allow',
  headers: 'refused',
  ...rest,
})
/** The same pool behind an endpoint that refuses to connect, with a rate of three. */
const fewRequests = (pool: Pool): Pool => ({
  ...pool,
  id: poolId('few'),
  endpoints: [testEndpoint({ id: 'nobody', origin: nobody.origin }), ...pool.endpoints],
  limits: { adaptive: false, classes: ['normal'], rate: { limit: 3, window: seconds(60), burst: 3, scope: 'colo' } },
})
const path = (value: string) => [{ kind: 'prefix' as const, value }]
const limited = (...rateLimits: readonly RateLimit[]) => ({ admission: { rateLimits } })

let endpoint: TestEndpoint
let nobody: TestEndpoint
let gateway: Running
let asked = 0

beforeAll(async () => {
  endpoint = await httpEndpoint((_request, response) => {
    asked += 1
    response.setHeader('ratelimit-policy', '"own";q=1;w=1')
    response.end('here')
  })
  nobody = await refusingEndpoint()
  const base = testBase({
    endpoints: [{ id: 'one', origin: endpoint.origin }],
    route: { hosts: ['127.0.0.1'], timeouts: { request: seconds(5), attempt: ms(2000), slow: 'race', idle: seconds(30) } },
    routes: [
      { id: 'plain' },
      { id: 'few', paths: path('/few'), ...limited(colo('few', 3)) },
      { id: 'same-rate', paths: path('/same-rate'), ...limited(colo('same-rate', 3)) },
      {
        id: 'moved',
        paths: path('/moved'),
        action: { kind: 'redirect', status: 302, path: { kind: 'full', value: '/' } },
        ...limited(colo('moved', 3, { headers: 'always' })),
      },
      { id: 'told', paths: path('/told'), ...limited(colo('told', 3, { headers: 'always' })) },
      { id: 'pool', paths: path('/pool'), action: toPool('few') },
      { id: 'unbound', paths: path('/unbound'), ...limited(colo('unbound', 77)) },
      { id: 'unbound-closed', paths: path('/closed'), ...limited(colo('closed', 77, { onUnavailable: 'deny' })) },
    ],
  })
  gateway = await startWorkers([
    {
      name: 'gateway',
      modules: true,
      script: await bundle('worker/index.ts', { ...base, pools: [...base.pools, ...base.pools.map(fewRequests)] }),
      ...COMPATIBILITY,
      bindings: { OPERATOR_TOKEN: 'secret' },
      ratelimits: { RATE_3_PER_60S: { namespace_id: '360', simple: { limit: 3, period: 60 } } },
    },
  ])
})
afterAll(async () => {
  await gateway.stop()
  await Promise.all([endpoint.stop(), nobody.stop()])
})

const ask = (url: string, key: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${gateway.url}${url}`, { headers: { 'x-key': key, ...headers }, redirect: 'manual' })

async function statuses(count: number, url: string, key: string): Promise<readonly number[]> {
  const seen: number[] = []
  for (let index = 0; index < count; index += 1) {
    const answer = await ask(url, key)
    await answer.arrayBuffer()
    seen.push(answer.status)
  }
  return seen
}

/** The counter's windows begin with the minute: a test that would see one end waits for the next. */
async function awayFromTheMinute(): Promise<void> {
  const left = 60_000 - (Date.now() % 60_000)
  if (left < 4000) await new Promise((resolve) => setTimeout(resolve, left + 50))
}

describe('a limit that the colo counts', () => {
  test('lets so many in, and refuses the others before an endpoint is asked', async () => {
    await awayFromTheMinute()
    const before = asked
    expect(await statuses(5, '/few', 'a')).toEqual([200, 200, 200, 429, 429])
    expect(asked - before).toBe(3)
    expect(await statuses(1, '/few', 'b')).toEqual([200])
    // Of the same rate, and so of the same counter.
    expect(await statuses(1, '/same-rate', 'a')).toEqual([200])
    const refused = await ask('/few', 'a')
    expect(refused.headers.get('meridian-code')).toBe('ERR_RATE_LIMITED')
    expect(refused.headers.get('retry-after')).toBe('60')
    expect(refused.headers.get('ratelimit-policy')).toBe('"few";q=3;w=60')
    expect(refused.headers.get('ratelimit')).toBe('"few";r=0;t=60')
    expect(await refused.json()).toMatchObject({ status: 429, title: 'Too Many Requests', code: 'ERR_RATE_LIMITED' })
    const line = gateway.log.find((each) => each.includes('"action":"limited"')) ?? ''
    expect(JSON.parse(line)).toMatchObject({ route: 'few', status: 429, envoyFlag: 'RL', reason: 'limit few of this header' })
  })

  test('counts redirects too, and tells of itself where it should', async () => {
    await awayFromTheMinute()
    const first = await ask('/moved', 'c')
    expect([first.status, first.headers.get('ratelimit-policy')]).toEqual([302, '"moved";q=3;w=60'])
    expect(await statuses(3, '/moved', 'c')).toEqual([302, 302, 429])
    const told = await ask('/told', 'c')
    expect(told.headers.get('ratelimit-policy')).toBe('"own";q=1;w=1,"told";q=3;w=60')
    expect((await ask('/few', 'd')).headers.get('ratelimit-policy')).toBe('"own";q=1;w=1')
  })

  test('counts those together of whom nothing is known', async () => {
    await awayFromTheMinute()
    const anonymous = async (): Promise<number> => (await fetch(`${gateway.url}/few`)).status
    expect([await anonymous(), await anonymous(), await anonymous(), await anonymous()]).toEqual([200, 200, 200, 429])
  })

  test('answers gRPC calls in kind', async () => {
    await awayFromTheMinute()
    await statuses(3, '/few', 'e')
    const answer = await fetch(`${gateway.url}/few`, { method: 'POST', headers: { 'x-key': 'e', 'content-type': 'application/grpc' } })
    expect([answer.status, answer.headers.get('grpc-status')]).toEqual([200, '8'])
  })

  test('keeps keys of any length and alphabet apart', async () => {
    await awayFromTheMinute()
    const long = 'k'.repeat(2000)
    expect(await statuses(4, '/few', `${long}1`)).toEqual([200, 200, 200, 429])
    expect(await statuses(1, '/few', `${long}2`)).toEqual([200])
    expect(await statuses(1, '/few', 'unknown')).toEqual([200])
    expect(await statuses(1, '/few', '../"\\;%00')).toEqual([200])
  })
})

test('a rate of a pool counts requests and not their rescues: what is above is refused as at a full pool', async () => {
  await awayFromTheMinute()
  const before = asked
  expect(await statuses(5, '/pool', 'a')).toEqual([200, 200, 200, 503, 503])
  expect(asked - before).toBe(3)
  const refused = await ask('/pool', 'b')
  expect([refused.headers.get('meridian-code'), refused.headers.get('retry-after')]).toEqual(['ERR_OVER_LIMIT', '60'])
  const line = gateway.log.find((each) => each.includes('rate of pool:few')) ?? ''
  expect(JSON.parse(line)).toMatchObject({ route: 'pool', status: 503, envoyFlag: 'UO', action: 'limited', reason: 'rate of pool:few' })
})

describe('a counter that is not bound', () => {
  test('lets in by default, and the status says so', async () => {
    expect(await statuses(2, '/unbound', 'a')).toEqual([200, 200])
    const status = await fetch(`${gateway.url}/.well-known/meridian/status`, { headers: { authorization: 'Bearer secret' } })
    const { problems } = (await status.json()) as { readonly problems: readonly string[] }
    expect(problems.filter((problem) => problem.startsWith('limit '))).toEqual([
      'limit unbound lets everybody in: the gateway has no binding RATE_77_PER_60S (ratelimits of wrangler.toml)',
      'limit closed refuses everybody: the gateway has no binding RATE_77_PER_60S (ratelimits of wrangler.toml)',
    ])
  })
  test('refuses where that is wanted', async () => {
    const answer = await ask('/closed', 'a')
    expect([answer.status, answer.headers.get('meridian-code'), answer.headers.get('retry-after')]).toEqual([
      503,
      'ERR_LIMIT_UNAVAILABLE',
      '2',
    ])
    expect(gateway.log.some((line) => line.includes('wrangler.toml binds no RATE_77_PER_60S'))).toBe(true)
  })
})
