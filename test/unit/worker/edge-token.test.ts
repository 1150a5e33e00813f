/** The token of the edge: what it says, who can verify it, when it is used again, and what happens without a key. */
import { createLocalJWKSet, jwtVerify } from 'jose'
import { describe, expect, test } from 'vitest'
import { type Instant, instant } from '../../../config/units.ts'
import { edgeSigner } from '../../../worker/identity/edge-signer.ts'
import { writeAbout, writePayload } from '../../../worker/policy/edge-token.ts'
import { RECENT_BYTES_MAX, RECENT_TOKENS_MAX, RecentTokens } from '../../../worker/policy/recent-tokens.ts'
import type { Platform } from '../../../worker/ports.ts'
import { dice, SEED } from '../../seed.ts'

async function newKey(): Promise<Record<string, string>> {
  const { privateKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign'])
  const { kty, crv, x, y, d } = (await crypto.subtle.exportKey('jwk', privateKey)) as Record<string, string>
  return { kty, crv, x, y, d } as Record<string, string>
}
const [ONE, TWO] = await Promise.all([newKey(), newKey()])

const PARTS = { issuer: 'urn:edge', origin: 'https://a.test', method: 'GET', target: 'https://shop.test/cart', client: '"sub":"alice"' }
const ABOUT = writeAbout(PARTS)
const NOW = instant(1_800_000_000_500)
const at = (now: Instant) => ({ now: () => now, uuid: () => crypto.randomUUID() }) as unknown as Platform
const later = (length: number): Instant => instant(NOW + length)

describe('what it says', () => {
  test('whole', () => {
    expect(JSON.parse(writePayload(ABOUT, NOW, 'id'))).toEqual({
      iss: 'urn:edge',
      aud: 'https://a.test',
      htm: 'GET',
      htu: 'https://shop.test/cart',
      sub: 'alice',
      iat: 1_800_000_000,
      exp: 1_800_000_030,
      jti: 'id',
    })
  })
  test('of nobody', () => expect(JSON.parse(writePayload(writeAbout({ ...PARTS, client: '' }), NOW, 'id'))).not.toHaveProperty('sub'))
  test('nothing that is put in it adds a claim', () => {
    const hostile = '","sub":"root","x":"'
    const said = JSON.parse(writePayload(writeAbout({ ...PARTS, method: hostile, target: `https://a.test/${hostile}é💥` }), NOW, 'id'))
    expect(said).toMatchObject({ sub: 'alice', htm: hostile, htu: `https://a.test/${hostile}é💥` })
    expect(said).not.toHaveProperty('x')
  })
})

describe('signed', () => {
  test('by a key that everybody can read, and verified by a library that knows nothing of us', async () => {
    const signer = edgeSigner({ EDGE_SIGNING_KEY: JSON.stringify(ONE), EDGE_SIGNING_KEY_NEXT: JSON.stringify(TWO) })
    expect(await signer.ready()).toBe(true)
    const keySet = await signer.keySet()
    expect(keySet?.keys).toHaveLength(2)
    expect(JSON.stringify(keySet)).not.toContain(`"d"`)
    const token = await signer.sign(writeAbout({ ...PARTS, target: 'https://shop.test/é' }), at(NOW))
    const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet({ keys: [...(keySet?.keys ?? [])] }), {
      issuer: 'urn:edge',
      audience: 'https://a.test',
      algorithms: ['ES256'],
      currentDate: new Date(NOW),
    })
    expect(payload).toMatchObject({ sub: 'alice', htu: 'https://shop.test/é' })
    expect(protectedHeader).toEqual({ alg: 'ES256', typ: 'JWT', kid: keySet?.keys[0]?.kid })
    await expect(jwtVerify(token, createLocalJWKSet({ keys: (keySet?.keys ?? []).slice(1) }))).rejects.toThrow()
  })

  test('and used again for ten seconds, for the same and nothing else', async () => {
    const signer = edgeSigner({ EDGE_SIGNING_KEY: JSON.stringify(ONE) })
    await signer.ready()
    const first = await signer.sign(ABOUT, at(NOW))
    expect(signer.sign(ABOUT, at(later(9_999)))).toBe(first)
    for (const changed of [{ origin: 'https://b.test' }, { method: 'POST' }, { target: 'https://shop.test/' }, { client: '"sub":"bob"' }])
      expect(await signer.sign(writeAbout({ ...PARTS, ...changed }), at(later(1)))).not.toBe(first)
    expect(await signer.sign(ABOUT, at(later(10_000)))).not.toBe(first)
    const again = await signer.sign(ABOUT, at(later(20_001)))
    expect(await signer.sign(ABOUT, at(NOW))).not.toBe(again)
  })
})

describe('without a sound key nothing is signed, and it is said why', () => {
  const { y: _, ...half } = ONE
  test.each([
    ['none', undefined, 'is not set'],
    ['an empty one', '', 'is not set'],
    ['no JSON', 'secret', 'is no private JWK'],
    ['null', 'null', 'is no private JWK'],
    ['a public key', JSON.stringify({ ...ONE, d: undefined }), 'is no private JWK'],
    ['another curve', JSON.stringify({ ...ONE, crv: 'P-384' }), 'is no private JWK'],
    ['half a point', JSON.stringify(half), 'is no private JWK'],
    ['a symmetric key', '{"kty":"oct","k":"AAAA"}', 'is no private JWK'],
    ['the point of another', JSON.stringify({ ...ONE, x: TWO['x'], y: TWO['y'] }), 'is no key'],
    ['no point', JSON.stringify({ ...ONE, x: 'A'.repeat(43) }), 'is no key'],
  ])('%s', async (_what, secret, says) => {
    const signer = edgeSigner(secret === undefined ? {} : { EDGE_SIGNING_KEY: secret })
    expect(await signer.ready()).toBe(false)
    expect(signer.ready()).toBe(false)
    expect(await signer.keySet()).toBeUndefined()
    const [problem = ''] = await signer.problems()
    expect(problem).toContain(says)
    expect(problem).not.toContain(ONE['d'])
  })

  test('a bad next one is said, and harms nothing', async () => {
    const signer = edgeSigner({ EDGE_SIGNING_KEY: JSON.stringify(ONE), EDGE_SIGNING_KEY_NEXT: 'x' })
    expect(await signer.ready()).toBe(true)
    expect((await signer.keySet())?.keys).toHaveLength(1)
    expect(await signer.problems()).toEqual([expect.stringContaining('EDGE_SIGNING_KEY_NEXT is no private JWK')])
  })
  test('the same key twice is published once', async () => {
    const signer = edgeSigner({ EDGE_SIGNING_KEY: JSON.stringify(ONE), EDGE_SIGNING_KEY_NEXT: JSON.stringify(ONE) })
    expect((await signer.keySet())?.keys).toHaveLength(1)
  })
})

test(`what is kept is bounded, in number and in bytes, and what was used last stays, seed ${SEED}`, () => {
  const roll = dice(SEED)
  const recent = new RecentTokens()
  recent.put('kept', 'token', NOW)
  for (let index = 0; index < 5000; index += 1) {
    recent.put(`about ${index} ${'a'.repeat(roll() < 0.1 ? 60_000 : 10)}`, 'token', NOW)
    expect(recent.count).toBeLessThanOrEqual(RECENT_TOKENS_MAX)
    expect(recent.size).toBeLessThanOrEqual(RECENT_BYTES_MAX)
    expect(recent.get('kept', NOW)).toBe('token')
  }
  expect(recent.count).toBeGreaterThan(10)
  recent.put('huge', 'a'.repeat(RECENT_BYTES_MAX), NOW)
  expect(recent.get('huge', NOW)).toBeUndefined()
  expect(recent.get('about 0', NOW)).toBeUndefined()
})
