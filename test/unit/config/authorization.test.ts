/** What rules may say, what they become, and what they must not contradict. */
import { describe, expect, test } from 'vitest'
import { baseOf, defectsOf, notesOf } from './documents.ts'

interface Parts {
  /** Fields of the host's admission. */
  readonly admission?: string
  /** Of the one route, after hosts and pool. */
  readonly route?: string
}

const gateway = ({ admission = '', route = '' }: Parts): string => `
pools: { shop: { endpoints: { a: { url: https://a.example.com, cloud: aws, region: us-east-1 } } } }
issuers: { idp: { issuer: "https://id.example.com", audiences: [shop], discovery: true } }
trusts: { partners: { verify: cloudflare, issuers: [abcd1234], trustDomains: [example.org] } }
admission:
  - { hosts: [shop.example.com], tokens: [idp], certificates: [partners] ${admission} }
  - { hosts: [plain.example.com], require: none }
routes:
  - { hosts: [shop.example.com], pool: shop ${route} }
`

const withRules = (rules: string): string => gateway({ admission: `, authorization: { rules: ${rules} }` })
const ofRoute = (rules: string, more = ''): string => gateway({ route: `, ${more} admission: { authorization: { rules: ${rules} } }` })

test('a rule becomes what it says, and its place is its name', () => {
  const { admission, regexes } = baseOf(
    withRules(
      '[{ name: staff, effect: allow, methods: [GET], paths: [/a, { regex: "/b/[0-9]+" }], claims: { realm_access.roles: admin, email_verified: true, n: { regex: "[a-z]+" } }, headers: { X-A: { present: true } } }, { effect: deny, clients: [203.0.113.0/24], countries: [DE], certificate: { spiffe: ["spiffe://example.org/ns/shop/*"] } }]',
    ),
  )
  expect(admission?.hosts[0]?.authorization).toEqual({
    mode: 'enforce',
    rules: [
      {
        effect: 'allow',
        id: 'staff',
        claims: [
          { claim: ['realm_access', 'roles'], kind: 'exact', value: 'admin' },
          { claim: ['email_verified'], kind: 'exact', value: 'true' },
          { claim: ['n'], kind: 'regex', value: '[a-z]+' },
        ],
        paths: [
          { kind: 'prefix', value: '/a' },
          { kind: 'regex', value: '/b/[0-9]+' },
        ],
        methods: ['GET'],
        headers: [{ name: 'x-a', kind: 'present' }],
      },
      {
        effect: 'deny',
        id: 'rules[1]',
        certificate: { spiffe: ['spiffe://example.org/ns/shop/*'] },
        clients: ['203.0.113.0/24'],
        countries: ['DE'],
      },
    ],
  })
  expect(regexes.map(({ source }) => source)).toEqual(['[a-z]+', '/b/[0-9]+'])
})

test('a claim whose name holds dots is written as a list', () => {
  const { routes } = baseOf(ofRoute('[{ effect: allow, claims: [{ claim: ["https://example.com/roles", x], value: admin }] }]'))
  expect(routes[0]?.admission?.authorization?.rules[0]?.claims).toEqual([
    { claim: ['https://example.com/roles', 'x'], kind: 'exact', value: 'admin' },
  ])
})

const ALLOW = '{ effect: allow }'

describe('a rule that can decide nothing is a defect', () => {
  test.each<[why: string, text: string, path: string, expected: string]>([
    ['no rules', withRules('[]'), 'admission[0].authorization.rules', 'expected at least one rule'],
    ['only denials', withRules('[{ effect: deny, methods: [POST] }]'), 'admission[0].authorization.rules', 'or nobody gets in'],
    ['an empty list of paths', withRules('[{ effect: allow, paths: [] }]'), 'rules[0].paths', 'at least one path, or no field "paths"'],
    ['an empty list of clients', withRules('[{ effect: allow, clients: [] }]'), 'rules[0].clients', 'at least one network'],
    ['an empty list of countries', withRules('[{ effect: allow, countries: [] }]'), 'rules[0].countries', 'at least one country'],
    ['an empty list of methods', withRules('[{ effect: allow, methods: [] }]'), 'rules[0].methods', 'at least one method'],
    ['an empty list of ids', withRules('[{ effect: allow, certificate: { spiffe: [] } }]'), 'certificate.spiffe', 'at least one'],
    ['behind one for all', withRules(`[${ALLOW}, { effect: deny, methods: [POST] }]`), 'rules[1]', 'rules[0] does not go before'],
    [
      'a name twice',
      withRules(`[{ name: a, effect: deny, methods: [PUT] }, { name: a, effect: allow }]`),
      'rules[1].name',
      'rules[0] has it',
    ],
    ['twice', withRules('[{ effect: allow, methods: [GET] }, { effect: allow, methods: [GET] }]'), 'rules[1]', 'each of the rules once'],
    [
      'the same by another name',
      withRules('[{ effect: allow, methods: [GET] }, { name: a, effect: allow, methods: [GET] }]'),
      'rules[1]',
      'rules[0] does not go before',
    ],
    [
      'within another',
      withRules(`[{ effect: deny, paths: [/a] }, { effect: allow, paths: [/a/b], methods: [GET] }, ${ALLOW}]`),
      'rules[1]',
      'rules[0] does not go before',
    ],
    [
      'a network within another',
      withRules(`[{ effect: deny, clients: [10.0.0.0/8] }, { effect: deny, clients: [10.1.0.0/16, 10.2.0.1] }, ${ALLOW}]`),
      'rules[1]',
      'rules[0] does not go before',
    ],
    [
      'a claim that is there, before what it is',
      withRules(`[{ effect: deny, claims: { banned: { present: true } } }, { effect: deny, claims: { banned: yes } }, ${ALLOW}]`),
      'rules[1]',
      'rules[0] does not go before',
    ],
    [
      'another method',
      ofRoute('[{ effect: allow, methods: [POST] }]', 'methods: [GET],'),
      'rules[0].methods',
      'one of the methods of the route',
    ],
    [
      'a number that would be another',
      withRules('[{ effect: allow, claims: { a: 9007199254740993 } }, { effect: allow, methods: [GET] }]'),
      'rules[0].claims.a',
      'at most 9007199254740991',
    ],
    [
      'a path that no route of the host takes',
      withRules(`[{ effect: allow, paths: [/b] }, { effect: allow, paths: [/a/x] }]`).replace('pool: shop', 'paths: [/a], pool: shop'),
      'rules[0].paths',
      'a path that a route of these hosts takes: /a',
    ],
    [
      'a method that no route of the host takes',
      withRules(`[{ effect: allow, methods: [POST] }, { effect: allow, methods: [GET] }]`).replace(
        'pool: shop',
        'methods: [GET], pool: shop',
      ),
      'rules[0].methods',
      'one of the methods of a route of these hosts: GET',
    ],
    [
      'a header that ends here',
      withRules(`[{ effect: allow, headers: { x-forwarded-user: root } }, { effect: allow, methods: [GET] }]`),
      'rules[0].headers.x-forwarded-user',
      'this one ends at the gateway',
    ],
    [
      'a header in which a route tells who sent a request',
      withRules(`[{ effect: allow, headers: { X-User: root } }, { effect: allow, methods: [GET] }]`).replace(
        'pool: shop',
        'pool: shop, identity: { claims: { x-user: sub }, token: true }',
      ),
      'rules[0].headers',
      'this one ends at the gateway',
    ],
    [
      'a header of a family that ends here, in a rule of a route',
      ofRoute('[{ effect: allow, headers: { X-Envoy-Anything: { present: true } } }, { effect: allow, methods: [GET] }]', ''),
      'rules[0].headers',
      'this one ends at the gateway',
    ],
    ['another path', ofRoute('[{ effect: allow, paths: [/b] }]', 'paths: [/a],'), 'rules[0].paths', 'a path that the route takes: /a'],
  ])('%s', (_, text, path, expected) => {
    const defects = defectsOf(text)
    expect(defects).toHaveLength(1)
    expect(defects[0]).toContain(path)
    expect(defects[0]).toContain(expected)
  })
})

test.each([
  ['an allow before the denial of the same', `[{ effect: allow, claims: { a: b } }, { effect: deny, claims: { a: b } }, ${ALLOW}]`],
  ['a denial of some of the next', `[{ effect: deny, paths: [/a/b] }, { effect: allow, paths: [/a] }]`],
  ['another network', `[{ effect: deny, clients: [10.0.0.0/8] }, { effect: deny, clients: [11.0.0.0/8, "2001:db8::/32"] }, ${ALLOW}]`],
  ['a denial by a header that ends here', `[{ effect: deny, headers: { x-forwarded-user: root } }, ${ALLOW}]`],
  ['a header that ends here and must not be there', `[{ effect: allow, headers: { x-forwarded-user: { present: false } } }]`],
  ['other members', `[{ effect: allow, claims: { a: b } }, { effect: allow, claims: { a: c } }, { effect: allow, certificate: {} }]`],
  ['everybody', `[${ALLOW}]`],
])('%s is none', (_, rules) => expect(defectsOf(withRules(rules))).toEqual([]))

describe('a condition that nobody can meet is a defect', () => {
  const plain = (rule: string): string =>
    withRules(`[${ALLOW}]`).replace('require: none', `require: none, authorization: { rules: [${rule}] }`)
  test.each([
    ['a claim without tokens', plain('{ effect: allow, claims: { a: b } }'), 'a field "tokens" in the admission of these hosts'],
    ['a certificate without trusts', plain('{ effect: allow, certificate: {} }'), 'a field "certificates" in the admission of these hosts'],
    [
      'a claim on a host without admission',
      ofRoute('[{ effect: allow, claims: { a: b } }]').replace('hosts: [shop.example.com], pool', 'hosts: [other.example.com], pool'),
      'a field "tokens" in the admission of other.example.com',
    ],
  ])('%s', (_, text, expected) => {
    const defects = defectsOf(text)
    expect(defects).toHaveLength(1)
    expect(defects[0]).toContain(expected)
  })
})

describe('a path that may be read in several ways', () => {
  const both = (route: string, rule: string, where: 'host' | 'route'): string =>
    where === 'host'
      ? gateway({ admission: `, authorization: { rules: [${rule}, ${ALLOW}] }`, route: `, ${route}` })
      : ofRoute(`[${rule}, ${ALLOW}]`, `${route},`)
  const DENY = '{ effect: deny, paths: [/packages/private] }'
  test.each<[route: string, rule: string, where: 'host' | 'route']>([
    ['paths: [/packages], encodedSlash: allow', DENY, 'route'],
    ['paths: [/packages], encodedSlash: allow', DENY, 'host'],
    ['paths: [/packages], doubleSlash: allow', DENY, 'host'],
    ['paths: [/packages], semicolon: allow', DENY, 'host'],
    ['encodedUnreserved: allow', DENY, 'host'],
    ['paths: [{ regex: "/p.*" }], encodedSlash: allow', DENY, 'host'],
    ['paths: [/packages], encodedSlash: allow', '{ effect: allow, paths: [{ regex: "/packages/[^/]+" }] }', 'host'],
  ])('%s with %s of the %s', (route, rule, where) => {
    const defects = defectsOf(both(route, rule, where))
    expect(defects).toHaveLength(1)
    expect(defects[0]).toMatch(/routes\[0\]\.\w+ {2}expected "reject", because .* decides by paths that this route takes/)
  })

  test.each<[route: string, rule: string]>([
    ['paths: [/packages], encodedSlash: allow', '{ effect: deny, paths: [/admin] }'],
    ['paths: [/packages], encodedSlash: allow', '{ effect: allow, paths: [/packages/public] }'],
    ['paths: [/packages], encodedSlash: allow', '{ effect: deny, paths: [/packages] }'],
    ['paths: [/packages], methods: [GET], encodedSlash: allow', '{ effect: deny, methods: [PUT], paths: [/packages/private] }'],
    ['paths: [/packages], encodedSlash: allow', '{ effect: deny, methods: [PUT] }'],
  ])('%s with %s is sound', (route, rule) => expect(defectsOf(both(route, rule, 'host'))).toEqual([]))
})

test.each([
  ['203.0.113.7/24', 'write 203.0.113.0/24'],
  ['nowhere', 'expected an address or a network'],
])('the network %s is a defect: %s', (network, says) => {
  const defects = defectsOf(withRules(`[{ effect: allow, clients: [${network}] }]`))
  expect(defects).toHaveLength(1)
  expect(defects[0]).toContain(says)
})

test('the whole of a family is noted', () => {
  const notes = notesOf(withRules('[{ effect: allow, clients: [0.0.0.0/0] }]'))
  expect(notes.join('\n')).toContain('admission[0].authorization.rules[0].clients: these networks hold every IPv4 client, and no IPv6 one')
})
