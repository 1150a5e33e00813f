/** The operators' API with hosts and issuers of its own, on the real runtime: who may ask what, where, from which pages, and how often they may fail. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Base } from '../../../config/base.ts'
import { issuerOf, keyPair, signed } from '../../unit/worker/sample-issuer.ts'
import { bundle, COMPATIBILITY, type RawAnswer, type Running, raw, startWorkers } from '../harness.ts'
import { testBase } from './base.ts'
import { SCOPES } from './operator-scopes.ts'

const key = await keyPair('ES256', 'k1')
const other = await keyPair('ES256', 'k1')
let gateway: Running

beforeAll(async () => {
  const base: Base = {
    ...testBase({ endpoints: [{ id: 'one', origin: 'http://127.0.0.1:9' }], route: { hosts: ['shop.test'] } }),
    operators: {
      hosts: ['ops.test'],
      issuers: [issuerOf([key.jwk], { audiences: ['meridian'] })],
      scopes: SCOPES,
    },
  }
  const script = await bundle('worker/index.ts', base)
  gateway = await startWorkers([{ name: 'gateway', modules: true, script, ...COMPATIBILITY, bindings: { OPERATOR_TOKEN: 'secret' } }])
})
afterAll(() => gateway.stop())

const claims = (given: object = {}) => ({
  iss: 'https://id.example.com',
  aud: 'meridian',
  sub: 'ann',
  exp: Math.floor(Date.now() / 1000) + 60,
  scope: 'status:read',
  ...given,
})
const tokenOf = (given: object = {}, { sign } = key) => signed(JSON.stringify(claims(given)), sign, { alg: 'ES256', kid: 'k1' })

interface Asked {
  readonly host?: string
  readonly noun?: string
  readonly method?: string
  readonly lines?: readonly string[]
  /** Each test comes from a network of its own: failures are counted by network. */
  readonly from?: string
}

let networks = 0
function ask(bearer: string | undefined, asked: Asked = {}): Promise<RawAnswer> {
  networks += 1
  const { host = 'ops.test', noun = 'status', method = 'GET', lines = [], from = `198.51.${networks}.1` } = asked
  const head = [
    `host: ${host}`,
    'connection: close',
    `cf-connecting-ip: ${from}`,
    ...(bearer === undefined ? [] : [`authorization: Bearer ${bearer}`]),
  ]
  return raw(gateway.port, `${method} /.well-known/meridian/${noun} HTTP/1.1\r\n${[...head, ...lines].join('\r\n')}\r\n\r\n`)
}
const header = ({ headers }: RawAnswer, name: string): string | undefined => headers.find(([given]) => given === name)?.[1]

test('a token of an issuer of operators opens what its scopes name, and the secret opens all', async () => {
  const token = await tokenOf()
  expect((await ask(token)).status).toBe(200)
  // A second time, remembered.
  expect((await ask(token)).status).toBe(200)
  expect((await ask('secret')).status).toBe(200)
  const explain = { noun: 'explain', method: 'POST', lines: ['content-length: 2'] }
  const answer = await ask(token, explain)
  expect(answer.status).toBe(403)
  expect(header(answer, 'www-authenticate')).toBe('Bearer error="insufficient_scope", scope="explain"')
  expect(
    (await ask(await tokenOf({ scope: undefined, scp: ['explain'] }), { ...explain, noun: 'status', method: 'GET', lines: [] })).status,
  ).toBe(403)
  // What there is not is not there for anybody who may come in.
  expect((await ask(token, { noun: 'other' })).status).toBe(404)
})

test.each([
  ['no token', async () => undefined, 'Bearer'],
  ['a token for clients', () => tokenOf({ aud: 'shop' }), 'Bearer error="invalid_token"'],
  ['a token of somebody else', () => tokenOf({}, other), 'Bearer error="invalid_token"'],
  ['a stale token', () => tokenOf({ exp: 1 }), 'Bearer error="invalid_token"'],
  ['no token at all', async () => 'rubbish', 'Bearer error="invalid_token"'],
])('%s: 401, told little, and why in the log', async (_name, make, challenge) => {
  const answer = await ask(await make())
  expect(answer.status).toBe(401)
  expect(header(answer, 'www-authenticate')).toBe(challenge)
  expect(answer.body.toString()).not.toContain('vantages')
  const line = gateway.log.map((text) => JSON.parse(text)).findLast(({ kind }) => kind === 'operators')
  expect(line).toMatchObject({
    host: 'ops.test',
    path: '/.well-known/meridian/status',
    code: 'ERR_TOKEN_REQUIRED',
    reason: expect.stringMatching(/token/),
  })
})

test('it answers on its hosts, and neither on those of the gateway nor on others', async () => {
  expect((await ask('secret', { host: 'shop.test' })).status).toBe(404)
  expect((await ask('secret', { host: 'nobody.test' })).status).toBe(421)
  const elsewhere = await raw(gateway.port, 'GET / HTTP/1.1\r\nhost: ops.test\r\nconnection: close\r\n\r\n')
  expect(elsewhere.status).toBe(421)
})

test.each([
  ['https://ops.test', 200],
  ['https://ops.test:8443', 200],
  ['https://evil.test', 403],
  ['https://ops.test.evil.test', 403],
  ['https://shop.test', 403],
  ['null', 403],
])('from a page of %s: %i', async (origin, status) => {
  expect((await ask('secret', { lines: [`origin: ${origin}`] })).status).toBe(status)
})

test('who fails too often is not looked at, from that network alone', async () => {
  const from = '203.0.113.7'
  const seen: number[] = []
  for (let round = 0; round < 12; round += 1) seen.push((await ask('guess', { from })).status)
  expect(seen).toEqual([...Array.from({ length: 10 }, () => 401), 429, 429])
  const answer = await ask('secret', { from: '203.0.113.99' })
  expect(answer.status).toBe(429)
  expect(header(answer, 'retry-after')).toBe('6')
  expect((await ask('secret', { from: '203.0.114.7' })).status).toBe(200)
  const lines = gateway.log.filter((line) => line.includes(from))
  expect(lines).toHaveLength(10)
  expect(lines.join('')).not.toContain('guess')
})
