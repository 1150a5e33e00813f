/** Paths of claims, wherever they are written: one that can meet nothing is a defect, with its place. */
import { expect, test } from 'vitest'
import { defectsOf } from './documents.ts'

const gateway = (path: string): string => `
pools:
  shop:
    steering: affinity
    affinity: { key: { claim: ${path} } }
    endpoints: { a: { url: https://a.example.com, cloud: aws, region: us-east-1 } }
  next: { endpoints: { b: { url: https://b.example.com, cloud: aws, region: us-east-1 } } }
issuers:
  idp: { issuer: "https://id.example.com", audiences: [shop], jwks: "https://id.example.com/jwks.json", claims: { ${path}: x } }
releases:
  shop: { stable: { pool: shop }, canary: { pool: next }, key: { claim: ${path} }, override: { claim: ${path} } }
admission:
  - hosts: [shop.example.com]
    tokens: [idp]
    authorization: { rules: [{ effect: allow, claims: { ${path}: x } }] }
    rateLimits: [{ name: all, rate: 1/10s, by: { claim: ${path} } }]
routes:
  - hosts: [shop.example.com]
    claims: { ${path}: x }
    release: shop
    identity: { claims: { x-user: ${path} }, token: { claims: [${path}] } }
`

const PLACES = [
  'pools.shop.affinity.key.claim',
  'issuers.idp.claims',
  'releases.shop.key.claim',
  'releases.shop.override.claim',
  'admission[0].authorization.rules[0].claims',
  'admission[0].rateLimits[0].by.claim',
  'routes[0].claims',
  'routes[0].identity.claims.x-user',
  'routes[0].identity.token.claims[0]',
]

test.each([
  ['sub.id', 'there is nothing within sub'],
  ['exp.seconds', 'there is nothing within exp'],
  ['aud.shop.x', 'there is nothing within aud'],
  ['a..b', 'a name that holds dots is written in a list'],
  ['"https://example.com/tenant"', 'write it in a list: ["https://example.com/tenant"]'],
])('%s is a defect wherever it is written', (path, suggestion) => {
  const found = defectsOf(gateway(path)).filter((defect) => defect.includes(suggestion))
  for (const place of PLACES) expect(found.filter((defect) => defect.includes(` ${place}`))).toHaveLength(1)
})

test.each(['sub', 'exp', 'realm_access.roles', 'subject.id', 'act.sub'])('%s is none', (path) => {
  expect(defectsOf(gateway(path)).filter((defect) => PLACES.some((place) => defect.includes(` ${place}  expected the path`)))).toEqual([])
})
