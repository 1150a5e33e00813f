/** What a connection proves by each kind of trust, what is believed of it, and for how long. */
import { beforeAll, describe, expect, test } from 'vitest'
import type { CertificateTrust } from '../../../config/certificate-trust.ts'
import { instant } from '../../../config/units.ts'
import type { ChainVerdict } from '../../../worker/identity/certificate/chain-port.ts'
import { Remembered } from '../../../worker/identity/certificate/remembered.ts'
import { base64, DAY_MS, fingerprint, type Made, makeAuthority, makeLeaf, NOW, names, tlsClientAuth, trusted } from '../../chains.ts'
import { finderOf, trustOf } from './finder.ts'

let root: Made
let leaf: Made
const SKI = 'ab12cd34'

beforeAll(async () => {
  root = await makeAuthority({ name: 'CN=Root' })
  leaf = await makeLeaf(root, { name: 'CN=cart', serial: '0a1b' }, [
    names({ type: 'url', value: 'spiffe://example.org/cart' }, { type: 'dns', value: 'cart.example.com' }),
  ])
})

const SUCCESS = { certVerified: 'SUCCESS', certIssuerSKI: 'AB:12:CD:34' }
const zone = (verify: Partial<CertificateTrust['verify']> = {}, revoked: readonly string[] = []) =>
  trustOf({ kind: 'cloudflare', issuers: [], trustDomains: ['example.org'], ...verify } as CertificateTrust['verify'], revoked)

describe('verified by Cloudflare', () => {
  test.each([
    ['by any authority of the zone', () => zone()],
    ['by an issuer that is named', () => zone({ issuers: ['ffff', SKI] })],
  ])('%s', async (_, trust) => {
    const found = await finderOf([trust()])({ auth: tlsClientAuth(leaf, [], SUCCESS) })
    expect(found).toMatchObject({
      kind: 'verified',
      fingerprint: fingerprint(leaf),
      spiffe: 'spiffe://example.org/cart',
      dns: ['cart.example.com'],
    })
  })

  test.each<[string, CertificateTrust, object]>([
    ['Cloudflare says FAILED:self signed certificate', zone(), { certVerified: 'FAILED:self signed certificate' }],
    ['Cloudflare says nothing', zone(), { certVerified: undefined }],
    ['Cloudflare says true', zone(), { certVerified: 'true' }],
    ['Cloudflare says that it is revoked', zone(), { certRevoked: '1' }],
    ['its issuer ab12cd34 is not among the issuers', zone({ issuers: ['ab12'] }), {}],
    ['its issuer without a key identifier', zone({ issuers: [SKI] }), { certIssuerSKI: '' }],
    ['does not vouch for the trust domain example.org', zone({ trustDomains: [] }), {}],
    ['it is on the list of revoked ones', zone({}, ['a1b']), {}],
    ['Cloudflare did not hand it over', zone(), { certRFC9440: '', certRFC9440TooLarge: true }],
    ['it is malformed', zone(), { certRFC9440: ':AAAA:' }],
    ['does not say its fingerprint', zone(), { certFingerprintSHA256: 'x' }],
  ])('%s', async (reason, trust, said) => {
    const found = await finderOf([trust])({ auth: tlsClientAuth(leaf, [], { ...SUCCESS, ...said }) })
    expect(found).toMatchObject({ kind: 'refused', reason: expect.stringContaining(reason) })
  })

  test('a fingerprint on the list is revoked too', async () => {
    const found = await finderOf([zone({}, [fingerprint(leaf)])])({ auth: tlsClientAuth(leaf, [], SUCCESS) })
    expect(found).toMatchObject({ kind: 'refused', fingerprint: fingerprint(leaf) })
  })
})

describe('what is not believed', () => {
  test.each([
    [undefined],
    [null],
    ['certPresented'],
    [{}],
    [{ certPresented: '0', certVerified: 'NONE' }],
    [{ certPresented: 1, certVerified: 'SUCCESS' }],
    [[]],
  ])('tlsClientAuth %o is no certificate', async (auth) => expect(await finderOf([zone()])({ auth })).toEqual({ kind: 'absent' }))

  test('headers say nothing', async () => {
    const headers = {
      'client-cert': `:${base64(leaf)}:`,
      'cf-client-cert-sha256': fingerprint(leaf),
      'x-forwarded-client-cert': `Hash=${fingerprint(leaf)}`,
      'mf-cf-blob': JSON.stringify({ tlsClientAuth: tlsClientAuth(leaf, [], SUCCESS) }),
    }
    expect(await finderOf([zone()])({ headers })).toEqual({ kind: 'absent' })
  })

  test.each(['early-data', 'cf-0rtt-unique'])('a request in early data (%s) proves nothing yet', async (name) => {
    const found = await finderOf([zone()])({ auth: tlsClientAuth(leaf, [], SUCCESS), headers: { [name]: '1' } })
    expect(found).toEqual({ kind: 'early' })
  })
})

describe('verified by a bundle', () => {
  const bundle = (revoked: readonly string[] = []) => trustOf({ kind: 'bundle', authorities: [trusted(root, 'example.org')] }, revoked)

  test('whatever Cloudflare says of the chain, unless it was revoked', async () => {
    const find = finderOf([bundle()])
    expect(await find({ auth: tlsClientAuth(leaf) })).toMatchObject({ kind: 'verified' })
    expect(await find({ auth: tlsClientAuth(leaf, [], { certVerified: 'SUCCESS', certRevoked: '1' }) })).toMatchObject({ kind: 'refused' })
  })

  test.each([
    ['its serial number', () => ['a1b']],
    ['its fingerprint', () => [fingerprint(leaf)]],
  ])('revoked by %s', async (_, revoked) => {
    expect(await finderOf([bundle(revoked())])({ auth: tlsClientAuth(leaf) })).toMatchObject({ reason: expect.stringContaining('revoked') })
  })

  test('an authority of the path that is revoked', async () => {
    const issuing = await makeAuthority({ by: root, serial: 'beef' })
    const below = await makeLeaf(issuing)
    const found = await finderOf([bundle(['beef'])])({ auth: tlsClientAuth(below, [issuing]) })
    expect(found).toMatchObject({ reason: 'partners: an authority of its path is revoked' })
  })

  test('a gateway that was built without the validator lets nobody in', async () => {
    const found = await finderOf([bundle()], null)({ auth: tlsClientAuth(leaf) })
    expect(found).toMatchObject({ kind: 'refused', reason: expect.stringContaining('without path validation') })
  })

  test.each([
    ['malformed', { certRFC9440: ':AAAA:' }],
    ['malformed', { certRFC9440: `:${Buffer.alloc(2000, 0x30).toString('base64')}:` }],
    ['a certificate of its chain is malformed', { certChainRFC9440: ':AAAA:' }],
    ['too large', { certRFC9440: `:${'A'.repeat(16_388)}:` }],
    ['too large', { certChainRFC9440: Array.from({ length: 9 }, () => ':AAAA:').join(', ') }],
    ['did not hand it over', { certRFC9440: 'AAAA' }],
    ['did not hand it over', { certRFC9440: '' }],
  ])('garbage is refused: %s %o', async (reason, said) => {
    const found = await finderOf([bundle()])({ auth: tlsClientAuth(leaf, [], said) })
    expect(found).toMatchObject({ kind: 'refused', reason: expect.stringContaining(reason) })
  })

  test('a leaf with every single octet changed never comes in, and never breaks anything', { timeout: 60_000 }, async () => {
    const find = finderOf([trustOf({ kind: 'bundle', authorities: [trusted(root, 'example.org')] })])
    const octets = Buffer.from(base64(leaf), 'base64')
    for (let index = 0; index < octets.length; index += 1) {
      const changed = Buffer.from(octets)
      changed[index] = (changed[index] ?? 0) ^ 0x01
      const found = await find({ auth: tlsClientAuth(leaf, [], { certRFC9440: `:${changed.toString('base64')}:` }) })
      expect([index, found.kind]).toEqual([index, 'refused'])
    }
  })

  test('several trusts are asked in order, and each says why not', async () => {
    const other = await makeAuthority({ name: 'CN=Other' })
    const [staff, partners] = [trustOf({ kind: 'bundle', authorities: [trusted(other)] }, [], 'staff'), bundle()]
    expect(await finderOf([staff, partners])({ auth: tlsClientAuth(leaf) })).toMatchObject({ kind: 'verified', trust: 'partners' })
    const stranger = await makeLeaf(await makeAuthority())
    const found = await finderOf([staff, partners])({ auth: tlsClientAuth(stranger) })
    expect(found).toMatchObject({ kind: 'refused', reason: expect.stringMatching(/^staff: .*; partners: /) })
  })

  test('whose a refused one would have been is said, also where the platform knows no fingerprint', async () => {
    const stranger = await makeLeaf(await makeAuthority({ name: 'CN=Nobody' }))
    for (const said of [{}, { certFingerprintSHA256: '' }]) {
      const found = await finderOf([bundle()])({ auth: tlsClientAuth(stranger, [], said) })
      expect(found).toMatchObject({ kind: 'refused', fingerprint: fingerprint(stranger), issuer: 'CN=Nobody' })
    }
  })
})

describe('a verdict is remembered', () => {
  const counted = (verdict: ChainVerdict) => {
    let count = 0
    const find = finderOf([trustOf({ kind: 'bundle', authorities: [trusted(root)] })], () => async () => {
      count += 1
      return verdict
    })
    return { find, count: () => count }
  }

  test('until the first certificate of its path expires, and no longer', async () => {
    const path = { kind: 'good', path: [], authority: trusted(root), from: instant(NOW - 1), until: instant(NOW + DAY_MS) } as const
    const plain = await makeLeaf(root)
    const { find, count } = counted(path)
    for (const now of [NOW, NOW + 1, NOW + DAY_MS]) await find({ auth: tlsClientAuth(plain), now })
    expect(count()).toBe(1)
    await find({ auth: tlsClientAuth(plain), now: NOW + DAY_MS + 1 })
    await find({ auth: tlsClientAuth(plain), now: NOW - 2 })
    expect(count()).toBe(3)
  })

  test('a refusal for ten seconds, and each chain for itself', async () => {
    const { find, count } = counted({ kind: 'bad', reason: 'no' })
    for (const now of [NOW, NOW + 10_000]) await find({ auth: tlsClientAuth(leaf), now })
    expect(count()).toBe(1)
    await find({ auth: tlsClientAuth(leaf), now: NOW + 10_001 })
    expect(count()).toBe(2)
    await find({ auth: tlsClientAuth(leaf, [root]), now: NOW + 10_001 })
    expect(count()).toBe(3)
  })

  test('within a bound, the oldest forgotten first', () => {
    const remembered = new Remembered<number>(10)
    for (const [index, key] of ['aaaa', 'bbbb', 'cccc'].entries()) remembered.keep(key, index)
    remembered.keep('bbbb', 7)
    remembered.keep('dddddddddddd', 8)
    expect(['aaaa', 'bbbb', 'cccc', 'dddddddddddd'].map((key) => remembered.get(key))).toEqual([undefined, 7, 2, undefined])
  })
})
