/** Signatures as JWA fixes them (RFC 7518 section 3, RFC 8037): each by its own algorithm, of its own length, under its own parameters. */
import { constants, createHash, createHmac, generateKeyPairSync, type KeyObject, sign as signBytes } from 'node:crypto'
import { describe, expect, test, vi } from 'vitest'
import type { PublicJwk } from '../../../config/key-set.ts'
import { ReadyKeys } from '../../../worker/identity/token/ready-keys.ts'
import { fits, isSignedBy } from '../../../worker/identity/token/verify-signature.ts'

interface Pair {
  readonly secret: KeyObject
  readonly jwk: PublicJwk
}

function pair({ publicKey, privateKey }: { publicKey: KeyObject; privateKey: KeyObject }): Pair {
  return { secret: privateKey, jwk: publicKey.export({ format: 'jwk' }) as unknown as PublicJwk }
}

const RSA = pair(generateKeyPairSync('rsa', { modulusLength: 2048 }))
/** Its modulus ends in the middle of an octet. */
const ODD_RSA = pair(generateKeyPairSync('rsa', { modulusLength: 2052 }))
const P256 = pair(generateKeyPairSync('ec', { namedCurve: 'P-256' }))
const P384 = pair(generateKeyPairSync('ec', { namedCurve: 'P-384' }))
const P521 = pair(generateKeyPairSync('ec', { namedCurve: 'P-521' }))
const ED = pair(generateKeyPairSync('ed25519'))

type Sign = (text: Buffer, key: KeyObject) => Buffer

const ecdsa =
  (hash: string): Sign =>
  (text, key) =>
    signBytes(hash, text, { key, dsaEncoding: 'ieee-p1363' })
const pkcs1 =
  (hash: string): Sign =>
  (text, key) =>
    signBytes(hash, text, key)
const pss =
  (hash: string, saltLength: number): Sign =>
  (text, key) =>
    signBytes(hash, text, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength })

const SCHEMES: readonly (readonly [algorithm: string, Pair, Sign])[] = [
  ['ES256', P256, ecdsa('sha256')],
  ['ES384', P384, ecdsa('sha384')],
  ['ES512', P521, ecdsa('sha512')],
  ['RS256', RSA, pkcs1('sha256')],
  ['RS384', RSA, pkcs1('sha384')],
  ['RS512', RSA, pkcs1('sha512')],
  ['PS256', RSA, pss('sha256', 32)],
  ['PS384', RSA, pss('sha384', 48)],
  ['PS512', RSA, pss('sha512', 64)],
  ['EdDSA', ED, (text, key) => signBytes(null, text, key)],
]

/** What it says has been read before, and is read again for secrets alone. */
const HEAD = Buffer.from('{"alg":"HS256"}').toString('base64url')
const TEXT = `${HEAD}.${Buffer.from('{"sub":"ann"}').toString('base64url')}`

const READY = new ReadyKeys()

const asks = (algorithm: string, jwk: PublicJwk, signature: Uint8Array): Promise<boolean> =>
  isSignedBy(
    {
      token: `${TEXT}.${Buffer.from(signature).toString('base64url')}`,
      header: { algorithm, kid: undefined, type: undefined, members: {} },
    },
    jwk,
    READY,
  )

describe.each(SCHEMES)('%s', (algorithm, { secret, jwk }, sign) => {
  const good = sign(Buffer.from(TEXT), secret)

  test('its own signature is good, by a key that names it and by one that names none', async () => {
    expect(await asks(algorithm, jwk, good)).toBe(true)
    expect(await asks(algorithm, { ...jwk, alg: algorithm, use: 'sig' }, good)).toBe(true)
  })

  test.each<readonly [string, Uint8Array]>([
    ['an octet less', good.subarray(0, -1)],
    ['an octet more', Buffer.concat([good, Buffer.of(0)])],
    ['a zero in front', Buffer.concat([Buffer.of(0), good])],
    ['half of it', good.subarray(0, good.length / 2)],
    ['twice', Buffer.concat([good, good])],
    ['none', Buffer.alloc(0)],
    ['zeros of the right length', Buffer.alloc(good.length)],
    ['one bit other', Buffer.from(good.map((octet, at) => (at === 7 ? octet ^ 1 : octet)))],
  ])('refused with %s', async (_, signature) => {
    expect(await asks(algorithm, jwk, signature)).toBe(false)
  })

  test.each(SCHEMES.filter(([other]) => other !== algorithm).map(([other]) => other))('is not taken for one of %s', async (other) => {
    expect(await asks(other, jwk, good)).toBe(false)
  })

  test('refused by a key that says another algorithm or another use, of another curve, or a secret', async () => {
    const another = SCHEMES.find(([name]) => name !== algorithm)?.[0] ?? ''
    expect(await asks(algorithm, { ...jwk, alg: another }, good)).toBe(false)
    expect(await asks(algorithm, { ...jwk, use: 'enc' }, good)).toBe(false)
    expect(await asks(algorithm, { ...jwk, crv: 'X25519' }, good)).toBe(false)
    expect(await asks(algorithm, { kty: 'oct', k: 'AAAA' }, good)).toBe(false)
  })

  test('refused by every key of another kind', async () => {
    for (const [, other] of SCHEMES)
      if (other.jwk.kty !== jwk.kty || other.jwk.crv !== jwk.crv) expect(await asks(algorithm, other.jwk, good)).toBe(false)
  })
})

describe('forms that others take', () => {
  test.each(SCHEMES.filter(([name]) => name.startsWith('ES')))('%s in DER is refused', async (algorithm, { secret, jwk }) => {
    const hash = `sha${algorithm.slice(2)}`
    expect(await asks(algorithm, jwk, signBytes(hash, Buffer.from(TEXT), { key: secret, dsaEncoding: 'der' }))).toBe(false)
  })

  test.each([0, 20, 31, 33, 222])('a salt of %i octets is refused for PS256', async (saltLength) => {
    expect(await asks('PS256', RSA.jwk, pss('sha256', saltLength)(Buffer.from(TEXT), RSA.secret))).toBe(false)
  })

  test('a modulus that ends within an octet counts as a whole one', async () => {
    const good = pkcs1('sha256')(Buffer.from(TEXT), ODD_RSA.secret)
    expect(good.length).toBe(257)
    expect(await asks('RS256', ODD_RSA.jwk, good)).toBe(true)
    expect(await asks('RS256', ODD_RSA.jwk, good.subarray(1))).toBe(false)
  })

  test('a secret made of a public key verifies nothing with it (RFC 8725 section 2.1)', async () => {
    const text = Buffer.from(JSON.stringify(RSA.jwk))
    expect(await asks('HS256', RSA.jwk, createHmac('sha256', text).update(TEXT).digest())).toBe(false)
    expect(await asks('HS256', { kty: 'oct', k: text.toString('base64url') }, createHmac('sha256', text).update(TEXT).digest())).toBe(true)
  })

  test.each(['none', 'None', '', 'HS257', 'ES256K', 'RS1', 'constructor', '__proto__', 'toString', 'es256', 'Ed25519'])(
    'there is no algorithm %j',
    async (algorithm) => {
      for (const [, { jwk }] of SCHEMES) {
        expect(fits(jwk, algorithm)).toBe(false)
        expect(await asks(algorithm, jwk, createHash('sha512').update(TEXT).digest())).toBe(false)
      }
    },
  )
})

describe('a key', () => {
  test('is made ready once, for each algorithm that it is asked for', async () => {
    const { secret, jwk } = pair(generateKeyPairSync('rsa', { modulusLength: 2048 }))
    const imports = vi.spyOn(crypto.subtle, 'importKey')
    try {
      for (let time = 0; time < 3; time += 1) {
        expect(await asks('RS256', jwk, pkcs1('sha256')(Buffer.from(TEXT), secret))).toBe(true)
        expect(await asks('PS256', jwk, pss('sha256', 32)(Buffer.from(TEXT), secret))).toBe(true)
      }
      expect(imports).toHaveBeenCalledTimes(2)
    } finally {
      imports.mockRestore()
    }
  })

  test('that the platform does not take verifies nothing, and is not asked for again', async () => {
    const jwk: PublicJwk = {
      kty: 'EC',
      crv: 'P-256',
      x: Buffer.alloc(32, 1).toString('base64url'),
      y: Buffer.alloc(32, 1).toString('base64url'),
    }
    const imports = vi.spyOn(crypto.subtle, 'importKey')
    try {
      for (let time = 0; time < 3; time += 1) expect(await asks('ES256', jwk, Buffer.alloc(64, 1))).toBe(false)
      expect(imports).toHaveBeenCalledTimes(1)
    } finally {
      imports.mockRestore()
    }
  })
})
