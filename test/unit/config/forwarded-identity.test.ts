/** What endpoints may be told of clients, and what it must not contradict. */
import { describe, expect, test } from 'vitest'
import { loadText } from '../../../cli/load-gateway.ts'
import { defectsOf, notesOf } from './documents.ts'
import { load, routeOf } from './load-example.ts'

interface Parts {
  readonly endpoint?: string
  readonly pool?: string
  readonly route?: string
  readonly admission?: string
  readonly rest?: string
}

const gateway = ({
  endpoint = '',
  pool = '',
  route = '',
  admission = 'tokens: [idp], certificates: [partners]',
  rest = '',
}: Parts): string => `
pools:
  shop: { endpoints: { a: { url: https://a.example.com, cloud: aws, region: us-east-1${endpoint} } }${pool} }
  other: { endpoints: { b: { url: https://b.example.com, cloud: aws, region: us-east-1 } } }
issuers: { idp: { issuer: "https://id.example.com", jwks: "https://id.example.com/keys", audiences: [shop] } }
trusts: { partners: { verify: cloudflare } }
admission:
  - { hosts: [shop.example.com], ${admission} }
routes:
  - { hosts: [shop.example.com]${route} }
  - { hosts: [other.example.com], pool: other }
${rest}
`

const baseOf = (parts: Parts) => {
  const loaded = loadText(gateway(parts), 'f', { local: false })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.defects))
  return loaded.base
}
const told = (identity: string, parts: Parts = {}) =>
  baseOf({ route: `, pool: shop, identity: ${identity}`, ...parts }).routes[0]?.admission?.identity

describe('what is told', () => {
  test('a token, in its own header or another', () => {
    expect(told('{ token: true }')).toEqual({
      xfcc: false,
      clientCert: false,
      claims: [],
      token: { header: 'meridian-identity', claims: [] },
    })
    expect(told('{ token: { header: X-Edge, claims: [org.tenant, ["https://x.example.com/role"]] } }')?.token).toEqual({
      header: 'x-edge',
      claims: [['org', 'tenant'], ['https://x.example.com/role']],
    })
    expect(told('{ claims: { X-User: sub }, token: {} }')).toMatchObject({ claims: [{ header: 'x-user', claim: ['sub'] }], token: {} })
  })
  test('by an edge that has a name', () => {
    const route = ', pool: shop, identity: { token: true }'
    expect(baseOf({ route }).edge).toEqual({ issuer: 'urn:meridian:edge' })
    expect(baseOf({ route, rest: 'edge: { issuer: "https://edge.example.com" }' }).edge).toEqual({ issuer: 'https://edge.example.com' })
    expect(baseOf({ route: ', pool: shop' })).not.toHaveProperty('edge')
    expect(baseOf({ route: ', pool: shop, identity: { token: true }' }).routes[1]).not.toHaveProperty('admission')
  })
  test('the example', () => {
    const base = load('config/examples/identity.yaml')
    expect(routeOf(base, 'shop')?.admission?.identity?.claims).toHaveLength(2)
    expect(routeOf(base, 'partners')?.admission?.identity).toEqual({ xfcc: true, clientCert: true, claims: [] })
    expect(base.pools[1]?.endpoints.map(({ clientCertificate }) => clientCertificate)).toEqual(['EDGE_CERTIFICATE', 'EDGE_CERTIFICATE'])
    expect(base.edge).toEqual({ issuer: 'https://edge.example.com' })
  })
})

describe('a client certificate of the edge', () => {
  const keyOf = (parts: Parts) => baseOf({ route: ', pool: shop', ...parts }).targets[0]
  test('makes another endpoint, and is shown to probes of the same address alone', () => {
    const plain = keyOf({})
    const shown = keyOf({ endpoint: ', clientCertificate: EDGE' })
    expect(shown?.key).not.toBe(plain?.key)
    expect(shown?.monitor.clientCertificate).toBe('EDGE')
    expect(plain?.monitor).not.toHaveProperty('clientCertificate')
    const elsewhere = keyOf({ endpoint: ', clientCertificate: EDGE, monitor: { port: 15021, path: /ready }' })
    expect(elsewhere?.monitor).not.toHaveProperty('clientCertificate')
    expect(elsewhere?.key).not.toBe(keyOf({ endpoint: ', monitor: { port: 15021, path: /ready }' })?.key)
  })
  test('proves what is told without a token', () => {
    expect(told('{ xfcc: true }', { endpoint: ', clientCertificate: EDGE' })).toMatchObject({ xfcc: true })
  })
})

describe('claims of several issuers', () => {
  const TWO =
    'issuers: { idp: { issuer: "https://id.example.com", jwks: "https://id.example.com/keys", audiences: [shop] }, partner: { issuer: "https://id.partner.example", jwks: "https://id.partner.example/keys", audiences: [shop] }, again: { issuer: "https://id.example.com", jwks: "https://id.example.com/keys", audiences: [feed] } }'
  const found = (admission: string, identity: string, route = ''): readonly string[] => {
    const text = gateway({ admission, route: `, pool: shop, identity: ${identity}${route}` }).replace(/issuers: .*/, TWO)
    return defectsOf(text).map((each) => each.replace(/^\S+ +/, ''))
  }
  const PLAIN = '{ claims: { x-user: sub }, token: true }'

  test('are told with whose they are', () => {
    const [defect, ...others] = found('tokens: [idp, partner]', PLAIN)
    expect(others).toEqual([])
    expect(defect).toContain('routes[0].identity.claims')
    expect(defect).toContain('a header with the claim "iss" among them, because several issuers count here (idp, partner)')
    expect(found('tokens: [idp, partner]', '{ claims: { x-user: sub, x-issuer: iss }, token: true }')).toEqual([])
  })
  test('are of one where only one counts, or nothing is in headers', () => {
    expect(found('tokens: [idp]', PLAIN)).toEqual([])
    expect(found('tokens: [idp, partner]', '{ token: { claims: [sub] } }')).toEqual([])
  })
  test('are of two also where each counts on a host of its own, and of one where both have one "issuer"', () => {
    const on = (issuer: string) => `tokens: [idp] }\n  - { hosts: [next.example.com], tokens: [${issuer}]`
    const hosts =
      ' }\n  - { hosts: [shop.example.com, next.example.com], paths: [/next], pool: shop, identity: { claims: { x-user: sub }, token: true }'
    expect(found(on('partner'), PLAIN, hosts)).toEqual([expect.stringContaining('routes[1].identity.claims')])
    expect(found(on('again'), PLAIN, hosts)).toEqual([])
  })
})

describe('contradictions', () => {
  const cases: readonly (readonly [why: string, parts: Parts, says: readonly string[]])[] = [
    ['nothing is told', { route: ', pool: shop, identity: {}' }, ['routes[0].identity', 'at least one of xfcc, clientCert, claims, token']],
    [
      'nothing is told: false',
      { route: ', pool: shop, identity: { token: false, xfcc: false }' },
      ['routes[0].identity', 'at least one of'],
    ],
    ['nobody is asked', { route: ', reply: { status: 204 }, identity: { token: true }' }, ['routes[0].identity', 'a pool beside it']],
    [
      'nobody can believe it',
      { route: ', pool: shop, identity: { claims: { x-user: sub } }' },
      ['routes[0].identity', '"token: true"', '"clientCertificate"', 'neither for shop.a'],
    ],
    [
      'one endpoint cannot believe it',
      {
        endpoint: ', clientCertificate: EDGE',
        route: ', pools: [{ pool: shop, weight: 1 }, { pool: other, weight: 1 }], identity: { xfcc: true }',
      },
      ['neither for other.b'],
    ],
    [
      'no token is verified',
      { admission: 'certificates: [partners]', route: ', pool: shop, identity: { claims: { x-user: sub }, token: true }' },
      ['routes[0].identity.claims', 'verifies tokens'],
    ],
    [
      'no token is verified for the token',
      { admission: 'certificates: [partners]', route: ', pool: shop, identity: { token: { claims: [org] } }' },
      ['routes[0].identity.token.claims', 'verifies tokens'],
    ],
    [
      'no certificate is verified',
      { admission: 'tokens: [idp]', route: ', pool: shop, identity: { xfcc: true, token: true }' },
      ['routes[0].identity.xfcc', 'verifies certificates'],
    ],
    [
      'the route demands nothing',
      { route: ', pool: shop, admission: { require: none }, identity: { clientCert: true, token: true }' },
      ['routes[0].identity.clientCert', 'require: none'],
    ],
    [
      'two in one header',
      { route: ', pool: shop, identity: { claims: { x-user: sub }, token: { header: X-User } }' },
      ['routes[0].identity.token.header', 'another header'],
    ],
    [
      'a claim within another',
      { route: ', pool: shop, identity: { token: { claims: [org.tenant, org] } }' },
      ['routes[0].identity.token.claims[0]', 'not within org'],
    ],
    ['a claim that is there', { route: ', pool: shop, identity: { token: { claims: [iss] } }' }, ['claims[0]', 'client.iss']],
    [
      'a header that the route sets',
      { route: ', pool: shop, requestHeaders: { set: { X-User: root } }, identity: { claims: { x-user: sub }, token: true }' },
      ['routes[0].requestHeaders', 'tells nothing'],
    ],
    [
      'a header that the endpoint sets',
      { endpoint: ', headers: { x-user: root }', route: ', pool: shop, identity: { claims: { x-user: sub }, token: true }' },
      ['pools.shop.endpoints.a.headers.x-user', 'tells nothing'],
    ],
    ['a header of clients', { route: ', pool: shop, identity: { claims: { Authorization: sub }, token: true }' }, ['a header of its own']],
    ['a header of ours', { route: ', pool: shop, identity: { token: { header: meridian-attempt } }' }, ['token.header', 'Meridian']],
    ['a header twice', { route: ', pool: shop, identity: { claims: { x-user: sub, X-User: sub }, token: true }' }, ['each header once']],
    ['a header with _', { route: ', pool: shop, identity: { claims: { x_user: sub }, token: true }' }, ['write x-user']],
    [
      'a header with a dot',
      { route: ', pool: shop, identity: { claims: { x.user: sub }, token: true }' },
      ['claims.x.user', 'write x-user'],
    ],
    [
      'a header of a token with an odd sign',
      { route: ', pool: shop, identity: { token: { header: x!edge } }' },
      ['token.header', 'write x-edge'],
    ],
    ['no claim', { route: ', pool: shop, identity: { claims: { x-user: "" }, token: true }' }, ['the path of a claim']],
    ['no token', { route: ', pool: shop, identity: { token: yes }' }, ['routes[0].identity.token']],
    ['a binding in lower case', { endpoint: ', clientCertificate: edge-cert', route: ', pool: shop' }, ['write EDGE_CERT']],
    ['a certificate in clear', { endpoint: ', clientCertificate: EDGE', route: ', pool: shop', rest: '' }, []],
    [
      'a name that is no URI',
      { route: ', pool: shop, identity: { token: true }', rest: 'edge: { issuer: meridian }' },
      ['edge.issuer', 'a URI'],
    ],
  ]
  test.each(cases.filter(([, , says]) => says.length > 0))('%s', (_why, parts, says) => {
    const defects = defectsOf(gateway(parts))
    expect(defects.length, defects.join('\n')).toBe(1)
    for (const text of says) expect(defects[0]).toContain(text)
  })
  test('a certificate is never shown in clear', () => {
    const text = gateway({ endpoint: ', clientCertificate: EDGE', route: ', pool: shop' }).replace('https://a.example.com', 'http://a.test')
    expect(defectsOf(text, true)).toEqual([expect.stringContaining('an https URL beside it')])
  })
  test('all at once, each in its place', () => {
    const defects = defectsOf(
      gateway({ admission: 'tokens: [idp], require: none', route: ', pool: shop, identity: { xfcc: true, claims: { x-user: sub } }' }),
    )
    expect(defects).toHaveLength(3)
    expect(notesOf(gateway({ route: ', pool: shop, identity: { token: true }' })).join()).not.toContain('identity')
  })
})
