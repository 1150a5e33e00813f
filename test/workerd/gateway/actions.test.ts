/** Redirects, replies and weighted pools on the real runtime, over real sockets. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RouteAction } from '../../../config/action.ts'
import { poolId } from '../../../config/ids.ts'
import { type RawAnswer, type Running, raw, startGateway } from '../harness.ts'
import { testBase } from './base.ts'
import { httpEndpoint, type TestEndpoint } from './endpoints.ts'

let gateway: Running
let endpoints: readonly TestEndpoint[]
const hits = { blue: 0, green: 0 }

const route = (id: string, prefix: string, action: RouteAction) => ({ id, action, paths: [{ kind: 'prefix' as const, value: prefix }] })
const between = (blue: number, green: number): RouteAction => ({
  kind: 'forward',
  pools: [
    { pool: poolId('blue'), weight: blue },
    { pool: poolId('green'), weight: green },
  ],
})

beforeAll(async () => {
  endpoints = await Promise.all(
    (['blue', 'green'] as const).map((color) =>
      httpEndpoint((_, answer) => {
        hits[color] += 1
        answer.end(color)
      }),
    ),
  )
  const [blue, green] = ['blue', 'green'].map((id, index) =>
    testBase({ endpoints: [{ id, origin: endpoints[index]?.origin ?? '' }], pool: { id: poolId(id) } }),
  )
  const base = testBase({
    endpoints: [],
    routes: [
      route('moved', '/moved', { kind: 'redirect', status: 301, scheme: 'https', path: { kind: 'prefix', value: '/new' } }),
      route('reply', '/reply', { kind: 'reply', status: 418, body: 'teapot', headers: [['x-kind', 'tea']] }),
      route('empty', '/empty', { kind: 'reply', status: 204, headers: [] }),
      route('split', '/split', between(3, 1)),
      route('none', '/none', between(0, 0)),
    ],
  })
  gateway = await startGateway({ ...base, pools: [...(blue?.pools ?? []), ...(green?.pools ?? [])] })
})
afterAll(() => Promise.all([gateway.stop(), ...endpoints.map(({ stop }) => stop())]))

const ask = (path: string, method = 'GET'): Promise<RawAnswer> =>
  raw(gateway.port, `${method} ${path} HTTP/1.1\r\nhost: shop.test\r\nconnection: close\r\n\r\n`)
const named = (answer: RawAnswer, name: string): readonly string[] =>
  answer.headers.flatMap(([key, value]) => (key === name ? [value] : []))

describe('a route answers by itself', () => {
  test('with a redirect', async () => {
    const answer = await ask('/moved/a?b=c')
    expect([answer.status, named(answer, 'location'), answer.body.length]).toEqual([301, ['https://shop.test/new/a?b=c'], 0])
  })

  test('with a reply', async () => {
    const answer = await ask('/reply')
    expect([answer.status, answer.body.toString(), named(answer, 'x-kind')]).toEqual([418, 'teapot', ['tea']])
    expect(named(answer, 'content-type')).toEqual(['text/plain;charset=UTF-8'])
    expect(await ask('/reply', 'HEAD')).toMatchObject({ status: 418, body: Buffer.alloc(0) })
    expect(await ask('/empty')).toMatchObject({ status: 204, body: Buffer.alloc(0) })
  })
})

describe('pools with weights', () => {
  test('each have their share', async () => {
    for (let count = 0; count < 200; count += 1) expect((await ask('/split')).status).toBe(200)
    expect(hits.blue + hits.green).toBe(200)
    // Three in four of 200 are 150; 5 deviations of a binomial are 31.
    expect(Math.abs(hits.blue - 150)).toBeLessThan(31)
  })

  test('all 0 are a failure of the gateway', async () => {
    const answer = await ask('/none')
    expect([answer.status, named(answer, 'meridian-code')]).toEqual([500, ['ERR_NO_WEIGHT']])
    expect(gateway.log.some((line) => line.includes('"action":"refused"') && line.includes('ERR_NO_WEIGHT'))).toBe(true)
  })
})
