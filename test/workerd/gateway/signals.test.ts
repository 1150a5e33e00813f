import type { ServerResponse } from 'node:http'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { seconds } from '../../../config/units.ts'
import { type RawAnswer, type Running, raw, startGateway } from '../harness.ts'
import { testBase, toPool } from './base.ts'
import { httpEndpoint, type TestEndpoint } from './endpoints.ts'

const header = (answer: RawAnswer, name: string): string | undefined => answer.headers.find(([each]) => each === name)?.[1]
const get = (gateway: Running, path = '/a', headers = '') =>
  raw(gateway.port, `GET ${path} HTTP/1.1\r\nhost: shop.test\r\n${headers}connection: close\r\n\r\n`)

describe.each([
  ['sheds', 503, { 'x-envoy-overloaded': 'true' }],
  ['fails in its mesh', 500, { 'l5d-proxy-error': 'endpoint gone' }],
  ['drains itself', 503, { 'x-envoy-immediate-health-check-fail': 'true' }],
])('an endpoint that %s', (_, status, headers) => {
  let gateway: Running
  const stops: (() => Promise<unknown>)[] = []
  let asked = 0

  beforeAll(async () => {
    const [bad, good] = await Promise.all([
      httpEndpoint((_request, answer) => {
        asked += 1
        answer.writeHead(status, headers).end()
      }),
      httpEndpoint((_request, answer) => answer.end('good')),
    ])
    gateway = await startGateway(
      testBase({
        endpoints: [
          { id: 'bad', origin: bad.origin },
          { id: 'good', origin: good.origin },
        ],
      }),
    )
    stops.push(gateway.stop, bad.stop, good.stop)
  })
  afterAll(() => Promise.all(stops.map((stop) => stop())))

  test('costs no request and is left alone', async () => {
    for (let count = 0; count < 8; count += 1) expect(String((await get(gateway)).body)).toContain('good')
    // At once for a whole second or longer; what the mesh did by itself is judged as any failure.
    expect(asked).toBeLessThanOrEqual(status === 500 ? 3 : 2)
  })
})

describe('affinity by a cookie of the gateway', () => {
  let gateway: Running
  let endpoints: readonly TestEndpoint[] = []
  beforeAll(async () => {
    endpoints = await Promise.all(['a', 'b', 'c'].map((id) => httpEndpoint((_request, answer) => answer.end(id))))
    const affinity = { kind: 'cookie', name: 'edge', set: { ttl: seconds(60), sameSite: 'lax' } } as const
    gateway = await startGateway(
      testBase({
        endpoints: endpoints.map(({ origin }, index) => ({ id: 'abc'[index] ?? '', origin })),
        pool: { steering: 'affinity', affinity },
      }),
    )
  })
  afterAll(() => Promise.all([gateway.stop(), ...endpoints.map(({ stop }) => stop())]))

  test('is given once, and leads back to where the first request went', async () => {
    const homes = new Set<string>()
    for (let client = 0; client < 12; client += 1) {
      const first = await get(gateway)
      const cookie = /^edge=([0-9a-f-]+); Path=\/; Max-Age=60; HttpOnly; Secure; SameSite=Lax$/.exec(header(first, 'set-cookie') ?? '')?.[1]
      expect(cookie).toBeDefined()
      const home = header(first, 'meridian-endpoint') ?? ''
      homes.add(home)
      for (let count = 0; count < 3; count += 1) {
        const next = await get(gateway, '/a', `cookie: other=1; edge=${cookie}\r\n`)
        expect(header(next, 'meridian-endpoint')).toBe(home)
        expect(header(next, 'set-cookie')).toBeUndefined()
      }
    }
    expect(homes.size).toBeGreaterThan(1)
  })
})

describe('a pool that is full', () => {
  let gateway: Running
  let endpoint: TestEndpoint
  /** What waits at the endpoint until it is let go. */
  let held: ServerResponse[] = []
  const holds = (count: number) => vi.waitFor(() => expect(held).toHaveLength(count), 20_000)
  const letGo = (): void => {
    for (const answer of held) answer.end('served')
    held = []
  }
  beforeAll(async () => {
    endpoint = await httpEndpoint((request, answer) => void (request.url === '/held' ? held.push(answer) : answer.end('served')))
    gateway = await startGateway(
      testBase({
        endpoints: [{ id: 'a', origin: endpoint.origin, concurrency: 5 }],
        pool: { limits: { adaptive: false, classes: ['high', 'low'] } },
        routes: [
          { id: 'low', priority: 'low', paths: [{ kind: 'prefix', value: '/low' }], action: toPool('pool') },
          { id: 'high', priority: 'high', action: toPool('pool') },
        ],
      }),
    )
  })
  afterAll(() => Promise.all([gateway.stop(), endpoint.stop()]))

  test('answers 503 with Retry-After and a code, low routes first', async () => {
    const four = Array.from({ length: 4 }, () => get(gateway, '/held'))
    await holds(4)
    const shed = await get(gateway, '/low')
    expect([shed.status, header(shed, 'meridian-code'), header(shed, 'retry-after')]).toEqual([503, 'ERR_SHED', '2'])
    expect((await get(gateway, '/quick')).status).toBe(200)
    const last = get(gateway, '/held')
    await holds(5)
    expect(header(await get(gateway, '/quick'), 'meridian-code')).toBe('ERR_OVER_LIMIT')
    letGo()
    for (const answer of await Promise.all([...four, last])) expect(answer.status).toBe(200)
  })

  test('stays full for as long as writes wait in it', async () => {
    const writes = Array.from({ length: 5 }, () =>
      raw(gateway.port, 'POST /held HTTP/1.1\r\nhost: shop.test\r\ncontent-length: 0\r\nconnection: close\r\n\r\n'),
    )
    await holds(5)
    // Long after the time of an attempt, whenever in its second that began.
    const begun = Date.now()
    while (Date.now() - begun < 2400) {
      await new Promise((resolve) => setTimeout(resolve, 200))
      expect(header(await get(gateway, '/quick'), 'meridian-code')).toBe('ERR_OVER_LIMIT')
    }
    letGo()
    for (const answer of await Promise.all(writes)) expect(answer.status).toBe(200)
    expect((await get(gateway, '/quick')).status).toBe(200)
  })
})
