/** Header changes and CORS: what they make of a head, in tables and laws. */
import { describe, expect, test } from 'vitest'
import type { HeaderEdits } from '../../../config/action.ts'
import type { CorsRules } from '../../../config/cors.ts'
import { seconds } from '../../../config/units.ts'
import { preflightHeaders, readPreflight, setCors } from '../../../worker/policy/cors.ts'
import { bothEdits, editHeaders } from '../../../worker/policy/edit-headers.ts'
import { bothRewrites, rewrite } from '../../../worker/policy/rewrite.ts'
import { dice, SEED } from '../../seed.ts'

const edits = (given: Partial<HeaderEdits>): HeaderEdits => ({ set: [], add: [], remove: [], ...given })

describe('headers are changed', () => {
  const changed = (before: Record<string, string>, ...all: readonly HeaderEdits[]) => {
    const headers = new Headers(before)
    editHeaders(headers, all)
    return Object.fromEntries(headers)
  }

  test.each<[string, Record<string, string>, Partial<HeaderEdits>, Record<string, string>]>([
    ['set replaces', { a: '1' }, { set: [['a', '2']] }, { a: '2' }],
    ['set makes', {}, { set: [['a', '2']] }, { a: '2' }],
    ['add joins with a comma and no space', { a: '1' }, { add: [['a', '2']] }, { a: '1,2' }],
    ['add makes', {}, { add: [['a', '2']] }, { a: '2' }],
    ['add joins to an empty value', { a: '' }, { add: [['a', '2']] }, { a: ',2' }],
    ['set comes before add', { a: '0' }, { add: [['a', '2']], set: [['a', '1']] }, { a: '1,2' }],
    ['remove removes', { a: '1', b: '2' }, { remove: ['a', 'c'] }, { b: '2' }],
    ['cookies are joined as cookies', { cookie: 'a=1' }, { add: [['cookie', 'b=2']] }, { cookie: 'a=1; b=2' }],
  ])('%s', (_, before, given, after) => expect(changed(before, edits(given))).toEqual(after))

  test('set-cookie is never joined', () => {
    const headers = new Headers([['set-cookie', 'a=1']])
    editHeaders(headers, [edits({ add: [['set-cookie', 'b=2']] })])
    expect(headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  })

  test("the route's come first, then the pool's", () => {
    const [ofRoute, ofPool] = [edits({ set: [['a', 'route']] }), edits({ add: [['a', 'pool']] })]
    expect(changed({}, ...(bothEdits(ofRoute, ofPool) ?? []))).toEqual({ a: 'route,pool' })
    expect(bothEdits(undefined, undefined)).toBeUndefined()
  })
})

test("each field of the pool's rewrite goes before the route's", () => {
  const both = bothRewrites({ host: 'route.test', path: { kind: 'full', value: '/route' } }, { host: 'pool.test' })
  expect(rewrite(both ?? {}, { path: '/a', authority: 'a.test:81' }, [])).toEqual({ path: '/route', authority: 'pool.test' })
  expect(rewrite({ path: { kind: 'full', value: '/x' } }, { path: '/a', authority: 'a.test:81' }, [])).toEqual({
    path: '/x',
    authority: 'a.test:81',
  })
})

const NAMES = { any: false, listed: '' }
const cors = (given: Partial<CorsRules> = {}): CorsRules => ({
  origins: { any: false, exact: ['https://a.test'], wildcards: [{ before: 'https://', after: '.b.test' }] },
  methods: NAMES,
  headers: NAMES,
  expose: '',
  maxAge: seconds(5),
  credentials: false,
  ...given,
})
const ANY = { any: true, exact: [], wildcards: [] }

describe('CORS of an answer', () => {
  const answered = (rules: CorsRules, origin: string | null, before: Record<string, string> = {}) => {
    const headers = new Headers(before)
    setCors(headers, rules, origin)
    return Object.fromEntries(headers)
  }
  const allowed = (origin: string) => answered(cors(), origin)['access-control-allow-origin']

  test.each([
    ['https://a.test', true],
    ['https://x.b.test', true],
    ['https://x.y.b.test', true],
    ['https://b.test', false],
    ['https://.b.test', false],
    ['http://a.test', false],
    ['https://a.test:8443', false],
    ['https://x.b.test:8443', false],
    ['https://a.test.evil.test', false],
    ['https://evil.test/.b.test', false],
    ['https://evil.test:1@x.b.test', false],
    ['https://evil.test?.b.test', false],
    ['https://evilb.test', false],
    ['https://a.test, https://x.b.test', false],
    ['https://A.test', false],
    ['null', false],
    ['*', false],
    ['', false],
  ])('an origin %j', (origin, is) => expect(allowed(origin)).toBe(is ? origin : undefined))

  test(`never says an origin that is not allowed, seed ${SEED}`, () => {
    const roll = dice(SEED)
    const parts = [
      'https://',
      'http://',
      'a.test',
      '.b.test',
      'x',
      '.',
      ':',
      '/',
      '@',
      '?',
      '#',
      ',',
      ' ',
      '%2f',
      '\\',
      '*',
      'null',
      'evil.test',
    ]
    for (let round = 0; round < 20_000; round += 1) {
      const origin = Array.from({ length: Math.floor(roll() * 6) }, () => parts[Math.floor(roll() * parts.length)]).join('')
      const said = answered(cors({ credentials: true }), origin.trim())['access-control-allow-origin']
      if (said === undefined) continue
      const { hostname, protocol, port, origin: read } = new URL(said)
      expect([protocol, port, read], said).toEqual(['https:', '', said])
      expect(hostname === 'a.test' || hostname.endsWith('.b.test'), said).toBe(true)
    }
  })

  test('replaces what the endpoint says, and says what it depends on', () => {
    const own = { 'access-control-allow-origin': 'https://evil.test', 'access-control-allow-credentials': 'true', vary: 'accept' }
    expect(answered(cors(), 'https://evil.test', own)).toEqual({ vary: 'accept, origin' })
    expect(answered(cors(), null, own)).toEqual({ vary: 'accept, origin' })
    expect(answered(cors({ credentials: true, expose: 'etag' }), 'https://a.test', { vary: 'Origin' })).toEqual({
      'access-control-allow-origin': 'https://a.test',
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': 'etag',
      vary: 'Origin',
    })
  })

  test('for all origins is the same for all, without credentials', () => {
    expect(answered(cors({ origins: ANY }), null)).toEqual({ 'access-control-allow-origin': '*' })
    expect(answered(cors({ origins: ANY }), 'null')).toEqual({ 'access-control-allow-origin': '*' })
    expect(answered(cors({ origins: ANY, credentials: true }), 'https://any.test')['access-control-allow-origin']).toBe('https://any.test')
    expect(answered(cors({ origins: ANY, credentials: true }), 'null')['access-control-allow-origin']).toBeUndefined()
  })
})

describe('a preflight', () => {
  const head = (headers: Record<string, string>) => new Headers(headers)
  const asked = { origin: 'https://a.test', method: 'PUT', headers: 'x-one, x-two' }
  const said = (rules: CorsRules, of = asked) => Object.fromEntries(preflightHeaders(rules, of))

  test('is an OPTIONS request with an origin that asks for a method', () => {
    const full = { origin: 'https://a.test', 'access-control-request-method': 'PUT' }
    expect(readPreflight('OPTIONS', head(full))).toEqual({ origin: 'https://a.test', method: 'PUT', headers: null })
    expect(readPreflight('GET', head(full))).toBeUndefined()
    expect(readPreflight('OPTIONS', head({ origin: 'https://a.test' }))).toBeUndefined()
    expect(readPreflight('OPTIONS', head({ 'access-control-request-method': 'PUT' }))).toBeUndefined()
  })

  test('of another origin learns nothing', () => {
    expect(Object.keys(said(cors({ methods: { any: true, listed: '' } }), { ...asked, origin: 'https://evil.test' }))).toEqual(['vary'])
  })

  test.each<[Partial<CorsRules>, string | undefined, string | undefined]>([
    [{}, undefined, undefined],
    [{ methods: { any: false, listed: 'GET, PUT' }, headers: { any: false, listed: 'x-one' } }, 'GET, PUT', 'x-one'],
    [{ methods: { any: true, listed: '' }, headers: { any: true, listed: '' } }, '*', '*'],
    [{ headers: { any: true, listed: 'authorization' } }, undefined, '*, authorization'],
    // With credentials browsers take the star for a name: what is asked for is repeated.
    [{ methods: { any: true, listed: '' }, headers: { any: true, listed: '' }, credentials: true }, 'PUT', 'x-one, x-two'],
  ])('%j', (given, methods, headers) => {
    const answer = said(cors(given))
    expect([answer['access-control-allow-methods'], answer['access-control-allow-headers']]).toEqual([methods, headers])
    expect(answer['access-control-allow-credentials']).toBe(given.credentials ? 'true' : undefined)
    expect(answer['access-control-max-age']).toBe('5')
  })

  test('repeats only what are names', () => {
    const rules = cors({ methods: { any: true, listed: '' }, headers: { any: true, listed: '' }, credentials: true })
    const answer = said(rules, { origin: 'https://a.test', method: 'P UT', headers: `x-ok, bad name, , "q", x:${'y'.repeat(200)}` })
    expect([answer['access-control-allow-methods'], answer['access-control-allow-headers']]).toEqual([undefined, 'x-ok'])
  })
})
