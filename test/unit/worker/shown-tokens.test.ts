/** Where tokens are found in requests, what is taken out before they go on, and how much is remembered. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { issuerId } from '../../../config/ids.ts'
import type { TokenPlace } from '../../../config/token-issuer.ts'
import { isCanonical, textOf } from '../../../worker/identity/token/base64url-text.ts'
import { KnownTokens } from '../../../worker/identity/token/known-tokens.ts'
import { withoutTokens } from '../../../worker/identity/token/shown-token.ts'
import { readStrictJson } from '../../../worker/identity/token/strict-json.ts'
import { dice, SEED } from '../../seed.ts'
import { type Asked, finderOf, GOOD, issuerOf, keyPair, kindOf, token } from './sample-issuer.ts'

const es = await keyPair('ES256', 'k1')
const T = await token(GOOD, es)
const OTHER = await token({ ...GOOD, sub: 'bob' }, es)
const PLACES: readonly TokenPlace[] = [
  { kind: 'header', name: 'authorization', scheme: 'Bearer' },
  { kind: 'header', name: 'x-token' },
  { kind: 'cookie', name: 'session' },
  { kind: 'query', name: 'access_token' },
]
const finder = finderOf([issuerOf([es.jwk], { from: PLACES })])
const DIFFERENT = 'refused: it shows different tokens'

test.each<readonly [string, Asked, string]>([
  ['nothing', {}, 'absent'],
  ['a bearer', { headers: { authorization: `Bearer ${T}` } }, 'verified'],
  ['a bearer in another case', { headers: { authorization: `bEARER ${T}` } }, 'verified'],
  ['more spaces', { headers: { authorization: `Bearer   ${T}` } }, 'verified'],
  ['another scheme', { headers: { authorization: 'Basic YTpi' } }, 'absent'],
  ['a scheme that only begins so', { headers: { authorization: `Bearers ${T}` } }, 'absent'],
  ['no scheme', { headers: { authorization: T } }, 'absent'],
  ['a scheme without a token', { headers: { authorization: 'Bearer' } }, 'refused: its header authorization holds no token'],
  [
    'two headers',
    {
      headers: [
        ['authorization', `Bearer ${T}`],
        ['authorization', `Bearer ${T}`],
      ],
    },
    'refused: it has several headers',
  ],
  [
    'another scheme before',
    {
      headers: [
        ['authorization', 'Basic YTpi'],
        ['authorization', `Bearer ${T}`],
      ],
    },
    'refused: it has several headers',
  ],
  [
    'another scheme behind',
    {
      headers: [
        ['authorization', `Bearer ${T}`],
        ['authorization', 'Basic YTpi'],
      ],
    },
    'refused: it has several headers',
  ],
  ['another scheme with commas of its own', { headers: { authorization: 'Digest username="a", realm="b"' } }, 'absent'],
  ['two tokens in one header', { headers: { authorization: `Bearer ${T} ${T}` } }, 'refused: '],
  ['a header of its own', { headers: { 'x-token': T } }, 'verified'],
  ['a cookie', { headers: { cookie: `a=b; session=${T}; c=d` } }, 'verified'],
  ['an empty cookie', { headers: { cookie: 'session=' } }, 'absent'],
  ['a cookie of a similar name', { headers: { cookie: `xsession=${T}; session2=${T}` } }, 'absent'],
  ['a cookie twice', { headers: { cookie: `session=${T}; session=${T}` } }, 'verified'],
  ['a cookie twice, differently', { headers: { cookie: `session=${T}; session=${OTHER}` } }, 'refused: it has a cookie'],
  ['a query', { query: `?a=b&access_token=${T}` }, 'verified'],
  ['a query with an encoded name', { query: `?access%5Ftoken=${T}` }, 'verified'],
  ['a query twice, differently', { query: `?access_token=${T}&access_token=${OTHER}` }, 'refused: it has a parameter'],
  ['a query twice, once empty', { query: `?access_token=&access_token=${T}` }, 'refused: it has a parameter'],
  ['the same in two places', { headers: { authorization: `Bearer ${T}`, cookie: `session=${T}` } }, 'verified'],
  ['different ones in two places', { headers: { authorization: `Bearer ${T}`, cookie: `session=${OTHER}` } }, DIFFERENT],
  ['a bad one beside a good one', { headers: { authorization: `Bearer ${T}` }, query: '?access_token=x' }, DIFFERENT],
])('%s', async (_name, asked, expected) => expect(await kindOf(finder.find(asked))).toContain(expected))

test('an issuer is asked only where it looks', async () => {
  const rs = await keyPair('RS256', 'k2')
  const browser = issuerOf([es.jwk], { from: [{ kind: 'cookie', name: 'session' }] })
  const machine = issuerOf([rs.jwk], { id: issuerId('machines'), issuer: 'https://m.example.com' })
  const both = finderOf([browser, machine])
  expect(await kindOf(both.find({ headers: { cookie: `session=${T}` } }))).toBe('verified')
  expect(await kindOf(both.bearer(T))).toContain('its iss is none of those')
  // Not from memory either.
  expect(await kindOf(both.bearer(T))).toContain('refused')
  expect(await kindOf(both.find({ query: `?access_token=${T}` }))).toBe('absent')
})

test('a header that came with a good token makes no other one good', async () => {
  const fresh = finderOf([issuerOf([es.jwk])])
  const [head, body, signature] = T.split('.')
  expect(await kindOf(fresh.bearer(T))).toBe('verified')
  expect(await kindOf(fresh.bearer(OTHER))).toBe('verified')
  expect(await kindOf(fresh.bearer(`${head}.${OTHER.split('.')[1]}.${signature}`))).toContain('its signature is bad')
  for (const torn of [`${head}.${body}=.${signature}`, `${head}.${body}.${signature}=`, `${head}..${signature}`, `${head}.${body}.`])
    expect(await kindOf(fresh.bearer(torn)), torn).toContain('refused')
})

test.each([
  ['', undefined],
  ['?', undefined],
  ['?a=b', undefined],
  ['?access_token', ''],
  ['?access_token=x', ''],
  ['?access_token=x&access_token=y', ''],
  ['?a=%20&access_token=x&&b', '?a=%20&&b'],
  ['?access%5ftoken=x&a', '?a'],
  ['?Access_Token=x', undefined],
  ['?access_token2=x', undefined],
  ['?b=access_token', undefined],
])('%s goes on as %s', (query, expected) => expect(withoutTokens(query, ['access_token'])).toBe(expected))

describe('JSON that two readers read alike', () => {
  test(`is every text of JSON.stringify, and none with a name twice (seed ${SEED})`, () => {
    const roll = dice(SEED)
    // Node.js 24 and 26 take an escaped name for another that they have read, when its text begins like that one (nodejs/node 63785): no name
    // here begins with a backslash. The runtime of Workers has it right: test/workerd/gateway/tokens.test.ts.
    const NAMES = ['a', 'b', '"', ':\\', ':', '{', 'é', '\u0000', '__proto__', '']
    const pick = () => NAMES[Math.floor(roll() * NAMES.length)] ?? ''
    const value = (depth: number): unknown => {
      const kind = roll() * (depth > 5 ? 4 : 6)
      if (kind < 1) return pick()
      if (kind < 2) return Math.floor(roll() * 1000)
      if (kind < 3) return null
      if (kind < 4) return roll() < 0.5
      if (kind < 5) return Array.from({ length: Math.floor(roll() * 4) }, () => value(depth + 1))
      return object(depth + 1)
    }
    const object = (depth: number): object =>
      Object.fromEntries(Array.from({ length: Math.floor(roll() * 4) }, () => [pick(), value(depth)]))
    for (let round = 0; round < 2000; round += 1) {
      const made = object(0)
      const text = JSON.stringify(made, null, roll() < 0.5 ? 1 : 0)
      expect(readStrictJson(text), text).toEqual(JSON.parse(text))
      // One member of the object once more, spelt as it is or otherwise.
      const [name] = Object.keys(made)
      if (name === undefined) continue
      const spelt =
        roll() < 0.5
          ? JSON.stringify(name)
          : `"${[...name].map((letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"`
      const twice = `${text.trimEnd().slice(0, -1)}, ${spelt} : 1}`
      for (const found of [twice, `{"a":${twice}}`, `{"a":[1,{"b":${twice}}],"c":{"${'\\\\'}":"\\""}}`]) {
        expect(JSON.parse(found)).toBeTypeOf('object')
        expect(readStrictJson(found), found).toBeUndefined()
      }
    }
  })
})

test(`the text of a part is that of its bytes, in UTF-8 or not at all (seed ${SEED})`, () => {
  const roll = dice(SEED)
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const textIn = (bytes: Uint8Array): string | undefined => {
    try {
      return decoder.decode(bytes)
    } catch {
      return undefined
    }
  }
  const SAMPLES = ['', 'a', 'é', '€', '😀', '\u0000', '~', '\u007f', '\u0080', '\ufeff', '\u00ff', '?>?>']
  for (let round = 0; round < 3000; round += 1) {
    const whole = Buffer.from(Array.from({ length: Math.floor(roll() * 6) }, () => SAMPLES[Math.floor(roll() * SAMPLES.length)]).join(''))
    const bytes = roll() < 0.5 ? whole : whole.subarray(Math.floor(roll() * 3), whole.length - Math.floor(roll() * 3))
    const part = Buffer.from(bytes).toString('base64url')
    expect(isCanonical(part), part).toBe(part !== '')
    expect(textOf(part), part).toBe(textIn(bytes))
    // As other spellings are: with padding, in the other alphabet, with bits beyond the last byte.
    for (const other of [`${part}=`, `${part} `, ` ${part}`, part.replace(/[-_]/, '+'), bumped(part)]) {
      if (other === part) continue
      expect(isCanonical(other) && Buffer.from(other, 'base64url').equals(Buffer.from(bytes)), other).toBe(false)
    }
  }
})

/** The last letter with its lowest bit turned. */
function bumped(part: string): string {
  const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return part === '' ? part : part.slice(0, -1) + LETTERS.charAt(LETTERS.indexOf(part.slice(-1)) ^ 1)
}

describe('numbers of JSON', () => {
  const read = (number: string) => readStrictJson(`{"a":[${number}],"b":"-1e999"}`)
  test.each([
    '0',
    '-0',
    '7',
    '-42',
    '9007199254740991',
    '-9007199254740991',
    '1700000000.123456',
    '1700000000.1234567',
    '0.1',
    '1e3',
    '1.5E-7',
    '1e16',
    '0e9999',
  ])('%s is read', (number) => expect(read(number)).toEqual({ a: [Number(number)], b: '-1e999' }))
  test.each([
    '9007199254740992',
    '9007199254740993',
    '-9007199254740993',
    '12345678901234567890',
    '9007199254740993.0',
    '9007199254740992e0',
    '0.10000000000000001',
    '1.00000000000000001',
    '1e400',
    '-1e999',
    '1e-400',
    '5e-324',
  ])('%s is refused, because another number reads the same', (number) => {
    expect(JSON.parse(number)).toBeTypeOf('number')
    expect(read(number)).toBeUndefined()
  })
})

describe('what is remembered is bounded', () => {
  test('in number', () => {
    const known = new KnownTokens<number>()
    for (let index = 0; index < 10_000; index += 1) known.add(`token ${index}`, index)
    expect(known.size).toBeLessThanOrEqual(2000)
    expect(known.get('token 9999')).toBe(9999)
    expect(known.get('token 0')).toBeUndefined()
  })

  test('in size', () => {
    const known = new KnownTokens<number>()
    for (let index = 0; index < 1000; index += 1) known.add(`${index}`.padEnd(16_384, 'x'), index)
    expect(known.size).toBeLessThanOrEqual(128)
  })

  test('and what is asked for stays', () => {
    const known = new KnownTokens<number>()
    known.add('mine', 1)
    for (let index = 0; index < 10_000; index += 1) {
      known.add(`token ${index}`, index)
      if (index % 100 === 0) expect(known.get('mine')).toBe(1)
    }
    known.delete('mine')
    expect(known.get('mine')).toBeUndefined()
  })

  test('keeps the tokens, and not the cookies that they came among', () => {
    setFlagsFromString('--expose-gc')
    const collect: () => void = runInNewContext('gc')
    const known = new KnownTokens<number>()
    collect()
    const before = process.memoryUsage().heapUsed
    for (let count = 0; count < 1000; count += 1) {
      // As a header arrives: one text, made of octets, of which the token is a part.
      const shown = `${'a'.repeat(20)}.${String(count).padStart(400, '0')}.bbb`
      const cookies = Buffer.from(`session=${shown}; other=${'x'.repeat(30_000)}`).toString('latin1')
      known.add(cookies.slice('session='.length, cookies.indexOf(';')), count)
    }
    collect()
    expect(known.size).toBe(1000)
    // They are 30 MB, and the tokens half of one.
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(10_000_000)
  })
})
