/** Without `replies.routingHeaders` a plain answer is the endpoint's own, byte for byte, and only a failure says what the gateway knows of it. */
import { once } from 'node:events'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { poolId } from '../../../config/ids.ts'
import { type RawAnswer, type Running, raw, startGateway } from '../harness.ts'
import { testBase, toPool } from './base.ts'
import { httpEndpoint, type TestEndpoint } from './endpoints.ts'

const TEXT = Buffer.from('a text that can be compressed '.repeat(100))
let endpoint: TestEndpoint
let gateway: Running
let socketServer: WebSocketServer

beforeAll(async () => {
  endpoint = await httpEndpoint(async (request, answer) => {
    switch (request.url) {
      case '/gzip':
        return void answer.writeHead(200, { 'content-encoding': 'gzip', 'set-cookie': ['a=1', 'b=2'] }).end(gzipSync(TEXT))
      case '/br':
        return void answer.writeHead(200, { 'content-encoding': 'br', 'set-cookie': ['a=1', 'b=2'] }).end(brotliCompressSync(TEXT))
      case '/hop':
        return void answer.writeHead(200, { connection: 'x-foo', 'x-foo': '1' }).end('hop')
      case '/kept-alive':
        return void answer.writeHead(200, { connection: 'keep-alive', 'keep-alive': 'timeout=77', 'proxy-connection': 'x' }).end('kept')
      case '/alone':
        answer.removeHeader('connection')
        return void answer.writeHead(200, { 'proxy-connection': 'x' }).end('alone')
      case '/moved':
        return void answer.writeHead(302, { location: 'https://elsewhere.test/' }).end()
      case '/failing':
        return void answer.writeHead(503, { 'meridian-code': 'ERR_FORGED' }).end('sorry')
      default:
        return void answer.end('plain')
    }
  })
  socketServer = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await once(socketServer, 'listening')
  socketServer.on('connection', (socket) => socket.on('message', (message) => socket.send(`echo ${message}`)))
  const { port } = socketServer.address() as { port: number }
  const plain = testBase({ endpoints: [{ id: 'one', origin: endpoint.origin }] })
  const sockets = testBase({
    endpoints: [{ id: 'ws', origin: `http://127.0.0.1:${port}` }],
    pool: { id: poolId('sockets') },
    route: { action: toPool('sockets'), paths: [{ kind: 'prefix', value: '/socket' }] },
    routes: [{ id: 'socket' }],
  })
  gateway = await startGateway({
    ...plain,
    pools: [...plain.pools, ...sockets.pools],
    routes: [...plain.routes, ...sockets.routes],
    replies: { routingHeaders: false },
  })
})
afterAll(async () => {
  await gateway.stop()
  await endpoint.stop()
  socketServer.close()
})

const get = (path: string): Promise<RawAnswer> =>
  raw(gateway.port, `GET ${path} HTTP/1.1\r\nhost: shop.test\r\naccept-encoding: gzip, br\r\nconnection: close\r\n\r\n`)
const named = (answer: RawAnswer, name: string): readonly string[] =>
  answer.headers.flatMap(([key, value]) => (key === name ? [value] : []))
const ours = (answer: RawAnswer): readonly string[] =>
  answer.headers.flatMap(([name]) => (name.startsWith('meridian-') || name === 'x-request-id' ? [name] : []))
/** Bodies between 50 ms apart are looked after, the others handed on: both ways are taken. */
const OFTEN = [1, 2, 3, 4, 5]

test.each([
  ['gzip', gzipSync(TEXT)],
  ['br', brotliCompressSync(TEXT)],
])('%s goes through untouched, and nothing is added', async (coding, expected) => {
  for (const _ of OFTEN) {
    const answer = await get(`/${coding}`)
    expect(answer.body.includes(expected)).toBe(true)
    expect(named(answer, 'content-encoding')).toEqual([coding])
    expect(named(answer, 'set-cookie')).toEqual(['a=1', 'b=2'])
    expect(ours(answer)).toEqual([])
  }
})

test('what `Connection` names is still removed', async () => {
  for (const _ of OFTEN) expect(named(await get('/hop'), 'x-foo')).toEqual([])
})

test('nothing that was for the connection with the endpoint reaches the client, though `Connection` names no header', async () => {
  for (const _ of OFTEN) {
    const answer = await get('/kept-alive')
    expect(answer.status).toBe(200)
    expect(named(answer, 'keep-alive')).toEqual([])
    expect(named(answer, 'proxy-connection')).toEqual([])
    expect(named(answer, 'connection')).not.toContain('keep-alive')
  }
})

test('a Proxy-Connection that comes without Connection does not either', async () => {
  for (const _ of OFTEN) expect(named(await get('/alone'), 'proxy-connection')).toEqual([])
})

test('a redirect is the client’s to follow', async () => {
  expect(await get('/moved')).toMatchObject({ status: 302 })
  expect(named(await get('/moved'), 'location')).toEqual(['https://elsewhere.test/'])
})

test('a failure that is passed on says its request and our code, and no region', async () => {
  const answer = await get('/failing')
  expect(answer.status).toBe(503)
  expect(named(answer, 'x-request-id')[0]).toMatch(/^[0-9a-f]{32}$/)
  expect(named(answer, 'meridian-code')).not.toContain('ERR_FORGED')
  expect(named(answer, 'meridian-endpoint')).toEqual([])
})

test.each(['GET', 'HEAD'])('content that came with %s is left behind', async (method) => {
  const head = `${method} /plain HTTP/1.1\r\nhost: shop.test\r\nconnection: close\r\n`
  for (const body of ['content-length: 3\r\n\r\nabc', 'transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n'])
    expect(await raw(gateway.port, head + body)).toMatchObject({ status: 200 })
})

test('a WebSocket is handed on', async () => {
  const client = new WebSocket(`ws://127.0.0.1:${gateway.port}/socket`, { headers: { host: 'shop.test' } })
  const echoed = await new Promise((resolve, reject) => {
    client.on('open', () => client.send('hello'))
    client.on('message', (message) => resolve(String(message)))
    client.on('error', reject)
  })
  expect(echoed).toBe('echo hello')
  client.terminate()
})
