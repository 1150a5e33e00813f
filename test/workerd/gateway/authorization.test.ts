/** Rules on the real runtime: path tricks over a socket, who is denied by what, and what the log says of it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AdmissionBase } from '../../../config/admission.ts'
import type { AuthorizationRule } from '../../../config/authorization.ts'
import { type Running, raw, startGateway } from '../harness.ts'
import { testBase } from './base.ts'
import { httpEndpoint, type TestEndpoint } from './endpoints.ts'

let endpoint: TestEndpoint
let gateway: Running

const RULES: readonly AuthorizationRule[] = [
  { id: 'no-admin', effect: 'deny', paths: [{ kind: 'prefix', value: '/admin' }] },
  { id: 'no-cafe', effect: 'deny', paths: [{ kind: 'prefix', value: '/caf%C3%A9' }] },
  { id: 'banned', effect: 'deny', clients: ['203.0.113.0/24', '2001:db8::/32'] },
  { id: 'hidden', effect: 'deny', headers: [{ name: 'x-debug', kind: 'exact', value: '1' }] },
  { id: 'all', effect: 'allow' },
]

const ADMISSION: AdmissionBase = {
  issuers: [],
  trusts: [],
  hosts: [
    {
      pattern: 'shop.test',
      tokens: [],
      certificates: [],
      authentication: { require: 'none', mode: 'strict' },
      authorization: { mode: 'enforce', rules: RULES },
    },
  ],
}

beforeAll(async () => {
  endpoint = await httpEndpoint((request, answer) => void answer.writeHead(200, { 'x-asked': request.url ?? '' }).end())
  const base = testBase({
    endpoints: [{ id: 'a', origin: endpoint.origin }],
    routes: [
      {
        id: 'looked-at',
        paths: [{ kind: 'prefix', value: '/audit' }],
        admission: { authorization: { mode: 'audit', rules: [{ id: 'posts', effect: 'allow', methods: ['POST'] }] } },
      },
      { id: 'ambiguous', paths: [{ kind: 'prefix', value: '/packages' }], ambiguous: ['encodedSlash', 'semicolon'] },
      { id: 'rest' },
    ],
  })
  gateway = await startGateway({ ...base, admission: ADMISSION })
})
afterAll(async () => {
  await gateway.stop()
  await endpoint.stop()
})

/** The address that the platform would say; without one every rule on addresses denies. */
const FROM = 'cf-connecting-ip: 192.0.2.7'

/** What the endpoint was asked for, or the status and code of the gateway's own answer. */
async function asked(target: string, ...headers: readonly string[]): Promise<string> {
  const connection = headers.some((line) => line.startsWith('connection:')) ? [] : ['connection: close']
  const lines = [
    `GET ${target} HTTP/1.1`,
    'host: shop.test',
    ...(headers.some((line) => line.startsWith('cf-')) ? [] : [FROM]),
    ...headers,
    ...connection,
  ]
  const answer = await raw(gateway.port, `${lines.join('\r\n')}\r\n\r\n`)
  const named = new Map(answer.headers)
  return named.get('x-asked') ?? `${answer.status} ${named.get('meridian-code') ?? ''}`
}

const FORBIDDEN = '403 ERR_FORBIDDEN'

describe('a denied path, whatever its spelling', () => {
  const TRICKS = [
    '',
    '/',
    '/x',
    '?x=1',
    '%3Fx',
    '%23x',
    '%20',
    '//',
    '/.',
    '/..',
    ';x',
    '%3bx',
    '%2fx',
    '%00',
    '%5cx',
    '\\x',
    '/%2e%2e/admin',
    '%252f',
  ].flatMap((tail) =>
    [
      '/admin',
      '/%61dmin',
      '/x/../admin',
      '//admin',
      '/./admin',
      '/x%2f..%2fadmin',
      '/x;/../admin',
      '/;/admin',
      '/caf%c3%a9',
      '/caf%C3%A9',
    ].map((head) => `${head}${tail}`),
  )
  test(`${TRICKS.length} of them over a socket: 400 or 403, and no endpoint hears of it`, async () => {
    const seen = new Map<string, number>()
    for (const target of TRICKS) {
      const answer = await asked(target)
      expect(answer, target).toMatch(/^(?:400|403) /)
      seen.set(answer, (seen.get(answer) ?? 0) + 1)
    }
    expect(seen.get(FORBIDDEN)).toBeGreaterThan(15)
    expect(seen.get('400 ERR_BAD_REQUEST_PATH')).toBeGreaterThan(50)
  })

  test.each(['/administration', '/x/admin', '/Admin', '/cafe', '/packages/a'])('%s is none', async (target) =>
    expect(await asked(target)).toBe(target),
  )

  test.each(['/packages/a%2Fb', '/packages/a;b'])('%s could be any, so that it is denied', async (target) =>
    expect(await asked(target)).toBe(FORBIDDEN),
  )
})

describe('who is denied', () => {
  test.each([
    ['an address in the network', ['cf-connecting-ip: 203.0.113.9'], FORBIDDEN],
    ['one of the other family', ['cf-connecting-ip: 2001:DB8::9'], FORBIDDEN],
    ['one within IPv6', ['cf-connecting-ip: ::ffff:203.0.113.9'], FORBIDDEN],
    ['nonsense for an address', ['cf-connecting-ip: 1.2.3'], FORBIDDEN],
    ['another address', ['cf-connecting-ip: 2001:db9::9'], '/a'],
    ['a header', ['x-debug: 1'], FORBIDDEN],
    ['a header among others', ['x-debug: 0', 'X-Debug: 1'], FORBIDDEN],
    ['a header that would end here', ['x-debug: 2', 'connection: close, x-debug'], FORBIDDEN],
    ['another header', ['x-debug: 2'], '/a'],
  ])('%s: %s', async (_, headers, expected) => expect(await asked('/a', ...headers)).toBe(expected))
})

test('the log names the rule that denied, and what audit would have refused', async () => {
  const lines = () => gateway.log.flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Record<string, unknown>] : []))
  await asked('/admin/logged')
  expect(await asked('/audit/logged')).toBe('/audit/logged')
  await expect.poll(lines).toContainEqual(
    expect.objectContaining({
      path: '/admin/logged',
      code: 'ERR_FORBIDDEN',
      rule: 'no-admin',
      reason: 'the rule no-admin of the host denies it',
    }),
  )
  await expect.poll(lines).toContainEqual(
    expect.objectContaining({
      path: '/audit/logged',
      status: 200,
      wouldRefuse: { code: 'ERR_FORBIDDEN', reason: 'no rule of the route allows it' },
    }),
  )
})
