/** What `admission` may say, and what it must not contradict. */
import { expect, test } from 'vitest'
import { loadText } from '../../../cli/load-gateway.ts'
import { defectsOf } from './documents.ts'

const gateway = (admission: string, route = ''): string => `
pools: { shop: { endpoints: { a: { url: https://a.example.com, cloud: aws, region: us-east-1 } } } }
issuers: { idp: { issuer: "https://id.example.com", audiences: [shop], discovery: true } }
trusts: { partners: { verify: cloudflare } }
admission:
  - ${admission}
routes:
  - { hosts: [shop.example.com], pool: shop ${route} }
`

const baseOf = (text: string) => {
  const loaded = loadText(text, 'f', { local: false })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.defects))
  return loaded.base
}

test('a host demands all that it takes, strictly, unless it says otherwise', () => {
  const { admission, routes } = baseOf(gateway('{ hosts: ["*.example.com", shop.example.com], tokens: [idp], certificates: [partners] }'))
  expect(admission?.hosts).toEqual(
    ['*.example.com', 'shop.example.com'].map((pattern) => ({
      pattern,
      tokens: ['idp'],
      certificates: ['partners'],
      authentication: { require: 'all', mode: 'strict' },
    })),
  )
  expect(routes[0]).not.toHaveProperty('admission')
})

test('a route says what it demands in place of its hosts', () => {
  const { routes } = baseOf(gateway('{ hosts: ["*"], tokens: [idp] }', ', admission: { require: optional, mode: permissive }'))
  expect(routes[0]?.admission).toEqual({ authentication: { require: 'optional', mode: 'permissive' } })
})

test.each([
  ['{ hosts: [shop.example.com], tokens: [idb] }', '', 'admission[0].tokens[0]', 'one of issuers: idp'],
  ['{ hosts: [shop.example.com], certificates: [partner] }', '', 'admission[0].certificates[0]', 'one of trusts: partners'],
  [
    '{ hosts: [shop.example.com], tokens: [idp] }\n  - { hosts: [shop.example.com], tokens: [idp], require: token }',
    '',
    'admission[1].hosts[0]',
    'each host once (admission[0] has it)',
  ],
  ['{ hosts: [shop.example.com] }', '', 'admission[0].require', 'a field "tokens" or "certificates"'],
  ['{ hosts: [shop.example.com], certificates: [partners], require: token }', '', 'admission[0].require', 'a field "tokens"'],
  ['{ hosts: [shop.example.com], tokens: [idp], require: certificate }', '', 'admission[0].require', 'a field "certificates"'],
  ['{ hosts: [a.example.com], tokens: [idp] }', ', admission: { require: token }', 'routes[0].admission.require', 'an admission for'],
  ['{ hosts: [shop.example.com], tokens: [idp], mode: audit }', '', 'admission[0].mode', 'one of strict, permissive'],
])('%s %s: refused at %s', (admission, route, path, expected) => {
  const defects = defectsOf(gateway(admission, route))
  expect(defects).toHaveLength(1)
  expect(defects[0]).toContain(path)
  expect(defects[0]).toContain(expected)
})

test('what a route demands can be met by each admission that judges its requests', () => {
  const text = (inner: string) => `
pools: { shop: { endpoints: { a: { url: https://a.example.net, cloud: aws, region: us-east-1 }, b: { url: https://b.example.net, cloud: gcp, region: europe-west1 } } } }
issuers: { idp: { issuer: "https://id.example.com", audiences: [shop], discovery: true } }
trusts: { partners: { verify: cloudflare } }
admission:
  - { hosts: ["*.example.com"], tokens: [idp] }
  - { hosts: [partners.example.com], ${inner} }
routes:
  - { hosts: ["*.example.com"], pool: shop, admission: { require: token } }
`
  expect(defectsOf(text('tokens: [idp], certificates: [partners]'))).toEqual([])
  expect(defectsOf(text('certificates: [partners]'))).toEqual([
    '9:67  routes[0].admission.require  expected an admission for partners.example.com that can meet it, found token',
  ])
})
