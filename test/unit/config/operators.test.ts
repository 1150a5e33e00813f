/** What `operators` may say, what it must not contradict, and what it is compiled to. */
import { expect, test } from 'vitest'
import { issuersOf, rightFor } from '../../../config/operators.ts'
import { baseOf, defectsOf, notesOf } from './documents.ts'

const document = (operators: string, staff = '', tokens = '[idp]'): string => `
pools: { shop: { endpoints: { a: { url: https://a.example.com, cloud: aws, region: us-east-1 } } } }
issuers:
  idp: { issuer: "https://id.example.com", audiences: [shop], discovery: true }
  staff: { issuer: "https://id.example.com", audiences: [meridian], discovery: true${staff} }
operators: ${operators}
admission:
  - { hosts: [shop.example.com], tokens: ${tokens}, require: optional }
routes:
  - { hosts: [shop.example.com], pool: shop }
`

test('hosts, issuers and scopes', () => {
  const base = baseOf(document('{ hosts: [ops.example.com], issuers: [staff], scopes: { explain: why } }'))
  expect(base.operators).toMatchObject({
    hosts: ['ops.example.com'],
    issuers: [{ id: 'staff', audiences: ['meridian'] }],
    scopes: { status: 'status:read', explain: 'why', 'weights:read': 'weights:read', 'weights:write': 'weights:write' },
  })
  expect(issuersOf(base).map(({ id }) => id)).toEqual(['idp', 'staff'])
})

test('who may look need not be who may change', () => {
  const base = baseOf(document('{ issuers: [staff], scopes: { drains: { write: take-out } } }'))
  expect(base.operators?.scopes).toMatchObject({ 'drains:read': 'drains:read', 'drains:write': 'take-out' })
  expect(['GET', 'HEAD', 'POST', 'DELETE'].map((method) => rightFor('drains', method))).toEqual([
    'drains:read',
    'drains:read',
    'drains:write',
    'drains:write',
  ])
  expect(rightFor('audit', 'POST')).toBe('audit')
})

test('without it, or with nothing in it, all is as it was', () => {
  expect(baseOf(document('{}'))).not.toHaveProperty('operators')
  expect(issuersOf(baseOf(document('{}'))).map(({ id }) => id)).toEqual(['idp', 'staff'])
})

test('an issuer of operators counts somewhere', () => {
  const unused = expect.stringContaining('issuers.staff: neither an admission')
  expect(notesOf(document('{ issuers: [staff] }'))).not.toContainEqual(unused)
  expect(notesOf(document('{}'))).toContainEqual(unused)
})

test.each([
  ['{ issuers: [stuff] }', '', 'operators.issuers[0]', 'one of issuers: idp, staff'],
  ['{ issuers: [idp] }', '', 'operators.issuers[0]', 'an issuer of operators alone (admission[0] takes its tokens too)'],
  ['{ issuers: [staff] }', ', from: [{ cookie: a }]', 'issuers.staff.from', 'no other place than'],
  ['{ issuers: [staff] }', ', from: [{ header: authorization }]', 'issuers.staff.from', 'no other place than'],
  ['{ issuers: [staff] }', ', from: [{ header: authorization, scheme: Token }]', 'issuers.staff.from', 'no other place than'],
  ['{ issuers: [staff] }', ', binding: certificate', 'issuers.staff.binding', 'asks for none'],
  ['{ hosts: ["*.example.com"] }', '', 'operators.hosts[0]', 'without a wildcard'],
  ['{ hosts: ["*"] }', '', 'operators.hosts[0]', 'without a wildcard'],
  ['{ hosts: [10.0.0.1] }', '', 'operators.hosts[0]', 'a name instead of an IP address'],
  ['{ hosts: [ops.internal] }', '', 'operators.hosts[0]', 'a public name'],
  ['{ scopes: { status: a } }', '', 'operators.scopes', 'a field "issuers" beside it'],
  ['{ tokens: [staff] }', '', 'operators', 'one of hosts, issuers, scopes'],
])('%s %s: refused at %s', (operators, staff, path, expected) => {
  const defects = defectsOf(document(operators, staff))
  expect(defects).toHaveLength(1)
  expect(defects[0]).toContain(path)
  expect(defects[0]).toContain(expected)
})

test('the same identity provider is another issuer only by another audience', () => {
  const shared = document('{ issuers: [staff] }').replace('audiences: [meridian]', 'audiences: [meridian, shop]')
  expect(defectsOf(shared)).toEqual([
    expect.stringMatching(/operators\.issuers\[0\].*operators' alone \(idp, which an admission names, is the same issuer.*"?shop"?/s),
  ])
  expect(defectsOf(shared.replace('https://id.example.com', 'https://other.example.com'))).toEqual([])
})
