/** Rules: each kind of condition, what is unknown, which rule decides. */
import { describe, expect, test } from 'vitest'
import { issuerId } from '../../../config/ids.ts'
import { decidingRule, denial } from '../../../worker/policy/authorize.ts'
import type { TokenFinding } from '../../../worker/policy/identity.ts'
import { type AskedParts, asking, authorizationOf, type RuleParts, rulesOf } from './asking.ts'

type Condition = Omit<RuleParts, 'effect' | 'id'>

/** Whether a rule with these conditions applies, as an allow and as a deny. */
const applies = (condition: Condition, asked: AskedParts) => {
  const by = (effect: 'allow' | 'deny') => decidingRule(rulesOf(authorizationOf([{ effect, ...condition }])), asking(asked)) !== undefined
  return `${by('allow') ? 'allow' : '-'} ${by('deny') ? 'deny' : '-'}`
}

const HOLDS = 'allow deny'
const FAILS = '- -'
const UNKNOWN = '- deny'

const path = (value: string, kind: 'exact' | 'prefix' | 'prefix-string' | 'regex' = 'prefix'): Condition => ({ paths: [{ kind, value }] })
const header = (match: object): Condition => ({ headers: [{ name: 'x-role', ...match } as never] })
const claim = (match: object): Condition => ({ claims: [{ claim: ['role'], ...match } as never] })
const SPIFFE = { spiffe: ['spiffe://example.org/ns/shop/*'] }
const LONG = 'a'.repeat(5000)
const refused = (token: TokenFinding): AskedParts => ({ token })

describe('a condition', () => {
  test.each<[what: string, condition: Condition, asked: AskedParts, as: string]>([
    ['nothing', {}, {}, HOLDS],
    ['the method', { methods: ['GET'] }, {}, HOLDS],
    ['another method', { methods: ['POST', 'PUT'] }, {}, FAILS],

    ['a path below', path('/a'), { path: '/a/b' }, HOLDS],
    ['a path beside', path('/a'), { path: '/ab' }, FAILS],
    ['a path exactly', path('/a', 'exact'), { path: '/a' }, HOLDS],
    ['a path longer than exactly', path('/a', 'exact'), { path: '/a/' }, FAILS],
    ['a path by text', path('/a', 'prefix-string'), { path: '/ab' }, HOLDS],
    ['a path by expression', path('/a/[0-9]+', 'regex'), { path: '/a/1' }, HOLDS],
    ['a path that is too long for an expression', path('/b.*', 'regex'), { path: `/${LONG}` }, UNKNOWN],
    ['an encoding in the other case', path('/caf%C3%A9'), { path: '/caf%c3%a9/x' }, UNKNOWN],
    ['an encoding in the same case', path('/caf%C3%A9'), { path: '/caf%C3%A9/x' }, HOLDS],
    ['an encoding in the other case, by expression', path('/caf%C3%A9/.*', 'regex'), { path: '/caf%c3%a9/x' }, UNKNOWN],
    ['an encoding of what need not be', path('/a!b'), { path: '/a%21b' }, UNKNOWN],
    ['no encoding where the rule has one', path('/a%21b'), { path: '/a!b' }, UNKNOWN],
    ['an encoded question mark', path('/admin'), { path: '/admin%3Fx' }, UNKNOWN],
    ['an encoded slash', path('/admin'), { path: '/x%2Fy' }, UNKNOWN],
    ['a semicolon', path('/admin'), { path: '/admin;x' }, UNKNOWN],
    ['two slashes', path('/admin'), { path: '//admin' }, UNKNOWN],

    ['a header', header({ kind: 'exact', value: 'a' }), { headers: { 'x-role': 'a' } }, HOLDS],
    ['another header', header({ kind: 'exact', value: 'a' }), { headers: { 'x-role': 'b' } }, FAILS],
    ['no header', header({ kind: 'exact', value: 'a' }), {}, FAILS],
    ['one of several headers', header({ kind: 'exact', value: 'a' }), { headers: { 'x-role': 'b, a' } }, UNKNOWN],
    ['one of several headers, by expression', header({ kind: 'regex', value: 'a+' }), { headers: { 'x-role': 'b,aa' } }, UNKNOWN],
    ['a header, by expression', header({ kind: 'regex', value: 'a+' }), { headers: { 'x-role': 'aa' } }, HOLDS],
    ['a header that is too long', header({ kind: 'regex', value: 'b' }), { headers: { 'x-role': LONG } }, UNKNOWN],
    ['an empty header that is there', header({ kind: 'present' }), { headers: { 'x-role': '' } }, HOLDS],
    ['a header that is not there', header({ kind: 'present' }), {}, FAILS],
    ['a header that must not be there', header({ kind: 'absent' }), {}, HOLDS],
    ['a header that is there and must not be', header({ kind: 'absent' }), { headers: { 'x-role': 'a' } }, FAILS],
    ['a header that ends here', header({ kind: 'exact', value: 'a' }), { headers: { 'x-role': 'a' }, dropped: ['x-role'] }, UNKNOWN],
    ['the absence of one that ends here', header({ kind: 'absent' }), { headers: { 'x-role': 'a' }, dropped: ['x-role'] }, UNKNOWN],

    ['a claim', claim({ kind: 'exact', value: 'admin' }), { claims: { role: 'admin' } }, HOLDS],
    ['a member of a claim', claim({ kind: 'exact', value: 'admin' }), { claims: { role: ['user', 'admin'] } }, HOLDS],
    ['another claim', claim({ kind: 'exact', value: 'admin' }), { claims: { role: 'user' } }, FAILS],
    ['a claim that is not there', claim({ kind: 'exact', value: 'admin' }), { claims: {} }, FAILS],
    ['a claim of nobody', claim({ kind: 'exact', value: 'admin' }), {}, UNKNOWN],
    ['a claim that is present to nobody', claim({ kind: 'present' }), {}, UNKNOWN],
    ['a claim of a bad token', claim({ kind: 'present' }), refused({ kind: 'refused', reason: 'expired' }), UNKNOWN],
    ['a claim of a token with a new key', claim({ kind: 'present' }), refused({ kind: 'unknown-key', issuer: issuerId('idp') }), UNKNOWN],
    ['a claim of a token without keys', claim({ kind: 'present' }), refused({ kind: 'no-keys', issuer: issuerId('idp') }), UNKNOWN],
    ['a claim that is too long', claim({ kind: 'regex', value: 'b' }), { claims: { role: ['x', LONG] } }, UNKNOWN],
    ['a claim that is long, exactly', claim({ kind: 'exact', value: 'b' }), { claims: { role: LONG } }, FAILS],

    ['any certificate', { certificate: {} }, { certificate: {} }, HOLDS],
    ['no certificate', { certificate: {} }, {}, UNKNOWN],
    ['a SPIFFE id', { certificate: SPIFFE }, { certificate: { spiffe: 'spiffe://example.org/ns/shop/sa/a' } }, HOLDS],
    ['another SPIFFE id', { certificate: SPIFFE }, { certificate: { spiffe: 'spiffe://example.org/ns/shopping' } }, FAILS],
    ['no SPIFFE id', { certificate: SPIFFE }, { certificate: {} }, FAILS],
    ['one that nobody vouches for', { certificate: SPIFFE }, { certificate: { uris: ['spiffe://example.org/ns/shop/sa/a'] } }, UNKNOWN],

    ['a network', { clients: ['203.0.113.0/24'] }, { address: '203.0.113.7' }, HOLDS],
    ['another network', { clients: ['203.0.113.0/24'] }, { address: '203.0.114.7' }, FAILS],
    ['the other family', { clients: ['0.0.0.0/0'] }, { address: '2001:db8::1' }, FAILS],
    ['IPv4 within IPv6', { clients: ['203.0.113.0/24'] }, { address: '::ffff:203.0.113.7' }, HOLDS],
    ['one of several', { clients: ['10.0.0.0/8', '2001:db8::/32'] }, { address: '2001:DB8:1::' }, HOLDS],
    ['no address', { clients: ['0.0.0.0/0', '::/0'] }, {}, UNKNOWN],
    ['nonsense for an address', { clients: ['0.0.0.0/0', '::/0'] }, { address: '1.2.3' }, UNKNOWN],

    ['a country', { countries: ['DE'] }, { country: 'DE' }, HOLDS],
    ['another country', { countries: ['DE'] }, { country: 'FR' }, FAILS],
    ['no country', { countries: ['DE'] }, {}, UNKNOWN],
    ['a country that the platform does not know', { countries: ['DE'] }, { country: 'XX' }, UNKNOWN],
    ['Tor', { countries: ['DE'] }, { country: 'T1' }, UNKNOWN],
    ['Tor by name', { countries: ['DE', 'T1'] }, { country: 'T1' }, HOLDS],

    ['one that holds and one that fails', { methods: ['GET'], countries: ['DE'] }, { country: 'FR' }, FAILS],
    ['one that is unknown and one that fails', { methods: ['PUT'], countries: ['DE'] }, {}, FAILS],
    ['one that is unknown and one that holds', { methods: ['GET'], countries: ['DE'] }, {}, UNKNOWN],
  ])('%s', (_, condition, asked, as) => expect(applies(condition, asked)).toBe(as))
})

describe('the first rule that applies decides', () => {
  const decided = (rules: readonly RuleParts[], asked: AskedParts = {}) => {
    const found = denial(rulesOf(authorizationOf(rules)), asking(asked))
    return found === undefined ? 'allowed' : found === 'no-rule' ? found : `denied by ${found.id}`
  }
  const STAFF: RuleParts = { effect: 'allow', claims: [{ claim: ['staff'], kind: 'present' }] }
  const NOT_ADMIN: RuleParts = { effect: 'deny', id: 'admin', ...path('/admin') }

  test.each<[rules: readonly RuleParts[], asked: AskedParts, outcome: string]>([
    [[STAFF, NOT_ADMIN, { effect: 'allow' }], { path: '/admin', claims: { staff: true } }, 'allowed'],
    [[STAFF, NOT_ADMIN, { effect: 'allow' }], { path: '/admin' }, 'denied by admin'],
    [[STAFF, NOT_ADMIN, { effect: 'allow' }], { path: '/' }, 'allowed'],
    [[NOT_ADMIN, STAFF], { path: '/admin', claims: { staff: true } }, 'denied by admin'],
    [[NOT_ADMIN, STAFF], { path: '/' }, 'no-rule'],
    [[{ effect: 'deny', methods: ['PUT'] }, { effect: 'deny' }], {}, 'denied by rules[1]'],
  ])('%j: %j is %s', (rules, asked, outcome) => expect(decided(rules, asked)).toBe(outcome))
})
