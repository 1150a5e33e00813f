/** What the log says of requests that no route has had: each has its line, with what the client was told, and floods of them have few. */
import { describe, expect, test } from 'vitest'
import { type Instant, instant } from '../../../config/units.ts'
import { staticKeyRing } from '../../../worker/identity/key-ring.ts'
import { makeOperatorsApi } from '../../../worker/operator/api.ts'
import type { Platform } from '../../../worker/ports.ts'
import { refuseEarly } from '../../../worker/refuse-early.ts'
import { testBase } from '../../workerd/gateway/base.ts'
import { Driven, stuck } from '../explain/drive.ts'
import type { RandomRequest } from '../explain/random-request.ts'

const paths = [{ kind: 'prefix' as const, value: '/a' }]
const newGateway = () => new Driven(testBase({ endpoints: [{ id: 'a', origin: 'https://a.test' }], routes: [{ id: 'a', paths }] }))

interface Refused {
  readonly what: string
  readonly url?: string
  readonly method?: string
  readonly headers?: RandomRequest['headers']
  readonly code: string
  readonly status: number
  readonly says?: Readonly<Record<string, unknown>>
}

const LONG = 'x'.repeat(5000)

const REFUSED: readonly Refused[] = [
  { what: 'an unknown host', url: 'https://other.test/a', code: 'ERR_UNKNOWN_HOST', status: 421, says: { host: 'other.test', path: '/a' } },
  { what: 'no route', url: 'https://shop.test/b?token=hidden', code: 'ERR_NO_ROUTE', status: 404, says: { host: 'shop.test', path: '/b' } },
  {
    what: 'no route for a call',
    url: 'https://shop.test/b',
    method: 'POST',
    headers: [['content-type', 'application/grpc']],
    code: 'ERR_NO_ROUTE',
    status: 200,
  },
  { what: 'an ambiguous path', url: 'https://shop.test/a/..%2fb?token=hidden', code: 'ERR_BAD_REQUEST_PATH', status: 400 },
  { what: 'a fragment', url: 'https://shop.test/a?q#hidden', code: 'ERR_BAD_REQUEST', status: 400, says: { path: '/a' } },
  {
    what: 'a name and a password',
    url: 'https://ann:hidden@shop.test/a',
    code: 'ERR_BAD_REQUEST',
    status: 400,
    says: { host: 'shop.test', path: '/a' },
  },
  { what: 'what is no address', url: 'nothing?hidden', code: 'ERR_BAD_REQUEST', status: 400 },
  { what: 'TRACE', method: 'TRACE', code: 'ERR_METHOD_REFUSED', status: 405, says: { method: 'TRACE' } },
  { what: 'CONNECT', method: 'CONNECT', code: 'ERR_METHOD_UNKNOWN', status: 501 },
  { what: 'large headers', headers: [['x-large', 'x'.repeat(40_000)]], code: 'ERR_HEADERS_TOO_LARGE', status: 431 },
  { what: 'a loop', headers: [['cdn-loop', 'meridian, meridian, meridian']], code: 'ERR_LOOP_DETECTED', status: 508 },
  { what: 'a long host', url: `https://${LONG}.test/`, code: 'ERR_UNKNOWN_HOST', status: 421 },
  { what: 'a long path', url: `https://shop.test/${LONG}`, code: 'ERR_NO_ROUTE', status: 404 },
  { what: 'a long method', url: 'https://shop.test/b', method: LONG, code: 'ERR_NO_ROUTE', status: 404 },
]

const requestOf = ({ url = 'https://shop.test/a', method = 'GET', headers = [] }: Partial<Refused>): RandomRequest => ({
  method,
  url,
  headers,
  cf: { colo: 'FRA' },
  body: undefined,
})

test.each(REFUSED)('$what has one line, with what the client is told', async (refused) => {
  const { response, lines } = await newGateway().handle(requestOf(refused), 'answers', stuck(0.5)())
  const { code, status } = refused
  expect([response.status, response.headers.get('meridian-code')]).toEqual([status, code])
  expect(lines).toHaveLength(1)
  const [line] = lines
  expect(line).toMatchObject({ kind: 'access', action: 'refused', status, code, ...refused.says })
  expect(line).toMatchObject({ requestId: response.headers.get('x-request-id') })
  const written = JSON.stringify(line)
  expect(written).not.toContain('hidden')
  expect(written.length).toBeLessThan(1000)
})

test('what a route takes has none of these lines', async () => {
  const { lines } = await newGateway().handle(requestOf({}), 'answers', stuck(0.5)())
  expect(lines).toEqual([])
})

describe('a flood', () => {
  const start = instant(1_800_000_000_000)
  const { runtime } = newGateway()
  const lines: Readonly<Record<string, unknown>>[] = []
  const refuse = (now: Instant, count: number): void => {
    const request = { method: 'GET', url: 'https://other.test/' }
    for (let index = 0; index < count; index += 1)
      refuseEarly(
        { request, code: 'ERR_UNKNOWN_HOST', requestId: String(index) },
        { ...runtime, log: (line) => void lines.push(JSON.parse(line)) },
        { now: () => now } satisfies Pick<Platform, 'now'>,
      )
  }

  test('has a hundred lines a second, and the next one counts those that had none', () => {
    refuse(start, 350)
    expect(lines).toHaveLength(100)
    refuse(instant(start + 999), 1)
    expect(lines).toHaveLength(100)
    refuse(instant(start + 1000), 2)
    expect(lines.slice(100).map((line) => line['unsaid'])).toEqual([251, undefined])
  })

  test('takes no line from requests that a permissive route would refuse', () => expect(runtime.isolate.audit.said).toBe(0))
})

describe('a flood of what is denied', () => {
  const admission = { authentication: { require: 'token', mode: 'strict' } } as const
  const driven = new Driven(testBase({ endpoints: [{ id: 'a', origin: 'https://a.test' }], routes: [{ id: 'a', paths, admission }] }))
  const deny = async (count: number) => {
    const lines: unknown[] = []
    for (let index = 0; index < count; index += 1) lines.push(...(await driven.handle(requestOf({}), 'answers', stuck(0.5)())).lines)
    return lines
  }

  test('has a hundred lines a second too, and the next one counts those that had none', async () => {
    driven.now = instant(1_800_000_000_000)
    const first = await deny(130)
    expect(first).toHaveLength(100)
    expect(first[0]).toMatchObject({ action: 'denied', code: 'ERR_TOKEN_REQUIRED', reason: expect.stringContaining('neither tokens') })
    driven.now = instant(driven.now + 1000)
    const next = (await deny(2)) as Readonly<Record<string, unknown>>[]
    expect(next.map((line) => line['unsaid'])).toEqual([30, undefined])
  })
})

test.each([
  { what: 'an unknown noun', url: 'https://shop.test/.well-known/meridian/nothing', headers: { authorization: 'Bearer secret' } },
  { what: 'a host that has no API', url: 'https://other.test/.well-known/meridian/status', headers: {} },
])("$what in the operators' API has its line", async ({ url, headers }) => {
  const lines: Readonly<Record<string, unknown>>[] = []
  const { runtime } = newGateway()
  const bug = (): never => {
    throw new Error('nobody is asked')
  }
  const api = makeOperatorsApi({
    settings: undefined,
    keys: staticKeyRing([]),
    regexOf: bug,
    token: 'secret',
    pools: [],
    vantages: [],
    vantage: bug,
    problems: async () => [],
    runtime: { ...runtime, log: (line) => void lines.push(JSON.parse(line)) },
    director: undefined,
    serves: (host) => host === 'shop.test',
  })
  const platform = { now: () => instant(1_800_000_000_000), uuid: () => crypto.randomUUID() } as unknown as Platform
  const response = await api(new Request(url, { headers }), platform)
  expect(lines).toMatchObject([
    {
      kind: 'access',
      status: response.status,
      code: response.headers.get('meridian-code'),
      requestId: response.headers.get('x-request-id'),
    },
  ])
})
