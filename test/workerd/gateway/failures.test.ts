import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { poolId, routeId } from '../../../config/ids.ts'
import { type Running, raw, startGateway } from '../harness.ts'
import { testBase, toPool } from './base.ts'
import { httpEndpoint, refusingEndpoint, rubbish, socketEndpoint, type TestEndpoint } from './endpoints.ts'

const FAULTS: Readonly<Record<string, () => Promise<TestEndpoint>>> = {
  'refuses the connection': refusingEndpoint,
  'resets before the head': () => socketEndpoint((socket) => socket.once('data', () => socket.resetAndDestroy())),
  'ends without a word': () => socketEndpoint((socket) => socket.once('data', () => socket.end())),
  'never answers': () => socketEndpoint((socket) => socket.resume()),
  'speaks another protocol': () => socketEndpoint(rubbish('SSH-2.0-OpenSSH_9.9\r\n')),
  'has a broken status line': () => socketEndpoint(rubbish('HTTP/1.1 abc nope\r\n\r\n')),
  'has a header of 1 MiB': () => socketEndpoint(rubbish(`HTTP/1.1 200 OK\r\nx: ${'a'.repeat(1 << 20)}\r\n\r\n`)),
  'has a length that is no number': () => socketEndpoint(rubbish('HTTP/1.1 200 OK\r\ncontent-length: abc\r\n\r\nhello')),
  'has two lengths': () => socketEndpoint(rubbish('HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello')),
  'has a status that does not exist': () => socketEndpoint(rubbish('HTTP/1.1 999 Strange\r\ncontent-length: 0\r\n\r\n')),
  'switches protocols unasked': () => socketEndpoint(rubbish('HTTP/1.1 101 Switching Protocols\r\n\r\n')),
  'answers 503': () => httpEndpoint((_, answer) => answer.writeHead(503).end('no upstream')),
  'asks for a pause': () => httpEndpoint((_, answer) => answer.writeHead(429, { 'retry-after': '5' }).end()),
}

describe.each(Object.entries(FAULTS))('an endpoint that %s', (_, faulty) => {
  let gateway: Running
  const stops: (() => Promise<void>)[] = []

  beforeAll(async () => {
    const [bad, good] = await Promise.all([faulty(), httpEndpoint((request, answer) => answer.end(`served ${request.method}`))])
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

  test('costs no safe request, and is left alone soon', async () => {
    const endpoints: string[] = []
    for (let count = 0; count < 10; count += 1) {
      const answer = await raw(gateway.port, 'GET /a HTTP/1.1\r\nhost: shop.test\r\nconnection: close\r\n\r\n')
      expect(answer.status).toBe(200)
      expect(answer.headers).toContainEqual(['meridian-endpoint', 'good'])
      endpoints.push(answer.headers.find(([name]) => name === 'meridian-attempts')?.[1] ?? '')
    }
    expect(endpoints.slice(-5)).toEqual(['1', '1', '1', '1', '1'])
  })
})

/** What the platform throws for like for a reset is nobody who can take the request, after three attempts; what it hands over is rubbish. */
const RUBBISH: readonly (readonly [fault: string, status: number, code: string])[] = [
  ['speaks another protocol', 503, 'ERR_NO_HEALTHY_ENDPOINT'],
  ['has a broken status line', 503, 'ERR_NO_HEALTHY_ENDPOINT'],
  ['has a header of 1 MiB', 503, 'ERR_NO_HEALTHY_ENDPOINT'],
  ['has a length that is no number', 503, 'ERR_NO_HEALTHY_ENDPOINT'],
  ['has two lengths', 503, 'ERR_NO_HEALTHY_ENDPOINT'],
  ['has a status that does not exist', 502, 'ERR_BAD_RESPONSE'],
  ['switches protocols unasked', 502, 'ERR_BAD_RESPONSE'],
]

describe('an endpoint alone that speaks rubbish', () => {
  let gateway: Running
  const stops: (() => Promise<void>)[] = []
  const ask = (path: string) => raw(gateway.port, `GET ${path} HTTP/1.1\r\nhost: shop.test\r\nconnection: close\r\n\r\n`)

  beforeAll(async () => {
    const endpoints = await Promise.all([
      ...RUBBISH.map(([fault]) => FAULTS[fault]?.() ?? refusingEndpoint()),
      httpEndpoint((_, answer) => answer.end('served')),
    ])
    const alone = endpoints.map(({ origin }, index) => testBase({ endpoints: [{ id: `e${index}`, origin }] }))
    const [base = testBase({ endpoints: [] })] = alone
    gateway = await startGateway({
      ...base,
      pools: alone.flatMap(({ pools }, index) => pools.map((pool) => ({ ...pool, id: poolId(`pool${index}`) }))),
      routes: alone.flatMap(({ routes }, index) =>
        routes.map((route) => ({
          ...route,
          id: routeId(`r${index}`),
          paths: [{ kind: 'exact', value: `/${index}` }] as const,
          action: toPool(`pool${index}`),
        })),
      ),
    })
    stops.push(gateway.stop, ...endpoints.map(({ stop }) => stop))
  })
  afterAll(() => Promise.all(stops.map((stop) => stop())))

  test.each(RUBBISH.map((row, index) => [...row, index] as const))(
    'and %s: %i, and the isolate goes on',
    async (_, status, code, index) => {
      const answer = await ask(`/${index}`)
      expect([answer.status, answer.headers.find(([name]) => name === 'meridian-code')?.[1]]).toEqual([status, code])
      expect(String((await ask(`/${RUBBISH.length}`)).body)).toContain('served')
    },
  )
})
