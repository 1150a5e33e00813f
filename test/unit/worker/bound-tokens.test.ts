/** Tokens that are bound: to a client certificate (RFC 8705 section 3.1), to a key that the request proves to hold (RFC 9449 section 4.3). */
import { base64url, calculateJwkThumbprint } from 'jose'
import { describe, expect, test } from 'vitest'
import { trustId } from '../../../config/ids.ts'
import { instant, ms } from '../../../config/units.ts'
import { UsedProofs } from '../../../worker/identity/token/used-proofs.ts'
import { type CertificateFinding, EARLY } from '../../../worker/policy/identity.ts'
import { type Asked, finderOf, GOOD, issuerOf, keyPair, kindOf, NOW, NOW_SECONDS, token } from './sample-issuer.ts'

const es = await keyPair('ES256', 'k1')
const client = await keyPair('ES256')
const other = await keyPair('ES256')
const jkt = await calculateJwkThumbprint({ ...client.jwk })
const FINGERPRINT = 'ab'.repeat(31).concat('01')
const x5t = base64url.encode(Uint8Array.from({ length: 32 }, (_, index) => (index === 31 ? 1 : 0xab)))

const certificate = (fingerprint: string): CertificateFinding => ({
  kind: 'verified',
  trust: trustId('partners'),
  fingerprint,
  subject: 'CN=a',
  dns: [],
  uris: [],
  leaf: '',
  chain: [],
})

const ofCertificate = await token({ ...GOOD, cnf: { 'x5t#S256': x5t } }, es)
const ofKey = await token({ ...GOOD, cnf: { jkt } }, es)
const plain = await token(GOOD, es)
const ath = base64url.encode(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(ofKey))))

describe('a token that is bound to a certificate', () => {
  const finder = finderOf([issuerOf([es.jwk])])
  const only = finderOf([issuerOf([es.jwk], { binding: 'certificate' })])
  test.each<readonly [string, Asked, string]>([
    ['its certificate', { certificate: certificate(FINGERPRINT) }, 'verified'],
    ['another', { certificate: certificate('cd'.repeat(32)) }, 'refused: it is bound to another certificate'],
    ['none', {}, 'refused: it is bound to a certificate, and the connection has none'],
    ['one that is not known yet', { certificate: EARLY }, 'refused: it is bound to a certificate, which is not known in early data'],
    [
      'one that does not count',
      { certificate: { kind: 'refused', reason: 'expired', fingerprint: FINGERPRINT } },
      'refused: it is bound to a certificate',
    ],
  ])('comes with %s', async (_name, asked, expected) => {
    expect(await kindOf(finder.bearer(ofCertificate, asked))).toContain(expected)
    // Once more, from memory.
    expect(await kindOf(finder.bearer(ofCertificate, asked))).toContain(expected)
  })

  test.each([
    ['a bearer token where it must be bound', {}, 'it is not bound to a certificate'],
    ['cnf that is no object', { cnf: x5t }, 'its cnf is no object'],
    ['cnf that is empty', { cnf: {} }, 'in a way that is not known here'],
    ['cnf of another kind', { cnf: { jwk: {} } }, 'in a way that is not known here'],
    ['a fingerprint that is none', { cnf: { 'x5t#S256': 'abc' } }, 'its cnf names no certificate'],
    ['a fingerprint in another spelling', { cnf: { 'x5t#S256': `${x5t.slice(0, -1)}B` } }, 'its cnf names no certificate'],
  ])('refused: %s', async (_name, claims, why) => {
    const found = await kindOf(only.bearer(await token({ ...GOOD, ...claims }, es), { certificate: certificate(FINGERPRINT) }))
    expect(found).toContain(why)
  })

  test('bound to a certificate where it must be', async () => {
    expect(await kindOf(only.bearer(ofCertificate, { certificate: certificate(FINGERPRINT) }))).toBe('verified')
  })
})

describe('a token that is bound to a key', () => {
  let proofs = 0
  const claims = (given: object = {}) => {
    proofs += 1
    return { jti: `proof ${proofs}`, htm: 'GET', htu: 'https://shop.example.com/orders', iat: NOW_SECONDS, ath, ...given }
  }
  const header = { typ: 'dpop+jwt', jwk: client.jwk }
  const prove = (given: object = {}, changed: object = {}, by = client) => token(claims(given), by, { ...header, ...changed })
  const finder = finderOf([issuerOf([es.jwk], { binding: 'dpop' })])
  const ask = async (proof: string | undefined, asked: Asked = {}, scheme = 'DPoP', text = ofKey) =>
    kindOf(finder.find({ ...asked, headers: { authorization: `${scheme} ${text}`, ...(proof === undefined ? {} : { dpop: proof }) } }))

  test.each<readonly [string, () => Promise<string>, Asked]>([
    ['of this request', () => prove(), {}],
    ['whatever the query', () => prove(), { query: '?a=b' }],
    ['of a URL in another spelling', () => prove({ htu: 'HTTPS://Shop.Example.com:443/orders?x#y' }), {}],
    ['of another method', () => prove({ htm: 'POST' }), { method: 'POST' }],
    ['a minute old', () => prove({ iat: NOW_SECONDS - 90 }), {}],
    ['of a clock that is ahead', () => prove({ iat: NOW_SECONDS + 30 }), {}],
  ])('proved: %s', async (_name, make, asked) => expect(await ask(await make(), asked)).toBe('verified'))

  test.each<readonly [string, () => Promise<string | undefined>, string]>([
    ['no proof', async () => undefined, 'there is no DPoP header'],
    ['two proofs', async () => `${await prove()}, ${await prove()}`, 'several DPoP headers'],
    ['a huge proof', async () => 'a'.repeat(5000), 'longer than 4096'],
    ['another method', () => prove({ htm: 'POST' }), 'its htm'],
    ['another path', () => prove({ htu: 'https://shop.example.com/order' }), 'its htu'],
    ['another host', () => prove({ htu: 'https://shop.example.org/orders' }), 'its htu'],
    ['another scheme', () => prove({ htu: 'http://shop.example.com/orders' }), 'its htu'],
    ['a user in the URL', () => prove({ htu: 'https://a@shop.example.com/orders' }), 'its htu'],
    ['no URL', () => prove({ htu: '/orders' }), 'its htu'],
    ['no jti', () => prove({ jti: undefined }), 'its jti'],
    ['an empty jti', () => prove({ jti: '' }), 'its jti'],
    ['no ath', () => prove({ ath: undefined }), 'its ath is missing'],
    ['of another token', () => prove({ ath: ath.replace(/^./, (letter) => (letter === 'A' ? 'B' : 'A')) }), 'for another token'],
    ['too old', () => prove({ iat: NOW_SECONDS - 91 }), 'too old'],
    ['of the future', () => prove({ iat: NOW_SECONDS + 31 }), 'in the future'],
    ['no iat', () => prove({ iat: undefined }), 'its iat is missing'],
    ['another type', () => prove({}, { typ: 'JWT' }), 'its typ is not dpop+jwt'],
    ['of another key', () => prove({}, { jwk: other.jwk }, other), 'its key is not the one'],
    ['signed by another key', () => prove({}, {}, other), 'its signature is bad'],
    ['without a key', () => prove({}, { jwk: undefined }), 'its key'],
    ['with a private key', () => prove({}, { jwk: { ...client.jwk, d: x5t } }), 'its key'],
    ['with a shared secret', () => prove({}, { jwk: { kty: 'oct', k: x5t } }), 'its key'],
    ['a kid and a place of keys', () => prove({}, { jku: 'https://evil.example' }), 'brings a key: jku'],
  ])('not proved: %s', async (_name, make, why) => expect(await ask(await make())).toContain(why))

  test('a proof is used once', async () => {
    const proof = await prove()
    expect(await ask(proof)).toBe('verified')
    expect(await ask(proof)).toContain('used before')
  })

  test('a bound token is no bearer token, and a bearer token is not bound', async () => {
    expect(await ask(await prove(), {}, 'Bearer')).toContain('does not come as DPoP')
    expect(await ask(await prove(), {}, 'DPoP', plain)).toContain('it is not bound to a key')
    const free = finderOf([issuerOf([es.jwk])])
    expect(await kindOf(free.find({ headers: { authorization: `DPoP ${plain}`, dpop: await prove() } }))).toContain('comes as DPoP')
    expect(await kindOf(free.bearer(plain))).toBe('verified')
  })

  test('what the client is told', async () => {
    expect(await finder.find({})).toEqual({ kind: 'absent', challenge: 'dpop' })
    expect(await finder.bearer(ofKey)).toMatchObject({ challenge: 'dpop' })
    expect(await finder.find({ headers: { authorization: `DPoP ${ofKey}`, dpop: 'x' } })).toMatchObject({ challenge: 'invalid-proof' })
  })
})

test('a used proof is known for as long as it lives, and no longer than twice that', () => {
  const used = new UsedProofs(ms(1000))
  expect(used.use('a', instant(NOW))).toBe(true)
  expect(used.use('a', instant(NOW + 999))).toBe(false)
  expect(used.use('b', instant(NOW + 1000))).toBe(true)
  expect(used.use('a', instant(NOW + 1999))).toBe(false)
  expect(used.use('c', instant(NOW + 2000))).toBe(true)
  expect(used.use('a', instant(NOW + 2001))).toBe(true)
})
