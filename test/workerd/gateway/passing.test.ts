import { once } from 'node:events'
import http from 'node:http'
import net from 'node:net'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { type Running, raw, startGateway } from '../harness.ts'
import { testBase } from './base.ts'
import { bodyOf, httpEndpoint, type TestEndpoint } from './endpoints.ts'

const TEN_MIB = Buffer.alloc(10 * 1024 * 1024, 'meridian ')
const TEXT = Buffer.from('a text that can be compressed '.repeat(100))
const seen: http.IncomingHttpHeaders[] = []

let endpoint: TestEndpoint
let gateway: Running
const closedByClient = Promise.withResolvers<void>()

beforeAll(async () => {
  endpoint = await httpEndpoint(async (request, answer) => {
    seen.push(request.headers)
    switch (request.url) {
      case '/gzip':
        return void answer.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(TEXT))
      case '/br':
        return void answer
          .writeHead(200, { 'content-encoding': 'br', 'content-length': brotliCompressSync(TEXT).length })
          .end(brotliCompressSync(TEXT))
      case '/large':
        return void answer.end(TEN_MIB)
      case '/upload':
        return void answer.end(String((await bodyOf(request)).equals(TEN_MIB)))
      case '/moved':
        return void answer.writeHead(302, { location: 'https://elsewhere.test/' }).end()
      case '/events':
        answer.writeHead(200, { 'content-type': 'text/event-stream' })
        answer.write('data: 1\n\n')
        return
      case '/hang':
        request.on('close', () => closedByClient.resolve())
        return
      case '/cookies':
        return void answer.writeHead(200, { 'set-cookie': ['a=1', 'b=2'] }).end()
      case '/hop':
        return void answer
          .writeHead(200, {
            connection: 'x-foo, keep-alive',
            'x-foo': '1',
            'keep-alive': 'timeout=1',
            'proxy-connection': 'x',
            trailer: 'x-t',
            'meridian-attempts': '99',
          })
          .end('hop')
      case '/method':
        return void answer.end(request.method)
      case '/nothing':
        return void answer.writeHead(204).end()
      case '/same':
        return void answer.writeHead(304, { etag: '"a"' }).end()
      case '/teapot':
        return void answer.writeHead(418, 'I am a teapot', { 'meridian-code': 'ERR_FAKE' }).end('short and stout')
      default:
        return void answer.writeHead(200, { 'content-length': 5 }).end('plain')
    }
  })
  gateway = await startGateway(testBase({ endpoints: [{ id: 'one', origin: endpoint.origin, headers: [['x-endpoint-key', 'secret']] }] }))
})
afterAll(async () => {
  await gateway.stop()
  await endpoint.stop()
})

interface Answer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly body: Buffer
}

async function send(path: string, options: http.RequestOptions = {}, body?: Buffer): Promise<Answer> {
  const request = http.request({
    host: '127.0.0.1',
    port: gateway.port,
    path,
    ...options,
    headers: { host: 'shop.test', ...options.headers },
  })
  request.end(body)
  const [answer] = (await once(request, 'response')) as [http.IncomingMessage]
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: await bodyOf(answer) }
}

// A quarter of the bodies is looked after on another path: each kind goes through often enough to take both.
const OFTEN = Array.from({ length: 16 }, (_, index) => index)

describe('an answer', () => {
  test.each([
    ['gzip', gzipSync(TEXT)],
    ['br', brotliCompressSync(TEXT)],
  ])('in %s goes through untouched', async (coding, body) => {
    for (const _ of OFTEN) {
      const answer = await send(`/${coding}`, { headers: { 'accept-encoding': 'gzip, br' } })
      expect(answer.headers['content-encoding']).toBe(coding)
      expect(answer.body.equals(body)).toBe(true)
    }
  })

  test('of 10 MiB goes through with its length', async () => {
    const answer = await send('/large')
    expect(answer.headers['content-length']).toBe(String(TEN_MIB.length))
    expect(answer.body.equals(TEN_MIB)).toBe(true)
  })

  test('that redirects is passed on, not followed', async () => {
    expect(await send('/moved')).toMatchObject({ status: 302, headers: { location: 'https://elsewhere.test/' } })
  })

  test('keeps every cookie, status and reason that it came with', async () => {
    expect((await send('/cookies')).headers['set-cookie']).toEqual(['a=1', 'b=2'])
    expect(await send('/nothing')).toMatchObject({ status: 204, body: Buffer.alloc(0) })
    expect(await send('/same')).toMatchObject({ status: 304, headers: { etag: '"a"' } })
    const teapot = await send('/teapot')
    expect(teapot).toMatchObject({ status: 418, body: Buffer.from('short and stout') })
    expect(teapot.headers).not.toHaveProperty('meridian-code')
  })

  test('to HEAD has the length and no body', async () => {
    expect(await send('/plain', { method: 'HEAD' })).toMatchObject({
      status: 200,
      headers: { 'content-length': '5' },
      body: Buffer.alloc(0),
    })
  })

  test('loses what was for the connection only, and says who gave it', async () => {
    for (const _ of OFTEN) {
      const { headers } = await send('/hop')
      for (const name of ['x-foo', 'keep-alive', 'proxy-connection', 'trailer'])
        expect(headers[name] === 'timeout=5' ? undefined : headers[name]).toBeUndefined()
      expect(headers).toMatchObject({ 'meridian-endpoint': 'one', 'meridian-attempts': '1' })
      expect(headers['x-request-id']).toMatch(/^[0-9a-f]{32}$/)
    }
  })

  test('of server-sent events arrives as it is sent', async () => {
    const request = http.get({ host: '127.0.0.1', port: gateway.port, path: '/events', headers: { host: 'shop.test' } })
    const [answer] = (await once(request, 'response')) as [http.IncomingMessage]
    const [event] = (await once(answer, 'data')) as [Buffer]
    expect(event.toString()).toBe('data: 1\n\n')
    request.destroy()
  })
})

describe('a request', () => {
  test('of 10 MiB goes through, with and without a length', async () => {
    expect((await send('/upload', { method: 'POST', headers: { 'content-length': TEN_MIB.length } }, TEN_MIB)).body.toString()).toBe('true')
    expect(seen.at(-1)).toMatchObject({ 'content-length': String(TEN_MIB.length) })
    expect((await send('/upload', { method: 'POST', headers: { 'transfer-encoding': 'chunked' } }, TEN_MIB)).body.toString()).toBe('true')
    expect((await send('/upload', { method: 'PUT', headers: { 'transfer-encoding': 'chunked' } }, TEN_MIB)).status).toBe(200)
  })

  test('loses what a client may not say, and gets what we know', async () => {
    await send('/plain', {
      headers: {
        connection: 'close, x-private',
        'x-private': '1',
        te: 'trailers',
        'proxy-authorization': 'x',
        'proxy-connection': 'x',
        'x-forwarded-for': '6.6.6.6',
        'x-forwarded-client-cert': 'By=spiffe://evil',
        'x-real-ip': '6.6.6.6',
        x_real_ip: '6.6.6.6',
        forwarded: 'for=6.6.6.6',
        'l5d-dst-override': 'admin.svc',
        'x-envoy-max-retries': '100',
        'client-cert': ':AAAA:',
        'mf-cf-blob': '{}',
        'meridian-probation': '1',
        'x-request-id': 'mine',
        'cf-connecting-ip': '203.0.113.7',
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
        tracestate: 'a=b',
        authorization: 'Bearer x',
      },
    })
    const got = seen.at(-1) ?? {}
    const gone = [
      'x-private',
      'te',
      'proxy-authorization',
      'proxy-connection',
      'x-forwarded-client-cert',
      'x-real-ip',
      'x_real_ip',
      'forwarded',
      'l5d-dst-override',
    ]
    for (const name of [...gone, 'x-envoy-max-retries', 'client-cert', 'mf-cf-blob', 'meridian-probation'])
      expect(got).not.toHaveProperty([name])
    expect(got).toMatchObject({
      'x-forwarded-for': '203.0.113.7',
      'x-forwarded-host': 'shop.test',
      'x-forwarded-proto': 'http',
      'cdn-loop': 'meridian',
      'meridian-attempt': '1',
      'x-endpoint-key': 'secret',
      authorization: 'Bearer x',
      tracestate: 'a=b',
    })
    expect(got['traceparent']).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-(?!b7ad6b7169203331)[0-9a-f]{16}-01$/)
    expect(Number(got['meridian-deadline-ms'])).toBeGreaterThan(4000)
    expect(got['x-request-id']).toMatch(/^[0-9a-f]{32}$/)
  })

  test.each(['POST', 'DELETE', 'OPTIONS'])(
    'of method %s asks for no WebSocket, whatever it says: the runtime would make a GET of it',
    async (method) => {
      const head = `${method} /method HTTP/1.1\r\nhost: shop.test\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==`
      const answer = await raw(gateway.port, `${head}\r\nconnection: close, upgrade\r\ncontent-length: 0\r\n\r\n`)
      expect({ status: answer.status, reached: answer.body.toString() }).toEqual({ status: 200, reached: method })
      expect(seen.at(-1)).not.toHaveProperty('upgrade')
    },
  )

  test('goes on without a word to caches that its client did not say', async () => {
    await send('/plain')
    expect(seen.at(-1)).not.toMatchObject({ 'cache-control': expect.anything() })
    expect(seen.at(-1)).not.toMatchObject({ pragma: expect.anything() })
  })

  test('whose client resets is broken off at the endpoint', async () => {
    const client = net.connect(gateway.port, '127.0.0.1')
    client.write('GET /hang HTTP/1.1\r\nhost: shop.test\r\n\r\n')
    const arrived = seen.length
    while (seen.length === arrived) await new Promise((resolve) => setImmediate(resolve))
    client.resetAndDestroy()
    await closedByClient.promise
  })

  test.each([
    ['an unknown host', 'GET / HTTP/1.1\r\nhost: other.test', 421, 'ERR_UNKNOWN_HOST'],
    ['an unknown host before all else', 'TRACE //a HTTP/1.1\r\nhost: other.test', 421, 'ERR_UNKNOWN_HOST'],
    ['TRACE', 'TRACE / HTTP/1.1\r\nhost: shop.test', 405, 'ERR_METHOD_REFUSED'],
    ['an ambiguous path', 'GET /a/..%2fb HTTP/1.1\r\nhost: shop.test', 400, 'ERR_BAD_REQUEST_PATH'],
    ['dot segments', 'GET /a/../b HTTP/1.1\r\nhost: shop.test', 400, 'ERR_BAD_REQUEST_PATH'],
    ['40 KiB of headers', `GET / HTTP/1.1\r\nhost: shop.test\r\nx: ${'a'.repeat(40_000)}`, 431, 'ERR_HEADERS_TOO_LARGE'],
    ['a loop', 'GET / HTTP/1.1\r\nhost: shop.test\r\ncdn-loop: meridian, other;a=b, meridian, Meridian', 508, 'ERR_LOOP_DETECTED'],
  ])('with %s is answered by us', async (_, head, status, code) => {
    const answer = await raw(gateway.port, `${head}\r\nconnection: close\r\n\r\n`)
    expect(answer.status).toBe(status)
    expect(answer.headers).toContainEqual(['content-type', 'application/problem+json'])
    expect(answer.headers).toContainEqual(['meridian-code', code])
    expect(JSON.parse(answer.body.toString())).toMatchObject({ status, code, requestId: expect.stringMatching(/^[0-9a-f]{32}$/) })
  })
})

test('the edge says that it is there', async () => {
  const answer = await send('/.well-known/meridian/health')
  expect([answer.status, JSON.parse(answer.body.toString())]).toEqual([200, { status: 'ok', base: '0123456789abcdef', health: 'none' }])
})

test('a WebSocket echoes through the gateway', async () => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  server.on('connection', (socket) => socket.on('message', (message) => socket.send(`echo ${message}`)))
  const { port } = server.address() as net.AddressInfo
  const running = await startGateway(testBase({ endpoints: [{ id: 'ws', origin: `http://127.0.0.1:${port}` }] }))
  const client = new WebSocket(`ws://127.0.0.1:${running.port}/socket`, { headers: { host: 'shop.test' } })
  await once(client, 'open')
  client.send('hello')
  const [message] = (await once(client, 'message')) as [Buffer]
  expect(message.toString()).toBe('echo hello')
  client.terminate()
  server.close()
  await running.stop()
})
