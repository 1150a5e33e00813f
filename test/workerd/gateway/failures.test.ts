import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Running, raw, startGateway } from '../harness.ts'
import { testBase } from './base.ts'
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
