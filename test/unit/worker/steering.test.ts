import { describe, expect, test } from 'vitest'
import type { HostAdmission } from '../../../config/admission.ts'
import { COUNTRY_PLACES } from '../../../config/countries.ts'
import { endpointId, issuerId, trustId } from '../../../config/ids.ts'
import type { AffinityKey } from '../../../config/steering.ts'
import { type Instant, instant, seconds } from '../../../config/units.ts'
import { beginWaiting } from '../../../worker/policy/endpoint-load.ts'
import type { VerifiedCertificate, VerifiedToken } from '../../../worker/policy/identity.ts'
import { type OrderFacts, pickEndpoint } from '../../../worker/policy/order-endpoints.ts'
import { affinityKey } from '../../../worker/policy/steering/affinity-key.ts'
import { hashText } from '../../../worker/policy/steering/by-hash.ts'
import { type SteeredRequest, steerBy } from '../../../worker/policy/steering/steer-by.ts'
import { affinityCookie } from '../../../worker/reply/affinity-cookie.ts'
import { dice, SEED } from '../../seed.ts'
import { candidateOf, factsFor, healthOf, NOW, shares, steeredOrder } from './pool-facts.ts'

const FIVE = ['a', 'b', 'c', 'd', 'e'].map((id) => ({ id }))
const BY_USER: AffinityKey = { kind: 'header', name: 'x-user' }
const KEYS = Array.from({ length: 20_000 }, (_, index) => hashText(`user ${index}`))

const requestOf = (parts: Partial<Omit<SteeredRequest, 'headers'>> & { headers?: Record<string, string> } = {}): SteeredRequest => ({
  place: {},
  query: '',
  address: undefined,
  ...parts,
  headers: { get: (name) => parts.headers?.[name] ?? null },
})

/** Where a key goes. */
function homeOf(facts: OrderFacts, hash: number, now: Instant = NOW): string {
  const pick = pickEndpoint({ ...facts, steerBy: { kind: 'key', hash } }, () => false, now, dice(SEED)())
  return pick.kind === 'picked' ? pick.candidate.endpoint.id : 'none'
}

const homes = (facts: OrderFacts, now: Instant = NOW): readonly string[] => KEYS.map((hash) => homeOf(facts, hash, now))
const shareOf = (list: readonly string[], id: string): number => list.filter((each) => each === id).length / list.length

describe('affinity', () => {
  const pool = { steering: 'affinity', affinity: BY_USER } as const
  const well = healthOf({ a: {}, b: {}, c: {}, d: {}, e: {} })

  test('a key has one home, whatever the dice say, and the homes share alike', () => {
    const before = homes(factsFor(FIVE, { pool }))
    expect(homes(factsFor(FIVE, { pool }))).toEqual(before)
    for (const { id } of FIVE) expect(shareOf(before, id)).toBeCloseTo(0.2, 1.7)
  })

  test.each(FIVE)('when $id of five leaves, only its share moves, and comes back with it', ({ id }) => {
    const facts = factsFor(FIVE, { pool, health: well })
    const before = homes(facts)
    const left = homes({ ...facts, health: healthOf({ a: {}, b: {}, c: {}, d: {}, e: {}, [id]: { verdict: 'down' } }) })
    const moved = KEYS.filter((_, index) => before[index] !== left[index]).length
    expect(moved).toBe(before.filter((home) => home === id).length)
    expect(left).not.toContain(id)
    // What moves is spread over all that are left, not heaped on a neighbour.
    const of = before.flatMap((home, index) => (home === id ? [left[index] ?? ''] : []))
    for (const other of FIVE) if (other.id !== id) expect(shareOf(of, other.id)).toBeCloseTo(0.25, 1.3)
    expect(homes(facts)).toEqual(before)
  })

  test('an endpoint that is added takes its share and moves no other key', () => {
    const [five, six] = [homes(factsFor(FIVE, { pool })), homes(factsFor([...FIVE, { id: 'f' }], { pool }))]
    expect(KEYS.every((_, index) => six[index] === five[index] || six[index] === 'f')).toBe(true)
    expect(shareOf(six, 'f')).toBeCloseTo(1 / 6, 1.7)
  })

  test('by weight, and a changed weight moves keys of that endpoint only', () => {
    const weighing = (weight: number) =>
      homes(
        factsFor(
          [
            { id: 'a', weight },
            { id: 'b', weight: 1 },
            { id: 'c', weight: 2 },
          ],
          { pool },
        ),
      )
    const [one, three] = [weighing(1), weighing(3)]
    expect(shareOf(three, 'a')).toBeCloseTo(0.5, 1.7)
    expect(shareOf(three, 'b')).toBeCloseTo(1 / 6, 1.7)
    expect(KEYS.every((_, index) => three[index] === one[index] || three[index] === 'a')).toBe(true)
  })

  test('a restored endpoint gets its keys back along its ramp, and the others keep theirs', () => {
    const ramping = (stoodFor: number) =>
      homes(factsFor(FIVE, { pool, health: healthOf({ b: {}, c: {}, a: { stoodFor: seconds(stoodFor) } }) }))
    const [cold, half, full] = [ramping(0), ramping(15), ramping(30)]
    expect(shareOf(cold, 'a')).toBeCloseTo(0.1 / 4.1, 1.7)
    expect(shareOf(half, 'a')).toBeCloseTo(0.5 / 4.5, 1.7)
    expect(KEYS.every((_, index) => cold[index] !== 'a' || full[index] === 'a')).toBe(true)
    expect(KEYS.every((_, index) => full[index] === 'a' || full[index] === cold[index])).toBe(true)
  })

  test('what an endpoint over its limit cannot take goes to the next by hash', () => {
    const facts = factsFor(FIVE, { pool })
    const next = homes({ ...facts, health: healthOf({ a: { verdict: 'down' }, b: {}, c: {}, d: {}, e: {} }) })
    const { load } = candidateOf(facts, 'a').state
    for (let count = 0; count < 16; count += 1) beginWaiting(load, NOW, instant(NOW + 5000))
    expect(homes(facts)).toEqual(next)
  })

  test('without a key: by weight', () => {
    const facts = factsFor([{ id: 'a', weight: 3 }, { id: 'b' }], { pool })
    expect(shares(facts)['a']).toBeCloseTo(0.75, 1.7)
    expect(steeredOrder(facts).at(-1)).toMatch(/ only$/)
    expect(steeredOrder({ ...facts, steerBy: { kind: 'key', hash: 7 } })[0]).toMatch(/ hashed$/)
  })
})

describe('the key of a request', () => {
  const cookie: AffinityKey = { kind: 'cookie', name: 'sid' }
  const query: AffinityKey = { kind: 'query', name: 'cart' }
  const address: AffinityKey = { kind: 'client-address' }
  const claim: AffinityKey = { kind: 'claim', claim: ['org', 'tenant'] }
  const holder: AffinityKey = { kind: 'certificate' }
  const host: HostAdmission = { pattern: '*', tokens: [], certificates: [], authentication: { require: 'none', mode: 'strict' } }
  const verified: VerifiedToken = { kind: 'verified', issuer: issuerId('idp'), claims: { org: { tenant: 'blue' } } }
  const held: VerifiedCertificate = {
    kind: 'verified',
    trust: trustId('t'),
    fingerprint: 'ab12',
    subject: '',
    dns: [],
    uris: [],
    leaf: '',
    chain: [],
  }
  test.each<[string, AffinityKey, Parameters<typeof requestOf>[0], string | undefined]>([
    ['a header', BY_USER, { headers: { 'x-user': 'ada' } }, 'ada'],
    ['no header', BY_USER, {}, undefined],
    ['an empty header', BY_USER, { headers: { 'x-user': '' } }, undefined],
    ['a cookie among others', cookie, { headers: { cookie: 'a=1; sid=abc; b=2' } }, 'abc'],
    ['a cookie whose name ends alike', cookie, { headers: { cookie: 'xsid=no; sid=yes' } }, 'yes'],
    ['a cookie whose name begins alike', cookie, { headers: { cookie: 'sids=no; sid=yes' } }, 'yes'],
    ['the first of two cookies', cookie, { headers: { cookie: 'sid=first; sid=second' } }, 'first'],
    ['a value that looks like a cookie', cookie, { headers: { cookie: 'a=sid=no' } }, undefined],
    ['a cookie without value', cookie, { headers: { cookie: 'sid; sid=' } }, undefined],
    ['a query parameter', query, { query: '?x=1&cart=7&y=2' }, '7'],
    ['a query parameter as written', query, { query: '?cart=%41' }, '%41'],
    ['no query', query, { query: '' }, undefined],
    ['an IPv4 address', address, { address: '192.0.2.7' }, '192.0.2.7'],
    ['an IPv6 address by its household', address, { address: '2001:db8:0:7:1:2:3:4' }, '2001:db8:0:7'],
    ['the same, written short', address, { address: '2001:DB8::7:1:2:3:4' }, '2001:db8:0:7'],
    ['no address', address, {}, undefined],
    ['a claim of a verified token', claim, { identity: { host, token: verified, certificate: { kind: 'absent' } } }, 'blue'],
    [
      'a claim that is no text',
      { kind: 'claim', claim: ['org'] },
      { identity: { host, token: verified, certificate: { kind: 'absent' } } },
      undefined,
    ],
    ['a claim without a token', claim, { identity: { host, token: { kind: 'absent' }, certificate: { kind: 'absent' } } }, undefined],
    [
      'a claim of a refused token',
      claim,
      { identity: { host, token: { kind: 'refused', reason: 'x' }, certificate: { kind: 'absent' } } },
      undefined,
    ],
    ['a claim where nobody asks', claim, {}, undefined],
    [
      'a SPIFFE id',
      holder,
      { identity: { host, token: { kind: 'absent' }, certificate: { ...held, spiffe: 'spiffe://a/b' } } },
      'spiffe://a/b',
    ],
    ['a fingerprint', holder, { identity: { host, token: { kind: 'absent' }, certificate: held } }, 'ab12'],
    [
      'a refused certificate',
      holder,
      { identity: { host, token: { kind: 'absent' }, certificate: { kind: 'refused', reason: 'x' } } },
      undefined,
    ],
  ])('%s', (_, settings, request, expected) => expect(affinityKey(settings, requestOf(request))).toBe(expected))

  test('has a bound', () => expect(affinityKey(BY_USER, requestOf({ headers: { 'x-user': 'a'.repeat(1e5) } }))).toHaveLength(1024))
})

describe('a cookie of the gateway', () => {
  const affinity: AffinityKey = { kind: 'cookie', name: 'edge', set: { ttl: seconds(600), sameSite: 'lax' } }
  const facts = factsFor(FIVE, { pool: { steering: 'affinity', affinity } })
  const planOf = (headers: Record<string, string>) => {
    const steered = steerBy(facts.route.steering, requestOf({ headers }), () => 'f00d')
    return { ...facts, ...(steered === undefined ? {} : { steerBy: steered }) } as Parameters<typeof affinityCookie>[0]
  }

  test('is set once, where the client has none', () => {
    expect(affinityCookie(planOf({}))).toBe('edge=f00d; Path=/; Max-Age=600; HttpOnly; Secure; SameSite=Lax')
    expect(affinityCookie(planOf({ cookie: 'edge=beef' }))).toBeUndefined()
  })
  test('leads to where its first request went', () => {
    const [first, second] = [planOf({}).steerBy, planOf({ cookie: 'edge=f00d' }).steerBy]
    expect(first?.kind === 'key' && second?.kind === 'key' && first.hash === second.hash).toBe(true)
  })
  test('of the application is never set by us', () => {
    const own = factsFor(FIVE, { pool: { steering: 'affinity', affinity: { kind: 'cookie', name: 'sid' } } })
    expect(steerBy(own.route.steering, requestOf(), () => 'f00d')).toBeUndefined()
  })
})

describe('map', () => {
  const ids = (...names: string[]) => names.map(endpointId)
  const map = { countries: { CH: ids('c', 'b') }, continents: { EU: ids('b') }, otherwise: ids('d', 'a') }
  const facts = factsFor(FIVE, { pool: { steering: 'map', map } })
  test.each([
    [
      'its country first, then the default, then the rest',
      { country: 'CH', continent: 'EU' },
      ['c country', 'b country', 'd country', 'a country', 'e only'],
    ],
    ['its continent', { country: 'DE', continent: 'EU' }, ['b continent', 'd continent', 'a continent', 'c continent', 'e only']],
    ['everybody else', { country: 'JP', continent: 'AS' }, ['d otherwise', 'a otherwise', 'b otherwise', 'c otherwise', 'e only']],
    ['nobody knows', {}, ['d otherwise', 'a otherwise', 'b otherwise', 'c otherwise', 'e only']],
    ['a country named like a property', { country: 'constructor' }, ['d otherwise', 'a otherwise', 'b otherwise', 'c otherwise', 'e only']],
  ])('%s', (_, place, expected) => {
    const steered = steerBy(facts.route.steering, requestOf({ place }), () => '')
    expect(steeredOrder({ ...facts, ...(steered === undefined ? {} : { steerBy: steered }) })).toEqual(expected)
  })
})

describe('nearest without coordinates of the client', () => {
  const places = [
    { id: 'virginia', coordinates: { latitude: 39, longitude: -77.5 } },
    { id: 'frankfurt', coordinates: { latitude: 50, longitude: 8.7 } },
    { id: 'sydney', coordinates: { latitude: -33.9, longitude: 151.2 } },
  ]
  const facts = factsFor(places, { pool: { steering: 'nearest' }, base: { countries: COUNTRY_PLACES } })
  test.each([
    ['NZ', 'sydney nearest'],
    ['PL', 'frankfurt nearest'],
    ['MX', 'virginia nearest'],
    ['XX', 'virginia listed'],
    ['toString', 'virginia listed'],
  ])('%s', (country, expected) => {
    const steered = steerBy(facts.route.steering, requestOf({ place: { country } }), () => '')
    expect(steeredOrder({ ...facts, ...(steered === undefined ? {} : { steerBy: steered }) })[0]).toBe(expected)
  })
  test('coordinates go before the country', () => {
    const steered = steerBy(facts.route.steering, requestOf({ place: { country: 'NZ', latitude: 50, longitude: 8 } }), () => '')
    expect(steeredOrder({ ...facts, ...(steered === undefined ? {} : { steerBy: steered }) })[0]).toBe('frankfurt nearest')
  })
})
