/** Server-sent events come one by one as they are sent, for as long as they like, and a client that reconnects is served elsewhere when it must. */
import { once } from 'node:events'
import http from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import { bytes, ms } from '../../../config/units.ts'
import { type Running, startGateway } from '../harness.ts'
import { type BaseParts, testBase } from './base.ts'
import { httpEndpoint, socketEndpoint, type TestEndpoint } from './endpoints.ts'

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()))
})

async function behind(endpoints: readonly TestEndpoint[], route: BaseParts['route'] = {}): Promise<Running> {
  const parts = endpoints.map(({ origin }, index) => ({ id: `e${index}`, origin }))
  const gateway = await startGateway(testBase({ endpoints: parts, route }))
  stops.push(gateway.stop, ...endpoints.map(({ stop }) => stop))
  return gateway
}

interface Stream {
  readonly answer: http.IncomingMessage
  /** The next piece that arrives, or what is left behind when it ends or breaks. */
  readonly next: () => Promise<string>
  readonly leave: () => void
  /** The same, with a reset. */
  readonly reset: () => void
}

async function listen(gateway: Running, path = '/events', headers: http.OutgoingHttpHeaders = {}): Promise<Stream> {
  const request = http.get({ host: '127.0.0.1', port: gateway.port, path, headers: { host: 'shop.test', ...headers } })
  request.on('error', () => {})
  const [answer] = (await once(request, 'response')) as [http.IncomingMessage]
  const pieces: string[] = []
  let wake: (() => void) | undefined
  const push = (piece: string) => {
    pieces.push(piece)
    wake?.()
  }
  answer.on('data', (chunk: Buffer) => push(chunk.toString()))
  answer.on('error', () => push('<broken>'))
  answer.on('end', () => push('<end>'))
  const next = async (): Promise<string> => {
    while (pieces.length === 0) await new Promise<void>((resolve) => (wake = resolve))
    return pieces.shift() ?? ''
  }
  return { answer, next, leave: () => request.destroy(), reset: () => answer.socket.resetAndDestroy() }
}

const wait = (length: number) => new Promise((resolve) => setTimeout(resolve, length))

/** Streams whatever it is given, on request, and tells when its side was closed. */
async function streamer(contentType: string, headers: http.OutgoingHttpHeaders = {}) {
  let send: (event: string) => void = () => {}
  let seen: http.IncomingHttpHeaders = {}
  let closed = Promise.resolve()
  const endpoint = await httpEndpoint((request, answer) => {
    seen = request.headers
    answer.writeHead(200, { 'content-type': contentType, ...headers })
    answer.flushHeaders()
    const gone = Promise.withResolvers<void>()
    closed = gone.promise
    answer.on('close', gone.resolve)
    send = (event) => (event === '' ? answer.end() : void answer.write(event))
  })
  return { ...endpoint, send: (event: string) => send(event), seen: () => seen, last: () => ({ closed }) }
}

const EVENTS = ['id: 1\ndata: one\n\n', ': heartbeat\n\n', 'event: price\ndata: 2\ndata: 3\n\n', 'retry: 500\n\n']

describe('events arrive one by one, each before the next is sent', () => {
  test.each([
    ['as they are', 'text/event-stream', {}, 0],
    ['with parameters and capitals', 'Text/Event-Stream; charset=utf-8', {}, 0],
    ['where the route holds bodies', 'text/event-stream', {}, 1 << 20],
    ['where the route holds bodies, and a length is declared', 'text/event-stream', { 'content-length': EVENTS.join('').length }, 1 << 20],
  ])('%s', async (_, contentType, headers, bufferUpTo) => {
    const endpoint = await streamer(contentType, headers)
    const gateway = await behind([endpoint], { bufferUpTo: bytes(bufferUpTo) })
    // The first is one that is looked after, the second is not.
    for (const _time of [1, 2]) {
      const stream = await listen(gateway)
      expect(stream.answer.headers['content-type']).toBe(contentType)
      for (const event of EVENTS) {
        endpoint.send(event)
        expect(await stream.next()).toBe(event)
      }
      endpoint.send('')
      expect(await stream.next()).toBe('<end>')
    }
  })
})

/** Breaks a small body, so that for ten seconds every body of this endpoint is watched; then streams. */
async function suspect(contentType: string) {
  let send: (event: string) => void = () => {}
  const endpoint = await socketEndpoint((socket) => {
    socket.once('data', (head) => {
      if (head.includes('/break')) {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhello', () => setImmediate(() => socket.resetAndDestroy()))
        return
      }
      socket.write(`HTTP/1.1 200 OK\r\ncontent-type: ${contentType}\r\ntransfer-encoding: chunked\r\n\r\n`)
      send = (event) => socket.write(`${event.length.toString(16)}\r\n${event}\r\n`)
    })
  })
  return { ...endpoint, send: (event: string) => send(event) }
}

describe('no timer of the route ends a stream', () => {
  const timeouts = { request: ms(700), attempt: ms(300), slow: 'race', idle: ms(400) } as const

  test.each([
    ['a stream of events, though it is silent for longer than all of them', 'text/event-stream', 'data: late\n\n'],
    ['any other body that is watched is broken off for its silence', 'application/octet-stream', '<broken>'],
  ])('%s', async (_, contentType, expected) => {
    const first = await suspect(contentType)
    const gateway = await behind([first, await httpEndpoint((_request, answer) => answer.end('whole'))], { timeouts })
    const whole = await listen(gateway, '/break')
    expect([whole.answer.headers['meridian-endpoint'], await whole.next()]).toEqual(['e1', 'whole'])
    const stream = await listen(gateway)
    expect(stream.answer.headers['meridian-endpoint']).toBe('e0')
    first.send('data: 1\n\n')
    expect(await stream.next()).toBe('data: 1\n\n')
    await wait(1600)
    first.send('data: late\n\n')
    expect(await stream.next()).toBe(expected)
    stream.leave()
  })
})

test('where the route states its idle timeout, every body is broken off for its silence, whoever its endpoint is and however many come', async () => {
  const endpoint = await streamer('application/octet-stream')
  const timeouts = { request: ms(700), attempt: ms(300), slow: 'race', idle: ms(200), idleOfAll: true } as const
  const gateway = await behind([endpoint], { timeouts })
  const streams = []
  for (const _time of [1, 2, 3]) {
    const stream = await listen(gateway)
    endpoint.send('begun')
    expect(await stream.next()).toBe('begun')
    streams.push(stream)
  }
  expect(await Promise.all(streams.map(({ next }) => next()))).toEqual(['<broken>', '<broken>', '<broken>'])
})

describe('whoever leaves, the other hears of it', () => {
  test.each([
    ['by a reset, at once', 'looked after', 'reset'],
    ['by a reset, at once', 'handed on', 'reset'],
    // A client that merely ends its connection may still be reading, so it takes the next event to find out: heartbeats are worth their bytes.
    ['in peace, with the next heartbeat', 'looked after', 'leave'],
    ['in peace, with the next heartbeat', 'handed on', 'leave'],
  ] as const)('a client that goes away %s ends the stream at the endpoint: one that is %s', async (_, way, goes) => {
    const endpoint = await streamer('text/event-stream')
    const gateway = await behind([endpoint])
    if (way === 'handed on') (await listen(gateway)).reset()
    const stream = await listen(gateway)
    const { closed } = endpoint.last()
    endpoint.send('data: 1\n\n')
    await stream.next()
    stream[goes]()
    const heartbeats = setInterval(() => goes === 'leave' && endpoint.send(': heartbeat\n\n'), 50)
    await closed
    clearInterval(heartbeats)
  })

  test('an endpoint that ends ends the client’s, one that breaks breaks it', async () => {
    const endpoint = await streamer('text/event-stream')
    const gateway = await behind([endpoint])
    const ended = await listen(gateway)
    endpoint.send('data: 1\n\n')
    endpoint.send('')
    expect([await ended.next(), await ended.next()]).toEqual(['data: 1\n\n', '<end>'])
    const broken = await listen(gateway)
    endpoint.send('data: 2\n\n')
    expect(await broken.next()).toBe('data: 2\n\n')
    await endpoint.stop()
    expect(await broken.next()).toBe('<broken>')
  })
})

test('a client that reconnects says where it was, and another endpoint takes it while the first is out', async () => {
  const [first, second] = await Promise.all([streamer('text/event-stream'), streamer('text/event-stream')])
  const gateway = await behind([first, second])
  const before = await listen(gateway)
  expect(before.answer.headers['meridian-endpoint']).toBe('e0')
  first.send('id: 41\ndata: x\n\n')
  await before.next()
  await first.stop()
  expect(await before.next()).toBe('<broken>')
  const after = await listen(gateway, '/events', { 'last-event-id': '41', accept: 'text/event-stream' })
  expect(after.answer.headers['meridian-endpoint']).toBe('e1')
  expect(second.seen()).toMatchObject({ 'last-event-id': '41', accept: 'text/event-stream' })
  second.send('id: 42\ndata: y\n\n')
  expect(await after.next()).toBe('id: 42\ndata: y\n\n')
  after.leave()
})
