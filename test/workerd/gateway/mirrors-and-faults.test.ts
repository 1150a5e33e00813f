/** Mirrors and faults on the real runtime, over real sockets. */
import type { IncomingHttpHeaders } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { signFault } from '../../../cli/fault-token.ts'
import type { Base, Route } from '../../../config/base.ts'
import type { Faults } from '../../../config/faults.ts'
import { poolId } from '../../../config/ids.ts'
import type { Mirror } from '../../../config/mirror.ts'
import { bytes, ms, seconds, share } from '../../../config/units.ts'
import { bundle, COMPATIBILITY, type RawAnswer, type Running, raw, startWorkers } from '../harness.ts'
import { testBase } from './base.ts'
import { bodyOf, httpEndpoint, socketEndpoint, type TestEndpoint } from './endpoints.ts'

interface Copy {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

const SECRET = 'the secret of this test'
let gateway: Running
let base: Base
let endpoints: readonly TestEndpoint[]
let copies: Copy[] = []
let served = 0

const at = (id: string, route: Partial<Omit<Route, 'id'>>) => ({ id, paths: [{ kind: 'prefix' as const, value: `/${id}` }], ...route })
const mirror = (pool: string, given: Partial<Mirror> = {}): Mirror => ({
  to: { pool: poolId(pool), weight: 1 },
  share: share(1),
  methods: 'safe',
  credentials: 'drop',
  timeout: ms(500),
  ...given,
})
const abort = (given: Partial<Faults>): Faults => ({ gated: false, abort: { status: 418, share: share(1) }, ...given })

beforeAll(async () => {
  const main = await httpEndpoint((_, answer) => {
    served += 1
    answer.end('served')
  })
  const copy = await httpEndpoint(async (request, answer) => {
    copies.push({
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      body: (await bodyOf(request)).toString(),
    })
    answer.writeHead(500).end('broken')
  })
  const hanging = await socketEndpoint((socket) => socket.resume())
  endpoints = [main, copy, hanging]
  const pool = (id: string, origin: string) =>
    testBase({ endpoints: [{ id, origin, headers: [['x-of', id]] }], pool: { id: poolId(id) } }).pools
  const mirrored = {
    requestHeaders: { set: [['x-set', '1'] as const], add: [], remove: [] },
    rewrite: { path: { kind: 'full' as const, value: '/new' } },
  }
  const made = testBase({
    endpoints: [{ id: 'main', origin: main.origin }],
    routes: [
      at('copied', { ...mirrored, mirrors: [mirror('copy')] }),
      at('all', { mirrors: [mirror('copy', { methods: 'all', credentials: 'keep' })], replayMax: bytes(10) }),
      at('hung', { mirrors: [mirror('hang'), mirror('copy')] }),
      at('ended', { faults: abort({ expires: Date.now() - 1000 }) }),
      at('failing', { faults: abort({ expires: Date.now() + 600_000 }), responseHeaders: { set: [['x-all', '1']], add: [], remove: [] } }),
      at('gated', { faults: abort({ gated: true }) }),
      at('slow', {
        faults: { expires: Date.now() + 600_000, gated: false, delay: { length: ms(1200), share: share(1) } },
        timeouts: { request: seconds(1), attempt: ms(300), idle: seconds(30), slow: 'race' },
      }),
    ],
  })
  base = { ...made, pools: [...made.pools, ...pool('copy', copy.origin), ...pool('hang', hanging.origin)] }
  const script = await bundle('worker/index.ts', base)
  gateway = await startWorkers([{ name: 'gateway', modules: true, script, ...COMPATIBILITY, bindings: { FAULT_KEY: SECRET } }])
})
afterAll(() => Promise.all([gateway.stop(), ...endpoints.map(({ stop }) => stop())]))
beforeEach(() => {
  copies = []
})

const ask = (path: string, { method = 'GET', headers = '', body = '' } = {}): Promise<RawAnswer> =>
  raw(gateway.port, `${method} ${path} HTTP/1.1\r\nhost: shop.test\r\nconnection: close\r\n${headers}\r\n${body}`)
const named = (answer: RawAnswer, name: string): readonly string[] =>
  answer.headers.flatMap(([key, value]) => (key === name ? [value] : []))

/** The copies, once there are as many as `count`. */
async function copiesOf(count: number): Promise<readonly Copy[]> {
  while (copies.length < count) await new Promise((resolve) => setImmediate(resolve))
  return copies
}

describe('mirrors', () => {
  test('get what endpoints get, marked, without credentials, and their answers are nobody’s', async () => {
    const answer = await ask('/copied/x?q=1', { headers: 'authorization: Basic x\r\ncookie: a=1\r\nx-other: 2\r\n' })
    expect([answer.status, named(answer, 'meridian-endpoint')]).toEqual([200, ['main']])
    const [copy] = await copiesOf(1)
    expect(copy).toMatchObject({
      method: 'GET',
      url: '/new?q=1',
      headers: { 'x-set': '1', 'x-other': '2', 'x-of': 'copy', 'meridian-mirror': '1' },
    })
    expect([copy?.headers.authorization, copy?.headers.cookie]).toEqual([undefined, undefined])
  })

  test('get safe requests alone, unless they are to get all', async () => {
    const body = { method: 'POST', headers: 'content-length: 3\r\n', body: 'buy' }
    await ask('/copied', body)
    await ask('/all', { ...body, headers: `${body.headers}authorization: Basic x\r\n` })
    expect(await copiesOf(1)).toMatchObject([{ method: 'POST', body: 'buy', url: '/all', headers: { authorization: 'Basic x' } }])
  })

  test('do not get what was streamed, and that is said', async () => {
    await ask('/all', { method: 'POST', headers: 'content-length: 12\r\n', body: 'a long order' })
    await ask('/copied')
    expect((await copiesOf(1)).map(({ url }) => url)).toEqual(['/new'])
    expect(gateway.log.some((line) => /"kind":"mirrors","dropped":1/.test(line))).toBe(true)
  })

  test('that hang delay nothing and teach nothing', async () => {
    const started = performance.now()
    for (let count = 0; count < 10; count += 1) expect((await ask('/hung')).status).toBe(200)
    expect(performance.now() - started).toBeLessThan(4000)
    await copiesOf(10)
    expect(gateway.log.filter((line) => line.includes('"learned"'))).toEqual([])
  })
})

describe('faults', () => {
  test('end by themselves', async () => expect((await ask('/ended')).status).toBe(200))

  test('answer instead of an endpoint, and say so', async () => {
    const before = served
    const answer = await ask('/failing')
    expect([answer.status, named(answer, 'meridian-code'), named(answer, 'x-all')]).toEqual([418, ['ERR_FAULT_INJECTED'], ['1']])
    expect(served).toBe(before)
    const line = gateway.log.find((each) => each.includes('failed-on-purpose'))
    expect(JSON.parse(line ?? '')).toMatchObject({ route: 'failing', status: 418, code: 'ERR_FAULT_INJECTED', envoyFlag: 'FI' })
  })

  test('that are gated come to those who have a token, which goes no further', async () => {
    const token = signFault(SECRET, { host: 'shop.test', route: 'gated', length: 60_000 }, Date.now())
    expect((await ask('/gated')).status).toBe(200)
    expect((await ask('/gated', { headers: `meridian-fault: ${token}x\r\n` })).status).toBe(200)
    expect((await ask('/gated', { headers: `meridian-fault: ${token}\r\n` })).status).toBe(418)
    await ask('/copied', { headers: `meridian-fault: ${token}\r\n` })
    expect((await copiesOf(1))[0]?.headers['meridian-fault']).toBeUndefined()
  })

  test('that delay take nothing from the time of endpoints', async () => {
    const started = performance.now()
    const answer = await ask('/slow')
    expect([answer.status, named(answer, 'meridian-attempts')]).toEqual([200, ['1']])
    expect(performance.now() - started).toBeGreaterThanOrEqual(1150)
    const line = gateway.log.find((each) => each.includes('"fault":"delay"'))
    expect(JSON.parse(line ?? '')).toMatchObject({ route: 'slow', delayed_ms: 1200, status: 200 })
  })
})
