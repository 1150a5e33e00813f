/** What `issuers` may say, what it must not contradict, and what it is compiled to. */
import { describe, expect, test } from 'vitest'
import { baseOf, defectsOf, notesOf } from './documents.ts'

const EC =
  '{ kty: EC, crv: P-256, kid: k1, x: 04N0xi21hshyvBp7I167sbE_bXqyqkAPfefdklMO7wY, y: UI8exy-C06a7DUnjIdENkxeFtHM4-l_41LqEw9nVgmw }'
const ED = '{ kty: OKP, crv: Ed25519, kid: k2, x: 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo }'
const OCT = '{ kty: oct, kid: h1, alg: HS256, k: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8 }'

interface Parts {
  readonly issuers: string
  readonly tokens?: string
  readonly more?: string
}

const document = ({ issuers, tokens = '[idp]', more = '' }: Parts): string => `
pools: { shop: { endpoints: { a: { url: https://a.example.com, cloud: aws, region: us-east-1 } } } }
issuers:
  ${issuers}
trusts: { partners: { verify: cloudflare } }
admission:
  - { hosts: [shop.example.com], tokens: ${tokens}${more} }
routes:
  - { hosts: [shop.example.com], pool: shop }
`
const idp = (fields: string): string => `idp: { issuer: "https://id.example.com", audiences: [shop], ${fields} }`
const compiled = (fields: string, local = false) => baseOf(document({ issuers: idp(fields) }), local).admission?.issuers[0]

test('every default is said', () => {
  expect(compiled(`keys: [${EC}]`)).toEqual({
    id: 'idp',
    issuer: 'https://id.example.com',
    audiences: ['shop'],
    keys: { kind: 'static', keys: [expect.objectContaining({ kty: 'EC', crv: 'P-256', kid: 'k1' })] },
    algorithms: ['ES256', 'RS256', 'PS256', 'EdDSA'],
    skew: 30_000,
    types: [],
    claims: [],
    scopes: [],
    from: [{ kind: 'header', name: 'authorization', scheme: 'Bearer' }],
    sizeMax: 8192,
    binding: 'when-said',
  })
})

test('every field is taken', () => {
  const fields = `jwks: https://id.example.com/jwks, algorithms: [RS512], skew: 0s, types: [application/AT+jwt], scopes: [a:b], sizeMax: 4KiB,
    lifetimeMax: 60m, binding: dpop, from: [{ header: Authorization, scheme: Bearer }, { cookie: session }, { query: token }, { header: X-Token }],
    claims: [{ claim: [tenant], value: blue }, { claim: [https://a.b/c, d], value: { regex: "x+" } }, { claim: [realm_access, roles], value: { present: true } }, { claim: [beta], value: true }]`
  const base = baseOf(document({ issuers: idp(fields) }))
  expect(base.admission?.issuers[0]).toMatchObject({
    keys: { kind: 'jwks', url: 'https://id.example.com/jwks' },
    algorithms: ['RS512'],
    skew: 0,
    types: ['at+jwt'],
    claims: [
      { claim: ['tenant'], kind: 'exact', value: 'blue' },
      { claim: ['https://a.b/c', 'd'], kind: 'regex', value: 'x+' },
      { claim: ['realm_access', 'roles'], kind: 'present' },
      { claim: ['beta'], kind: 'exact', value: 'true' },
    ],
    scopes: ['a:b'],
    from: [
      { kind: 'header', name: 'authorization', scheme: 'Bearer' },
      { kind: 'cookie', name: 'session' },
      { kind: 'query', name: 'token' },
      { kind: 'header', name: 'x-token' },
    ],
    sizeMax: 4096,
    lifetimeMax: 3_600_000,
    binding: 'dpop',
  })
  expect(base.regexes.map(({ source }) => source)).toEqual(['x+'])
})

test.each([
  ['discovery: true', 'https://id.example.com/.well-known/openid-configuration'],
  ['discovery: "https://x.example.com/doc"', 'https://x.example.com/doc'],
])('%s is asked at %s', (fields, url) => expect(compiled(fields)?.keys).toMatchObject({ kind: 'discovery', url }))

test('an issuer whose iss ends in a slash is asked below it once', () => {
  const issuers = 'idp: { issuer: "https://id.example.com/", audiences: [shop], discovery: true }'
  expect(baseOf(document({ issuers })).admission?.issuers[0]).toMatchObject({
    issuer: 'https://id.example.com/',
    keys: { url: 'https://id.example.com/.well-known/openid-configuration' },
  })
})

describe('refused', () => {
  test.each([
    ['skew: 1s', 'issuers.idp', 'one of the fields "jwks", "discovery" and "keys"'],
    ['jwks: https://id.example.com/k, discovery: true', 'issuers.idp.discovery', 'one source of keys ("jwks" is there as well)'],
    [`discovery: true, keys: [${EC}]`, 'issuers.idp.keys', 'one source of keys ("discovery"'],
    ['jwks: http://id.example.com/k', 'issuers.idp.jwks', 'an https URL'],
    ['jwks: https://10.0.0.1/k', 'issuers.idp.jwks', 'a public name'],
    ['jwks: https://id.internal/k', 'issuers.idp.jwks', 'a public name'],
    ['jwks: id.example.com', 'issuers.idp.jwks', 'a URL such as'],
    ['discovery: https://localhost/d', 'issuers.idp.discovery', 'a public name'],
    ['discovery: false', 'issuers.idp.discovery', 'true, or the URL of the document'],
    [`keys: []`, 'issuers.idp.keys', 'at least one public key'],
    [`keys: [${EC.replace('kid: k1', 'kid: k1, d: AAAA')}]`, 'issuers.idp.keys[0]', 'a public key to verify with'],
    [`keys: [${EC.replace('UI8exy', 'UI8exz')}]`, 'issuers.idp.keys[0]', 'not on the curve'],
    [`keys: [${EC}, ${ED.replace('OKP', 'RSA')}]`, 'issuers.idp.keys[1]', 'a public key to verify with'],
    [`keys: [${OCT}]`, 'issuers.idp.keys[0]', 'a key for one of its algorithms'],
    [`keys: [${EC}], algorithms: [RS256]`, 'issuers.idp.keys[0]', 'a key for one of its algorithms (RS256)'],
    [`keys: [${EC}], algorithms: [ES384]`, 'issuers.idp.keys[0]', 'a key for one of its algorithms (ES384)'],
    [`keys: [${OCT}], algorithms: [HS256, ES256]`, 'issuers.idp.algorithms', 'HS* alone'],
    ['jwks: https://id.example.com/k, algorithms: [HS256]', 'issuers.idp.algorithms', 'HS* only with "keys"'],
    [`keys: [${EC}], algorithms: [none]`, 'issuers.idp.algorithms[0]', 'one of ES256'],
    [`keys: [${EC}], algorithms: []`, 'issuers.idp.algorithms', 'at least one algorithm'],
    [`keys: [${EC}], from: []`, 'issuers.idp.from', 'at least one place'],
    [`keys: [${EC}], from: [{ body: x }]`, 'issuers.idp.from[0]', '{ header: authorization, scheme: Bearer }'],
    [`keys: [${EC}], from: [{ header: x_token }]`, 'issuers.idp.from[0].header', 'a header name'],
    [`keys: [${EC}], binding: dpop, from: [{ cookie: a }]`, 'issuers.idp.from', 'among the places, with "binding: dpop"'],
    [`keys: [${EC}], binding: certificate`, 'admission[0].tokens[0]', 'a field "certificates" beside it'],
    [`keys: [${EC}], claims: { "https://a.b/c": x }`, 'issuers.idp.claims', 'write it in a list: ["https://a.b/c"]'],
    [`keys: [${EC}], claims: { a..b: x }`, 'issuers.idp.claims', 'the path of a claim'],
    [`keys: [${EC}], claims: { a: { regex: "(" } }`, 'issuers.idp.claims.a.regex', 'a regular expression'],
    [`keys: [${EC}], skew: 10m`, 'issuers.idp.skew', '0s, or a duration from 1s to 5m'],
    [`keys: [${EC}], issuer: ""`, 'issuers.idp.issuer', 'the issuer'],
  ])('%s', (fields, path, expected) => {
    const issuers = fields.includes('issuer:') ? `idp: { audiences: [shop], ${fields} }` : idp(fields)
    const defects = defectsOf(document({ issuers }))
    expect(defects).toHaveLength(1)
    expect(defects[0]).toContain(path)
    expect(defects[0]).toContain(expected)
  })

  test('an issuer that cannot be looked below', () => {
    const issuers = 'idp: { issuer: joe, audiences: [shop], discovery: true }'
    expect(defectsOf(document({ issuers }))).toEqual([expect.stringContaining('an issuer that is a URL')])
  })

  test('two keys of one kid', () => {
    const other = 'EC, crv: P-256, kid: k1, x: f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU, y: x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0'
    const defects = defectsOf(document({ issuers: idp(`keys: [${EC}, { kty: ${other} }]`) }))
    expect(defects).toHaveLength(1)
    expect(defects[0]).toContain('issuers.idp.keys[1]')
    expect(defects[0]).toContain('a kid that no other key has')
  })

  test('two issuers of one iss on one host, and nowhere else', () => {
    const two = `${idp(`keys: [${EC}]`)}\n  other: { issuer: "https://id.example.com", audiences: [admin], keys: [${EC}] }`
    expect(defectsOf(document({ issuers: two, tokens: '[idp, other]' }))).toEqual([
      expect.stringContaining('issuers of different "issuer"'),
    ])
    const more = ' }\n  - { hosts: [admin.example.com], tokens: [other]'
    expect(defectsOf(document({ issuers: two, more }))).toEqual([])
  })
})

test('a shared secret, where it is named alone', () => {
  expect(compiled(`keys: [${OCT}], algorithms: [HS256]`)).toMatchObject({ algorithms: ['HS256'], keys: { keys: [{ kty: 'oct' }] } })
})

test('what never leaves this machine may be on it', () => {
  expect(compiled('jwks: http://127.0.0.1:8787/jwks', true)?.keys).toMatchObject({ url: 'http://127.0.0.1:8787/jwks' })
})

test('an issuer that counts nowhere is said', () => {
  const two = `${idp(`keys: [${EC}]`)}\n  other: { issuer: "https://o.example.com", audiences: [admin], keys: [${EC}] }`
  expect(notesOf(document({ issuers: two }))).toContainEqual(expect.stringContaining('issuers.other: neither an admission'))
})
