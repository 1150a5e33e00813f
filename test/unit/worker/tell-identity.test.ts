/** What endpoints are told of who sent a request: only what was verified, in headers that mean one thing. */
import { describe, expect, test } from 'vitest'
import type { HostAdmission, RouteAdmission } from '../../../config/admission.ts'
import type { ForwardedIdentity } from '../../../config/forwarded-identity.ts'
import { issuerId, trustId } from '../../../config/ids.ts'
import { type Identity, NO_CERTIFICATE, NO_TOKEN, type VerifiedCertificate, type VerifiedToken } from '../../../worker/policy/identity.ts'
import { headerOf, ownHeaders, tellIdentity } from '../../../worker/policy/tell-identity.ts'
import { dice, SEED } from '../../seed.ts'
import { testBase } from '../../workerd/gateway/base.ts'
import { quickest } from './quickest.ts'

const HOST: HostAdmission = {
  pattern: 'shop.test',
  tokens: [issuerId('idp')],
  certificates: [trustId('partners')],
  authentication: { require: 'optional', mode: 'strict' },
}
const TOKEN: VerifiedToken = {
  kind: 'verified',
  issuer: issuerId('idp'),
  claims: { iss: 'https://id.test', sub: 'alice', org: { tenant: 'acme', secret: 'x' }, age: 7, ok: true, list: ['a'], 'no.dots': 'b' },
}
const CERTIFICATE: VerifiedCertificate = {
  kind: 'verified',
  trust: trustId('partners'),
  fingerprint: `${'00'.repeat(31)}ff`,
  subject: 'CN=a',
  spiffe: 'spiffe://test/a',
  dns: [],
  uris: ['spiffe://test/a'],
  leaf: 'AAAA',
  chain: ['BBBB'],
}
const NOTHING: ForwardedIdentity = { xfcc: false, clientCert: false, claims: [] }
const EVERYTHING: ForwardedIdentity = {
  xfcc: true,
  clientCert: true,
  claims: [
    { header: 'x-user', claim: ['sub'] },
    { header: 'x-tenant', claim: ['org', 'tenant'] },
    { header: 'x-none', claim: ['constructor', 'name'] },
  ],
  token: { header: 'meridian-identity', claims: [['org', 'tenant'], ['age'], ['__proto__'], ['absent']] },
}

function told(identity: Partial<Identity> | undefined, settings = EVERYTHING, admission: Omit<RouteAdmission, 'identity'> = {}) {
  const [route] = testBase({ endpoints: [], route: { admission: { ...admission, identity: settings } } }).routes
  if (route === undefined) throw new Error('no route')
  const whole = identity === undefined ? undefined : { host: HOST, token: NO_TOKEN, certificate: NO_CERTIFICATE, ...identity }
  return tellIdentity(route, whole, 'urn:edge')
}
const claimsOf = (found: ReturnType<typeof told>) => JSON.parse(`{${found?.token?.client}}`)
const namesOf = (found: ReturnType<typeof told>) => found?.headers.map(([name]) => name)

describe('only what was verified', () => {
  test('a token and a certificate', () => {
    const found = told({ token: TOKEN, certificate: CERTIFICATE })
    expect(namesOf(found)).toEqual(['x-forwarded-client-cert', 'client-cert', 'client-cert-chain', 'x-user', 'x-tenant'])
    expect(found?.headers.slice(-2)).toEqual([
      ['x-user', 'alice'],
      ['x-tenant', 'acme'],
    ])
    expect(claimsOf(found)).toEqual({
      sub: 'alice',
      client: { iss: 'https://id.test', org: { tenant: 'acme' }, age: 7 },
      spiffe: 'spiffe://test/a',
      'x5t#S256': 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAP8',
    })
  })
  test('a certificate alone names its SPIFFE id, else its thumbprint', () => {
    expect(claimsOf(told({ certificate: CERTIFICATE }))).toMatchObject({ sub: 'spiffe://test/a' })
    const { spiffe: _, ...plain } = CERTIFICATE
    expect(claimsOf(told({ certificate: plain }))).toEqual({
      sub: 'x5t#S256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAP8',
      'x5t#S256': 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAP8',
    })
  })
  test('a token without a subject names nobody, whoever holds a certificate beside it', () => {
    const { sub: _, ...claims } = TOKEN.claims
    expect(claimsOf(told({ token: { ...TOKEN, claims }, certificate: CERTIFICATE }))).not.toHaveProperty('sub')
    expect(claimsOf(told({ token: { ...TOKEN, claims: { ...claims, sub: 7 } } }))).not.toHaveProperty('sub')
  })
  test.each([
    ['nobody was looked for', undefined],
    ['nothing was presented', {}],
    ['what was presented was refused', { token: { kind: 'refused', reason: 'x' }, certificate: { kind: 'refused', reason: 'x' } }],
    ['its key is not known', { token: { kind: 'unknown-key', issuer: issuerId('idp') } }],
    ['the keys are not known', { token: { kind: 'no-keys', issuer: issuerId('idp') } }],
    ['its host demands nothing', { token: TOKEN, host: { ...HOST, authentication: { require: 'none', mode: 'strict' } } }],
  ] as const)('%s: nothing, but that it came this way', (_, identity) => {
    expect(told(identity)).toEqual({ headers: [], token: { header: 'meridian-identity', client: '' } })
  })
  test('a route that demands nothing tells nothing', () => {
    expect(told({ token: TOKEN }, EVERYTHING, { authentication: { require: 'none' } })?.headers).toEqual([])
    expect(told({ token: TOKEN }, EVERYTHING, { authentication: { require: 'token' } })?.headers).toHaveLength(2)
  })
  test('what is permissive is still verified', () =>
    expect(told({ token: TOKEN }, EVERYTHING, { authentication: { mode: 'permissive' } })?.headers).toHaveLength(2))
  test('each only where it is asked for', () => {
    const both = { token: TOKEN, certificate: CERTIFICATE }
    expect(told(both, { ...NOTHING, xfcc: true })).toMatchObject({ headers: [['x-forwarded-client-cert', expect.any(String)]] })
    expect(namesOf(told(both, { ...NOTHING, clientCert: true }))).toEqual(['client-cert', 'client-cert-chain'])
    expect(told(both, NOTHING)).toEqual({ headers: [] })
    expect(tellIdentity(testBase({ endpoints: [] }).routes[0] as never, undefined, 'urn:edge')).toBeUndefined()
  })
})

describe('a claim as a header', () => {
  test.each([
    ['alice', 'alice'],
    ['Doe John', 'Doe John'],
    [7, '7'],
    [true, 'true'],
    ['José', 'Jos%C3%A9'],
    ['Jos%C3%A9', 'Jos%25C3%25A9'],
    [' root', '%20root'],
    ['root  ', 'root%20%20'],
    ['  ', '%20%20'],
    ['alice,root', 'alice%2Croot'],
    ['a\r\nx-user: root', 'a%0D%0Ax-user: root'],
    ['\0', '%00'],
    ['a\u007f', 'a%7F'],
    ['💥', '%F0%9F%92%A5'],
    ['', undefined],
    ['\ud800', undefined],
    [['alice'], undefined],
    [{}, undefined],
    [null, undefined],
    [undefined, undefined],
    ['a'.repeat(4096), 'a'.repeat(4096)],
    ['a'.repeat(4097), undefined],
    ['é'.repeat(1000), undefined],
  ])('%j is sent as %j', (claim, value) => expect(headerOf(claim)).toBe(value))

  test('a claim full of spaces keeps nobody busy', () => {
    for (const length of [4094, 16_000]) {
      const taken = quickest(
        () => `a${' '.repeat(length)}b`,
        (claim) => headerOf(claim),
        2,
      )
      expect(taken).toBeLessThan(2)
    }
  })

  test(`no two claims read the same, and each can be sent and read back, seed ${SEED}`, () => {
    const roll = dice(SEED)
    const signs = [...'a%,; "é\r\n\t\0\u007f\u0080€💥2C0D']
    const seen = new Map<string, string>()
    for (let round = 0; round < 5000; round += 1) {
      const text = Array.from({ length: 1 + Math.floor(roll() * 5) }, () => signs[Math.floor(roll() * signs.length)]).join('')
      const value = headerOf(text) ?? ''
      expect(seen.get(value) ?? text).toBe(text)
      seen.set(value, text)
      expect(new Headers({ 'x-user': value }).get('x-user')).toBe(value)
      expect(value).not.toContain(',')
      expect(decodeURIComponent(value)).toBe(text)
    }
  })
})

test('the headers of all routes are nobody else’s, on any route', () => {
  const routes = (identity?: ForwardedIdentity) =>
    testBase({ endpoints: [], routes: [{ id: 'a' }, { id: 'b', ...(identity === undefined ? {} : { admission: { identity } }) }] }).routes
  expect([...(ownHeaders(routes(EVERYTHING)) ?? [])]).toEqual(['x-user', 'x-tenant', 'x-none', 'meridian-identity'])
  expect(ownHeaders(routes())).toBeUndefined()
  expect(ownHeaders(routes(NOTHING))).toBeUndefined()
})
