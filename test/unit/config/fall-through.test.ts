/** Routes by claims and certificates: what they become, and where what they turn away would find a way around them. */
import { describe, expect, test } from 'vitest'
import { baseOf, defectsOf } from './documents.ts'

const gateway = (routes: readonly string[], admission = 'require: all', more = ''): string => `
pools: { shop: { endpoints: { a: { url: https://a.example.com, cloud: aws, region: us-east-1 } } } }
issuers: { idp: { issuer: "https://id.example.com", audiences: [shop], discovery: true } }
trusts: { partners: { verify: cloudflare, issuers: [abcd1234], trustDomains: [example.org] } }
admission:
  - { hosts: [shop.example.com], tokens: [idp], certificates: [partners], ${admission} }
routes:
${routes.map((route) => `  - { hosts: [shop.example.com], ${route} }`).join('\n')}
${more}
`

const POOL = 'pool: shop'
const GOLD = `name: gold, claims: { tier: gold }, ${POOL}`
const ALLOWS = 'authorization: { rules: [{ effect: allow, methods: [GET] }] }'

test('conditions on who sent a request are in the base where a route has them', () => {
  const { routes, regexes } = baseOf(
    gateway([
      `claims: { realm_access.roles: { regex: "a|b" }, n: 1 }, certificate: { dns: ["*.partner.example"], fingerprints: ["${'AB:'.repeat(31)}AB"] }, ${POOL}`,
      POOL,
    ]),
  )
  expect(routes[0]).toMatchObject({
    claims: [
      { claim: ['realm_access', 'roles'], kind: 'regex', value: 'a|b' },
      { claim: ['n'], kind: 'exact', value: '1' },
    ],
    certificate: { dns: ['*.partner.example'], fingerprints: ['ab'.repeat(32)] },
  })
  expect(regexes.map(({ source }) => source)).toEqual(['a|b'])
  expect(routes[1]).not.toHaveProperty('claims')
})

describe('a way around is a defect, with both places', () => {
  test.each<[why: string, routes: readonly string[], path: string, to: string]>([
    [
      'to less',
      [GOLD, `admission: { require: none }, ${POOL}`],
      'routes[0].claims',
      'routes[1] takes what this turns away, and it requires none instead of all',
    ],
    ['to a named route', [GOLD, `name: all, admission: { require: token }, ${POOL}`], 'routes[0].claims', 'all (routes[1]) takes'],
    [
      'to permissive',
      [GOLD, `admission: { mode: permissive }, ${POOL}`],
      'routes[0].claims',
      'it requires all (permissive) instead of all',
    ],
    ['past rules', [`${GOLD}, admission: { ${ALLOWS} }`, POOL], 'routes[0].claims', 'it has no authorization'],
    [
      'to rules that are only looked at',
      [`${GOLD}, admission: { ${ALLOWS} }`, `admission: { authorization: { mode: audit, rules: [{ effect: allow }] } }, ${POOL}`],
      'routes[0].claims',
      'it has no authorization',
    ],
    ['to a shorter path', [`${GOLD}, paths: [/admin]`, POOL], 'routes[0].claims', 'it takes more paths (/) and asks nobody who they are'],
    [
      'of a certificate',
      [`certificate: {}, ${POOL}`, `admission: { require: token }, ${POOL}`],
      'routes[0].certificate',
      'it requires token instead of all',
    ],
    [
      'past one that takes some',
      [GOLD, `methods: [GET], ${POOL}`, `admission: { require: none }, ${POOL}`],
      'routes[0].claims',
      'routes[2] takes',
    ],
    [
      'past one that is for others',
      [GOLD, `claims: { tier: silver }, ${POOL}`, `admission: { require: none }, ${POOL}`],
      'routes[0].claims',
      'routes[2] takes',
    ],
    [
      'by an expression',
      [`${GOLD}, paths: [{ regex: "/a.*" }]`, `paths: [/ab], admission: { require: none }, ${POOL}`],
      'routes[0].claims',
      'routes[1] takes',
    ],
  ])('%s', (_, routes, path, to) => {
    const defects = defectsOf(gateway(routes)).filter((defect) => defect.includes(path))
    expect(defects).toHaveLength(1)
    expect(defects[0]).toContain(to)
    expect(defectsOf(gateway(routes.map((route) => (/claims|certificate/.test(route) ? `${route}, fallThrough: allow` : route))))).toEqual(
      [],
    )
  })
})

describe('no way around', () => {
  test.each<[why: string, routes: readonly string[]]>([
    ['to as much', [GOLD, POOL]],
    ['to others who prove who they are', [GOLD, `claims: { tier: silver }, ${POOL}`]],
    ['by their match', [`${GOLD}, admission: { require: any }`, `claims: { tier: silver }, admission: { require: none }, ${POOL}`]],
    ['to an answer of the route itself', [GOLD, 'reply: { status: 403 }, admission: { require: none }']],
    ['to a redirect', [GOLD, 'redirect: { path: /login }, admission: { require: none }']],
    ['behind one that takes all', [`${GOLD}, paths: [/a]`, `paths: [/a], ${POOL}`, `admission: { require: none }, ${POOL}`]],
    ['that goes before anyhow', [`${GOLD}, paths: [/a]`, `paths: [/a/b], admission: { require: none }, ${POOL}`, `paths: [/a], ${POOL}`]],
    ['with another method', [`${GOLD}, methods: [POST]`, `methods: [GET], admission: { require: none }, ${POOL}`]],
    ['with another value', [`${GOLD}, headers: { x: "1" }`, `headers: { x: "2" }, admission: { require: none }, ${POOL}`]],
    [
      'without what the other wants',
      [`${GOLD}, headers: { x: { present: true } }`, `headers: { x: { present: false } }, admission: { require: none }, ${POOL}`],
    ],
    ['on another path', [`${GOLD}, paths: [/a]`, `paths: [/b], admission: { require: none }, ${POOL}`]],
    ['to a shorter path with rules', [`${GOLD}, paths: [/admin]`, `admission: { ${ALLOWS} }, ${POOL}`]],
  ])('%s', (_, routes) => expect(defectsOf(gateway(routes))).toEqual([]))

  test('where rules of the host judge both', () =>
    expect(defectsOf(gateway([`${GOLD}, paths: [/admin]`, POOL], 'authorization: { rules: [{ effect: allow }] }'))).toEqual([]))

  test('to what goes before, in the order of the file', () => {
    const routes = [`paths: [/a], admission: { require: none }, ${POOL}`, `${GOLD}, paths: [/]`]
    expect(defectsOf(gateway(routes, 'require: all', 'matching: { order: first-match }'))).toEqual([])
    expect(defectsOf(gateway(routes.toReversed(), 'require: all', 'matching: { order: first-match }'))).toHaveLength(1)
  })

  test('from one host to another', () => {
    const [other = ''] = [`  - { hosts: ["*.example.com"], admission: { require: none }, ${POOL} }`]
    expect(
      defectsOf(gateway([GOLD], 'require: all').replace('routes:\n', `routes:\n${other}\n`).replace('a.example.com', 'a.example.net')),
    ).toEqual([])
  })
})

test.each([
  ['fallThrough alone', [`fallThrough: allow, ${POOL}`], 'routes[0].fallThrough', 'a field "claims" or "certificate" beside it'],
  ['an empty list', [`certificate: { spiffe: [] }, ${POOL}`], 'routes[0].certificate.spiffe', 'at least one'],
  ['twice the same', [GOLD, `claims: { tier: gold }, ${POOL}`], 'routes[1]', 'this route can never be reached'],
  [
    'more than who has it already',
    [`claims: { tier: { present: true } }, ${POOL}`, `claims: { tier: { present: true } }, schemes: [https], ${POOL}`],
    '',
    '',
  ],
  ['no claim at all', [`claims: { a: { present: false } }, ${POOL}`], 'routes[0].claims', '{ present: true }'],
  ['a broken expression', [`claims: { a: { regex: "(" } }, ${POOL}`], 'routes[0].claims.a.regex', 'a regular expression'],
  ['a path with an empty name', [`claims: { "a..b": c }, ${POOL}`], 'routes[0].claims', 'a name that holds dots is written in a list'],
  ['no SPIFFE id', [`certificate: { spiffe: [example.org/a] }, ${POOL}`], 'spiffe[0]', 'write spiffe://example.org/a'],
])('%s', (_, routes, path, expected) => {
  const defects = defectsOf(gateway(routes))
  expect(defects).toHaveLength(path === '' ? 0 : 1)
  if (path !== '') expect(defects[0]).toContain(path)
  if (path !== '') expect(defects[0]).toContain(expected)
})

test('two thousand tenants of one host are compared in a moment', () => {
  const tenants = Array.from({ length: 2000 }, (_, index) => `claims: { tenant: t${index} }, ${POOL}`)
  const started = performance.now()
  expect(defectsOf(gateway([...tenants, POOL]))).toEqual([])
  expect(performance.now() - started).toBeLessThan(30_000)
})
