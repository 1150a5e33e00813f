/** WebSockets, handed over to the runtime as most are, and relayed where a route asks for it: the same to both sides. */
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bytes, ms } from '../../../config/units.ts'
import { type Running, startGateway } from '../harness.ts'
import { testBase } from './base.ts'
import { httpEndpoint, refusingEndpoint, type TestEndpoint } from './endpoints.ts'
import { connect, type SocketEndpoint, until, webSocketEndpoint } from './web-sockets.ts'

const RELAY = { drainWithin: ms(0), messageMax: bytes(32 * 1024 * 1024), renewAfter: bytes(64 * 1024 * 1024) }

describe.each([
  ['handed over', {}],
  ['relayed', { relayWebSockets: RELAY }],
] as const)('a WebSocket that is %s', (way, route) => {
  let endpoint: SocketEndpoint
  let gateway: Running
  beforeAll(async () => {
    endpoint = await webSocketEndpoint()
    gateway = await startGateway(testBase({ endpoints: [{ id: 'e0', origin: endpoint.origin }], route }))
  })
  afterAll(async () => {
    await gateway.stop()
    await endpoint.stop()
  })

  test('agrees on a sub-protocol, and says who answered', async () => {
    const client = await connect(gateway.port, {
      protocols: ['chat.v1', 'chat.v2'],
      headers: { origin: 'https://shop.test', cookie: 'a=1' },
    })
    expect(client.socket.protocol).toBe('chat.v2')
    expect(client.headers).toMatchObject({ 'sec-websocket-protocol': 'chat.v2', 'meridian-endpoint': 'e0' })
    expect(endpoint.requests.at(-1)?.headers).toMatchObject({
      'sec-websocket-protocol': 'chat.v1,chat.v2',
      origin: 'https://shop.test',
      cookie: 'a=1',
      'x-forwarded-host': 'shop.test',
    })
    client.socket.terminate()
  })

  test.each([true, false])('carries text and bytes as what they are, compressed: %s', async (perMessageDeflate) => {
    const client = await connect(gateway.port, { perMessageDeflate })
    client.say('text é 🚀')
    expect(await client.hear()).toBe('text é 🚀')
    client.say(Buffer.from([0, 255, 1]))
    expect(await client.hear()).toEqual(Buffer.from([0, 255, 1]))
    client.say('')
    expect(await client.hear()).toBe('')
    client.socket.terminate()
  })

  test.each([1 << 20, (1 << 20) + 1, 16 << 20])('carries a message of %i bytes', async (size) => {
    const client = await connect(gateway.port, { perMessageDeflate: false })
    const message = Buffer.alloc(size, 'meridian ')
    client.say(message)
    expect(message.equals((await client.hear()) as Buffer)).toBe(true)
    client.socket.terminate()
  })

  test('keeps messages in order', async () => {
    const client = await connect(gateway.port)
    for (let count = 0; count < 500; count += 1) client.say(String(count))
    for (let count = 0; count < 500; count += 1) expect(await client.hear()).toBe(String(count))
    client.socket.terminate()
  })

  test('answers pings of either side', async () => {
    const client = await connect(gateway.port)
    client.socket.ping('there?')
    const [pong] = (await once(client.socket, 'pong')) as [Buffer]
    endpoint.last().ping('here?')
    const [answer] = (await once(endpoint.last(), 'pong')) as [Buffer]
    expect([pong.toString(), answer.toString()]).toEqual(['there?', 'here?'])
    client.socket.terminate()
  })

  const CODES = [
    [1000, 'bye'],
    [1001, ''],
    [1011, 'oops é'],
    [3000, 'x'.repeat(123)],
    [4999, 'y'],
    [1005, ''],
  ] as const

  test.each(CODES)('closed by the client with %i, closes so at the endpoint', async (code, reason) => {
    const client = await connect(gateway.port)
    const before = endpoint.closed.length
    if (code === 1005) client.socket.close()
    else client.socket.close(code, reason)
    expect(await client.closed).toEqual({ code, reason })
    // A connection of a test before may end late.
    await until(() => endpoint.closed.slice(before).some((closed) => closed.code === code))
    expect(endpoint.closed.slice(before)).toContainEqual({ code, reason })
  })

  test.each(CODES)('closed by the endpoint with %i, closes so at the client', async (code, reason) => {
    const client = await connect(gateway.port)
    const before = endpoint.closed.length
    endpoint.last().send('last words')
    if (code === 1005) endpoint.last().close()
    else endpoint.last().close(code, reason)
    expect(await client.hear()).toBe('last words')
    expect(await client.closed).toEqual({ code, reason })
    // A connection of a test before may end late.
    await until(() => endpoint.closed.slice(before).some((closed) => closed.code === code))
    expect(endpoint.closed.slice(before)).toContainEqual({ code, reason })
  })

  test('whose client vanishes, vanishes at the endpoint: 1006', async () => {
    const client = await connect(gateway.port)
    const before = endpoint.closed.length
    client.socket.terminate()
    await until(() => endpoint.closed.length > before)
    expect(endpoint.closed.at(-1)).toEqual({ code: 1006, reason: '' })
  })

  test('whose endpoint vanishes, vanishes at the client: 1006, after its last words', async () => {
    const client = await connect(gateway.port)
    endpoint.last().send('last words', () => endpoint.last().terminate())
    expect(await client.hear()).toBe('last words')
    expect(await client.closed).toEqual({ code: 1006, reason: '' })
  })

  test('is ended by no timer of its route', async () => {
    const timeouts = { request: ms(400), attempt: ms(200), slow: 'race', idle: ms(200) } as const
    const hurried = await startGateway(testBase({ endpoints: [{ id: 'e0', origin: endpoint.origin }], route: { ...route, timeouts } }))
    const client = await connect(hurried.port)
    await new Promise((resolve) => setTimeout(resolve, 1500))
    client.say('still here')
    expect(await client.hear()).toBe('still here')
    client.socket.terminate()
    await hurried.stop()
  })

  test.each([
    [426, { upgrade: 'websocket', connection: 'upgrade' }],
    [403, {}],
    [200, {}],
  ])(`refused with %i, is refused so: ${way}`, async (status, headers) => {
    const refusing = await httpEndpoint((_, answer) => answer.writeHead(status, { ...headers, 'x-why': 'not here' }).end('not here'))
    const strict = await startGateway(testBase({ endpoints: [{ id: 'e0', origin: refusing.origin }], route }))
    const refused = connect(strict.port).catch((error: { answer?: { statusCode?: number; headers: object } }) => error.answer)
    expect(await refused).toMatchObject({ statusCode: status, headers: { 'x-why': 'not here' } })
    await strict.stop()
    await refusing.stop()
  })

  test.each([
    ['refuses connections', refusingEndpoint],
    ['is unavailable', () => httpEndpoint((_, answer) => answer.writeHead(503).end())],
    ['hangs', () => httpEndpoint(() => {})],
  ] as const)('begins elsewhere when its endpoint %s', async (_, bad: () => Promise<TestEndpoint>) => {
    const first = await bad()
    const endpoints = [first, endpoint].map(({ origin }, index) => ({ id: `e${index}`, origin }))
    const other = await startGateway(testBase({ endpoints, route }))
    const client = await connect(other.port)
    expect(client.headers).toMatchObject({ 'meridian-endpoint': 'e1', 'meridian-attempts': '2' })
    client.say('hello')
    expect(await client.hear()).toBe('hello')
    const before = endpoint.closed.length
    client.socket.close(1000)
    await until(() => endpoint.closed.length > before)
    expect(endpoint.closed.at(-1)?.code).toBe(1000)
    await other.stop()
    await first.stop()
  })
})
