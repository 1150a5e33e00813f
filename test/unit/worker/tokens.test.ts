/** RFC 8725 (JWT best current practices), RFC 7519 and RFC 7515 as a table: which tokens count, and why the others do not. */
import { base64url } from 'jose'
import { describe, expect, test } from 'vitest'
import { issuerId } from '../../../config/ids.ts'
import type { PublicJwk } from '../../../config/key-set.ts'
import { bytes, instant, ms, seconds } from '../../../config/units.ts'
import { keyRing } from '../../../worker/identity/key-ring.ts'
import { encoded, finderOf, GOOD, issuerOf, type KeyPair, keyPair, kindOf, NOW, NOW_SECONDS, signed, token } from './sample-issuer.ts'

const es = await keyPair('ES256', 'k1')
const rs = await keyPair('RS256', 'k2')
const ps = await keyPair('PS256', 'k4')
const ed = await keyPair('EdDSA', 'k3')
const foreign = await keyPair('ES256', 'k1')
const SECRET: PublicJwk = { kty: 'oct', kid: 'h1', k: base64url.encode(new Uint8Array(32).fill(7)) }
const finder = finderOf([issuerOf([es.jwk, rs.jwk, ps.jwk, ed.jwk])])

const body = JSON.stringify(GOOD)
const withBody = (payload: string, header: Record<string, unknown> = {}) => signed(payload, es.sign, { alg: 'ES256', kid: 'k1', ...header })
const { aud: _, ...noAudience } = GOOD
const { exp: __, ...endless } = GOOD

/** Parts of a token that was signed well. */
async function torn(change: (parts: [string, string, string]) => string) {
  const parts = (await token(GOOD, es)).split('.') as [string, string, string]
  return change(parts)
}

const GOOD_CASES: readonly (readonly [string, () => Promise<string>])[] = [
  ['ES256', () => token(GOOD, es)],
  ['RS256', () => token(GOOD, rs, { alg: 'RS256' })],
  ['PS256', () => token(GOOD, ps, { alg: 'PS256' })],
  ['EdDSA', () => token(GOOD, ed, { alg: 'EdDSA' })],
  ['without kid: the keys of the algorithm are tried', () => token(GOOD, es, { kid: undefined })],
  ['without typ', () => token(GOOD, es, { typ: undefined })],
  ['typ at+jwt', () => token(GOOD, es, { typ: 'at+jwt' })],
  ['audience in a list', () => token({ ...GOOD, aud: ['other', 'shop'] }, es)],
  ['another of the audiences', () => token({ ...GOOD, aud: 'admin' }, es)],
  ['expired within the skew', () => token({ ...GOOD, exp: NOW_SECONDS - 29.999 }, es)],
  ['not yet valid within the skew', () => token({ ...GOOD, nbf: NOW_SECONDS + 30 }, es)],
  ['issued in the future within the skew', () => token({ ...GOOD, iat: NOW_SECONDS + 30 }, es)],
  ['a fraction of a second in exp', () => token({ ...GOOD, exp: NOW_SECONDS + 0.5 }, es)],
  ['x5t: a fingerprint brings no key', () => token(GOOD, es, { x5t: 'AAAA', 'x5t#S256': 'AAAA' })],
  ['white space in the JSON', () => withBody(JSON.stringify(GOOD, null, 2))],
  ['the same name in two objects', () => withBody(`${body.slice(0, -1)},"a":{"x":1},"b":{"x":2},"c":[{"x":1},{"x":2}]}`)],
  ['a colon after a text of a list', () => withBody(`${body.slice(0, -1)},"a":["x\\":", "x"],"b":"x"}`)],
]

test.each(GOOD_CASES)('good: %s', async (_name, make) => {
  expect(await finder.bearer(await make())).toMatchObject({ kind: 'verified', issuer: 'idp', claims: { sub: 'ann' } })
})

const BAD_CASES: readonly (readonly [string, () => Promise<string> | string, string])[] = [
  // RFC 8725 section 2.1, 3.1: algorithms.
  ['alg none', () => `${encoded('{"alg":"none"}')}.${encoded(body)}.`, 'canonical base64url'],
  ['alg none with a signature', () => `${encoded('{"alg":"none"}')}.${encoded(body)}.AAAA`, 'its alg is none of those that count'],
  ['alg NONE', () => `${encoded('{"alg":"NoNe"}')}.${encoded(body)}.AAAA`, 'its alg is none of those that count'],
  ['an RSA key as a shared secret', () => signed(body, rsBytes(), { alg: 'HS256', kid: 'k2' }), 'its alg is none of those that count'],
  [
    'an algorithm that is not permitted',
    () => token(GOOD, es, { alg: 'ES256', kid: 'k1' }).then((t) => retold(t, { alg: 'ES384', kid: 'k1' })),
    'its alg is none',
  ],
  ['the algorithm of another key', () => token(GOOD, es).then((t) => retold(t, { alg: 'RS256', kid: 'k1' })), 'its signature is bad'],
  ['no alg', () => `${encoded('{"kid":"k1"}')}.${encoded(body)}.AAAA`, 'its alg is missing'],
  ['alg in a list', () => `${encoded('{"alg":["ES256"]}')}.${encoded(body)}.AAAA`, 'its alg is missing'],
  // RFC 8725 section 3.10: what a header says of keys is not believed.
  ['kid that is a path', () => token(GOOD, es, { kid: '../../dev/null' }), 'it names a key that its issuer does not have'],
  ['kid that is a query', () => token(GOOD, es, { kid: "k1' OR '1'='1" }), 'it names a key that its issuer does not have'],
  ['kid that is __proto__', () => token(GOOD, es, { kid: '__proto__' }), 'it names a key that its issuer does not have'],
  ['kid that is no text', () => token(GOOD, es, { kid: 1 }), 'its kid is no text'],
  ['kid that is long', () => token(GOOD, es, { kid: 'k'.repeat(257) }), 'its kid is no text of at most'],
  ['kid of another key', () => token(GOOD, es, { kid: 'k3' }), 'its signature is bad'],
  ['jku', () => token(GOOD, es, { jku: 'https://evil.example/jwks' }), 'its header brings a key: jku'],
  ['x5u', () => token(GOOD, es, { x5u: 'https://evil.example/x' }), 'its header brings a key: x5u'],
  ['x5c', () => token(GOOD, es, { x5c: ['AAAA'] }), 'its header brings a key: x5c'],
  ['jwk', () => token(GOOD, foreign, { jwk: foreign.jwk }), 'its header brings a key: jwk'],
  ['a key of somebody else under the same kid', () => token(GOOD, foreign), 'its signature is bad'],
  // RFC 7515 sections 4.1.11, RFC 7797.
  ['crit', () => torn(([, p, s]) => `${encoded('{"alg":"ES256","kid":"k1","crit":["exp"],"exp":1}')}.${p}.${s}`), 'its header has crit'],
  ['crit that is empty', () => torn(([, p, s]) => `${encoded('{"alg":"ES256","crit":[]}')}.${p}.${s}`), 'its header has crit'],
  ['b64', () => torn(([, p, s]) => `${encoded('{"alg":"ES256","b64":false}')}.${p}.${s}`), 'its header has b64'],
  ['encrypted', () => `${encoded('{"alg":"RSA-OAEP","enc":"A128GCM"}')}.AAAA.AAAA.AAAA.AAAA`, 'three parts'],
  ['zip', () => token(GOOD, es, { zip: 'DEF' }), 'its header has zip'],
  ['nested', () => token(GOOD, es, { cty: 'JWT' }), 'it holds another token'],
  // RFC 8725 section 2.4: two readings.
  ['a claim twice', () => withBody(`${body.slice(0, -1)},"sub":"bob"}`), 'each name once'],
  ['a claim twice in two spellings', () => withBody(`${body.slice(0, -1)},"s\\u0075b":"bob"}`), 'each name once'],
  ['a number that would become another', () => withBody(`${body.slice(0, -1)},"tenant":9007199254740993}`), 'numbers that a double holds'],
  ['a name twice further in', () => withBody(`${body.slice(0, -1)},"a":[{"x":1,"x":2}]}`), 'each name once'],
  ['a header twice', () => torn(([, p, s]) => `${encoded('{"alg":"ES256","alg":"none"}')}.${p}.${s}`), 'its header is no JSON object'],
  ['a mark in front of the JSON', () => withBody(`\ufeff${body}`), 'its payload is no JSON object'],
  [
    'no UTF-8',
    () => torn(([h, , s]) => `${h}.${base64url.encode(new Uint8Array([0x7b, 0xff, 0x7d]))}.${s}`),
    'its payload is no JSON object',
  ],
  ['a list', () => withBody('[]'), 'its payload is no JSON object'],
  ['null', () => withBody('null'), 'its payload is no JSON object'],
  ['deep JSON', () => withBody(`${body.slice(0, -1)},"a":${'['.repeat(64)}${']'.repeat(64)}}`), 'its payload is no JSON object'],
  ['another spelling of the signature', () => torn(([h, p, s]) => `${h}.${p}.${respelt(s)}`), 'canonical base64url'],
  ['padding', () => torn(([h, p, s]) => `${h}.${p}.${s}==`), 'canonical base64url'],
  ['the alphabet of plain base64', () => torn(([h, p]) => `${h}.${p}.${'+/'.repeat(43)}`), 'canonical base64url'],
  ['a space', () => torn(([h, p, s]) => `${h}.${p} .${s}`), 'canonical base64url'],
  ['four parts', () => torn((parts) => `${parts.join('.')}.AAAA`), 'three parts'],
  ['no signature', () => torn(([h, p]) => `${h}.${p}.`), 'canonical base64url'],
  ['no payload', () => torn(([h, , s]) => `${h}..${s}`), 'its payload is no JSON object'],
  ['JSON serialization', () => torn(([h, p, s]) => JSON.stringify({ protected: h, payload: p, signature: s })), 'several headers'],
  ['no token at all', () => 'abc', 'three parts'],
  ['a huge token', () => token({ ...GOOD, pad: 'x'.repeat(10_000) }, es), 'it is longer than 8192 bytes'],
  // RFC 7519 section 4.1, RFC 8725 sections 3.8, 3.9.
  ['another issuer', () => token({ ...GOOD, iss: 'https://id.example.com/' }, es), 'its iss is none of those'],
  ['no issuer', () => token({ ...GOOD, iss: undefined }, es), 'its iss is none of those'],
  ['an issuer in a list', () => token({ ...GOOD, iss: [GOOD.iss] }, es), 'its iss is none of those'],
  ['another audience', () => token({ ...GOOD, aud: 'shop2' }, es), 'it was made for another audience'],
  ['no audience', () => token(noAudience, es), 'its aud is neither'],
  ['an empty list of audiences', () => token({ ...GOOD, aud: [] }, es), 'its aud is neither'],
  ['an audience that is no text', () => token({ ...GOOD, aud: ['shop', 1] }, es), 'its aud is neither'],
  ['no exp', () => token(endless, es), 'its exp is missing'],
  ['exp as a text', () => token({ ...GOOD, exp: String(GOOD.exp) }, es), 'its exp is missing or no time'],
  ['exp beyond all numbers', () => withBody(body.replace(String(GOOD.exp), '1e999')), 'numbers that a double holds'],
  ['expired at the edge of the skew', () => token({ ...GOOD, exp: NOW_SECONDS - 30 }, es), 'it has expired'],
  ['not yet valid', () => token({ ...GOOD, nbf: NOW_SECONDS + 30.001 }, es), 'it is not valid yet'],
  ['nbf as a text', () => token({ ...GOOD, nbf: '0' }, es), 'its nbf is no time'],
  ['issued in the future', () => token({ ...GOOD, iat: NOW_SECONDS + 31 }, es), 'it was issued in the future'],
  ['iat null', () => token({ ...GOOD, iat: null }, es), 'its iat is no time'],
  ['sub that is no text', () => token({ ...GOOD, sub: { a: 1 } }, es), 'its sub is no text'],
  ['a logout token', () => token(GOOD, es, { typ: 'logout+jwt' }), 'its typ says that it is for something else'],
  ['a DPoP proof', () => token(GOOD, es, { typ: 'application/DPoP+JWT' }), 'its typ says that it is for something else'],
  ['a changed claim', () => torn(([h, , s]) => `${h}.${encoded(JSON.stringify({ ...GOOD, sub: 'bob' }))}.${s}`), 'its signature is bad'],
]

test.each(BAD_CASES)('refused: %s', async (_name, make, why) => {
  const found = await kindOf(finder.bearer(await make()))
  expect(found).toContain('refused: ')
  expect(found).toContain(why)
})

/** The bytes of a public key, as an attacker would take them for a secret. */
const rsBytes = (): Uint8Array => new TextEncoder().encode(JSON.stringify(rs.jwk))
const retold = (text: string, header: object): string => `${encoded(JSON.stringify(header))}.${text.split('.').slice(1).join('.')}`

/** The same bytes: bits that are left over are set. 64 bytes end in a letter with four of them. */
function respelt(part: string): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const other = `${part.slice(0, -1)}${letters[letters.indexOf(part.at(-1) ?? '') + 1]}`
  expect(Buffer.from(other, 'base64url').equals(Buffer.from(part, 'base64url'))).toBe(true)
  return other
}

describe('what an issuer may ask for', () => {
  const ask = async (given: Parameters<typeof issuerOf>[1], claims: object, header: Record<string, unknown> = {}) =>
    kindOf(finderOf([issuerOf([es.jwk], given)]).bearer(await token({ ...GOOD, ...claims }, es, header)))

  test.each([
    ['a type', { types: ['at+jwt'] }, {}, { typ: 'application/AT+JWT' }, 'verified'],
    ['a type, and there is none', { types: ['at+jwt'] }, {}, { typ: undefined }, 'refused: its typ'],
    ['a type, and it is another', { types: ['at+jwt'] }, {}, { typ: 'JWT' }, 'refused: its typ'],
    ['scopes in a text', { scopes: ['a', 'b'] }, { scope: 'b c a' }, {}, 'verified'],
    ['scopes in a list', { scopes: ['a'] }, { scp: ['a'] }, {}, 'verified'],
    ['scopes in both', { scopes: ['a', 'b'] }, { scp: ['a'], scope: 'b' }, {}, 'verified'],
    ['a scope that is missing', { scopes: ['a', 'b'] }, { scope: 'a' }, {}, 'refused: it does not grant the scope b'],
    ['a scope that only begins so', { scopes: ['a'] }, { scope: 'a:b ab' }, {}, 'refused: it does not grant'],
    ['scopes in an object', { scopes: ['a'] }, { scope: { a: true } }, {}, 'refused: it does not grant'],
    ['a claim', { claims: [{ claim: ['tenant'], kind: 'exact', value: 'blue' }] }, { tenant: 'blue' }, {}, 'verified'],
    [
      'a claim that is another',
      { claims: [{ claim: ['tenant'], kind: 'exact', value: 'blue' }] },
      { tenant: 'red' },
      {},
      'refused: its claim tenant',
    ],
    ['a claim that is missing', { claims: [{ claim: ['a', 'b'], kind: 'present' }] }, { a: {} }, {}, 'refused: its claim a.b'],
    ['a short life', { lifetimeMax: seconds(310) }, {}, {}, 'verified'],
    ['a shorter life', { lifetimeMax: seconds(309) }, {}, {}, 'refused: it lives longer'],
    ['a bounded life without iat', { lifetimeMax: seconds(600) }, { iat: undefined }, {}, 'refused: its iat is missing'],
    ['a size', { sizeMax: bytes(100) }, {}, {}, 'refused: it is longer than 100'],
    ['no skew', { skew: ms(0) }, { exp: NOW_SECONDS }, {}, 'refused: it has expired'],
    ['no skew, a moment before', { skew: ms(0) }, { exp: NOW_SECONDS + 0.001 }, {}, 'verified'],
    ['one algorithm', { algorithms: ['RS256'] }, {}, {}, 'refused: its alg'],
  ] as const)('%s', async (...[, given, claims, header, expected]) => expect(await ask(given, claims, header)).toContain(expected))

  test('a shared secret, where it is named', async () => {
    const shared = finderOf([issuerOf([SECRET], { algorithms: ['HS256'] })])
    const secret = base64url.decode(SECRET.k ?? '')
    expect(await kindOf(shared.bearer(await signed(body, secret, { alg: 'HS256', kid: 'h1' })))).toBe('verified')
    expect(
      await kindOf(
        shared.bearer(
          await signed(
            body,
            secret.map((byte) => byte + 1),
            { alg: 'HS256', kid: 'h1' },
          ),
        ),
      ),
    ).toContain('signature is bad')
    expect(await kindOf(shared.bearer(await token(GOOD, es)))).toContain('its alg is none')
  })
})

describe('several issuers', () => {
  const other = issuerOf([rs.jwk], { id: issuerId('other'), issuer: 'https://other.example.com' })
  const both = finderOf([issuerOf([es.jwk]), other])

  test('each verifies its own tokens, and no key of one makes a token of the other', async () => {
    expect(await both.bearer(await token(GOOD, es))).toMatchObject({ issuer: 'idp' })
    expect(await both.bearer(await token({ ...GOOD, iss: other.issuer }, rs, { alg: 'RS256' }))).toMatchObject({ issuer: 'other' })
    expect(await kindOf(both.bearer(await token({ ...GOOD, iss: other.issuer }, es)))).toContain('refused')
    expect(await kindOf(both.bearer(await token(GOOD, rs, { alg: 'RS256' })))).toContain('refused')
  })
})

test('the end of a token is its end, however well it is remembered', async () => {
  const remembering = finderOf([issuerOf([es.jwk])])
  const text = await token(GOOD, es)
  expect(remembering.isSync(text)).toBe(false)
  expect(await kindOf(remembering.bearer(text))).toBe('verified')
  expect(remembering.isSync(text)).toBe(true)
  const end = NOW + 330_000
  expect(await kindOf(remembering.bearer(text, { now: instant(end - 1) }))).toBe('verified')
  expect(remembering.isSync(text, instant(end))).toBe(false)
  expect(await kindOf(remembering.bearer(text, { now: instant(end) }))).toContain('it has expired')
})

test('a remembered token does not outlive its key', async () => {
  let keys: readonly PublicJwk[] = [es.jwk]
  let asked = 0
  const noteUnknownKey = () => {
    asked += 1
  }
  const ring = { held: () => ({ kind: 'held', keys }) as const, noteUnknownKey }
  const issuer = issuerOf([], { keys: { kind: 'jwks', key: 'k' as never, url: 'https://id.example.com/jwks' } })
  const rotating = finderOf([issuer], ring)
  const text = await token(GOOD, es)
  expect(await kindOf(rotating.bearer(text))).toBe('verified')
  keys = [foreign.jwk]
  expect(await kindOf(rotating.bearer(text))).toContain('its signature is bad')
  keys = [ed.jwk]
  expect(await rotating.bearer(text)).toEqual({ kind: 'unknown-key', issuer: 'idp' })
  expect(asked).toBe(1)
})

describe('a key that signs the moment it is published', () => {
  /** The ring of production over keys that the test exchanges; how often news were asked for. */
  function rotating(first: readonly PublicJwk[]) {
    const held = { keys: first, asked: 0 }
    const issuer = issuerOf([], { keys: { kind: 'jwks', key: 'k' as never, url: 'https://id.example.com/jwks' } })
    const ring = keyRing([issuer], {
      keysOf: () => held.keys,
      wantKeys: () => {
        held.asked += 1
      },
    })
    return { held, finder: finderOf([issuer], ring) }
  }
  const nameless = ({ jwk: { kid: _, ...jwk }, sign }: KeyPair): KeyPair => ({ jwk, sign })
  const unknown = { kind: 'unknown-key', issuer: 'idp' }

  test.each<readonly [string, KeyPair, KeyPair, Record<string, unknown>]>([
    ['nobody names a key', nameless(es), nameless(foreign), {}],
    ['tokens name none, the set names its own', es, foreign, { kid: undefined }],
    ['tokens name one, the set names none', nameless(es), nameless(foreign), { kid: 'k9' }],
    ['it is of another kind', nameless(rs), nameless(es), {}],
  ])('%s: news are asked for, and its tokens are good with them', async (_name, old, next, header) => {
    const { held, finder } = rotating([old.jwk])
    const text = await token(GOOD, next, header)
    expect(await finder.bearer(text)).toEqual(unknown)
    expect(held.asked).toBe(1)
    held.keys = [old.jwk, next.jwk]
    expect(await kindOf(finder.bearer(text))).toBe('verified')
    expect(held.asked).toBe(1)
  })

  test('the key that a token names is the one: nothing is asked for where that did not sign it', async () => {
    const { held, finder } = rotating([es.jwk])
    expect(await kindOf(finder.bearer(await token(GOOD, foreign)))).toBe('refused: its signature is bad')
    expect(held.asked).toBe(0)
  })

  test('keys of the configuration do not become more', async () => {
    const fixed = finderOf([issuerOf([nameless(es).jwk])])
    expect(await kindOf(fixed.bearer(await token(GOOD, nameless(foreign))))).toBe('refused: its signature is bad')
  })
})

test('a token that names no key is good by whichever of the set made it, however many there are', async () => {
  const many = await Promise.all(Array.from({ length: 7 }, () => keyPair('ES256')))
  const finder = finderOf([issuerOf(many.map(({ jwk }) => jwk))])
  for (const each of many) expect(await kindOf(finder.bearer(await token(GOOD, each)))).toBe('verified')
})

test('without keys nothing is judged, and nothing is let in', async () => {
  const none = finderOf([issuerOf([es.jwk])], { held: () => ({ kind: 'none' }), noteUnknownKey: () => {} })
  expect(await none.bearer(await token(GOOD, es))).toEqual({ kind: 'no-keys', issuer: 'idp' })
})
