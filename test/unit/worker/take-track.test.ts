/** By what a client is recognised, for each kind of key and override, and what the request begins with. */
import { describe, expect, test } from 'vitest'
import type { Base } from '../../../config/base.ts'
import { endpointId, issuerId, trustId } from '../../../config/ids.ts'
import type { ReleaseOrder } from '../../../config/overlay.ts'
import type { Release } from '../../../config/release.ts'
import { type Instant, instant, seconds, share } from '../../../config/units.ts'
import type { Asking } from '../../../worker/decide.ts'
import type { Inbound } from '../../../worker/inbound/read-inbound.ts'
import { missingReleaseKey } from '../../../worker/operator/missing-release-key.ts'
import { applyOverlay } from '../../../worker/policy/apply-overlay.ts'
import { placeOf } from '../../../worker/policy/choose-track.ts'
import type { HeldHealth } from '../../../worker/policy/held-health.ts'
import { EARLY, type Identity, NO_CERTIFICATE, NO_TOKEN } from '../../../worker/policy/identity.ts'
import { newGatewayState, routeState } from '../../../worker/policy/route-state.ts'
import type { Platform } from '../../../worker/ports.ts'
import { isReleased, plainKey, type Tracked, takeTrack } from '../../../worker/take-track.ts'
import { releasedBase } from '../../workerd/gateway/released.ts'

const NOW: Instant = instant(1_700_000_000_000)
const at = (...ids: readonly string[]) => ids.map((id, index) => ({ id, origin: `https://${id}.test`, region: `region-${index}` }))
const POOLS = { stable: at('s1', 's2'), canary: at('c1', 'c2') }
const HOST: Identity['host'] = { tokens: [], certificates: [] } as never

interface Client {
  readonly address?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly identity?: Partial<Identity>
  readonly method?: string
}

function asking({ address = '192.0.2.7', headers = {}, identity, method = 'GET' }: Client = {}): Asking {
  const held = new Map(Object.entries(headers))
  const inbound = { receivedAt: NOW, address, query: '', place: {}, host: 'shop.test', method, headers: { webSocket: false } }
  return {
    request: { headers: { get: (name: string) => held.get(name) ?? null } as Headers },
    inbound: inbound as unknown as Inbound,
    identity: identity === undefined ? undefined : { host: HOST, token: NO_TOKEN, certificate: NO_CERTIFICATE, ...identity },
  }
}

const token = (claims: Readonly<Record<string, unknown>>): Partial<Identity> => ({
  token: { kind: 'verified', issuer: issuerId('people'), claims },
})

function healthOf(base: Base, order: Partial<ReleaseOrder> | undefined, drained: readonly string[] = []): HeldHealth {
  const whole = { weight: share(1), mirror: share(0), killed: false, salt: 'run', ...order }
  const overlay = {
    format: 1 as const,
    order: { epoch: 1, revision: 1 },
    weights: {},
    drains: drained.map((id) => ({
      target: { kind: 'endpoint' as const, endpoint: endpointId(id) },
      direction: 'out' as const,
      over: seconds(0),
      begun: seconds(0),
    })),
    releases: order === undefined ? {} : { r: whole },
  }
  const applied = applyOverlay(base, { overlay, at: NOW }, [])
  return { age: 'none', silent: true, ...(applied === undefined ? {} : { applied }) }
}

const UNUSED = {} as Platform

interface Scene {
  readonly release?: Partial<Release>
  readonly order?: Partial<ReleaseOrder>
  readonly drained?: readonly string[]
  /** Of the isolate. */
  readonly ejected?: readonly string[]
}

function take({ release = {}, order = {}, drained = [], ejected = [] }: Scene, client: Client = {}): Tracked {
  const base = releasedBase({ ...POOLS, release })
  const gateway = newGatewayState(base)
  const [route] = base.routes
  if (route?.action.kind !== 'forward' || !isReleased(route.action)) throw new Error('no release')
  const stateOf = (weighted: Parameters<typeof routeState>[2]) => routeState(gateway, route, weighted, NOW)
  for (const { endpoint, outlier } of [
    ...stateOf(route.action.release.canary).candidates,
    ...route.action.pools.flatMap((each) => stateOf(each).candidates),
  ])
    if (ejected.includes(endpoint.id))
      outlier.standing = { kind: 'ejected', cause: 'streak', since: NOW, until: instant(NOW + 30_000), passed: 0, shownDown: false }
  const taken = takeTrack(
    asking(client),
    route.action,
    { health: healthOf(base, order, drained), releases: gateway.releases, key: undefined, stateOf },
    UNUSED,
  )
  if (taken instanceof Promise) throw new Error('nothing signed is looked at here')
  return taken
}

describe('the key', () => {
  const keyOf = (key: Release['key'], client: Client) =>
    plainKey(releasedBase({ ...POOLS, release: { key } }).releases?.[0] as Release, asking(client))
  test.each<[string, Release['key'], Client, string | undefined]>([
    ['an address', { kind: 'client-address' }, { address: '192.0.2.7' }, '192.0.2.7'],
    ['an address of IPv6 by its household', { kind: 'client-address' }, { address: '2001:db8:0:1:aaaa::1' }, '2001:db8:0:1'],
    ['the same household', { kind: 'client-address' }, { address: '2001:0db8::1:bbbb:1:2:3' }, '2001:db8:0:1'],
    ['a header', { kind: 'header', name: 'x-user' }, { headers: { 'x-user': 'ann' } }, 'ann'],
    ['an empty header', { kind: 'header', name: 'x-user' }, { headers: { 'x-user': '' } }, undefined],
    ['a claim', { kind: 'claim', claim: ['sub'] }, { identity: token({ sub: 'ann' }) }, 'ann'],
    ['a claim within a claim', { kind: 'claim', claim: ['org', 'id'] }, { identity: token({ org: { id: 7 } }) }, '7'],
    ['a list', { kind: 'claim', claim: ['roles'] }, { identity: token({ roles: ['a'] }) }, undefined],
    [
      'a claim of a token that was refused',
      { kind: 'claim', claim: ['sub'] },
      { identity: { token: { kind: 'refused', reason: 'x' } } },
      undefined,
    ],
    ['a claim where nobody asks', { kind: 'claim', claim: ['sub'] }, {}, undefined],
    ['a certificate in early data', { kind: 'certificate' }, { identity: { certificate: EARLY } }, undefined],
    [
      'a certificate',
      { kind: 'certificate' },
      {
        identity: {
          certificate: {
            kind: 'verified',
            trust: trustId('t'),
            fingerprint: 'ab',
            subject: '',
            spiffe: 'spiffe://a/b',
            dns: [],
            uris: [],
            leaf: '',
            chain: [],
          },
        },
      },
      'spiffe://a/b',
    ],
  ])('%s', (...[, key, client, expected]) => expect(keyOf(key, client)).toBe(expected))
})

describe('a request begins', () => {
  const show = ({ state, stable, track }: Tracked) => [
    state.weighted.pool,
    stable?.weighted.pool,
    track.choice.why,
    track.canaryOut,
    track.counted,
  ]

  test('on the canary, with stable behind it', () => expect(show(take({}))).toEqual(['canary', 'stable', 'share', false, true]))
  test('on stable, without a key', () =>
    expect(show(take({ release: { key: { kind: 'header', name: 'x-user' } } }))).toEqual(['stable', undefined, 'no-key', false, false]))
  test('on stable, without the secret for its cookie', () =>
    expect(() => take({ release: { key: { kind: 'cookie', name: 'a', ttl: seconds(60) } } })).toThrow('nothing signed'))

  const byClaim = { override: { claim: ['track'] } }
  test('where a claim of theirs says, and is not counted', () => {
    const none = { weight: share(0) }
    expect(show(take({ release: byClaim, order: none }, { identity: token({ track: 'canary' }) }))).toEqual([
      'canary',
      'stable',
      'override',
      false,
      false,
    ])
    expect(show(take({ release: byClaim }, { identity: token({ track: 'stable' }) }))).toEqual([
      'stable',
      undefined,
      'override',
      false,
      false,
    ])
    const odd = take({ release: byClaim, order: none }, { identity: token({ track: 'constructor' }) })
    expect([odd.track.choice.track, odd.track.ignored]).toEqual(['stable', 'unknown-track'])
    expect(take({ release: byClaim, order: none }, { identity: { token: { kind: 'refused', reason: 'x' } } }).track.choice.track).toBe(
      'stable',
    )
  })

  test('on stable where no endpoint of the canary is in: a failure of the canary', () => {
    const out = take({ ejected: ['c1', 'c2'] })
    expect(show(out)).toEqual(['stable', undefined, 'share', true, false])
    expect(out.track.missed?.endpoint.id).toBe('c1')
  })
  test('not a failure of the canary where operators have drained it, or where stable is out as well', () => {
    expect(take({ drained: ['c1', 'c2'] }).track).toMatchObject({ canaryOut: true })
    expect(take({ drained: ['c1', 'c2'] }).track.missed).toBeUndefined()
    expect(take({ ejected: ['c1', 'c2', 's1', 's2'] }).track.missed).toBeUndefined()
  })

  test('by the region of the endpoint that stable would take', () => {
    const regions = { 'region-1': share(1) }
    expect(take({ order: { weight: share(0), regions } }).track.choice.track).toBe('stable')
    expect(take({ order: { weight: share(0), regions }, ejected: ['s1'] }).track.choice.track).toBe('canary')
  })
})

describe('copies', () => {
  const mirrored = (order: Partial<ReleaseOrder>, client: Client = {}) =>
    take({ order: { weight: share(0), mirror: share(0.1), ...order } }, client).track
  test('go to the canary while nobody is on it, with what is compared', () => {
    expect(mirrored({})).toMatchObject({ mirror: { share: 0.1, to: { pool: 'canary' } }, counted: true })
    expect(mirrored({}, { method: 'POST' }).mirror).toBeUndefined()
    expect(mirrored({}, { method: 'POST' }).counted).toBe(false)
    expect(mirrored({ killed: true }).mirror).toBeUndefined()
    expect(mirrored({ weight: share(1) }).mirror).toBeUndefined()
  })
})

test('two releases put one client where each of them says', () => {
  const places = Array.from({ length: 1000 }, (_, index) => [placeOf('a', `u${index}`), placeOf('b', `u${index}`)] as const)
  const both = places.filter(([one, other]) => one < 0.5 && other < 0.5).length
  expect(Math.abs(both - 250)).toBeLessThan(70)
})

describe('a missing RELEASE_KEY is named', () => {
  const said = (release: Partial<Release>, secret?: string) => missingReleaseKey(releasedBase({ ...POOLS, release }), secret)
  const cookie: Partial<Release> = { key: { kind: 'cookie', name: 'a', ttl: seconds(60) }, override: { header: 'x-o' } }
  test('where something is signed', () => {
    const expected =
      'release r: the secret RELEASE_KEY is missing or shorter than 16 characters: nobody is moved to its canary, no override token counts'
    expect(said(cookie)).toEqual([expected])
    expect(said(cookie, 'short')).toEqual([expected])
    expect(said(cookie, 'long enough to count')).toEqual([])
    expect(said({ override: { claim: ['track'] } })).toEqual([])
  })
})
