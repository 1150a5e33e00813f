/** Uploads that break: no endpoint may take half a body for the whole, and none is blamed for what its client did. */
import net from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Running, startGateway } from '../harness.ts'
import { testBase } from './base.ts'
import { httpEndpoint, type TestEndpoint } from './endpoints.ts'

const BIG = 3 * 1024 * 1024

let gateway: Running
let endpoint: TestEndpoint
/** For each upload whether the endpoint took it for whole. */
let taken: boolean[] = []

beforeAll(async () => {
  endpoint = await httpEndpoint((request, answer) => {
    request.on('error', () => {})
    if (request.url === '/early') {
      answer.writeHead(413, { connection: 'close' }).end('too large')
      return
    }
    request.on('close', () => taken.push(request.complete))
    request.on('end', () => answer.end(String(request.complete)))
    request.resume()
  })
  gateway = await startGateway(testBase({ endpoints: [{ id: 'only', origin: endpoint.origin }] }))
})
afterAll(async () => {
  await gateway.stop()
  await endpoint.stop()
})

/** Sends an upload and then ends its side. */
const send = (head: string, body: string, path = '/order') =>
  new Promise<string>((resolve) => {
    const socket = net.connect(gateway.port, '127.0.0.1')
    let answer = ''
    socket.on('data', (chunk) => {
      answer += chunk
      if (answer.includes('\r\n\r\n')) socket.end()
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(answer))
    socket.write(`POST ${path} HTTP/1.1\r\nhost: shop.test\r\n${head}\r\n\r\n${body}`)
    setTimeout(() => socket.end(), 50)
  })

describe('an upload', () => {
  test.each([
    ['of chunks that are none', 'transfer-encoding: chunked', '5\r\nhello\r\nzz\r\n'],
    ['that ends within a chunk', 'transfer-encoding: chunked', '5\r\nhello\r\n5\r\nhe'],
    ['that ends between chunks', 'transfer-encoding: chunked', '5\r\nhello\r\n'],
    ['that is shorter than it says', `content-length: ${BIG}`, 'hello'],
  ])('%s is never passed off as whole', async (_, head, body) => {
    taken = []
    const logged = gateway.log.length
    expect(await send(head, body)).toContain('ERR_CLIENT_GONE')
    expect(taken).not.toContain(true)
    expect(gateway.log.slice(logged).join()).not.toContain('"outcome":"failed"')
  })

  test('that is whole is', async () => {
    taken = []
    expect(await send('transfer-encoding: chunked', '5\r\nhello\r\n0\r\n\r\n')).toContain('true')
    expect(taken).toContain(true)
  })

  test.each([`content-length: ${BIG}`, 'transfer-encoding: chunked'])(
    'that its endpoint does not want (%s) is not the client’s fault',
    async (head) => {
      const content = 'a'.repeat(BIG)
      const body = head.startsWith('content') ? content : `${BIG.toString(16)}\r\n${content}\r\n0\r\n\r\n`
      const answer = await send(head, body, '/early')
      expect(answer).not.toContain('ERR_CLIENT_GONE')
    },
  )
})
