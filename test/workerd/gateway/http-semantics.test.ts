/**
 * What HTTP says about bodies, ranges, conditions, interim answers and codings arrives as the endpoint said it, whichever way a body takes
 * through the gateway: handed on unseen, looked after, or held whole. Endpoints answer byte by byte here.
 */
import net from 'node:net'
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bytes, ms, share } from '../../../config/units.ts'
import { type RawAnswer, type Running, raw, startGateway } from '../harness.ts'
import { RETRY, testBase } from './base.ts'
import { socketEndpoint, type TestEndpoint } from './endpoints.ts'

const TEXT = Buffer.from('a text that can be compressed '.repeat(200))
const CODINGS = { gzip: gzipSync(TEXT), br: brotliCompressSync(TEXT), zstd: zstdCompressSync(TEXT) } as const
const coded = (coding: keyof typeof CODINGS) =>
  Buffer.concat([
    Buffer.from(`HTTP/1.1 200 OK\r\ncontent-encoding: ${coding}\r\ncontent-length: ${CODINGS[coding].length}\r\n\r\n`),
    CODINGS[coding],
  ])
const NO_RETRY = { ...RETRY, attemptsMax: 1 }
const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello'
const PARTS = '--x\r\ncontent-range: bytes 0-1/5\r\n\r\nhe\r\n--x\r\ncontent-range: bytes 3-4/5\r\n\r\nlo\r\n--x--\r\n'
const interim = (status: number) => `HTTP/1.1 ${status} Wait\r\nlink: </${status}.css>; rel=preload\r\n\r\n`

const ANSWERS: Readonly<Record<string, string | Buffer>> = {
  '/early': `${interim(103)}${OK}`,
  '/hundred-interim': `${Array.from({ length: 100 }, (_, index) => interim(index === 1 ? 150 : 100 + index)).join('')}${OK}`,
  '/range': 'HTTP/1.1 206 Partial Content\r\ncontent-range: bytes 1-3/5\r\ncontent-length: 3\r\netag: "a"\r\n\r\nell',
  '/ranges': `HTTP/1.1 206 Partial Content\r\ncontent-type: multipart/byteranges; boundary=x\r\ncontent-length: ${PARTS.length}\r\n\r\n${PARTS}`,
  '/no-range': 'HTTP/1.1 416 Range Not Satisfiable\r\ncontent-range: bytes */5\r\ncontent-length: 0\r\n\r\n',
  '/same': 'HTTP/1.1 304 Not Modified\r\netag: W/"a"\r\nlast-modified: Thu, 01 Jan 2026 00:00:00 GMT\r\n\r\n',
  '/same-with-body': 'HTTP/1.1 304 Not Modified\r\netag: W/"a"\r\ncontent-length: 4\r\n\r\nbody',
  '/changed': 'HTTP/1.1 412 Precondition Failed\r\netag: "b"\r\ncontent-length: 0\r\n\r\n',
  '/nothing': 'HTTP/1.1 204 No Content\r\nx-kept: 1\r\n\r\n',
  '/nothing-with-body': 'HTTP/1.1 204 No Content\r\nx-kept: 1\r\ncontent-length: 4\r\n\r\nbody',
  '/reset': 'HTTP/1.1 205 Reset Content\r\nx-kept: 1\r\ncontent-length: 0\r\n\r\n',
  '/reset-chunked': 'HTTP/1.1 205 Reset Content\r\nx-kept: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
  '/reset-with-body': 'HTTP/1.1 205 Reset Content\r\nx-kept: 1\r\ncontent-length: 4\r\n\r\nbody',
  '/trailers':
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntrailer: x-sum\r\n\r\n5\r\nhello\r\n0\r\nx-sum: 1\r\ngrpc-status: 0\r\n\r\n',
  '/chunked': 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2;name=value\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n',
  '/until-close': 'HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhello',
  '/old': 'HTTP/1.0 200 OK\r\n\r\nhello',
  '/short': 'HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nhello',
  '/long': 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello and more',
  '/gzip': coded('gzip'),
  '/br': coded('br'),
  '/zstd': coded('zstd'),
  '/hello': OK,
}

let endpoint: TestEndpoint
/** Both ways of ending a reply: handed on as it is, and made anew with what each answer says of its way. */
let gateways: readonly Running[]
const heads: string[] = []

beforeAll(async () => {
  endpoint = await socketEndpoint((socket) => {
    let came = ''
    socket.on('data', (chunk) => {
      came += chunk.toString('latin1')
      const [head = '', body] = came.split('\r\n\r\n')
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0)
      if (body === undefined || body.length < length) return
      heads.push(came)
      const path = came.split(' ')[1] ?? ''
      const answer = ANSWERS[path] ?? 'HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n'
      socket.end(came.startsWith('HEAD') ? headOf(answer) : answer)
    })
  })
  const base = testBase({ endpoints: [{ id: 'one', origin: endpoint.origin }], route: { retry: NO_RETRY } })
  const held = testBase({ endpoints: [{ id: 'one', origin: endpoint.origin }], route: { retry: NO_RETRY, bufferUpTo: bytes(64 * 1024) } })
  gateways = await Promise.all([
    startGateway({ ...base, replies: { routingHeaders: false } }),
    startGateway(base),
    startGateway({ ...held, replies: { routingHeaders: false } }),
    startGateway(held),
  ])
})
afterAll(async () => {
  await Promise.all(gateways.map((gateway) => gateway.stop()))
  await endpoint.stop()
})

const headOf = (answer: string | Buffer): Buffer => {
  const whole = Buffer.from(answer)
  return whole.subarray(0, whole.indexOf('\r\n\r\n') + 4)
}

/** The same request on every way through: where bodies are handed on, the first of two is looked after and the second is not. */
async function everyWay(path: string, head = '', method = 'GET'): Promise<readonly RawAnswer[]> {
  const answers: RawAnswer[] = []
  for (const gateway of gateways)
    for (const _ of [1, 2])
      answers.push(await raw(gateway.port, `${method} ${path} HTTP/1.1\r\nhost: shop.test\r\nconnection: close\r\n${head}\r\n`))
  return answers
}

const named = (answer: RawAnswer, name: string): string | undefined => answer.headers.find(([each]) => each === name)?.[1]
const lastHead = (): string => heads.at(-1)?.toLowerCase() ?? ''

describe('interim answers of an endpoint', () => {
  test.each(['/early', '/hundred-interim'])('%s: are dropped by the runtime, and never disturb the answer', async (path) => {
    for (const answer of await everyWay(path)) {
      expect([answer.status, answer.body.toString()]).toEqual([200, 'hello'])
      expect(named(answer, 'link')).toBeUndefined()
    }
  })
})

describe('ranges', () => {
  const ask = 'range: bytes=1-3\r\nif-range: "a"\r\n'
  test('one part goes through with what it says of itself', async () => {
    for (const answer of await everyWay('/range', ask)) {
      expect([answer.status, answer.body.toString()]).toEqual([206, 'ell'])
      expect(['content-range', 'content-length', 'etag'].map((name) => named(answer, name))).toEqual(['bytes 1-3/5', '3', '"a"'])
    }
    expect(lastHead()).toContain('range: bytes=1-3')
    expect(lastHead()).toContain('if-range: "a"')
  })
  test('several parts go through byte for byte', async () => {
    for (const answer of await everyWay('/ranges', 'range: bytes=0-1,3-4\r\n')) {
      expect([answer.status, answer.body.toString()]).toEqual([206, PARTS])
      expect(named(answer, 'content-type')).toBe('multipart/byteranges; boundary=x')
    }
  })
  test('one that cannot be satisfied says how long the whole is', async () => {
    for (const answer of await everyWay('/no-range', ask))
      expect([answer.status, named(answer, 'content-range')]).toEqual([416, 'bytes */5'])
  })
})

describe('conditional requests', () => {
  test.each(['/same', '/same-with-body'])('%s: 304 has its validators and no body', async (path) => {
    for (const answer of await everyWay(path, 'if-none-match: W/"a", "b"\r\nif-modified-since: Thu, 01 Jan 2026 00:00:00 GMT\r\n')) {
      expect([answer.status, named(answer, 'etag'), answer.body.length]).toEqual([304, 'W/"a"', 0])
    }
    expect(lastHead()).toContain('if-none-match: w/"a", "b"')
    expect(lastHead()).toContain('if-modified-since: thu, 01 jan 2026 00:00:00 gmt')
  })
  test('412 is the endpoint’s own', async () => {
    for (const answer of await everyWay('/changed', 'if-match: "a"\r\n', 'PUT'))
      expect([answer.status, named(answer, 'etag')]).toEqual([412, '"b"'])
    expect(lastHead()).toContain('if-match: "a"')
  })
})

describe('answers that may have no body', () => {
  test.each([
    ['/nothing', 204],
    ['/nothing-with-body', 204],
    ['/reset', 205],
    ['/reset-chunked', 205],
    ['/reset-with-body', 205],
  ])('%s: keep status and headers, and have none', async (path, status) => {
    for (const answer of await everyWay(path))
      expect([answer.status, named(answer, 'x-kept'), answer.body.toString()]).toEqual([status, '1', ''])
  })
  test.each(['/hello', '/gzip', '/chunked'])('HEAD %s: has the header of its length and no body', async (path) => {
    for (const answer of await everyWay(path, 'accept-encoding: gzip\r\n', 'HEAD')) {
      expect([answer.status, answer.body.length]).toEqual([200, 0])
      if (path !== '/chunked') expect(named(answer, 'content-length')).toBe(String(path === '/hello' ? 5 : CODINGS.gzip.length))
    }
  })
})

describe('bodies', () => {
  test.each(['gzip', 'br', 'zstd'] as const)('in %s go through byte for byte, with coding and length', async (coding) => {
    for (const answer of await everyWay(`/${coding}`, 'accept-encoding: gzip, br, zstd\r\n')) {
      expect([named(answer, 'content-encoding'), named(answer, 'content-length')]).toEqual([coding, String(CODINGS[coding].length)])
      expect(answer.body.equals(CODINGS[coding])).toBe(true)
    }
    expect(lastHead()).toContain('accept-encoding: gzip, br, zstd')
  })
  test.each(['gzip', 'br', 'zstd'] as const)('in %s that a hedge or a rescue brought are the same', async (coding) => {
    const hanging = await socketEndpoint((socket) => socket.resume())
    const endpoints = [hanging, endpoint].map(({ origin }, index) => ({ id: `e${index}`, origin }))
    const hedge = { after: { kind: 'fixed', delay: ms(20) }, share: share(1) } as const
    const rescuing = await Promise.all([startGateway(testBase({ endpoints, route: { hedge } })), startGateway(testBase({ endpoints }))])
    for (const { port } of rescuing) {
      const head = `GET /${coding} HTTP/1.1\r\nhost: shop.test\r\nconnection: close\r\naccept-encoding: ${coding}\r\n\r\n`
      for (const _ of [1, 2]) {
        const answer = await raw(port, head)
        expect(named(answer, 'meridian-endpoint')).toBe('e1')
        expect([named(answer, 'content-encoding'), named(answer, 'content-length')]).toEqual([coding, String(CODINGS[coding].length)])
        expect(answer.body.equals(CODINGS[coding])).toBe(true)
      }
    }
    await Promise.all([...rescuing.map(({ stop }) => stop()), hanging.stop()])
  })
  test('nothing is asked of an endpoint that the client did not ask', async () => {
    await everyWay('/hello')
    expect(lastHead()).not.toContain('accept-encoding')
  })
  test.each(['/chunked', '/until-close', '/old', '/long'])('%s: framed in another way are whole', async (path) => {
    for (const answer of await everyWay(path)) {
      expect(answer.status).toBe(200)
      expect(dechunked(answer)).toBe('hello')
    }
  })
  test('with trailers lose them: the runtime hands none over', async () => {
    for (const answer of await everyWay('/trailers')) {
      expect(dechunked(answer)).toBe('hello')
      expect(answer.body.toString()).not.toContain('x-sum')
    }
  })
  test('shorter than they say are never taken for whole', async () => {
    const [plain] = gateways
    for (const _ of [1, 2]) {
      const answer = await raw(plain?.port ?? 0, 'GET /short HTTP/1.1\r\nhost: shop.test\r\nconnection: close\r\n\r\n')
      const whole = answer.status === 200 && named(answer, 'content-length') === String(answer.body.length)
      expect(whole).toBe(false)
    }
  })
})

function dechunked(answer: RawAnswer): string {
  if (named(answer, 'transfer-encoding') !== 'chunked') return answer.body.toString()
  let [text, rest] = ['', answer.body.toString('latin1')]
  for (;;) {
    const [size = '0'] = rest.split('\r\n', 1)
    const length = Number.parseInt(size, 16)
    if (!(length > 0)) return text
    text += rest.slice(size.length + 2, size.length + 2 + length)
    rest = rest.slice(size.length + 2 + length + 2)
  }
}

describe('`Expect: 100-continue`', () => {
  const head = (path: string) =>
    `POST ${path} HTTP/1.1\r\nhost: shop.test\r\nconnection: close\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\n`

  test('is answered by the edge; the body flows, and the endpoint sees no expectation', async () => {
    for (const gateway of gateways) {
      const socket = net.connect(gateway.port, '127.0.0.1')
      let got = ''
      socket.on('data', (chunk) => {
        const waited = !got.includes('100 Continue')
        got += chunk.toString('latin1')
        if (waited && got.includes('100 Continue')) socket.write('hello')
      })
      socket.write(head('/hello'))
      await new Promise((resolve) => socket.on('close', resolve))
      expect(got).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 OK/)
      expect(lastHead()).not.toContain('expect')
      expect(lastHead()).toMatch(/\r\n\r\nhello$/)
    }
  })

  test('a request that is refused is refused before its body is sent', async () => {
    const [gateway] = gateways
    const answer = await raw(gateway?.port ?? 0, head('/hello').replace('shop.test', 'other.test'))
    expect(answer.status).toBe(421)
  })
})
