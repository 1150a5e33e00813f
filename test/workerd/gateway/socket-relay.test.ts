/** What only a relay can do: move clients off an endpoint that went out, and bound what a socket may hold. */
import net from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { SocketRelaySettings } from '../../../config/socket-relay.ts'
import { bytes, ms } from '../../../config/units.ts'
import { bundle, COMPATIBILITY, type Running, raw, startWorkers } from '../harness.ts'
import { testBase } from './base.ts'
import { type Client, connect, type SocketEndpoint, until, webSocketEndpoint } from './web-sockets.ts'

const KIB = 1024
let endpoints: readonly [SocketEndpoint, SocketEndpoint]
let gateway: Running | undefined

beforeAll(async () => {
  endpoints = await Promise.all([webSocketEndpoint('one '), webSocketEndpoint('two ')])
})
afterAll(() => Promise.all(endpoints.map(({ stop }) => stop())))
afterEach(() => gateway?.stop())

async function start(settings: Partial<SocketRelaySettings> = {}): Promise<Running> {
  const base = testBase({
    endpoints: endpoints.map(({ origin }, index) => ({ id: `e${index}`, origin })),
    route: { relayWebSockets: { drainWithin: ms(0), messageMax: bytes(64 * KIB), renewAfter: bytes(1024 * KIB), ...settings } },
  })
  const script = await bundle('test/workerd/workers/gateway-with-health.ts', base)
  gateway = await startWorkers([{ name: 'gateway', modules: true, script, ...COMPATIBILITY }])
  return gateway
}

interface Sockets {
  readonly open: number
  readonly unread: number
}

/** Says to the gateway what all vantages say; tells what its isolate holds. */
async function health({ port }: Running, said: string): Promise<Sockets> {
  const answer = await raw(port, `GET /${encodeURI(said)} HTTP/1.1\r\nhost: health.test\r\nconnection: close\r\n\r\n`)
  return JSON.parse(answer.body.toString()) as Sockets
}

const socketLines = ({ log }: Running) =>
  log.filter((line) => line.includes('"kind":"socket"')).map((line) => JSON.parse(line) as { end: string; code: number })

describe('an endpoint that goes out', () => {
  test('sends its clients away with 1012 within the time that was set, and another takes them', async () => {
    const running = await start({ drainWithin: ms(3000) })
    // One after the other: a crowd would be too much for one endpoint.
    const clients: Client[] = []
    while (clients.length < 20) clients.push(await connect(running.port))
    const before = endpoints[0].closed.length
    expect((await health(running, 'up')).open).toBe(20)
    await health(running, 'down/key of e0')
    const from = Date.now()
    const closings = await Promise.all(clients.map(async ({ closed }) => ({ ...(await closed), after: Date.now() - from })))
    for (const { code, reason } of closings) expect({ code, reason }).toEqual({ code: 1012, reason: 'reconnect' })
    // A look every 5 s, and three seconds of jitter: not all at once.
    const times = closings.map(({ after }) => after).sort((a, b) => a - b)
    expect(times.at(-1)).toBeLessThan(9500)
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(500)
    await until(() => endpoints[0].closed.length === before + 20)
    expect(new Set(endpoints[0].closed.slice(before).map(({ code }) => code))).toEqual(new Set([1001]))
    const again = await connect(running.port)
    again.say('hello')
    expect(await again.hear()).toBe('two hello')
    expect((await health(running, 'up')).open).toBe(1)
    expect(socketLines(running).map(({ end, code }) => `${end} ${code}`)).toEqual(Array(20).fill('drained 1012'))
    again.socket.terminate()
  })

  test('keeps them when it is back before their turn', async () => {
    const running = await start()
    const client = await connect(running.port)
    await health(running, 'down/key of e0')
    await health(running, 'up')
    await new Promise((resolve) => setTimeout(resolve, 6000))
    client.say('hello')
    expect(await client.hear()).toBe('one hello')
    client.socket.close(1000)
    await client.closed
  })
})

describe('a bound of a socket', () => {
  test.each(['client', 'endpoint'] as const)('a message over the largest, from the %s: told to its sender', async (sender) => {
    const running = await start()
    const client = await connect(running.port)
    const before = endpoints[0].closed.length
    const message = Buffer.alloc(64 * KIB + 1)
    if (sender === 'client') client.say(message)
    else endpoints[0].last().send(message)
    const codes = sender === 'client' ? [1009, 1001] : [1001, 1009]
    const closed = await client.closed
    await until(() => endpoints[0].closed.length > before)
    expect([closed.code, endpoints[0].closed.at(-1)?.code]).toEqual(codes)
    await until(() => socketLines(running).length === 1)
    expect(socketLines(running)[0]).toMatchObject({ end: `${sender}-too-large`, code: codes[0] })
  })

  test('what has carried enough is renewed with 1012, and loses nothing that was sent before', async () => {
    const running = await start()
    const client = await connect(running.port)
    for (let count = 0; count < 40; count += 1) endpoints[0].last().send(Buffer.alloc(32 * KIB, count))
    let received = 0
    client.socket.on('message', (message: Buffer) => (received += message.length))
    expect(await client.closed).toEqual({ code: 1012, reason: 'reconnect' })
    expect(received).toBe(1024 * KIB)
    await until(() => socketLines(running).length === 1)
    expect(socketLines(running)[0]).toMatchObject({ end: 'renewed', toClient_bytes: 1024 * KIB })
  })

  test('a client that never reads holds no more than that, and is cut off', async () => {
    const running = await start()
    const socket = net.connect(running.port, '127.0.0.1')
    const gone = new Promise((resolve) => socket.on('close', resolve))
    socket.on('error', () => {})
    socket.write(
      'GET / HTTP/1.1\r\nhost: shop.test\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: KU3Pdj0+cpiPilS3fDyFZA==\r\n\r\n',
    )
    const accepted = endpoints[0].requests.length
    await new Promise((resolve) => socket.once('data', resolve))
    socket.pause()
    await until(() => endpoints[0].requests.length >= accepted)
    const endpoint = endpoints[0].last()
    let sent = 0
    while (endpoint.readyState === endpoint.OPEN && sent < 64 * 1024 * KIB) {
      await new Promise<void>((resolve) => endpoint.send(Buffer.alloc(32 * KIB), () => resolve()))
      sent += 32 * KIB
    }
    expect(sent).toBeLessThan(64 * 1024 * KIB)
    expect((await health(running, 'up')).unread).toBeLessThanOrEqual(1024 * KIB)
    await until(() => socketLines(running).length === 1)
    expect((await health(running, 'up')).unread).toBe(0)
    socket.resume()
    await gone
  })

  test('whoever speaks is taken to have read', async () => {
    const running = await start()
    const client = await connect(running.port)
    endpoints[0].last().send(Buffer.alloc(10 * KIB))
    await client.hear()
    expect((await health(running, 'up')).unread).toBe(10 * KIB)
    client.say('ok')
    await client.hear()
    expect((await health(running, 'up')).unread).toBe('one ok'.length)
    client.socket.close(1000)
    await client.closed
    expect(await health(running, 'up')).toEqual({ open: 0, unread: 0 })
  })
})

test('a side that does not answer a closing frame is not waited for', async () => {
  const running = await start()
  const client = await connect(running.port)
  const endpoint = endpoints[0].last()
  // Takes no bytes any more, and so never sees the closing frame.
  endpoint.pause()
  const from = Date.now()
  client.socket.close(4000, 'bye')
  expect((await client.closed).code).toBe(4000)
  expect(Date.now() - from).toBeLessThan(15_000)
  endpoint.resume()
  expect((await health(running, 'up')).open).toBe(0)
})
