import { generateKeyPairSync, type JsonWebKey } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { readBase64Url } from '../../../config/keys/base64url.ts'
import type { KeyOrigin } from '../../../config/keys/read-key.ts'
import { KEYS_MAX, readKeySet, readKeySetText } from '../../../config/read-key-set.ts'
import { dice, SEED } from '../../seed.ts'
import { spoiled } from '../health/samples.ts'
import { quickest } from '../worker/quickest.ts'

const jwkOf = (pair: { readonly publicKey: { export: (options: { format: 'jwk' }) => JsonWebKey } }): JsonWebKey =>
  pair.publicKey.export({ format: 'jwk' })
const rsa = jwkOf(generateKeyPairSync('rsa', { modulusLength: 2048 }))
const otherRsa = jwkOf(generateKeyPairSync('rsa', { modulusLength: 2048 }))
const small = jwkOf(generateKeyPairSync('rsa', { modulusLength: 1024 }))
const cubic = jwkOf(generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 }))
const p256 = jwkOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }))
const p384 = jwkOf(generateKeyPairSync('ec', { namedCurve: 'P-384' }))
const p521 = jwkOf(generateKeyPairSync('ec', { namedCurve: 'P-521' }))
const koblitz = jwkOf(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }))
const ed25519 = jwkOf(generateKeyPairSync('ed25519'))
const ed448 = jwkOf(generateKeyPairSync('ed448'))
const x25519 = jwkOf(generateKeyPairSync('x25519'))
const secretKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })
const secret = (length: number) => Buffer.alloc(length, 7).toString('base64url')

/** Adds to a number in base64url. */
const changed = (text: string | undefined, by: bigint): string => {
  const bytes = Buffer.from(text ?? '', 'base64url')
  const sum = (BigInt(`0x${bytes.toString('hex')}`) + by).toString(16).padStart(bytes.length * 2, '0')
  return Buffer.from(sum, 'hex').toString('base64url')
}

const keysOf = (raw: unknown, from: KeyOrigin = 'endpoint') => {
  const read = readKeySet(raw, from)
  return read.ok ? read.value.keys : []
}
const why = (key: unknown, from: KeyOrigin = 'endpoint'): string => {
  const read = readKeySet({ keys: [key, { ...p256, kid: 'good' }] }, from)
  return read.ok ? (read.value.dropped[0]?.why ?? 'taken') : read.error
}

describe('a key of an issuer', () => {
  test.each([
    ['RSA', rsa, 'RS256'],
    ['RSA for PS', rsa, 'PS512'],
    ['P-256', p256, 'ES256'],
    ['P-384', p384, 'ES384'],
    ['P-521', p521, 'ES512'],
    ['Ed25519', ed25519, 'EdDSA'],
  ])('%s is taken, with what verification reads and nothing else', (_name, key, alg) => {
    expect(keysOf({ keys: [key] })).toEqual([key])
    const dressed = { ...key, kid: 'a', alg, use: 'sig', key_ops: ['verify'], x5c: ['chain'], x5u: 'https://elsewhere', extra: {} }
    expect(keysOf({ keys: [dressed] })).toEqual([{ ...key, kid: 'a', alg, use: 'sig' }])
  })

  test.each([
    ['a private key', secretKey, 'it is private'],
    ['a secret in a key that is none', { ...p256, k: secret(32) }, 'it is private'],
    ['a secret', { kty: 'oct', alg: 'HS256', k: secret(32) }, 'it is a secret'],
    ['RSA of 1024 bits', small, 'its modulus has 1024 bits'],
    ['RSA of 16384 bits', { ...rsa, n: Buffer.alloc(2048, 255).toString('base64url') }, 'numbers must be'],
    ['RSA with exponent 3', cubic, 'its exponent is 3'],
    ['RSA with exponent 1', { ...rsa, e: 'AQ' }, 'its exponent is 1'],
    ['RSA with an even exponent', { ...rsa, e: changed(rsa.e, 1n) }, 'its exponent is even'],
    ['RSA with a huge exponent', { ...rsa, e: secret(5) }, 'more than 33 bits'],
    ['an even modulus', { ...rsa, n: changed(rsa.n, 1n) }, 'a small factor'],
    ['a point beside its curve', { ...p256, y: changed(p256.y, 1n) }, 'not on the curve'],
    ['a short coordinate', { ...p256, x: secret(31) }, '32 bytes'],
    ['a coordinate above p', { ...p256, x: Buffer.alloc(32, 255).toString('base64url') }, 'not on the curve'],
    ['another curve than it says', { ...p256, crv: 'P-384' }, '48 bytes'],
    ['secp256k1', koblitz, 'its crv must be'],
    ['Ed448', ed448, 'its crv must be'],
    ['X25519, which does not sign', x25519, 'its crv must be'],
    ['Ed25519 of 31 bytes', { ...ed25519, x: secret(31) }, '32 bytes'],
    ['for encryption', { ...rsa, use: 'enc' }, 'its use is not'],
    ['for encryption by its alg', { ...rsa, alg: 'RSA-OAEP' }, 'its alg must be'],
    ['an alg of another kind', { ...p256, alg: 'RS256' }, 'its alg must be'],
    ['an alg of another curve', { ...p256, alg: 'ES384' }, 'its alg must be'],
    ['for wrapping keys', { ...rsa, key_ops: ['wrapKey'] }, 'its key_ops'],
    ['key_ops that are none', { ...rsa, key_ops: 'verify' }, 'its key_ops'],
    ['padding', { ...ed25519, x: `${ed25519.x}=` }, 'base64url'],
    ['a spelling that is not canonical', { ...ed25519, x: `${ed25519.x?.slice(0, -1)}_` }, 'base64url'],
    ['plain base64', { ...p256, x: '+'.repeat(43) }, 'base64url'],
    ['a kid that is a number', { ...p256, kid: 7 }, 'its kid'],
    ['an endless kid', { ...p256, kid: 'k'.repeat(257) }, 'its kid'],
    ['no kty', { ...p256, kty: undefined }, 'its kty'],
    ['nothing', null, 'it is no object'],
    ['a list', [], 'it is no object'],
  ])('%s is left out, and said', (_name, key, reason) => {
    expect(why(key)).toContain(reason)
  })

  test('what is said of a key repeats nothing of it', () => {
    for (const key of [secretKey, { kty: 'oct', k: secret(7), alg: 'HS256' }, small]) {
      const said = why(key, 'operator')
      for (const member of ['d', 'k', 'n', 'x'] as const) {
        const value = (key as JsonWebKey)[member]
        if (value !== undefined) expect(said).not.toContain(value)
      }
    }
  })

  test('an operator may write a secret, as long as its hash', () => {
    expect(why({ kty: 'oct', k: secret(64) }, 'operator')).toContain('must say its alg')
    expect(why({ kty: 'oct', alg: 'HS512', k: secret(63) }, 'operator')).toContain('at least 64 bytes')
    expect(why({ kty: 'oct', alg: 'HS256', k: '' }, 'operator')).toContain('base64url')
    expect(keysOf({ keys: [{ kty: 'oct', alg: 'HS256', k: secret(32), kid: 's' }] }, 'operator')).toHaveLength(1)
  })
})

describe('a key set', () => {
  test('with two keys of one kid has neither; of two kinds it has both; the same key twice is one', () => {
    const good = { ...p256, kid: 'good' }
    const same = [
      { ...rsa, kid: 'a' },
      { ...otherRsa, kid: 'a' },
    ]
    const read = readKeySet({ keys: [...same, good] }, 'endpoint')
    expect(read).toMatchObject({
      ok: true,
      value: {
        keys: [good],
        dropped: [
          { at: 0, kid: 'a' },
          { at: 1, kid: 'a' },
        ],
      },
    })
    expect(keysOf({ keys: [same[0], { ...ed25519, kid: 'a' }] })).toHaveLength(2)
    expect(readKeySet({ keys: [good, good] }, 'endpoint')).toEqual({ ok: true, value: { keys: [good], dropped: [] } })
    expect(keysOf({ keys: [rsa, otherRsa, rsa] })).toHaveLength(2)
    const two = ['RS256', 'PS256'].map((alg) => ({ ...rsa, kid: 'a', alg }))
    expect(keysOf({ keys: two })).toEqual(two)
  })

  test.each([
    ['no object', 7, 'it is no key set'],
    ['no list', { keys: {} }, 'it is no key set'],
    ['an empty one', { keys: [] }, 'it has no key'],
    ['private keys alone', { keys: [secretKey] }, 'it has no usable key: it is private'],
  ])('%s is none, so that it replaces nothing', (_name, raw, reason) => {
    expect(readKeySet(raw, 'endpoint')).toEqual({ ok: false, error: expect.stringContaining(reason) })
  })

  test('is read up to its bounds', () => {
    const keys = Array.from({ length: KEYS_MAX + 3 }, (_, index) => ({ ...p256, kid: `k${index}` }))
    const read = readKeySet({ keys }, 'endpoint')
    expect(read.ok && read.value.keys).toHaveLength(KEYS_MAX)
    expect(read.ok && read.value.dropped).toMatchObject([{ at: KEYS_MAX, why: expect.stringContaining('35 keys') }])
    expect(readKeySetText(' '.repeat(300_000))).toMatchObject({ ok: false, error: expect.stringContaining('longer than') })
    expect(readKeySetText('{"keys":')).toEqual({ ok: false, error: 'it is not JSON' })
    expect(readKeySetText(JSON.stringify({ keys: [p256] }))).toMatchObject({ ok: true })
  })

  test('of any shape never throws, and never holds anything but public keys that sign', () => {
    for (const raw of spoiled({ keys: [{ ...rsa, kid: 'a', alg: 'RS256' }, { ...p256, kid: 'b' }, secretKey, ed25519] })) {
      for (const key of keysOf(raw)) {
        expect(['RSA', 'EC', 'OKP']).toContain(key.kty)
        expect(Object.keys(key).filter((member) => !['kty', 'kid', 'alg', 'use', 'crv', 'x', 'y', 'n', 'e'].includes(member))).toEqual([])
      }
    }
  })

  test('of an RSA key of 8192 bits and 32 keys of P-521 is read in a moment', () => {
    const keys = Array.from({ length: KEYS_MAX }, (_, index) => ({ ...p521, kid: `k${index}` }))
    expect(
      quickest(
        () => ({ keys }),
        (raw) => expect(keysOf(raw)).toHaveLength(KEYS_MAX),
        200,
      ),
    ).toBeLessThan(200)
  })
})

test('base64url is read as others read it, and in one spelling only', () => {
  const roll = dice(SEED)
  for (let round = 0; round < 2000; round += 1) {
    const bytes = Uint8Array.from({ length: Math.floor(roll() * 70) }, () => Math.floor(roll() * 256))
    const text = Buffer.from(bytes).toString('base64url')
    expect(readBase64Url(text), `seed ${SEED}: ${text}`).toEqual(bytes)
    const at = Math.floor(roll() * text.length)
    const other = `${text.slice(0, at)}${'AQgw_-+/= é'[Math.floor(roll() * 11)]}${text.slice(at + 1)}`
    const read = readBase64Url(other)
    if (read !== undefined) expect(Buffer.from(read).toString('base64url'), `seed ${SEED}`).toBe(other)
  }
})
