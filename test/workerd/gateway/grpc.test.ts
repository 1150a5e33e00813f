/** gRPC-web and unary gRPC over HTTP/1.1: statuses in the head are outcomes, what the gateway says itself is gRPC, deadlines are passed on. */
import { afterEach, describe, expect, test } from 'vitest'
import { ms, seconds } from '../../../config/units.ts'
import { type RawAnswer, type Running, raw, startGateway } from '../harness.ts'
import { type BaseParts, testBase } from './base.ts'
import { bodyOf, httpEndpoint, refusingEndpoint, socketEndpoint, type TestEndpoint } from './endpoints.ts'

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()))
})

async function behind(endpoints: readonly TestEndpoint[], route: BaseParts['route'] = { writes: 'anywhere' }): Promise<Running> {
  const parts = endpoints.map(({ origin }, index) => ({ id: `e${index}`, origin }))
  const gateway = await startGateway(testBase({ endpoints: parts, route }))
  stops.push(gateway.stop, ...endpoints.map(({ stop }) => stop))
  return gateway
}

/** One message of three bytes in gRPC's framing. */
const MESSAGE = Buffer.from([0, 0, 0, 0, 3, 1, 2, 3])
const WEB_TRAILERS = Buffer.concat([Buffer.from([0x80, 0, 0, 0, 16]), Buffer.from('grpc-status: 14\r')])

/** Answers with a message, and its status where HTTP/1.1 can carry it. */
const answering = (content: Buffer = MESSAGE) =>
  httpEndpoint(async (request, answer) => {
    const body = await bodyOf(request)
    answer.writeHead(200, { 'content-type': request.headers['content-type'] ?? '', 'x-got': body.toString('hex') })
    answer.end(content)
  })

/** Answers without a body: the status is in the head. */
const refusing = (status: string, headers: Readonly<Record<string, string>> = {}) => {
  let hits = 0
  return httpEndpoint((_, answer) => {
    hits += 1
    answer
      .writeHead(200, { 'content-type': 'application/grpc-web+proto', 'grpc-status': status, 'grpc-message': 'because', ...headers })
      .end()
  }).then((endpoint) => ({ ...endpoint, hits: () => hits }))
}

interface Call {
  readonly type?: string
  readonly head?: string
  readonly path?: string
}

function call(
  gateway: Running,
  { type = 'application/grpc-web+proto', head = '', path = '/shop.Shop/Get' }: Call = {},
): Promise<RawAnswer> {
  const request = `POST ${path} HTTP/1.1\r\nhost: shop.test\r\nconnection: close\r\ncontent-type: ${type}\r\ncontent-length: ${MESSAGE.length}\r\n${head}\r\n`
  return raw(gateway.port, Buffer.concat([Buffer.from(request), MESSAGE]))
}

const named = (answer: RawAnswer, name: string): string | undefined => answer.headers.find(([each]) => each === name)?.[1]
const saidBy = (answer: RawAnswer) => [
  answer.status,
  named(answer, 'grpc-status'),
  named(answer, 'meridian-endpoint'),
  named(answer, 'meridian-attempts'),
]

test.each([
  'application/grpc',
  'application/grpc+proto',
  'application/grpc-web',
  'application/grpc-web+proto',
  'application/grpc-web-text',
])('a unary call in %s goes through byte for byte', async (type) => {
  const gateway = await behind([await answering(Buffer.concat([MESSAGE, WEB_TRAILERS]))])
  // The first is looked after, the second is not.
  for (const _ of [1, 2]) {
    const answer = await call(gateway, { type })
    expect([answer.status, named(answer, 'content-type'), named(answer, 'x-got')]).toEqual([200, type, MESSAGE.toString('hex')])
    expect(answer.body.includes(Buffer.concat([MESSAGE, WEB_TRAILERS]))).toBe(true)
  }
})

describe('a status in the head is an outcome', () => {
  test.each([
    ['14 UNAVAILABLE: is left alone soon', '14', {}, 5],
    ['8 RESOURCE_EXHAUSTED with a pause: is left alone at once', '8', { 'grpc-retry-pushback-ms': '60000' }, 2],
    ['4 DEADLINE_EXCEEDED: proves nothing when it comes at once, for the client may have given it no time', '4', {}, 8],
  ])('and a call that may be repeated is rescued elsewhere. %s', async (_, status, headers, most) => {
    const [bad, good] = await Promise.all([refusing(status, headers), answering()])
    const gateway = await behind([bad, good])
    expect(saidBy(await call(gateway))).toEqual([200, undefined, 'e1', '2'])
    for (let count = 0; count < 6; count += 1) expect(named(await call(gateway), 'meridian-endpoint')).toBe('e1')
    expect(bad.hits()).toBeLessThan(most)
    expect(gateway.log.find((line) => line.includes(`"grpcStatus":${status}`))).toBeDefined()
  })

  test.each([
    ['5 NOT_FOUND', '5', {}],
    ['13 INTERNAL', '13', {}],
    ['8 RESOURCE_EXHAUSTED without a pause', '8', {}],
    ['14 UNAVAILABLE that must not be tried again', '14', { 'grpc-retry-pushback-ms': '-1' }],
  ])('%s: is the endpoint’s answer', async (_, status, headers) => {
    const gateway = await behind([await refusing(status, headers), await answering()])
    const answer = await call(gateway)
    expect([...saidBy(answer), named(answer, 'grpc-message')]).toEqual([200, status, 'e0', '1', 'because'])
  })

  test('a call that may not be repeated gets the answer that there is, and our code', async () => {
    const gateway = await behind([await refusing('14'), await answering()], { writes: 'follow-verdict' })
    const answer = await call(gateway)
    expect([...saidBy(answer), named(answer, 'meridian-code')]).toEqual([200, '14', 'e0', '1', 'ERR_WRITE_NOT_REPLAYED'])
    expect(gateway.log.some((line) => line.includes('ERR_WRITE_NOT_REPLAYED'))).toBe(true)
  })

  test('the same header means nothing to a request that is no call', async () => {
    const gateway = await behind([await refusing('14'), await answering()])
    expect(saidBy(await call(gateway, { type: 'application/json' }))).toEqual([200, '14', 'e0', '1'])
  })

  test('what a gRPC-web body says at its end is not seen', async () => {
    const gateway = await behind([await answering(Buffer.concat([MESSAGE, WEB_TRAILERS])), await answering()])
    expect(named(await call(gateway), 'meridian-endpoint')).toBe('e0')
  })
})

describe('what the gateway says itself to a call is gRPC', () => {
  const said = (answer: RawAnswer) => ({
    http: answer.status,
    type: named(answer, 'content-type'),
    status: named(answer, 'grpc-status'),
    message: named(answer, 'grpc-message'),
    code: named(answer, 'meridian-code'),
    length: answer.body.length,
  })

  test('nobody can be reached', async () => {
    const gateway = await behind([await refusingEndpoint(), await refusingEndpoint()])
    expect(said(await call(gateway, { type: 'application/grpc-web-text; a=b' }))).toEqual({
      http: 200,
      type: 'application/grpc-web-text',
      status: '14',
      message: 'No endpoint can take this request.',
      code: 'ERR_NO_HEALTHY_ENDPOINT',
      length: 0,
    })
  })

  test.each([
    ['no route', { path: '/other' }, '12', 'ERR_NO_ROUTE'],
    ['an ambiguous path', { path: '/shop.Shop/..%2fGet' }, '13', 'ERR_BAD_REQUEST_PATH'],
    ['a loop', { head: 'cdn-loop: meridian, meridian, meridian\r\n' }, '2', 'ERR_LOOP_DETECTED'],
  ])('%s', async (_, given, status, code) => {
    const gateway = await behind([await answering()], { paths: [{ kind: 'prefix', value: '/shop.Shop' }] })
    expect(said(await call(gateway, given))).toMatchObject({ http: 200, status, code, length: 0 })
  })

  test('not to one that only looks like a call', async () => {
    const gateway = await behind([await refusingEndpoint()])
    const answer = await call(gateway, { type: 'application/grpc+<b>' })
    expect(answer.status).toBeGreaterThan(499)
    expect(named(answer, 'content-type')).toBe('application/problem+json')
  })
})

describe('`grpc-timeout`', () => {
  test('shortens the deadline of the request', async () => {
    const gateway = await behind([await socketEndpoint((socket) => socket.resume())], {
      timeouts: { request: seconds(20), attempt: seconds(20), slow: 'race', idle: ms(0) },
    })
    const from = Date.now()
    const answer = await call(gateway, { head: 'grpc-timeout: 300m\r\n' })
    expect([named(answer, 'grpc-status'), named(answer, 'meridian-code')]).toEqual(['4', 'ERR_ATTEMPT_TIMEOUT'])
    expect(Date.now() - from).toBeLessThan(10_000)
  })

  test.each([
    ['2S', 1000, 2000],
    ['1H', 2000, 5000],
    ['nonsense', 2000, 5000],
  ])('%s: an endpoint is told what is left', async (given, least, most) => {
    const told: string[] = []
    const gateway = await behind([
      await httpEndpoint((request, answer) => {
        told.push(String(request.headers['grpc-timeout']), String(request.headers['meridian-deadline-ms']))
        answer.end()
      }),
    ])
    await call(gateway, { head: `grpc-timeout: ${given}\r\n` })
    for (const value of told) {
      const left = Number.parseInt(value, 10)
      expect(left).toBeGreaterThan(least)
      expect(left).toBeLessThanOrEqual(most)
    }
    expect(told[0]).toMatch(/^\d+m$/)
  })
})
