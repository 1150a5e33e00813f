/** Whom limits count, what answers say of them, and in which order they are asked. */
import { describe, expect, test } from 'vitest'
import { issuerId, trustId } from '../../../config/ids.ts'
import type { RateLimit, RateLimitKey } from '../../../config/rate-limit.ts'
import { instant, ms, seconds } from '../../../config/units.ts'
import type { Decision } from '../../../worker/decide.ts'
import type { Inbound } from '../../../worker/inbound/read-inbound.ts'
import { explainLimits, explainPoolRate } from '../../../worker/observe/explain/explain-limits.ts'
import { BoundedMap } from '../../../worker/policy/bounded-map.ts'
import { type Identity, NO_CERTIFICATE, NO_TOKEN } from '../../../worker/policy/identity.ts'
import { limitHeaders } from '../../../worker/policy/limit-headers.ts'
import { rateKey } from '../../../worker/policy/rate-key.ts'
import { firstState, testBase } from '../../workerd/gateway/base.ts'

const host: Identity['host'] = { pattern: '*', tokens: [], certificates: [], authentication: { require: 'none', mode: 'strict' } }
const token = (claims: Record<string, unknown>): Identity => ({
  host,
  certificate: NO_CERTIFICATE,
  token: { kind: 'verified', issuer: issuerId('idp'), claims },
})
const certificate = (spiffe?: string): Identity => ({
  host,
  token: NO_TOKEN,
  certificate: {
    kind: 'verified',
    trust: trustId('partners'),
    fingerprint: 'ab12',
    subject: 'CN=x',
    dns: [],
    uris: [],
    leaf: '',
    chain: [],
    ...(spiffe === undefined ? {} : { spiffe }),
  },
})

interface Asked {
  readonly address?: string
  readonly identity?: Identity
  readonly headers?: Record<string, string>
}
const keyOf = (by: RateLimitKey, { address, identity, headers = {} }: Asked): string | undefined =>
  rateKey(by, { route: 'shop', address, identity, headers: new Headers(headers) })

describe('who is counted', () => {
  test.each<[string, RateLimitKey, Asked, string | undefined]>([
    ['an address', { kind: 'client' }, { address: '192.0.2.7' }, '192.0.2.7'],
    ['a household of IPv6', { kind: 'client' }, { address: '2001:DB8:0:1:aaaa::1' }, '2001:db8:0:1'],
    ['the same household, written short', { kind: 'client' }, { address: '2001:db8::1:0:0:0:9' }, '2001:db8:0:1'],
    ['IPv4 within IPv6', { kind: 'client' }, { address: '::ffff:192.0.2.7' }, '192.0.2.7'],
    ['no address', { kind: 'client' }, {}, undefined],
    ['a header', { kind: 'header', name: 'x-key' }, { headers: { 'X-Key': 'a' } }, 'a'],
    ['no header', { kind: 'header', name: 'x-key' }, {}, undefined],
    ['the route', { kind: 'route' }, {}, 'shop'],
    ['a claim', { kind: 'claim', claim: ['sub'] }, { identity: token({ sub: 'u1' }) }, 'idp u1'],
    ['a claim that is a number', { kind: 'claim', claim: ['org', 'id'] }, { identity: token({ org: { id: 7 } }) }, 'idp 7'],
    ['a claim that is a list', { kind: 'claim', claim: ['aud'] }, { identity: token({ aud: ['a'] }) }, undefined],
    ['a claim that every object inherits', { kind: 'claim', claim: ['constructor', 'name'] }, { identity: token({}) }, undefined],
    [
      'a claim of a token that is not verified',
      { kind: 'claim', claim: ['sub'] },
      { identity: { host, token: NO_TOKEN, certificate: NO_CERTIFICATE } },
      undefined,
    ],
    ['a SPIFFE id', { kind: 'identity' }, { identity: certificate('spiffe://a/b') }, 'spiffe://a/b'],
    ['a certificate without one', { kind: 'identity' }, { identity: certificate() }, 'ab12'],
    ['a subject', { kind: 'identity' }, { identity: token({ sub: 'u1' }) }, 'idp u1'],
    ['a token without one', { kind: 'identity' }, { identity: token({}) }, undefined],
  ])('%s', (_what, by, asked, expected) => expect(keyOf(by, asked)).toBe(expected))
})

const LIMIT: RateLimit = {
  id: 'per-client',
  limit: 100,
  window: seconds(10),
  burst: 100,
  by: { kind: 'client' },
  scope: 'colo',
  onUnavailable: 'allow',
  headers: 'always',
}

test('answers speak the draft: lists of strings with parameters', () => {
  const hour = { ...LIMIT, id: 'hour', limit: 1000, window: seconds(3600) }
  expect(limitHeaders([])).toBeUndefined()
  expect(limitHeaders([{ limit: LIMIT }])?.add).toEqual([['ratelimit-policy', '"per-client";q=100;w=10']])
  expect(
    limitHeaders([
      { limit: LIMIT, remaining: 0, resetAfter: ms(1200) },
      { limit: hour, remaining: 41.7 },
    ])?.add,
  ).toEqual([
    ['ratelimit-policy', '"per-client";q=100;w=10, "hour";q=1000;w=3600'],
    ['ratelimit', '"per-client";r=0;t=2, "hour";r=41'],
  ])
})

describe('which limits count', () => {
  const route = testBase({
    endpoints: [],
    routes: [{ id: 'shop', admission: { rateLimits: [{ ...LIMIT, id: 'own', by: { kind: 'header', name: 'x-key' } }] } }],
  }).routes[0]
  if (route === undefined) throw new Error('a base without routes')
  const identity = { ...token({ sub: 'u1' }), host: { ...host, rateLimits: [LIMIT] } }
  const request = { headers: new Headers({ 'x-key': 'secret' }) }
  const inbound = { address: '192.0.2.7' } as Inbound
  const explained = (decision: Decision) => explainLimits(decision, { request, inbound, identity })
  const reply: Decision = { kind: 'replied', route, reply: { kind: 'reply', status: 200, headers: [] } }

  test('those of the host, then those of the route; explain shows no header', () => {
    expect(explained(reply)).toMatchObject([
      { limit: 'per-client', by: 'client', key: '192.0.2.7' },
      { limit: 'own', by: 'header x-key', key: 'hidden' },
    ])
    expect(explainLimits(reply, { request, inbound, identity: undefined })).toMatchObject([{ limit: 'own' }])
  })
  test('explain says what the pool counts, for the class of the route', () => {
    const limits = {
      adaptive: false,
      classes: ['high', 'low'] as const,
      rate: { limit: 10, window: seconds(10), burst: 10, scope: 'colo' as const },
    }
    const told = (priority: 'high' | 'low') =>
      explainPoolRate(firstState(testBase({ endpoints: [], pool: { limits }, route: { priority } }), instant(0)))
    expect(told('high')).toMatchObject([{ limit: 'pool:pool', by: 'pool', key: 'pool', burst: 10, scope: 'colo', onUnavailable: 'allow' }])
    expect(told('low')).toMatchObject([{ limit: 'pool:pool:low', rate: { limit: 8 } }, { limit: 'pool:pool' }])
    expect(explainPoolRate(firstState(testBase({ endpoints: [] }), instant(0)))).toEqual([])
  })
  test.each<Decision>([
    { kind: 'denied', route, refused: { kind: 'refused', code: 'ERR_FORBIDDEN', reason: 'no' } },
    { kind: 'preflight', route, method: 'GET', headers: [] },
    { kind: 'unmatched', code: 'ERR_NO_ROUTE' },
    { kind: 'edge-health' },
  ])('none where nothing comes in: $kind', (decision) => expect(explained(decision)).toBeUndefined())
})

test('a bounded map forgets whoever was asked for longest ago', () => {
  const map = new BoundedMap<string, number>(3)
  for (const [index, key] of ['a', 'b', 'c'].entries()) map.set(key, index)
  map.get('a')
  map.set('d', 3)
  expect(['a', 'b', 'c', 'd'].filter((key) => map.get(key) !== undefined)).toEqual(['a', 'c', 'd'])
  for (let index = 0; index < 1000; index += 1) map.set(`x${index}`, index)
  expect(map.size).toBe(3)
})
